"""
A fit, its validation and the noise, played over capacity.

Polynomials of growing degree through a dozen noisy points of a sine, or through more of them. Prediction: the training
error falls with the degree to zero; the error on validation points follows it as long as the degree buys pattern, and
rises once it buys noise; without noise there is nothing to rise. Measured: both errors for every degree, noise and
number of points.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.generalization import empirical_risk
from optnotes.site.figures.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

DEGREES, NOISES, POINTS, NEW, CLOSE = tuple(range(12)), (0, 0.1, 0.2, 0.3, 0.5), (12, 20, 40), 40, 1e-3
Key = tuple[int, float, int]


@dataclass(frozen=True)
class Result:
    """By setting: fitted curve on a fine grid, training points, validation points, and both mean squared errors."""

    grid: Tensor
    curves: dict[Key, Tensor]
    train: dict[Key, Tensor]
    valid: dict[Key, Tensor]
    errors: dict[Key, tuple[float, float]]


def truth(x: Tensor) -> Tensor:
    """The pattern."""
    return torch.sin(math.pi * x)


def basis(x: Tensor, degree: int) -> Tensor:
    """Chebyshev polynomials, which span all polynomials of this degree."""
    return torch.stack([torch.cos(power * torch.acos(x)) for power in range(degree + 1)], -1)


def compute() -> Result:
    """Fit every degree by least squares; the validation points and the noise are the same for all degrees."""
    generator = torch.Generator().manual_seed(50)
    grid = torch.linspace(-1, 1, 81, dtype=torch.float64)
    inputs = {n: torch.linspace(-0.96, 0.96, n, dtype=torch.float64) for n in POINTS}
    noise = {n: torch.randn(n, generator=generator, dtype=torch.float64) for n in POINTS}
    new = 1.92 * torch.rand(NEW, generator=generator, dtype=torch.float64) - 0.96
    fresh = torch.randn(NEW, generator=generator, dtype=torch.float64)
    curves, train, valid, errors = {}, {}, {}, {}
    for degree in DEGREES:
        for sigma in NOISES:
            for n in POINTS:
                x, y = inputs[n], truth(inputs[n]) + sigma * noise[n]
                w = torch.linalg.pinv(basis(x, degree)) @ y
                targets = truth(new) + sigma * fresh
                key = (degree, sigma, n)
                curves[key], train[key] = basis(grid, degree) @ w, torch.stack([x, y], 1)
                valid[key] = torch.stack([new, targets], 1)
                fits = ((basis(x, degree) @ w, y), (basis(new, degree) @ w, targets))
                own, held = (empirical_risk((fit - aim).square()).item() for fit, aim in fits)
                errors[key] = own, held
    return Result(grid, curves, train, valid, errors)


def best(result: Result, sigma: float, n: int) -> int:
    """Lowest degree whose validation error is within a thousandth of the least."""
    errors = [result.errors[degree, sigma, n][1] for degree in DEGREES]
    return next(degree for degree in DEGREES if errors[degree] < min(errors) + CLOSE)


def explore(result: Result) -> Explorer:
    """Curve, pattern, and both sets of points; the sentence says on which side of the best degree one stands."""
    pattern = torch.stack([result.grid, truth(result.grid)], 1)
    frames = {}
    for key, curve in result.curves.items():
        degree, sigma, n = key
        marks = {"valid": result.valid[key], "train": result.train[key], "truth": pattern}
        marks |= {"fit": torch.stack([result.grid, curve], 1)}
        low = best(result, sigma, n)
        train, valid = result.errors[key]
        worse = valid > result.errors[low, sigma, n][1] + CLOSE
        frames[key] = Frame(
            marks, {"train": train, "valid": valid}, ("over" if degree > low else "under") if worse else "best"
        )
    looks = {"truth": "line muted dashed", "fit": "line blue solid", "valid": "dots orange fine"}
    looks |= {"train": "dots blue round"}
    controls = {"degree": DEGREES, "noise": NOISES, "points": POINTS}
    x, y = Axis("x", -1, 1, (-1, -0.5, 0, 0.5, 1)), Axis("y", -2.5, 2.5, (-2, -1, 0, 1, 2))
    return Explorer(controls, (9, 0.5, 12), x, y, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """Both errors at three degrees with much noise and few points, and what noise and points change."""
    sigma, few, many = NOISES[-1], POINTS[0], POINTS[-1]
    low, top = best(result, sigma, few), DEGREES[-1]
    found: dict[str, float | int] = {"best": low, "top": top, "few": few, "many": many, "noise": sigma}
    for name, key in (("flat", (0, sigma, few)), ("best", (low, sigma, few)), ("wild", (9, sigma, few))):
        found |= {f"train_{name}": result.errors[key][0], f"valid_{name}": result.errors[key][1]}
    found |= {"valid_many": result.errors[9, sigma, many][1], "valid_clean": result.errors[9, 0, few][1]}
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Much noise and few points, at the best degree and at a large one."""
    low = best(result, NOISES[-1], POINTS[0])
    drawn = panels(explore(result), [(low, NOISES[-1], POINTS[0]), (9, NOISES[-1], POINTS[0])], text, theme)
    drawn.set_size_inches(5.6, 8.6)
    drawn.axes[-1].set_xticks((-0.5, 0, 0.5))
    return drawn
