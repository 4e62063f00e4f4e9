"""
The path of gradient descent for every condition number, step size, start and number of steps of a grid.

A quadratic of two weights with an oblique valley. Prediction: the distance to the minimum shrinks by the contraction
rate per step, so the steps to a millionth follow from the condition number and the step size; above two over the
largest curvature the path leaves the valley. Measured: the same steps, counted.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import best_step, contraction_rate, gd_iterations, gd_quadratic_step
from optnotes.site.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures import Theme
from optnotes.site.text import Label

KAPPAS, RATES = (1, 3, 10, 50), (0.1, 0.5, 1.0, 1.5, 1.75, 1.9, 2.05)
ANGLE, TOLERANCE, DRAWN, SHOWN = math.radians(25), 1e-6, 40, (0, 1, 3, 10, 40)
STARTS = {"slope": (-1.05, 0.35), "floor": (-1.15, -0.48), "wall": (-0.42, 0.75)}  # oblique, along the valley, across
Key = tuple[float, float, str]


@dataclass(frozen=True)
class Result:
    """By condition number, step times the largest curvature and start: the path at first, and steps, if finite."""

    paths: dict[Key, Tensor]
    steps: dict[Key, int | None]


def hessian(kappa: float) -> Tensor:
    """Largest curvature one, across a valley at a fixed angle."""
    along = torch.tensor([math.cos(ANGLE), math.sin(ANGLE)], dtype=torch.float64)
    return torch.eye(2, dtype=torch.float64) - (1 - 1 / kappa) * torch.outer(along, along)


def count(H: Tensor, lr: float, begin: tuple[float, float]) -> int:
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
    paths: dict[Key, Tensor] = {}
    steps: dict[Key, int | None] = {}
    for kappa in KAPPAS:
        H, centre = hessian(kappa), torch.zeros(2, dtype=torch.float64)
        for rate in RATES:
            for name, start in STARTS.items():
                path = [torch.tensor(start, dtype=torch.float64)]
                for _ in range(DRAWN):
                    path.append(gd_quadratic_step(path[-1], H, centre, rate))
                paths[kappa, rate, name] = torch.stack(path)
                steps[kappa, rate, name] = count(H, rate, start) if contraction_rate(H, rate) < 1 else None
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
    """Level lines and the first steps of the path."""
    turn = torch.linspace(0, math.tau, 73, dtype=torch.float64)
    circle = torch.stack([turn.cos(), turn.sin()], 1)
    frames = {}
    for key, path in result.paths.items():
        root = torch.linalg.cholesky(hessian(key[0]))
        start = (path[0] @ root).norm()
        ellipse = start * torch.linalg.solve(root.mT, circle.mT).mT
        gap = torch.full((1, 2), math.nan, dtype=path.dtype)
        levels = torch.cat([part for size in (0.25, 0.5, 1.0, 1.5) for part in (size * ellipse, gap)])
        found, said = summary(result, key), "diverges" if result.steps[key] is None else "readout"
        for shown in SHOWN:
            part = path[: shown + 1]
            marks = {"contours": levels, "path": part, "steps": part, "minimum": torch.zeros(1, 2)}
            frames[shown, *key] = Frame(marks, found, said)
    looks = {"contours": "line muted thin", "path": "line orange solid", "steps": "dots orange fine"}
    looks |= {"minimum": "dots blue square"}
    x, y = Axis("w1", -1.5, 1.5, (-1, 0, 1)), Axis("w2", -1, 1, (-1, 0, 1))
    controls: dict[str, tuple[float | str, ...]] = {"shown": SHOWN, "kappa": KAPPAS, "rate": RATES, "start": (*STARTS,)}
    return Explorer(controls, (10, 50, 1.75, "slope"), x, y, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """Steps at two condition numbers with the step one over the curvature, and the worst ratio to the prediction."""
    finite = [key for key, steps in result.steps.items() if steps is not None and key[2] == "slope"]
    found = [summary(result, key) for key in finite]
    ratios = [each["steps"] / each["predicted"] for each in found if each["predicted"] > 10]
    kept: dict[str, float | int] = {"drawn": DRAWN, "ratio_low": min(ratios), "ratio_high": max(ratios)}
    return kept | {f"steps_{kappa}": count(hessian(kappa), 1.0, STARTS["slope"]) for kappa in (10, 100)}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One step size in a round valley and in a long one."""
    return panels(explore(result), [(40, 3, 1.75, "slope"), (40, 50, 1.75, "slope")], text, theme)
