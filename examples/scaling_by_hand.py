"""
Feature scaling with a pencil: one column, and descent in a valley before scaling and after.

The column is 2, 4, 4, 10; then 13 arrives. The valley belongs to two centred features that share no example, one plus
and minus one, the other plus and minus four: its curvatures are their mean squares.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.descent import best_rate, best_step, condition_number, gd_iterations, gd_quadratic_step
from optnotes.features import fit_minmax, fit_standardizer, least_squares_hessian, minmax, standardize

NEW, TOLERANCE = 13.0, 1e-6


@dataclass(frozen=True)
class Result:
    """The column, and the design of the valley."""

    column: Tensor
    X: Tensor


def compute() -> Result:
    """Write the numbers down."""
    column = torch.tensor([[2.0], [4.0], [4.0], [10.0]], dtype=torch.float64)
    X = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 4.0], [0.0, -4.0]], dtype=torch.float64)
    return Result(column, X)


def numbers(result: Result) -> dict[str, float | int]:
    """Both scalings of the column and the new value; curvatures, best step, factor and steps of the valley."""
    mu, s = fit_standardizer(result.column)
    lower, upper = fit_minmax(result.column)
    new = torch.tensor([[NEW]], dtype=torch.float64)
    found: dict[str, float | int] = {"mu": mu.item(), "s": s.item(), "new": NEW}
    for index, value in enumerate(standardize(result.column, mu, s)[[0, 1, 3], 0].tolist(), 1):
        found[f"z_{index}"] = value
    for index, value in enumerate(minmax(result.column, lower, upper, 0.0, 1.0)[[0, 1, 3], 0].tolist(), 1):
        found[f"m_{index}"] = value
    found["z_new"] = standardize(new, mu, s).item()
    found["m_new"] = minmax(new, lower, upper, 0.0, 1.0).item()
    H = least_squares_hessian(result.X)
    kappa, step = condition_number(H), best_step(H)
    after = gd_quadratic_step(torch.ones(2).double(), H, torch.zeros(2).double(), step.item())
    found |= {"flat": H[0, 0].item(), "steep": H[1, 1].item(), "kappa": kappa.item(), "step": step.item()}
    found |= {"factor_flat": after[0].item(), "factor_steep": after[1].item(), "rate": best_rate(kappa.item())}
    found["steps"] = math.ceil(gd_iterations(kappa.item(), TOLERANCE))
    found["kappa_scaled"] = condition_number(
        least_squares_hessian(standardize(result.X, *fit_standardizer(result.X)))
    ).item()
    return found
