"""
What clipping makes of a gradient that is not finite, or whose norm is not.

A gradient of three entries with one infinite, one NaN, or three so large that the squares overflow in single
precision, goes through both functions of PyTorch and through the formulas of this site. Prediction: by norm, infinity
becomes NaN and zeros, NaN spreads to every entry, and an overflowing norm silently gives zeros; by value only the
entry itself is affected. Measured: how many entries are NaN, zero and finite afterwards, and who raises an error.
"""

from dataclasses import dataclass
from math import inf, nan

import torch
from torch import Tensor

from optnotes.gradients import clip_by_norm

THRESHOLD = 1.0
GRADIENTS = {"inf": (inf, 2.0, -0.5), "nan": (nan, 2.0, -0.5), "overflow": (1e25, 2e25, -5e24)}


@dataclass(frozen=True)
class Result:
    """Clipped gradients by case, and whether PyTorch with its flag and this site refuse the case."""

    by_norm: dict[str, Tensor]
    by_value: dict[str, Tensor]
    refused: dict[str, tuple[bool, bool]]


def clipped_by_torch(entries: tuple[float, ...], by_norm: bool, strict: bool = False) -> Tensor:
    """Gradient after one of the functions of PyTorch."""
    parameter = torch.nn.Parameter(torch.zeros(len(entries)))
    parameter.grad = torch.tensor(entries)
    if by_norm:
        torch.nn.utils.clip_grad_norm_([parameter], THRESHOLD, error_if_nonfinite=strict)
    else:
        torch.nn.utils.clip_grad_value_([parameter], THRESHOLD)
    return parameter.grad


def refuses_torch(entries: tuple[float, ...]) -> bool:
    """Whether PyTorch raises an error when asked to."""
    try:
        clipped_by_torch(entries, by_norm=True, strict=True)
    except RuntimeError:
        return True
    return False


def refuses_site(entries: tuple[float, ...]) -> bool:
    """Whether the formula of this site raises an error."""
    try:
        clip_by_norm(torch.tensor(entries), THRESHOLD)
    except ValueError:
        return True
    return False


def compute() -> Result:
    """Clip every case both ways, and try the strict functions."""
    cases = GRADIENTS.items()
    return Result(
        {case: clipped_by_torch(entries, by_norm=True) for case, entries in cases},
        {case: clipped_by_torch(entries, by_norm=False) for case, entries in cases},
        {case: (refuses_torch(entries), refuses_site(entries)) for case, entries in cases},
    )


def numbers(result: Result) -> dict[str, float | int]:
    """Counts of NaN and zero entries after each operation; one where an error is raised."""
    found: dict[str, float | int] = {"entries": 3, "threshold": THRESHOLD}
    for case in GRADIENTS:
        for name, clipped in (("norm", result.by_norm[case]), ("value", result.by_value[case])):
            found[f"{case}_{name}_nan"] = int(clipped.isnan().sum())
            found[f"{case}_{name}_zero"] = int((clipped == 0).sum())
        found[f"{case}_refused_torch"], found[f"{case}_refused_site"] = map(int, result.refused[case])
    return found
