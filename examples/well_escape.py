"""
How additive noise leaves a local minimum: the shallow well of a tilted double well.

Gradient descent with normal noise added at every step, many walkers, from the bottom of the shallow well. Prediction:
the mean first-passage time to the deep well, an integral over the barrier, gives the share that has escaped; it depends
exponentially on the barrier over the noise, so there is hardly anything between never and always. Measured: that share.
This is a model of additive noise in one dimension and no proof about dropout in a network.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import tilted_double_well, tilted_double_well_gradient
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

WALKERS, LR, STEPS = 400, 0.05, 2000
NOISES, QUOTED = (0.3, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0, 3.0), 1.0


@dataclass(frozen=True)
class Result:
    """Shares of escaped walkers by noise."""

    escaped: Tensor
    predicted: Tensor


def minima() -> tuple[float, float]:
    """The shallow and the deep minimum: the largest and the smallest root of the derivative."""
    companion = torch.tensor([[0.0, 1.0, -0.2], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]], dtype=torch.float64)
    roots = torch.linalg.eigvals(companion).real
    return roots.max().item(), roots.min().item()


def predicted(noise: float) -> float:
    """Share expected from the mean first-passage time of the process in continuous time."""
    temperature, (shallow, deep) = LR * noise**2 / 2, minima()
    grid = torch.linspace(deep, 4.0, 4001, dtype=torch.float64)
    cell, height = (grid[1] - grid[0]).item(), tilted_double_well(grid) / temperature
    height = height - height.min()
    beyond = (-height).exp().flip(0).cumsum(0).flip(0) * cell
    passage = (height.exp() * beyond)[grid <= shallow].sum().item() * cell / temperature
    return -math.expm1(-LR * STEPS / passage)


def compute() -> Result:
    """Let the walkers go, and note who has reached the deep minimum."""
    generator, (shallow, deep) = torch.Generator().manual_seed(38), minima()
    y = torch.full((len(NOISES), WALKERS), shallow, dtype=torch.float64)
    noise, there = torch.tensor(NOISES, dtype=torch.float64)[:, None], torch.zeros(y.shape, dtype=torch.bool)
    for _ in range(STEPS):
        kick = noise * torch.randn(y.shape, generator=generator, dtype=y.dtype)
        y = y - LR * (tilted_double_well_gradient(y) + kick)
        there |= y <= deep
    shares = torch.tensor([predicted(noise) for noise in NOISES], dtype=torch.float64)
    return Result(there.double().mean(1), shares)


def standard_error(share: Tensor) -> Tensor:
    """How far chance moves a share of independent walkers."""
    return (share * (1 - share) / WALKERS).sqrt()


def numbers(result: Result) -> dict[str, float | int]:
    """Height of the barrier, and shares at a weak, the quoted and a strong noise."""
    shallow, _ = minima()
    slope = tilted_double_well(torch.linspace(0, shallow, 1001, dtype=torch.float64))
    at = NOISES.index(QUOTED)
    return {
        "walkers": WALKERS,
        "steps": STEPS,
        "barrier": (slope.max() - slope[-1]).item(),
        "noise": QUOTED,
        "noise_weak": NOISES[1],
        "noise_strong": NOISES[-2],
        "escaped": result.escaped[at].item(),
        "escaped_predicted": result.predicted[at].item(),
        "escaped_error": standard_error(result.predicted)[at].item(),
        "escaped_weak": result.escaped[1].item(),
        "escaped_strong": result.escaped[-2].item(),
        "gap": (result.escaped - result.predicted).abs().max().item(),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Share of escapes against the noise, with the prediction."""
    drawn, axes = new_figure(figsize=(5.6, 3.4))
    grid = torch.linspace(NOISES[0], NOISES[-1], 80).tolist()
    axes.plot(grid, [predicted(noise) for noise in grid], color=theme.ink, linestyle=":", label=text("predicted"))
    spread = 2 * standard_error(result.escaped)
    axes.errorbar(NOISES, result.escaped, spread, fmt="o", color=theme.blue, capsize=2, label=text("measured"))
    axes.set(title=text("title"), xlabel=text("noise"))
    axes.legend(fontsize=9, loc="lower right")
    return drawn
