"""
What leaks through a scaler, and what leaks through feature selection.

Labels are pure noise, so the true accuracy is one half. Features are scaled, or the most correlated ones selected, on
all data or inside each fold; the classifier takes the nearer class mean. Prediction: the scaler leaks nothing visible,
since it never sees a label; selection on all data leaks by an amount that the largest chance correlations determine.
Measured: cross-validated accuracies against the number of features.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.features import fit_standardizer
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, FOLDS, KEPT = 40, 50, 5, 20
WIDTHS, QUOTED = (20, 40, 80, 160, 320, 640), 640
STEPS = ("scaler", "selection")
WAYS = tuple(f"{step}_{where}" for step in STEPS for where in ("inside", "outside"))


@dataclass(frozen=True)
class Result:
    """Accuracies of shape (widths, seeds) for each way to fit."""

    accuracy: dict[str, Tensor]


def nearest_mean(X: Tensor, y: Tensor, held: Tensor, held_y: Tensor) -> Tensor:
    """Share of held-out rows nearer to the mean of their class; batched over the leading axis."""
    plus, minus = (X[:, y == label].mean(dim=1, keepdim=True) for label in (1, -1))
    score = ((held - (plus + minus) / 2) * (plus - minus)).sum(-1)
    return (score.sign() == held_y).double().mean(-1)


def cross_validate(width: int, generator: torch.Generator) -> dict[str, Tensor]:
    """Accuracy per seed on pure noise, with one preprocessing step fitted inside each fold or on all data."""
    X = torch.randn(SEEDS, N, width, generator=generator, dtype=torch.float64)
    labels = torch.ones(N, dtype=torch.float64).index_fill(0, torch.arange(0, N, 2), -1)
    fit, accuracies = torch.func.vmap(fit_standardizer), {way: torch.zeros(SEEDS, dtype=torch.float64) for way in WAYS}
    for held in torch.arange(N).chunk(FOLDS):
        train = torch.ones(N, dtype=torch.bool).index_fill(0, held, False)
        for where, rows in (("inside", train), ("outside", train | True)):
            mu, s = fit(X[:, rows])
            Z = (X - mu[:, None]) / s[:, None]
            chosen = (labels[rows] @ Z[:, rows]).abs().topk(KEPT).indices
            selected = X.gather(2, chosen[:, None].expand(-1, N, -1))
            for step, features in (("scaler", Z), ("selection", selected)):
                right = nearest_mean(features[:, train], labels[train], features[:, held], labels[held])
                accuracies[f"{step}_{where}"] += right / FOLDS
    return accuracies


def leaky_accuracy(width: int) -> float:
    """Predicted accuracy after selection on all data, from expected order statistics of the chance correlations."""
    middles = (torch.arange(KEPT, dtype=torch.float64) + 0.5) / width
    squared = (math.sqrt(2) * torch.erfinv(1 - middles)).square() / N
    mean = (squared - (1 - squared) / N).sum()
    spread = ((1 - squared) * squared + (1 - squared).square() / (N * (FOLDS - 1))).sum().sqrt()
    return float(torch.special.ndtr(mean / spread))


def compute() -> Result:
    """Cross-validate noise of every width in all ways."""
    generator = torch.Generator().manual_seed(40)
    leak = [cross_validate(width, generator) for width in WIDTHS]
    return Result({way: torch.stack([row[way] for row in leak]) for way in WAYS})


def numbers(result: Result) -> dict[str, float | int]:
    """Mean accuracies at the quoted width, with the prediction and the largest gaps."""
    at = WIDTHS.index(QUOTED)
    law = torch.tensor([leaky_accuracy(width) for width in WIDTHS], dtype=torch.float64)
    leaked = result.accuracy["scaler_outside"] - result.accuracy["scaler_inside"]
    return {way: result.accuracy[way][at].mean().item() for way in WAYS} | {
        "seeds": SEEDS,
        "examples": N,
        "kept": KEPT,
        "width": QUOTED,
        "selection_predicted": law[at].item(),
        "selection_gap": (result.accuracy["selection_outside"].mean(1) - law).abs().max().item(),
        "scaler_leak": leaked.mean(1).abs().max().item(),
        "inside_gap": max((result.accuracy[f"{step}_inside"].mean(1) - 0.5).abs().max().item() for step in STEPS),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Accuracy on noise labels against the number of features."""
    drawn, axes = new_figure(figsize=(5.6, 4.0))
    axes.plot(WIDTHS, [leaky_accuracy(width) for width in WIDTHS], color=theme.ink, linestyle=":", label=text("law"))
    looks = (("selection_outside", theme.red, "s"), ("scaler_outside", theme.orange, "^"))
    for way, colour, marker in (*looks, ("selection_inside", theme.blue, "o")):
        low, high = result.accuracy[way].quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
        axes.fill_between(WIDTHS, low, high, color=colour, alpha=0.18, linewidth=0)
        mean = result.accuracy[way].mean(1)
        axes.plot(WIDTHS, mean, color=colour, linestyle="none", marker=marker, label=text(way))
    axes.set(xscale="log", xlabel=text("width"), title=text("title"), ylim=(0.25, 1.3), yticks=[0.25, 0.5, 0.75, 1.0])
    axes.set_xticks(WIDTHS, [str(width) for width in WIDTHS])
    axes.minorticks_off()
    axes.legend(fontsize=9, loc="upper left")
    return drawn
