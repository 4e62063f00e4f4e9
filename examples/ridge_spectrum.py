"""
What ridge regression keeps of each direction, and how many parameters are left in effect.

Diabetes data of scikit-learn, standardised. Prediction: along each eigenvector of the Gram matrix ridge keeps the
fraction s² / (s² + α) of the least-squares solution. The sum of the fractions, the degrees of freedom, sets the gap
between the error on new targets of the same patients and the training error: twice the noise variance times that sum
over the number of patients. Measured: scikit-learn's weights along the eigenvectors, and the gap over data sets with
fresh noise around the least-squares fit.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import degrees_of_freedom, shrinkage_factor
from optnotes.site.bounds import bound
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, SETS, QUOTED = 24, 1000, 100.0
ALPHAS = tuple(10.0 ** (k / 4) for k in range(-4, 25))
SHOWN = ((0, "blue", "-", "o"), (3, "green", "--", "s"), (7, "violet", "-.", "D"), (9, "orange", ":", "^"))


@dataclass(frozen=True)
class Result:
    """Eigenvalues, strongest first; kept fractions (alphas, features); gaps (alphas, seeds); norms (alphas,)."""

    lams: Tensor
    kept: Tensor
    gap: Tensor
    norm: Tensor


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
    """Fit scikit-learn's Ridge at every penalty, and measure the gap."""
    X, y = data()
    lams, vectors = torch.linalg.eigh(X.T @ X)
    lams, vectors = lams.flip(0), vectors.flip(1)
    unpenalised = vectors.T @ torch.linalg.solve(X.T @ X, X.T @ y)
    models = [Ridge(alpha=alpha, fit_intercept=False).fit(X.numpy(), y.numpy()) for alpha in ALPHAS]
    weights = torch.stack([torch.tensor(model.coef_) for model in models])
    return Result(lams, weights @ vectors / unpenalised, gaps(X, y), weights.norm(dim=1))


def numbers(result: Result) -> dict[str, float | int]:
    """Fractions and degrees of freedom at the quoted penalty, and the largest gap to the predictions."""
    at = ALPHAS.index(QUOTED)
    factors = torch.stack([shrinkage_factor(result.lams, alpha) for alpha in ALPHAS])
    dof = torch.stack([degrees_of_freedom(result.lams, alpha) for alpha in ALPHAS])
    return {
        "alpha": QUOTED,
        "features": len(result.lams),
        "seeds": SEEDS,
        "sets": SETS,
        "strongest": result.lams[0].item(),
        "weakest": result.lams[-1].item(),
        "kept_strongest": result.kept[at, 0].item(),
        "kept_weakest": result.kept[at, -1].item(),
        "kept_within": bound((result.kept - factors).abs().max().item(), 1e-11),
        "dof": dof[at].item(),
        "dof_measured": result.gap[at].mean().item(),
        "dof_error": (result.gap.mean(1) - dof).abs().max().item(),
        "spread": result.gap.std(1).max().item(),
        "smallest_kept": result.kept.min().item(),
        "norm_growth": (result.norm[1:] - result.norm[:-1]).max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Kept fraction of four directions, and the degrees of freedom, against the penalty."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    for index, colour, style, marker in SHOWN:
        look = getattr(theme, colour)
        line = [shrinkage_factor(result.lams, alpha)[index] for alpha in ALPHAS]
        upper.plot(ALPHAS, line, color=look, linestyle=style, linewidth=1.2)
        name = text("direction", value=result.lams[index].item())
        upper.plot(ALPHAS[::2], result.kept[::2, index], color=look, marker=marker, linestyle="none", label=name)
    low, middle, high = result.gap.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
    lower.fill_between(ALPHAS, low, high, color=theme.blue, alpha=0.25, linewidth=0)
    lower.plot(ALPHAS[::2], middle[::2], color=theme.blue, marker="o", linestyle="none", label=text("gap"))
    dof = [degrees_of_freedom(result.lams, alpha) for alpha in ALPHAS]
    lower.plot(ALPHAS, dof, color=theme.ink, linestyle="-", linewidth=1.2, label=text("dof"))
    upper.set(xscale="log", title=text("title.kept"), ylim=(-0.04, 1.04))
    lower.set(xlabel=text("alpha"), title=text("title.dof"), ylim=(-1.2, 12))
    upper.legend(fontsize=9, loc="lower left")
    lower.legend(fontsize=9)
    return drawn
