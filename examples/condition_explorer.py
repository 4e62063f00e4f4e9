"""
The path of gradient descent for every condition number, step size and start of a grid, step by step.

A quadratic of two weights with an oblique valley. The error along each axis of the valley shrinks by its own factor,
whatever the start, so the path of any start is that of one of them, stretched along both axes. Prediction: the distance
to the minimum shrinks by the contraction rate per step, so the steps to a millionth follow from the condition number
and the step size; above two over the largest curvature the path leaves the valley. Measured: the same steps, counted.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import best_step, contraction_rate, gd_iterations, gd_quadratic_step
from optnotes.site.figures.explore import Axis, Explorer, Frame, Placed, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

KAPPAS, RATES = (1, 3, 10, 50), (0.1, 0.5, 1.0, 1.5, 1.75, 1.9, 2.05)
ANGLE, TOLERANCE, DRAWN = math.radians(25), 1e-6, 40
ALONG, ACROSS = (-1.2, -0.8, -0.4, 0.4, 0.8, 1.2), (-0.75, -0.5, -0.25, 0.25, 0.5, 0.75)  # starts, none in the minimum
FLOOR, WALL, OBLIQUE = (-1.2, -0.5), (-0.4, 0.75), (-1.2, 0.25)  # along the valley, across it, between
Key = tuple[float, float, float, float]


@dataclass(frozen=True)
class Result:
    """By condition number and step times the largest curvature: the path; by these and the start: steps, if finite.

    The path begins one along the valley and one across it.
    """

    paths: dict[tuple[float, float], Tensor]
    steps: dict[Key, int | None]


def axes() -> Tensor:
    """Columns: the direction of the valley, and the one across it."""
    return torch.tensor([[math.cos(ANGLE), -math.sin(ANGLE)], [math.sin(ANGLE), math.cos(ANGLE)]], dtype=torch.float64)


def hessian(kappa: float) -> Tensor:
    """Largest curvature one, across a valley at a fixed angle."""
    along = axes()[:, 0]
    return torch.eye(2, dtype=torch.float64) - (1 - 1 / kappa) * torch.outer(along, along)


def stretch(start: Sequence[float]) -> Tensor:
    """The matrix that takes a path from one along the valley and one across it to the path from a start."""
    parts = axes().mT @ torch.tensor(start, dtype=torch.float64)
    return axes() @ torch.diag(parts) @ axes().mT


def count(H: Tensor, lr: float, begin: Sequence[float]) -> int:
    """Steps until the distance to the minimum has shrunk to the tolerance, by bisection in powers of one step."""
    start, centre = torch.tensor(begin, dtype=H.dtype), torch.zeros(2, dtype=H.dtype)
    once = torch.stack([gd_quadratic_step(unit, H, centre, lr) for unit in torch.eye(2, dtype=H.dtype)])
    low, high = 0, 2**15
    while high - low > 1:
        middle = (low + high) // 2
        far = (torch.linalg.matrix_power(once, middle) @ start).norm() > TOLERANCE * start.norm()
        low, high = (middle, high) if far else (low, middle)
    return high


def compute() -> Result:
    """Descend on every quadratic with every step."""
    paths: dict[tuple[float, float], Tensor] = {}
    steps: dict[Key, int | None] = {}
    for kappa, rate in product(KAPPAS, RATES):
        H, centre = hessian(kappa), torch.zeros(2, dtype=torch.float64)
        path = [axes().sum(1)]
        for _ in range(DRAWN):
            path.append(gd_quadratic_step(path[-1], H, centre, rate))
        paths[kappa, rate] = torch.stack(path)
        stable = contraction_rate(H, rate) < 1
        for start in product(ALONG, ACROSS):
            steps[kappa, rate, *start] = count(H, rate, start) if stable else None
    return Result(paths, steps)


def summary(result: Result, key: Key) -> dict[str, float | int]:
    """Contraction, predicted and counted steps, and what the best step would do."""
    H, steps = hessian(key[0]), result.steps[key]
    rate = contraction_rate(H, key[1]).item()
    found = {"rate": rate, "best": best_step(H).item(), "best_steps": 1.0}
    if key[0] > 1:
        found["best_steps"] = gd_iterations(key[0], TOLERANCE)
    if steps is None:
        return found
    return found | {"steps": steps, "predicted": math.log(TOLERANCE) / math.log(rate) if rate > 1e-9 else 1.0}


def explore(result: Result) -> Explorer:
    """Level lines, and the path that is played."""
    turn = torch.linspace(0, math.tau, 73, dtype=torch.float64)
    circle = torch.stack([turn.cos(), turn.sin()], 1)
    gap = torch.full((1, 2), math.nan, dtype=circle.dtype)
    roots: dict[float, Tensor] = {valley: torch.linalg.cholesky(hessian(valley)) for valley in KAPPAS}
    levels: dict[float, Tensor] = {}
    for valley, root in roots.items():
        ellipse = torch.linalg.solve(root.mT, circle.mT).mT
        levels[valley] = torch.cat([part for size in (0.25, 0.5, 1.0, 1.5) for part in (size * ellipse, gap)])
    frames, least = {}, torch.zeros(1, 2)
    for key, steps in result.steps.items():
        (kappa, rate), start = key[:2], key[2:]
        level = (torch.tensor(start, dtype=circle.dtype) @ roots[kappa]).norm().item()
        path = Placed(result.paths[kappa, rate], (0, 0), stretch(start))
        marks = {"contours": Placed(levels[kappa], (0, 0), level), "path": path, "steps": path, "minimum": least}
        frames[key] = Frame(marks, summary(result, key), "diverges" if steps is None else "readout")
    looks = {"contours": "line muted thin", "path": "line orange solid", "steps": "dots orange fine"}
    looks |= {"minimum": "dots blue square"}
    x, y = Axis("w1", -1.5, 1.5, (-1, 0, 1)), Axis("w2", -1, 1, (-1, 0, 1))
    controls = {"shown": tuple(range(DRAWN + 1)), "kappa": KAPPAS, "rate": RATES, "along": ALONG, "across": ACROSS}
    begin = (10, 50, 1.75, *OBLIQUE)
    return Explorer(controls, begin, x, y, looks, frames, drag=True, play="shown", grows=("path", "steps"))


def numbers(result: Result) -> dict[str, float | int]:
    """Steps at two condition numbers with the step one over the curvature, and the worst ratio to the prediction."""
    finite = [key for key, steps in result.steps.items() if steps is not None and key[2:] == OBLIQUE]
    found = [summary(result, key) for key in finite]
    ratios = [each["steps"] / each["predicted"] for each in found if each["predicted"] > 10]
    kept: dict[str, float | int] = {"drawn": DRAWN, "ratio_low": min(ratios), "ratio_high": max(ratios)}
    return kept | {f"steps_{kappa}": count(hessian(kappa), 1.0, OBLIQUE) for kappa in (10, 100)}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One step size in a round valley and in a long one."""
    return panels(explore(result), [(3, 1.75, *OBLIQUE), (50, 1.75, *OBLIQUE)], text, theme)
