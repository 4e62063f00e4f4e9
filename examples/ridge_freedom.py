"""
How many parameters ridge regression leaves in effect.

Diabetes data of scikit-learn, standardised. Prediction: the sum of the fractions kept along the eigenvectors, the
degrees of freedom, sets the gap between the error on new targets of the same patients and the training error: twice
the noise variance times that sum over the number of patients. Measured: the gap over data sets with fresh noise
around the least-squares fit.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import degrees_of_freedom
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, SETS, QUOTED = 24, 1000, 100.0
ALPHAS = tuple(10.0 ** (k / 4) for k in range(-4, 25))


@dataclass(frozen=True)
class Result:
    """Eigenvalues, strongest first; gaps (alphas, seeds)."""

    mus: Tensor
    gap: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Standardised features, centred targets."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), y - y.mean()


def gaps(X: Tensor, y: Tensor) -> Tensor:
    """Mean gap of each seed's data sets, in units of twice the noise variance over the number of patients."""
    generator = torch.Generator().manual_seed(36)
    truth: Tensor = torch.linalg.solve(X.T @ X, X.T @ y)
    sigma = (y - X @ truth).square().mean().sqrt()
    targets = torch.randn(SEEDS * SETS, len(y), generator=generator, dtype=X.dtype).mul_(sigma).add_(X @ truth)
    # The sums over patients do not depend on the penalty: they are formed once.
    gram, pulls, squares = X.T @ X, targets @ X, targets.square().sum(1)
    rows = []
    for alpha in ALPHAS:
        w = pulls @ torch.linalg.inv(gram + alpha * torch.eye(len(truth), dtype=X.dtype))
        off = w - truth
        training = squares - 2 * (w * pulls).sum(1) + (w @ gram * w).sum(1)
        fresh = (off @ gram * off).sum(1) + len(y) * sigma**2
        rows.append(((fresh - training) / (2 * sigma**2)).reshape(SEEDS, SETS).mean(1))
    return torch.stack(rows)


def compute() -> Result:
    """Eigenvalues of the Gram matrix, and the gap at every penalty."""
    X, y = data()
    return Result(torch.linalg.eigvalsh(X.T @ X).flip(0), gaps(X, y))


def numbers(result: Result) -> dict[str, float | int]:
    """Degrees of freedom at the quoted penalty, predicted and measured."""
    at = ALPHAS.index(QUOTED)
    dof = torch.stack([degrees_of_freedom(result.mus, alpha) for alpha in ALPHAS])
    return {
        "alpha": QUOTED,
        "features": len(result.mus),
        "seeds": SEEDS,
        "sets": SETS,
        "dof": dof[at].item(),
        "dof_measured": result.gap[at].mean().item(),
        "dof_error": (result.gap.mean(1) - dof).abs().max().item(),
        "spread": result.gap.std(1).max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Degrees of freedom, and the gap that they predict, against the penalty."""
    drawn, axes = new_figure(figsize=(5.6, 2.8))
    low, middle, high = result.gap.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
    axes.fill_between(ALPHAS, low, high, color=theme.blue, alpha=0.25, linewidth=0)
    axes.plot(ALPHAS[::2], middle[::2], color=theme.blue, marker="o", linestyle="none", label=text("gap"))
    dof = [degrees_of_freedom(result.mus, alpha) for alpha in ALPHAS]
    axes.plot(ALPHAS, dof, color=theme.ink, linestyle="-", linewidth=1.2, label=text("dof"))
    axes.set(xscale="log", xlabel=text("alpha"), title=text("title.dof"), ylim=(-1.2, 12))
    axes.legend(fontsize=9)
    return drawn
