"""
What a test is worth after the lasso has chosen: p-values on the data that chose, and a choice that lasts.

Nothing but noise: the targets do not depend on any feature. The first feature of the lasso path is the one that
correlates most with the targets, so its p-value is the least of d independent ones. Prediction: on the same data it is
below 0.05 in a share of 1 - 0.95^d of the data sets; on the other half, which took no part in the choice, in 5 %.
Measured: both shares. Then, with five useful features out of 50, how many useless ones the lasso keeps, and how many
it keeps in most random halves of the data.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.linear_model import Lasso
from torch import Tensor

from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

FEATURES, QUOTED, LEVEL = (1, 2, 5, 10, 20, 40), 20, 0.05
SETS, N = 1000, 100
# The t value with 5 % of the mass beyond it on both sides, by degrees of freedom: for all examples, and for half.
CRITICAL = {98: 1.984467, 48: 2.010635}
TRIALS, ROWS, COLUMNS, USEFUL, LAM, HALVES, OFTEN = 8, 60, 50, 5, 0.15, 30, 0.8
TRUE = (3.0, -2.0, 1.5, -1.0, 0.8)


@dataclass(frozen=True)
class Result:
    """Whether p < 0.05, of shape (numbers of features, sets); how often each feature is kept, (trials, columns)."""

    same: Tensor
    other: Tensor
    once: Tensor
    often: Tensor


def significant(x: Tensor, y: Tensor) -> Tensor:
    """Whether the slope of a regression on one feature differs from zero at the level of 5 %."""
    x, y = x - x.mean(-1, keepdim=True), y - y.mean(-1, keepdim=True)
    r = (x * y).sum(-1) / (x.norm(dim=-1) * y.norm(dim=-1))
    free = x.shape[-1] - 2
    t: Tensor = r.abs() * math.sqrt(free) / (1 - r.square()).sqrt()
    return t > CRITICAL[free]


def first(X: Tensor, y: Tensor) -> Tensor:
    """The feature with which the lasso path begins, among the first d, for each d."""
    Z, y = X - X.mean(1, keepdim=True), y - y.mean(1, keepdim=True)
    scores = (torch.bmm(Z.mT, y[..., None])[..., 0] / Z.norm(dim=1)).abs()
    return torch.stack([scores[:, :d].argmax(-1) for d in FEATURES])


def chosen(X: Tensor, columns: Tensor) -> Tensor:
    """One column of each design for each number of features."""
    return torch.stack([X.take_along_dim(each[:, None, None], -1)[..., 0] for each in columns])


def kept(X: Tensor, y: Tensor) -> Tensor:
    """Which features the lasso keeps."""
    model = Lasso(alpha=LAM, fit_intercept=False, tol=1e-8, max_iter=100_000)
    return torch.tensor(model.fit(X.numpy(), y.numpy()).coef_) != 0


def compute() -> Result:
    """Test the first feature on the same data and on the other half; then choose on all data and on random halves."""
    generator = torch.Generator().manual_seed(37)
    X, y = (torch.randn(SETS, N, *k, generator=generator, dtype=torch.float64) for k in ((FEATURES[-1],), ()))
    half = N // 2
    same = significant(chosen(X, first(X, y)), y)
    other = significant(chosen(X[:, half:], first(X[:, :half], y[:, :half])), y[:, half:])
    once, often = [], []
    for _ in range(TRIALS):
        X, noise = (torch.randn(ROWS, k, generator=generator, dtype=torch.float64) for k in (COLUMNS, 1))
        y = X[:, :USEFUL] @ torch.tensor(TRUE, dtype=torch.float64) + 0.5 * noise[:, 0]
        halves = [torch.randperm(ROWS, generator=generator)[: ROWS // 2] for _ in range(HALVES)]
        once.append(kept(X, y))
        often.append(torch.stack([kept(X[rows], y[rows]) for rows in halves]).double().mean(0))
    return Result(same, other, torch.stack(once), torch.stack(often))


def numbers(result: Result) -> dict[str, float | int]:
    """Shares of p < 0.05 at the quoted number of features, largest gap to the predictions, features kept."""
    at, predicted = FEATURES.index(QUOTED), torch.tensor([1 - (1 - LEVEL) ** d for d in FEATURES]).double()
    same, other = result.same.double().mean(-1), result.other.double().mean(-1)
    lasting = result.often >= OFTEN
    return {
        "sets": SETS,
        "features": QUOTED,
        "level": LEVEL,
        "same": same[at].item(),
        "predicted": predicted[at].item(),
        "other": other[at].item(),
        "gap": (same - predicted).abs().max().item(),
        "gap_other": (other - LEVEL).abs().max().item(),
        "trials": TRIALS,
        "columns": COLUMNS,
        "useful": USEFUL,
        "halves": HALVES,
        "often": OFTEN,
        "false_once": result.once[:, USEFUL:].sum(-1).double().mean().item(),
        "true_once": result.once[:, :USEFUL].sum(-1).double().mean().item(),
        "false_often": lasting[:, USEFUL:].sum(-1).double().mean().item(),
        "true_often": lasting[:, :USEFUL].sum(-1).double().mean().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Share of data sets with p < 0.05 against the number of features, on the same data and on the other half."""
    drawn, axes = new_figure()
    fine = torch.logspace(0, math.log10(FEATURES[-1]), 100, dtype=torch.float64)
    axes.plot(fine, 1 - (1 - LEVEL) ** fine, color=theme.orange, linestyle="--")
    axes.axhline(LEVEL, color=theme.blue)
    looks = ((result.same, theme.orange, "s", "same"), (result.other, theme.blue, "o", "other"))
    for found, colour, marker, key in looks:
        share = found.double().mean(-1)
        error = 2 * (share * (1 - share) / SETS).sqrt()
        axes.errorbar(FEATURES, share, error, color=colour, marker=marker, linestyle="none")
        place, ha = ((9, 0.52), "right") if key == "same" else ((39, 0.11), "right")
        axes.text(*place, text(key), color=colour, ha=ha, fontsize=10)
    axes.set(xscale="log", xlabel=text("features"), title=text("share", level=LEVEL), ylim=(0, 1))
    axes.set_xticks(FEATURES, [str(d) for d in FEATURES])
    axes.minorticks_off()
    return drawn
