"""
One problem, five knobs: the same gap closed by each.

A polynomial of high degree through eighteen noisy points of a sine. The knobs are the strength of an L2 and of an L1
penalty, noise on the features, the rate of dropout on the features, and the number of steps of gradient descent.
Prediction: turned up, each knob first raises the training error a little and lowers the validation error, and then
raises both; noise is an L2 penalty and gives its curves. Measured: both errors at each position of each knob.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.linear_model import Lasso
from torch import Tensor

from optnotes.features import fit_standardizer, least_squares_hessian, standardize
from optnotes.generalization import empirical_risk, gd_filter
from optnotes.penalties import ridge_solution
from optnotes.site.figures.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

DEGREE, N, NEW, SIGMA, POSITIONS, CLOSE = 13, 18, 60, 0.4, tuple(range(9)), 1e-3
KNOBS: dict[str, tuple[float, ...]] = {
    "l2": (0, 0.1, 0.3, 1, 3, 10, 30, 100, 300),
    "l1": (0, 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.35, 0.6),
    "noise": (0, 0.08, 0.14, 0.25, 0.43, 0.8, 1.4, 2.5, 4.3),
    "dropout": (0, 0.006, 0.02, 0.06, 0.16, 0.4, 0.65, 0.86, 0.95),
    "steps": (math.inf, 1600, 500, 160, 50, 16, 5, 2, 1),
}
LR = 0.1


@dataclass(frozen=True)
class Result:
    """Fine grid, pattern, both sets of points; by knob and position the fitted curve and both mean squared errors."""

    grid: Tensor
    train: Tensor
    valid: Tensor
    curves: dict[tuple[str, int], Tensor]
    errors: dict[tuple[str, int], tuple[float, float]]


def truth(x: Tensor) -> Tensor:
    """The pattern."""
    return torch.sin(math.pi * x)


def basis(x: Tensor) -> Tensor:
    """Powers of the input by Chebyshev, without the constant."""
    return torch.stack([torch.cos(power * torch.acos(x)) for power in range(1, DEGREE + 1)], -1)


def fit(knob: str, value: float, Z: Tensor, y: Tensor) -> Tensor:
    """Weights for standardised features and centred targets at one position of one knob."""
    n = len(y)
    plain: Tensor = torch.linalg.pinv(Z) @ y
    if knob == "l1" and value:
        model = Lasso(alpha=value, fit_intercept=False, tol=1e-10, max_iter=100_000)
        return torch.tensor(model.fit(Z.numpy(), y.numpy()).coef_)
    if knob == "steps" and value < math.inf:
        lams, V = torch.linalg.eigh(least_squares_hessian(Z))
        learned = gd_filter(lams.clamp(min=0), LR, int(value))
        stopped: Tensor = V @ (learned * (V.T @ plain))
        return stopped
    if knob == "steps":
        return plain
    alpha = n * value / (1 - value) if knob == "dropout" else n * value**2 if knob == "noise" else value
    return ridge_solution(Z, y, alpha) if alpha else plain


def compute() -> Result:
    """Fit at every position; features are standardised, so that dropout is an L2 penalty as well."""
    generator = torch.Generator().manual_seed(45)
    grid, x = (torch.linspace(-0.98, 0.98, k, dtype=torch.float64) for k in (81, N))
    new = 1.96 * torch.rand(NEW, generator=generator, dtype=torch.float64) - 0.98
    y, targets = (truth(z) + SIGMA * torch.randn(len(z), generator=generator, dtype=torch.float64) for z in (x, new))
    scale, curves, errors = fit_standardizer(basis(x)), {}, {}
    Z, fine, fresh = (standardize(basis(z), *scale) for z in (x, grid, new))
    for knob, values in KNOBS.items():
        for position, value in enumerate(values):
            w = fit(knob, value, Z, y - y.mean())
            curves[knob, position] = fine @ w + y.mean()
            own, held = (
                empirical_risk((A @ w + y.mean() - aim).square()).item() for A, aim in ((Z, y), (fresh, targets))
            )
            errors[knob, position] = own, held
    return Result(grid, torch.stack([x, y], 1), torch.stack([new, targets], 1), curves, errors)


def best(result: Result, knob: str) -> int:
    """Position with the least validation error."""
    return min(POSITIONS, key=lambda position: result.errors[knob, position][1])


def explore(result: Result) -> Explorer:
    """Fit, pattern and points; the sentence gives both errors."""
    pattern, frames = torch.stack([result.grid, truth(result.grid)], 1), {}
    for (knob, position), curve in result.curves.items():
        train, valid = result.errors[knob, position]
        marks = {"valid": result.valid, "train": result.train, "truth": pattern}
        marks |= {"fit": torch.stack([result.grid, curve], 1)}
        least = result.errors[knob, best(result, knob)][1]
        side = "weak" if position < best(result, knob) else "strong"
        frames[knob, position] = Frame(
            marks, {"train": train, "valid": valid}, "best" if valid < least + CLOSE else side
        )
    looks = {"truth": "line muted dashed", "fit": "line blue solid", "valid": "dots orange fine"}
    looks |= {"train": "dots blue round"}
    x, y = Axis("x", -1, 1, (-1, -0.5, 0, 0.5, 1)), Axis("y", -2.5, 2.5, (-2, -1, 0, 1, 2))
    return Explorer({"knob": tuple(KNOBS), "position": POSITIONS}, ("l2", 0), x, y, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """Both errors without a regulariser, and at the best and the strongest position of each knob."""
    found: dict[str, float | int] = {"degree": DEGREE, "points": N, "last": POSITIONS[-1]}
    found |= {"train_off": result.errors["l2", 0][0], "valid_off": result.errors["l2", 0][1]}
    for knob in KNOBS:
        at = best(result, knob)
        found |= {f"best_{knob}": at, f"train_{knob}": result.errors[knob, at][0]}
        found |= {f"valid_{knob}": result.errors[knob, at][1], f"end_{knob}": result.errors[knob, POSITIONS[-1]][1]}
    valid = [found[f"valid_{knob}"] for knob in KNOBS]
    return found | {"valid_least": min(valid), "valid_most": max(valid)}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """No regulariser, and the best L2 penalty."""
    drawn = panels(explore(result), [("l2", 0), ("l2", best(result, "l2"))], text, theme)
    drawn.set_size_inches(5.6, 8.6)
    drawn.axes[-1].set_xticks((-0.5, 0, 0.5))
    return drawn
