"""
Dropout on the features of linear regression is ridge with one strength per feature.

Diabetes data in their raw units, scaled by one common factor, targets centred. Prediction: the loss averaged over masks
and the weights that minimise it have closed forms; plain ridge, which does not know the units, gives other weights.
Measured by Monte Carlo: the loss at least-squares weights, and the weights of regressions on many independently masked
copies of the data, against the drop probability; the largest difference in units of the Monte Carlo error.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.dropout import dropout_expected_loss, dropout_ridge, inverted_dropout
from optnotes.penalties import ridge_solution
from optnotes.site.figures.datasets import load_diabetes
from optnotes.site.figures.style import CYCLE, STYLES, Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, COPIES, P = 20, 20, 0.5
PROBABILITIES = (0.1, 0.3, 0.5, 0.7, 0.9)
SHOWN = ("bmi", "bp", "s3", "s5", "s1")


@dataclass(frozen=True)
class Result:
    """Losses, of shape (probabilities, seeds); weights, of shape (probabilities, seeds, features); closed forms."""

    loss: Tensor
    loss_predicted: Tensor
    weights: Tensor
    weights_predicted: Tensor
    weights_ridge: Tensor
    spread: Tensor


def data() -> tuple[Tensor, Tensor, list[str]]:
    """Centred features in raw units, centred targets, names; the sex code has its mean removed as well."""
    X, y, names = load_diabetes()
    return X - X.mean(0), y - y.mean(), names


def compute() -> Result:
    """Average over masks, and solve for the weights on the masked copies of each seed."""
    X, y, _ = data()
    least_squares = dropout_ridge(X, y, 0.0)
    generator = torch.Generator().manual_seed(38)
    loss, weights = [], []
    for p in PROBABILITIES:
        for _ in range(SEEDS):
            mask = (torch.rand(COPIES, *X.shape, generator=generator) >= p).to(X)
            dropped = inverted_dropout(X.expand(mask.shape), mask, p).flatten(0, 1)
            targets = y.repeat(COPIES)
            loss.append((targets - dropped @ least_squares).square().mean())
            weights.append(torch.linalg.solve(dropped.T @ dropped, dropped.T @ targets))
    shape = (len(PROBABILITIES), SEEDS)
    alpha = len(y) * P / (1 - P) * X.square().mean().item()
    return Result(
        torch.stack(loss).reshape(shape),
        torch.stack([dropout_expected_loss(X, y, least_squares, p) for p in PROBABILITIES]),
        torch.stack(weights).reshape(*shape, -1),
        torch.stack([dropout_ridge(X, y, p) for p in PROBABILITIES]),
        ridge_solution(X, y, alpha),
        X.square().mean(0).sqrt(),
    )


def effects(w: Tensor, result: Result) -> Tensor:
    """Weight times root mean square of its feature: the unit of every feature drops out."""
    return w * result.spread


def numbers(result: Result) -> dict[str, float | int]:
    """Largest deviations from the closed forms in standard errors, and how far plain ridge is."""
    at = PROBABILITIES.index(P)
    loss_error = (result.loss.mean(1) - result.loss_predicted) / (result.loss.std(1) / SEEDS**0.5)
    weight_error = (result.weights.mean(1) - result.weights_predicted) / (result.weights.std(1) / SEEDS**0.5)
    predicted = effects(result.weights_predicted[at], result)
    return {
        "p": P,
        "seeds": SEEDS,
        "copies": COPIES,
        "loss_measured": result.loss[at].mean().item(),
        "loss_predicted": result.loss_predicted[at].item(),
        "loss_error": loss_error.abs().max().item(),
        "weight_error": weight_error.abs().max().item(),
        "weight_gap": (effects(result.weights.mean(1)[at], result) - predicted).abs().max().item(),
        "largest_weight": predicted.abs().max().item(),
        "ridge_gap": (effects(result.weights_ridge, result) - predicted).abs().max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Loss and weights against the drop probability: closed forms as lines, Monte Carlo as points."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    X, y, names = data()
    grid = torch.linspace(0, 0.92, 47).tolist()
    least_squares = dropout_ridge(X, y, 0.0)
    expected = [dropout_expected_loss(X, y, least_squares, p) for p in grid]
    upper.plot(grid, expected, color=theme.ink, linestyle=":", label=text("closed"))
    low, high = result.loss.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
    spread = torch.stack([result.loss.mean(1) - low, high - result.loss.mean(1)]).clamp(min=0)
    upper.errorbar(PROBABILITIES, result.loss.mean(1), spread, fmt="o", color=theme.orange, label=text("masks"))
    paths = torch.stack([effects(dropout_ridge(X, y, p), result) for p in grid])
    points = effects(result.weights.mean(1), result)
    low, high = effects(result.weights.quantile(torch.tensor([0.1, 0.9]).double(), dim=1), result)
    for name, colour, style in zip(SHOWN, CYCLE, STYLES, strict=True):
        j = names.index(name)
        lower.plot(grid, paths[:, j], color=getattr(theme, colour), linestyle=style)
        spread = torch.stack([points[:, j] - low[:, j], high[:, j] - points[:, j]]).clamp(min=0)
        lower.errorbar(PROBABILITIES, points[:, j], spread, fmt="o", color=getattr(theme, colour))
        lower.text(-0.015, paths[0, j], name, color=getattr(theme, colour), fontsize=9, ha="right", va="center")
    upper.set(yscale="log", title=text("title.loss"))
    lower.set(xlabel=text("p"), title=text("title.weights"), xlim=(-0.09, 0.95))
    upper.legend(fontsize=9)
    return drawn
