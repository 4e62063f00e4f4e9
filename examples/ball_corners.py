"""
How often the corner of the L1 ball gives a zero weight.

Random quadratics in the plane, with the centre outside the ball, are minimised over the L1 and the L2 ball.
Prediction: round contours meet a corner when the centre lies in one of four sectors, endless ones when the valley
misses the ball; both shares have a formula. On the L2 ball no point is special. Measured: the share of solutions with
a zero weight over batches of quadratics, for several condition numbers.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

KAPPAS, DISTANCES, QUOTED = (1, 10, 1000), (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0), 2.0
BATCHES, PROBLEMS = 40, 250
CORNERS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]], dtype=torch.float64)
SKETCH = torch.tensor([[1.0, 0.4], [0.4, 0.6]]).double(), torch.tensor([1.5, 0.9]).double()


@dataclass(frozen=True)
class Result:
    """Shares of solutions with a zero weight, of shape (condition numbers, distances, batches)."""

    l1: Tensor
    l2: Tensor


def round_share(distance: float) -> float:
    """Predicted share of corners for round contours; the distance is in radii of the ball, at least one."""
    return (math.acos(1 / (math.sqrt(2) * distance)) - math.pi / 4) / (math.pi / 4)


def valley_share(distance: float) -> float:
    """Predicted share for infinitely long contours: the mean over the valley's direction of missing the ball."""
    angle = torch.linspace(0, math.pi / 4, 1001, dtype=torch.float64)[1:] - math.pi / 8000
    return (2 / math.pi * torch.acos(torch.cos(angle) / distance)).mean().item()


def minimise_l1(H: Tensor, centre: Tensor) -> Tensor:
    """Exact minimiser over the unit L1 ball for a centre outside: the best point of its four edges."""
    edge, gap = CORNERS.roll(-1, 0) - CORNERS, centre[..., None, :] - CORNERS
    slope = torch.einsum("ei,...ij,...ej->...e", edge, H, gap)
    position = (slope / torch.einsum("ei,...ij,ej->...e", edge, H, edge)).clamp(0, 1)[..., None]
    left = gap - position * edge
    best = torch.einsum("...ei,...ij,...ej->...e", left, H, left).argmin(-1)[..., None, None]
    return (CORNERS + position * edge).take_along_dim(best, dim=-2).squeeze(-2)


def minimise_l2(H: Tensor, centre: Tensor) -> Tensor:
    """Minimiser over the unit L2 ball for a centre outside: bisection of the multiplier in the eigenbasis."""
    values, vectors = torch.linalg.eigh(H)
    pull = values * torch.einsum("...ji,...j->...i", vectors, centre)
    low, high = 0 * values[..., :1], pull.norm(dim=-1, keepdim=True)
    for _ in range(60):
        middle = (low + high) / 2
        outside = (pull / (values + middle)).norm(dim=-1, keepdim=True) > 1
        low, high = torch.where(outside, middle, low), torch.where(outside, high, middle)
    return torch.einsum("...ij,...j->...i", vectors, pull / (values + high))


def compute() -> Result:
    """Solve quadratics of random orientation, with centres in random directions, over both balls."""
    generator = torch.Generator().manual_seed(37)
    shares: dict[str, list[Tensor]] = {"l1": [], "l2": []}
    for kappa in KAPPAS:
        angle = math.tau * torch.rand(2, len(DISTANCES), BATCHES, PROBLEMS, generator=generator, dtype=torch.float64)
        valley, direction = torch.stack([angle.cos(), angle.sin()], dim=-1)
        centre = torch.tensor(DISTANCES).double()[:, None, None, None] * direction
        H = torch.eye(2).double() - (1 - 1 / kappa) * valley[..., :, None] * valley[..., None, :]
        for ball, minimise in (("l1", minimise_l1), ("l2", minimise_l2)):
            shares[ball].append((minimise(H, centre) == 0).any(-1).double().mean(-1))
    return Result(torch.stack(shares["l1"]), torch.stack(shares["l2"]))


def numbers(result: Result) -> dict[str, float | int]:
    """Shares at the quoted distance, and the largest gap to the two predictions over all distances."""
    mean, at = result.l1.mean(-1), DISTANCES.index(QUOTED)
    limits = torch.tensor([[round_share(d) for d in DISTANCES], [valley_share(d) for d in DISTANCES]]).double()
    return {f"share_{kappa}": share.item() for kappa, share in zip(KAPPAS, mean[:, at], strict=True)} | {
        "share_round": round_share(QUOTED),
        "share_valley": valley_share(QUOTED),
        "share_l2": result.l2.max().item(),
        "gap": (mean[[0, -1]] - limits).abs().max().item(),
        "distance": QUOTED,
        "batches": BATCHES,
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One touching point on each ball, and the share of corners against the distance of the centre."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    (H, centre), turn = SKETCH, torch.linspace(0, 2 * math.pi, 200, dtype=torch.float64)
    circle, diamond = torch.stack([turn.cos(), turn.sin()]), CORNERS[[0, 1, 2, 3, 0]].T
    for ball, touch, look in ((diamond, minimise_l1(*SKETCH), "blue"), (circle, minimise_l2(*SKETCH), "orange")):
        colour, style, marker = getattr(theme, look), *(("-", "o") if look == "blue" else ("--", "s"))
        radius = ((touch - centre) @ H @ (touch - centre)).sqrt()
        contour = centre[:, None] + radius * torch.linalg.cholesky(torch.linalg.inv(H)) @ circle
        upper.plot(*ball, color=colour, linestyle=style)
        upper.plot(*contour, color=colour, linestyle=style, linewidth=1)
        upper.plot(*touch, color=colour, marker=marker)
    upper.plot(*centre, color=theme.ink, marker="+")
    upper.set(aspect="equal", xlabel="$w_1$", ylabel="$w_2$", title=text("title.touch"))
    for key, share, style in (("valley", valley_share, "--"), ("round", round_share, "-")):
        fine = [1 + 0.04 * i for i in range(101)]
        lower.plot(fine, [share(d) for d in fine], color=theme.ink, linestyle=style, label=text(key))
    rows = zip([*result.l1, result.l2[0]], [*KAPPAS, None], ("blue", "green", "violet", "orange"), "o^Ds", strict=True)
    for shares, kappa, look, marker in rows:
        name, colour = text("l1", kappa=kappa) if kappa else text("l2"), getattr(theme, look)
        low, middle, high = shares.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=-1)
        lower.fill_between(DISTANCES, low, high, color=colour, alpha=0.25, linewidth=0)
        lower.plot(DISTANCES, middle, color=colour, marker=marker, linestyle="none", label=name)
    lower.set(xlabel=text("distance"), title=text("title.share"), ylim=(-0.04, 1))
    lower.legend(fontsize=9, loc="lower right", bbox_to_anchor=(1, 0.08))
    return drawn
