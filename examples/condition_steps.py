"""
How many steps gradient descent needs: the condition number against a count.

Least squares with a bias on random spectra and on three real data sets: raw, centred, standardised, whitened. The step
is the best constant one. Prediction: the steps until the distance to the minimum has shrunk a million times follow
from the condition number alone, about linearly; the count stays a little below, since a start lies only partly along
the slowest direction. Measured: steps for random starts, counted by powers of the step matrix.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from torch import Tensor

from optnotes.descent import best_step, condition_number, gd_iterations
from optnotes.features import covariance, fit_standardizer, least_squares_hessian, standardize, zca_whiten
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, D, TOLERANCE, OFFSET = 24, 6, 1e-6, 5.0
KAPPAS = tuple(10.0**k for k in range(1, 14))
SETS = {"diabetes": load_diabetes, "wine": load_wine, "cancer": load_breast_cancer}
STAGES = {"raw": "s", "centred": "o", "scaled": "^", "whitened": "D"}


@dataclass(frozen=True)
class Result:
    """Steps of shape (condition numbers, seeds), and for each real data set and stage kappa and steps per seed."""

    synthetic: Tensor
    kappa: dict[str, float]
    real: dict[str, Tensor]


def stages(X: Tensor) -> dict[str, Tensor]:
    """Four versions of the features, each with a column of ones for the bias."""
    mu, s = fit_standardizer(X)
    scaled = standardize(X, mu, s)
    centre, C = covariance(scaled)
    versions = (X, X - mu, scaled, zca_whiten(scaled, centre, *torch.linalg.eigh(C)))
    return {stage: torch.column_stack([Z, torch.ones_like(Z[:, 0])]) for stage, Z in zip(STAGES, versions, strict=True)}


def count_steps(H: Tensor, starts: Tensor) -> Tensor:
    """Steps from each row of starts until the distance has shrunk to the tolerance, by bisection in powers of two."""
    powers = [torch.eye(len(H), dtype=H.dtype) - best_step(H) * H]
    while (powers[-1] @ starts.mT).norm(dim=0).gt(TOLERANCE * starts.norm(dim=1)).any():
        powers.append(powers[-1] @ powers[-1])
    error, steps = starts, torch.ones(len(starts), dtype=torch.int64)
    for k in reversed(range(len(powers))):
        ahead = error @ powers[k]
        far = ahead.norm(dim=1) > TOLERANCE * starts.norm(dim=1)
        error, steps = torch.where(far[:, None], ahead, error), steps + far * 2**k
    return steps


def random_hessian(kappa: float, generator: torch.Generator) -> Tensor:
    """Random axes, with curvatures spread evenly on a logarithmic scale."""
    Q: Tensor = torch.linalg.qr(torch.randn(D, D, generator=generator, dtype=torch.float64)).Q
    H: Tensor = Q * torch.logspace(0, -1, D, base=kappa, dtype=torch.float64) @ Q.mT
    return (H + H.mT) / 2


def compute() -> Result:
    """Count for every spectrum, data set and stage, from random starts."""
    generator = torch.Generator().manual_seed(40)
    synthetic = []
    for kappa in (kappa for kappa in KAPPAS for _ in range(SEEDS)):
        start = torch.randn(1, D, generator=generator, dtype=torch.float64)
        synthetic.append(count_steps(random_hessian(kappa, generator), start))
    kappas, real = {}, {}
    for name, load in SETS.items():
        bunch = load(scaled=False) if name == "diabetes" else load()
        for stage, Z in stages(torch.tensor(bunch.data)).items():
            H = least_squares_hessian(Z)
            starts = torch.randn(SEEDS, len(H), generator=generator, dtype=torch.float64)
            kappas[f"{name}_{stage}"] = condition_number(H).item()
            real[f"{name}_{stage}"] = count_steps(H, starts)
    return Result(torch.cat(synthetic).reshape(len(KAPPAS), SEEDS), kappas, real)


def predicted(kappa: float) -> float:
    """Steps by the law; at least one, also where rounding leaves kappa just above one."""
    return max(1.0, gd_iterations(max(kappa, 1 + 1e-9), TOLERANCE))


def numbers(result: Result) -> dict[str, float | int]:
    """Condition numbers, median and predicted steps, and the extreme ratios of counted to predicted steps."""
    law = torch.tensor([[predicted(kappa)] for kappa in KAPPAS], dtype=torch.float64)
    ratios = [result.synthetic / law, *(steps / predicted(result.kappa[key]) for key, steps in result.real.items())]
    every = torch.cat([ratio.flatten() for ratio in ratios])
    offset = least_squares_hessian(torch.tensor([[OFFSET - 1, 1], [OFFSET + 1, 1]], dtype=torch.float64))
    return (
        {"seeds": SEEDS, "ratio_low": every.min().item(), "ratio_high": every.max().item()}
        | {"ratio_median": every.median().item(), "offset": OFFSET, "kappa_offset": condition_number(offset).item()}
        | {f"kappa_{key}": kappa for key, kappa in result.kappa.items()}
        | {f"steps_{key}": result.real[key].double().median().item() for key in result.real}
        | {f"predicted_{key}": predicted(kappa) for key, kappa in result.kappa.items()}
    )


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Steps against the condition number: the law, random spectra and real data in four stages."""
    drawn, axes = new_figure(figsize=(5.6, 3.9))
    line = torch.logspace(0.01, 13, 200).tolist()
    axes.plot(line, [predicted(kappa) for kappa in line], color=theme.ink, linestyle=":")
    low, high = result.synthetic.double().quantile(torch.tensor([0.0, 1.0]).double(), dim=1)
    axes.fill_between(KAPPAS, low, high, color=theme.muted, alpha=0.35, linewidth=0)
    for name, colour, side in zip(SETS, (theme.blue, theme.orange, theme.green), (-1, 1, -1), strict=True):
        for stage, marker in STAGES.items():
            kappa, steps = result.kappa[f"{name}_{stage}"], result.real[f"{name}_{stage}"].double().median()
            axes.plot(kappa, steps, color=colour, marker=marker, markersize=7)
        first, height = result.kappa[f"{name}_raw"], result.real[f"{name}_raw"].double().median().item()
        at, where = (first / 6, "right") if side < 0 else (first * 6, "left")
        axes.text(at, height, text(name), color=colour, ha=where, va="center")
    for stage, marker in STAGES.items():
        axes.plot([], [], color=theme.muted, marker=marker, linestyle="none", label=text(stage))
    axes.text(1e6, 1e3, text("law"), ha="center", va="center", fontsize=9)
    axes.text(2e2, 3e8, text("random"), color=theme.muted, ha="center", va="center", fontsize=9)
    axes.set(xscale="log", yscale="log", xlabel=text("kappa"), title=text("steps"))
    axes.legend(fontsize=9, loc="lower right")
    return drawn
