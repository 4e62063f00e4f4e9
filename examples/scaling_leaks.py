"""
What leaks through a scaler, what leaks through feature selection, and what a scaler fitted on test data does.

Labels are pure noise, so the true accuracy is one half. Features are scaled, or the most correlated ones selected, on
all data or inside each fold; the classifier takes the nearer class mean. Prediction: the scaler leaks nothing visible;
selection on all data leaks by an amount that the largest chance correlations determine. Separately, two classes are
classified with the test set scaled by training statistics or by its own, while the share of one class shifts.
Prediction: normal distribution functions. Measured: accuracies over seeds.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.scaling import fit_standardizer, standardize
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, N, FOLDS, KEPT = 40, 50, 5, 20
WIDTHS, QUOTED = (20, 40, 80, 160, 320, 640), 640
SHARES, SHIFTED, APART, TRAIN = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99), 0.95, 2.0, 500
WAYS = ("scaler_inside", "scaler_outside", "selection_inside", "selection_outside")


@dataclass(frozen=True)
class Result:
    """Accuracies of shape (widths, seeds) for each way to fit, and of shape (shares, seeds) for both statistics."""

    leak: dict[str, Tensor]
    trained: Tensor
    own: Tensor


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
    return torch.special.ndtr(mean / spread).item()


def shifted_accuracy(share: float) -> float:
    """Predicted accuracy with the test set's own statistics, when a class has this share of the test set."""
    middle = APART / 2 * (2 * share - 1)
    normal = torch.special.ndtr(torch.tensor([APART / 2 - middle, APART / 2 + middle], dtype=torch.float64))
    return (share * normal[0] + (1 - share) * normal[1]).item()


def serve(share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Accuracy on one test set, scaled by the statistics of the training set and by its own."""

    def draw(plus: int) -> tuple[Tensor, Tensor]:
        y = torch.ones(TRAIN, dtype=torch.float64).index_fill(0, torch.arange(plus, TRAIN), -1)
        return APART / 2 * y[:, None] + torch.randn(TRAIN, 1, generator=generator, dtype=torch.float64), y

    (X, y), (X_test, y_test) = draw(TRAIN // 2), draw(round(share * TRAIN))
    mu, s = fit_standardizer(X)
    Z = standardize(X, mu, s)[:, 0]
    threshold = (Z[y > 0].mean() + Z[y < 0].mean()) / 2
    scaled = (standardize(X_test, *statistics)[:, 0] for statistics in ((mu, s), fit_standardizer(X_test)))
    with_train, with_own = (((test - threshold).sign() == y_test).double().mean() for test in scaled)
    return with_train, with_own


def compute() -> Result:
    """Cross-validate noise in all ways, then serve test sets of shifted class shares."""
    generator = torch.Generator().manual_seed(40)
    leak = [cross_validate(width, generator) for width in WIDTHS]
    served = torch.tensor([serve(share, generator) for share in SHARES for _ in range(SEEDS)], dtype=torch.float64)
    trained, own = served.T.reshape(2, len(SHARES), SEEDS)
    return Result({way: torch.stack([row[way] for row in leak]) for way in WAYS}, trained, own)


def numbers(result: Result) -> dict[str, float | int]:
    """Mean accuracies at the quoted width and share, with the predictions and their largest gaps."""
    at, shifted = WIDTHS.index(QUOTED), SHARES.index(SHIFTED)
    law = torch.tensor([leaky_accuracy(width) for width in WIDTHS], dtype=torch.float64)
    own = torch.tensor([shifted_accuracy(share) for share in SHARES], dtype=torch.float64)
    leaked = result.leak["scaler_outside"] - result.leak["scaler_inside"]
    return {way: result.leak[way][at].mean().item() for way in WAYS} | {
        "seeds": SEEDS,
        "examples": N,
        "kept": KEPT,
        "width": QUOTED,
        "selection_predicted": law[at].item(),
        "selection_gap": (result.leak["selection_outside"].mean(1) - law).abs().max().item(),
        "scaler_leak": leaked.mean(1).abs().max().item(),
        "scaler_leak_mean": leaked.mean().item(),
        "share": SHIFTED,
        "trained": result.trained[shifted].mean().item(),
        "trained_predicted": torch.special.ndtr(torch.tensor(APART / 2)).item(),
        "own": result.own[shifted].mean().item(),
        "own_predicted": own[shifted].item(),
        "own_gap": (result.own.mean(1) - own).abs().max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Accuracy on noise against the number of features, and accuracy against the share of one class."""
    drawn, (left, right) = new_figure(ncols=2, figsize=(7.2, 3.9), sharey=True)

    def band(axes: Any, x: tuple[float, ...], values: Tensor, key: str, colour: str, style: str) -> None:
        low, high = values.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
        axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0)
        axes.plot(x, values.mean(1), color=colour, linestyle="none", marker=style, markersize=5, label=text(key))

    fine = torch.linspace(0.5, 1, 51).tolist()
    left.plot(WIDTHS, [leaky_accuracy(width) for width in WIDTHS], color=theme.ink, linestyle=":", label=text("law"))
    band(left, WIDTHS, result.leak["selection_outside"], "selection_outside", theme.red, "s")
    band(left, WIDTHS, result.leak["scaler_outside"], "scaler_outside", theme.orange, "^")
    band(left, WIDTHS, result.leak["selection_inside"], "selection_inside", theme.blue, "o")
    right.plot(fine, [shifted_accuracy(share) for share in fine], color=theme.ink, linestyle=":", label=text("law"))
    band(right, SHARES, result.trained, "trained", theme.blue, "o")
    band(right, SHARES, result.own, "own", theme.red, "s")
    left.set(xscale="log", xlabel=text("width"), title=text("title.noise"), ylim=(0.25, 1.3), xticks=[20, 100, 500])
    left.set(xticklabels=["20", "100", "500"], yticks=[0.25, 0.5, 0.75, 1.0])
    left.minorticks_off()
    right.set(xlabel=text("share"), title=text("title.shift"))
    for axes in (left, right):
        axes.legend(fontsize=9, loc="upper left")
    return drawn
