"""
What ridge regression keeps of each direction.

Diabetes data of scikit-learn, standardised. Prediction: along each eigenvector of the Gram matrix ridge keeps the
fraction μ / (μ + α) of the least-squares solution, μ being the eigenvalue and α the penalty; directions on which the
data say little fade first, and none is removed. Measured: scikit-learn's weights along the eigenvectors.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from torch import Tensor

from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import shrinkage_factor
from optnotes.site.figures.bounds import bound
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

QUOTED = 100.0
ALPHAS = tuple(10.0 ** (k / 4) for k in range(-4, 25))
SHOWN = ((0, "blue", "-", "o"), (3, "green", "--", "s"), (8, "violet", "-.", "D"), (9, "orange", ":", "^"))


@dataclass(frozen=True)
class Result:
    """Eigenvalues, strongest first; kept fractions (alphas, features); norms of the weights (alphas,)."""

    mus: Tensor
    kept: Tensor
    norm: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Standardised features, centred targets."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), y - y.mean()


def compute() -> Result:
    """Fit scikit-learn's Ridge at every penalty."""
    X, y = data()
    mus, vectors = torch.linalg.eigh(X.T @ X)
    mus, vectors = mus.flip(0), vectors.flip(1)
    unpenalised = vectors.T @ torch.linalg.solve(X.T @ X, X.T @ y)
    models = [Ridge(alpha=alpha, fit_intercept=False).fit(X.numpy(), y.numpy()) for alpha in ALPHAS]
    weights = torch.stack([torch.tensor(model.coef_) for model in models])
    return Result(mus, weights @ vectors / unpenalised, weights.norm(dim=1))


def numbers(result: Result) -> dict[str, float | int]:
    """Fractions kept at the quoted penalty, and the largest gap to the predictions."""
    at = ALPHAS.index(QUOTED)
    factors = torch.stack([shrinkage_factor(result.mus, alpha) for alpha in ALPHAS])
    return {
        "alpha": QUOTED,
        "features": len(result.mus),
        "strongest": result.mus[0].item(),
        "weakest": result.mus[-1].item(),
        "kept_strongest": result.kept[at, 0].item(),
        "kept_weakest": result.kept[at, -1].item(),
        "kept_within": bound((result.kept - factors).abs().max().item(), 1e-11),
        "smallest_kept": result.kept.min().item(),
        "norm_growth": (result.norm[1:] - result.norm[:-1]).max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Kept fraction of four directions against the penalty, each named at its line."""
    drawn, axes = new_figure(figsize=(5.6, 2.35))
    for index, colour, style, marker in SHOWN:
        look, mu = getattr(theme, colour), result.mus[index].item()
        line = [shrinkage_factor(result.mus, alpha)[index] for alpha in ALPHAS]
        axes.plot(ALPHAS, line, color=look, linestyle=style, linewidth=1.2)
        axes.plot(ALPHAS[::2], result.kept[::2, index], color=look, marker=marker, markersize=5, linestyle="none")
        # Between the lines there is room for a number alone.
        label, share = text("direction" if index == 0 else "number", value=mu), 0.3
        shift, side = (8, "left") if index == 0 else (-8, "right")  # next to the first line another one is too near
        place = (mu * (1 - share) / share, share)
        axes.annotate(
            label, place, (shift, 0), textcoords="offset points", color=look, fontsize=9, ha=side, va="center"
        )
    axes.set(xscale="log", xlabel=text("alpha"), title=text("title.kept"), ylim=(-0.04, 1.04))
    return drawn
