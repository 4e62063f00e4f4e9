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

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.scaling import fit_standardizer, standardize
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, N, FOLDS, KEPT = 60, 50, 5, 20
WIDTHS, QUOTED = (20, 40, 80, 160, 320, 640, 1280), 640
SHARES, SHIFTED, APART, TRAIN = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99), 0.95, 2.0, 500
WAYS = ("scaler_inside", "scaler_outside", "selection_inside", "selection_outside")


@dataclass(frozen=True)
class Result:
    """Accuracies of shape (widths, seeds) for each way to fit, and of shape (shares, seeds) for both statistics."""

    leak: dict[str, Tensor]
    trained: Tensor
    own: Tensor


def strongest(X: Tensor, y: Tensor) -> Tensor:
    """Columns most correlated with the labels."""
    Z = standardize(X, *fit_standardizer(X))
    return (Z.mT @ (y - y.mean())).abs().topk(KEPT).indices


def accuracy(way: str, X: Tensor, y: Tensor, folds: Tensor) -> Tensor:
    """Cross-validated accuracy of the nearer class mean; one preprocessing step is fitted inside or outside."""
    step, _, where = way.partition("_")
    right = []
    for held in folds:
        train = torch.ones_like(y, dtype=torch.bool).index_fill(0, held, False)
        seen, labels = (X[train], y[train]) if where == "inside" else (X, y)
        Z = standardize(X, *fit_standardizer(seen)) if step == "scaler" else X[:, strongest(seen, labels)]
        plus, minus = (Z[train & (y == label)].mean(0) for label in (1, -1))
        score = (Z[held] - (plus + minus) / 2) @ (plus - minus)
        right.append(score.sign() == y[held])
    return torch.cat(right).double().mean()


def leaky_accuracy(width: int) -> float:
    """Predicted accuracy after selection on all data, from expected order statistics of the chance correlations."""
    middles = (torch.arange(KEPT, dtype=torch.float64) + 0.5) / width
    squared = (math.sqrt(2) * torch.erfinv(1 - middles)).square() / N
    squared = squared * (squared.new_ones(width).sum() > KEPT) + (squared.mean() * 0 + 1 / N) * (width <= KEPT)
    held = N // FOLDS
    mean = (squared - (1 - squared) / (N - held)).sum()
    spread = ((1 - squared) * squared + (1 - squared).square() * held / (N - held) ** 2).sum().sqrt()
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
    leak: dict[str, list[Tensor]] = {way: [] for way in WAYS}
    y = torch.ones(N, dtype=torch.float64).index_fill(0, torch.arange(N // 2), -1)
    for width in (width for width in WIDTHS for _ in range(SEEDS)):
        X = torch.randn(N, width, generator=generator, dtype=torch.float64)
        folds = torch.randperm(N, generator=generator).reshape(FOLDS, -1)
        for way in WAYS:
            leak[way].append(accuracy(way, X, y, folds))
    served = torch.tensor([serve(share, generator) for share in SHARES for _ in range(SEEDS)], dtype=torch.float64)
    trained, own = served.T.reshape(2, len(SHARES), SEEDS)
    return Result({way: torch.stack(values).reshape(len(WIDTHS), SEEDS) for way, values in leak.items()}, trained, own)
