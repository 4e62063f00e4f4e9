"""
Overfitting with a pencil: five points, a line through zero, and a polynomial of degree four through all of them.

The truth is y = x with noise of plus or minus one. Each model is judged on its own targets and on fresh ones at the
same inputs; the means over all noises, 32 of them for each set of targets, are what the formula says.
"""

from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from optnotes.generalization import ols_errors

INPUTS, NOISE, FRESH = (-2, -1, 0, 1, 2), (1, 1, -1, 1, -1), (1, -1, 1, 1, -1)
BEYOND = 3.0


@dataclass(frozen=True)
class Result:
    """Inputs, both sets of targets, all noises; hat matrices of the two models; both models beyond the last point."""

    x: Tensor
    y: Tensor
    fresh: Tensor
    noises: Tensor
    hats: dict[str, Tensor]
    beyond: dict[str, float]


def compute() -> Result:
    """Fit both models by least squares."""
    x, noise, other = (torch.tensor(each, dtype=torch.float64) for each in (INPUTS, NOISE, FRESH))
    y, hats, beyond = x + noise, {}, {}
    for name, powers in (("line", (1,)), ("through", (0, 1, 2, 3, 4))):
        A = torch.stack([x**power for power in powers], 1)
        weights = torch.linalg.pinv(A)
        hats[name] = A @ weights
        beyond[name] = (torch.tensor([BEYOND**power for power in powers]).double() @ weights @ y).item()
    noises = torch.tensor(list(product((-1, 1), repeat=len(x))), dtype=torch.float64)
    return Result(x, y, x + other, noises, hats, beyond)


def numbers(result: Result) -> dict[str, float | int]:
    """Errors of both models on both sets of targets, their means over all noises, and what the formula says."""
    found: dict[str, float | int] = {"points": len(result.x), "beyond": BEYOND}
    found["slope"] = ((result.x @ result.y) / result.x.square().sum()).item()
    for row, (target, fresh) in enumerate(zip(result.y.tolist(), result.fresh.tolist(), strict=True), 1):
        found |= {f"y_{row}": target, f"fresh_{row}": fresh}
    for (name, hat), size in zip(result.hats.items(), (1, len(result.x)), strict=True):
        fitted, means = hat @ result.y, (result.x + result.noises) @ hat
        found |= {f"fit_{name}_{row}": value for row, value in enumerate(fitted.tolist(), 1)}
        found[f"train_{name}"] = (result.y - fitted).square().mean().item()
        found[f"new_{name}"] = (result.fresh - fitted).square().mean().item()
        found[f"mean_train_{name}"] = (result.x + result.noises - means).square().mean().item()
        found[f"mean_new_{name}"] = (result.x + result.noises[:, None] - means).square().mean().item()
        train, new, _ = ols_errors(1.0, size, len(result.x))
        found |= {f"law_train_{name}": train, f"law_new_{name}": new, f"beyond_{name}": result.beyond[name]}
    return found
