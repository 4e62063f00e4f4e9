"""
How often does the corner of the L1 ball give a zero weight?

Random quadratics in the plane, centre at a fixed distance outside the ball, minimised over the L1 and the L2 ball.
Prediction: round contours meet a corner when the centre lies in one of four sectors, infinitely long ones when the valley
misses the ball; both shares have a formula. On the L2 ball no point is special: share zero. Measured: the share of
solutions with a zero weight over batches of random quadratics, for several condition numbers.
"""

import math
from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

BATCHES, PROBLEMS, QUOTED = 40, 250, 2.0
KAPPAS = (1, 10, 1000)
DISTANCES = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0)
CORNERS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]], dtype=torch.float64)


@dataclass(frozen=True)
class Result:
    """Shares of shape (condition numbers, distances, batches), and one pair of solutions for the sketch."""

    l1: Tensor
    l2: Tensor
    hessian: Tensor
    centre: Tensor
    touch_l1: Tensor
    touch_l2: Tensor


def round_share(distance: float) -> float:
    """Predicted share of corners for round contours; the distance is in radii of the ball, at least one."""
    return (math.acos(1 / (math.sqrt(2) * distance)) - math.pi / 4) / (math.pi / 4)


def valley_share(distance: float) -> float:
    """Predicted share for infinitely long contours: the mean over the valley's direction of missing the ball."""
    angle = (torch.arange(1000, dtype=torch.float64) + 0.5) / 1000 * math.pi / 4
    return (2 / math.pi * torch.acos(torch.cos(angle) / distance)).mean().item()


def minimise_l1(H: Tensor, centre: Tensor) -> Tensor:
    """Exact minimiser over the unit L1 ball for a centre outside: the best point of its four edges."""
    edge = CORNERS.roll(-1, 0) - CORNERS
    gap = centre[..., None, :] - CORNERS
    slope = torch.einsum("ei,...ij,...ej->...e", edge, H, gap)
    position = (slope / torch.einsum("ei,...ij,ej->...e", edge, H, edge)).clamp(0, 1)
    points = CORNERS + position[..., None] * edge
    left = centre[..., None, :] - points
    best = torch.einsum("...ei,...ij,...ej->...e", left, H, left).argmin(-1)
    return points.gather(-2, best[..., None, None].expand(*best.shape, 1, 2)).squeeze(-2)


def minimise_l2(H: Tensor, centre: Tensor) -> Tensor:
    """Minimiser over the unit L2 ball for a centre outside: bisection of the multiplier in the eigenbasis."""
    values, vectors = torch.linalg.eigh(H)
    pull = values * torch.einsum("...ji,...j->...i", vectors, centre)
    low = torch.zeros_like(values[..., :1])
    high = pull.norm(dim=-1, keepdim=True)
    for _ in range(60):
        middle = (low + high) / 2
        outside = (pull / (values + middle)).norm(dim=-1, keepdim=True) > 1
        low, high = torch.where(outside, middle, low), torch.where(outside, high, middle)
    return torch.einsum("...ij,...j->...i", vectors, pull / (values + high))


def quadratics(kappa: float, shape: tuple[int, ...], generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Hessians of random direction and condition number ``kappa``, and directions of their centres."""
    angle = 2 * math.pi * torch.rand(2, *shape, generator=generator, dtype=torch.float64)
    long, centre = torch.stack([angle.cos(), angle.sin()], dim=-1)
    H = torch.eye(2, dtype=torch.float64) - (1 - 1 / kappa) * long[..., :, None] * long[..., None, :]
    return H, centre


def compute() -> Result:
    """Solve all quadratics over both balls."""
    generator = torch.Generator().manual_seed(37)
    solved = []
    for kappa in KAPPAS:
        H, direction = quadratics(kappa, (len(DISTANCES), BATCHES, PROBLEMS), generator)
        centre = direction * torch.tensor(DISTANCES, dtype=torch.float64)[:, None, None, None]
        solved.append([(f(H, centre) == 0).any(-1).double().mean(-1) for f in (minimise_l1, minimise_l2)])
    l1, l2 = (torch.stack(shares) for shares in zip(*solved, strict=True))
    hessian = torch.tensor([[1.0, 0.4], [0.4, 0.6]], dtype=torch.float64)
    centre = torch.tensor([1.5, 0.9], dtype=torch.float64)
    return Result(l1, l2, hessian, centre, minimise_l1(hessian, centre), minimise_l2(hessian, centre))
