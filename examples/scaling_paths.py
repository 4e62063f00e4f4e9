"""
The same descent on raw, centred, standardised and whitened features.

Two features of the wine data, alcohol and colour intensity, in a linear model without a bias, so that the loss has two
weights. Gradient descent takes its best constant step from the same displacement. Prediction: centring removes the
common offset and scaling the units, but the correlation stays, and with it a condition number that no scaling of two
features beats; whitening leaves a round bowl and one step. Measured: condition numbers, paths, steps, correlations.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_wine
from torch import Tensor

from optnotes.descent import best_rate, best_step, condition_number, gd_iterations, gd_quadratic_step
from optnotes.features import (
    correlation_condition,
    covariance,
    fit_minmax,
    fit_standardizer,
    least_squares_hessian,
    minmax,
    pca_whiten,
    pearson,
    standardize,
    zca_whiten,
)
from optnotes.site.figures.bounds import bound
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

FEATURES, START, TOLERANCE, DRAWN = ("alcohol", "color_intensity"), (-1.0, 0.35), 1e-6, 40
STAGES = ("raw", "centred", "scaled", "whitened")


@dataclass(frozen=True)
class Result:
    """Every version of the features, and for the four stages the Hessian and the path to the minimum at zero."""

    versions: dict[str, Tensor]
    hessians: dict[str, Tensor]
    paths: dict[str, Tensor]


def data() -> Tensor:
    """Two columns of the wine data in their own units."""
    bunch = load_wine()
    return torch.tensor(bunch.data[:, [bunch.feature_names.index(name) for name in FEATURES]])


def descend(H: Tensor) -> Tensor:
    """Path from the start until the distance to the minimum has shrunk to the tolerance."""
    path, centre, lr = [torch.tensor(START, dtype=H.dtype)], torch.zeros(2, dtype=H.dtype), best_step(H).item()
    while path[-1].norm() > TOLERANCE * path[0].norm():
        path.append(gd_quadratic_step(path[-1], H, centre, lr))
    return torch.stack(path)


def compute() -> Result:
    """Transform, then descend on each of the four losses."""
    X = data()
    mu, s = fit_standardizer(X)
    mean, C = covariance(X)
    axes = torch.linalg.eigh(C)
    versions = {
        "raw": X,
        "centred": X - mu,
        "scaled": standardize(X, mu, s),
        "whitened": zca_whiten(X, mean, *axes),
        "minmax": minmax(X, *fit_minmax(X), 0.0, 1.0),
        "pca": pca_whiten(X, mean, *axes),
    }
    hessians = {stage: least_squares_hessian(versions[stage]) for stage in STAGES}
    return Result(versions, hessians, {stage: descend(H) for stage, H in hessians.items()})


def cosine(Z: Tensor) -> float:
    """Cosine between the two columns, without centring."""
    return torch.nn.functional.cosine_similarity(Z[:, 0], Z[:, 1], dim=0).item()


def numbers(result: Result) -> dict[str, float | int]:
    """Condition numbers, steps and correlations of every stage."""
    rho = pearson(*result.versions["raw"].T).item()
    found: dict[str, float | int] = {"best_possible": correlation_condition(rho), "steps_drawn": DRAWN}
    for name, Z in result.versions.items():
        found |= {f"correlation_{name}": pearson(*Z.T).item(), f"cosine_{name}": cosine(Z)}
    for stage, H in result.hessians.items():
        kappa, path = condition_number(H).item(), result.paths[stage]
        tail = (path[-1].norm() / path[-3].norm()).sqrt().item() if len(path) > 2 else 0.0
        found |= {f"kappa_{stage}": kappa, f"steps_{stage}": len(path) - 1, f"rate_{stage}": tail}
        found |= {f"rate_predicted_{stage}": best_rate(kappa)}
        found |= {f"predicted_{stage}": gd_iterations(max(kappa, 1 + 1e-9), TOLERANCE)}
    affine = ("centred", "scaled", "minmax")
    found["correlation_change"] = bound(max(abs(float(found[f"correlation_{name}"]) - rho) for name in affine), 1e-13)
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Level lines and path in each of the four losses, on equal axes around the minimum."""
    drawn, panels = new_figure(nrows=2, ncols=2, figsize=(5.6, 4.9), sharex=True, sharey=True)
    found, side = numbers(result), torch.linspace(-1.3, 1.3, 241, dtype=torch.float64)
    horizontal, vertical = torch.meshgrid(side, 0.8 * side, indexing="xy")
    grid, start = torch.stack([horizontal, vertical], dim=-1), torch.tensor(START, dtype=torch.float64)
    for axes, stage in zip(panels.flat, STAGES, strict=True):
        H, path = result.hessians[stage], result.paths[stage][: DRAWN + 1]
        loss = torch.einsum("...i,ij,...j->...", grid, H, grid) / (start @ H @ start)
        levels = [0.003, 0.03, 0.15, 0.5, 1.0, 2.0, 4.0, 8.0]
        axes.contour(horizontal, vertical, loss, levels=levels, colors=theme.muted, linewidths=0.7, linestyles="solid")
        axes.plot(*path.T, color=theme.orange, linestyle="-", marker="o", markersize=3.5, linewidth=1.4)
        axes.plot(0, 0, color=theme.blue, marker="*", markersize=13, linestyle="none")
        title = text(f"title.{stage}", kappa=found[f"kappa_{stage}"], steps=found[f"steps_{stage}"])
        axes.set_title(title, fontsize=10)
        axes.set(aspect="equal", xlim=(-1.3, 1.3), ylim=(-1.04, 1.04))
        axes.set(xticks=[], yticks=[])
        axes.grid(False)
    return drawn
