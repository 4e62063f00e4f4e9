"""
What happens to test data that are scaled by their own statistics.

Two classes, normal around two centres, are told apart by a threshold learned on balanced training data; in the test
set the share of one class shifts. Prediction: with the training statistics the accuracy does not change; with the test
set's own statistics its mean moves to zero, the classes slide across the threshold, and two normal distribution
functions give the loss. Measured: accuracies for several shares.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, APART = 40, 500, 2.0
SHARES, QUOTED = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99), 0.95


@dataclass(frozen=True)
class Result:
    """Accuracies of shape (shares, seeds) with the statistics of the training set and of the test set itself."""

    trained: Tensor
    own: Tensor


def own_accuracy(share: float) -> float:
    """Predicted accuracy with the test set's own statistics, when a class has this share of the test set."""
    middle = APART / 2 * (2 * share - 1)
    normal = torch.special.ndtr(torch.tensor([APART / 2 - middle, APART / 2 + middle], dtype=torch.float64))
    return float(share * normal[0] + (1 - share) * normal[1])


def serve(share: float, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Accuracy on one test set, scaled by the statistics of the training set and by its own."""

    def draw(plus: int) -> tuple[Tensor, Tensor]:
        y = torch.ones(N, dtype=torch.float64).index_fill(0, torch.arange(plus, N), -1)
        return APART / 2 * y[:, None] + torch.randn(N, 1, generator=generator, dtype=torch.float64), y

    (X, y), (X_test, y_test) = draw(N // 2), draw(round(share * N))
    mu, s = fit_standardizer(X)
    Z = standardize(X, mu, s)[:, 0]
    threshold = (Z[y > 0].mean() + Z[y < 0].mean()) / 2
    scaled = (standardize(X_test, *statistics)[:, 0] for statistics in ((mu, s), fit_standardizer(X_test)))
    with_train, with_own = (((test - threshold).sign() == y_test).double().mean() for test in scaled)
    return with_train, with_own


def compute() -> Result:
    """Draw, scale and classify for every share and seed."""
    generator = torch.Generator().manual_seed(40)
    served = torch.tensor([serve(share, generator) for share in SHARES for _ in range(SEEDS)], dtype=torch.float64)
    return Result(*served.T.reshape(2, len(SHARES), SEEDS))


def numbers(result: Result) -> dict[str, float | int]:
    """Mean accuracies at the quoted share, the predictions, and the largest gap over all shares."""
    at = SHARES.index(QUOTED)
    own = torch.tensor([own_accuracy(share) for share in SHARES], dtype=torch.float64)
    return {
        "seeds": SEEDS,
        "share": QUOTED,
        "trained": result.trained[at].mean().item(),
        "trained_predicted": own_accuracy(0.5),
        "own": result.own[at].mean().item(),
        "own_predicted": own[at].item(),
        "own_gap": (result.own.mean(1) - own).abs().max().item(),
        "trained_gap": (result.trained.mean(1) - own_accuracy(0.5)).abs().max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Accuracy against the share of one class."""
    drawn, axes = new_figure(figsize=(5.6, 3.6))
    fine = torch.linspace(0.5, 1, 51).tolist()
    for law in ([own_accuracy(0.5) for _ in fine], [own_accuracy(share) for share in fine]):
        axes.plot(fine, law, color=theme.ink, linestyle=":")
    for key, values, colour, marker in (
        ("trained", result.trained, theme.blue, "o"),
        ("own", result.own, theme.red, "s"),
    ):
        low, high = values.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
        axes.fill_between(SHARES, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(SHARES, values.mean(1), color=colour, linestyle="none", marker=marker, label=text(key))
    axes.plot([], [], color=theme.ink, linestyle=":", label=text("law"))
    axes.set(xlabel=text("share"), title=text("title"), ylim=(0.4, 1))
    axes.legend(fontsize=9, loc="lower left")
    return drawn
