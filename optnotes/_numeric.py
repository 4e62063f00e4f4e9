"""Numerical helpers shared by the formulas: limits, norms, and the sum of a probability vector."""

import math

import torch
from torch import Tensor

from optnotes import _check


# The slope of torch.clamp where a limit begins is another one in torch 2.13 than in 2.15.
def at_least(x: Tensor, low: float) -> Tensor:
    """Elements of ``x``, ``low`` in place of smaller ones; the slope at ``low`` is zero."""
    return torch.nn.functional.threshold(x, low, low)


def up_to(x: Tensor, high: float) -> Tensor:
    """Elements of ``x``, ``high`` in place of larger ones; the slope at ``high`` is one, where two forms meet."""
    return torch.where(x > high, high, x)


def norm(x: Tensor, dim: int | None = None) -> Tensor:
    """Euclidean norm over one dimension or over all."""
    squares = x.square().sum(dim, keepdim=True)
    if _held(squares):
        return torch.sqrt(squares)
    # The largest entry is taken out first; its gradient would cancel.
    peak = _peak(x, dim).clamp(min=torch.finfo(x.dtype).tiny)
    squares = (x / peak).square().sum(dim, keepdim=True)
    # A root has no slope at zero; here it has the slope zero, in every derivative.
    zero = squares == 0
    return peak * torch.where(zero, 0, torch.sqrt(torch.where(zero, 1, squares)))


def over_root_mean_square(x: Tensor, dim: int, eps: float) -> tuple[Tensor, Tensor]:
    """Elements of ``x`` over the root of their mean square plus ``eps``, and that root."""
    squares = x.square().mean(dim, keepdim=True) + eps
    if _held(squares):
        root = torch.sqrt(squares)
    else:
        unit = _peak(x, dim).clamp(min=math.sqrt(eps))
        root = unit * torch.sqrt((x / unit).square().mean(dim, keepdim=True) + (math.sqrt(eps) / unit) ** 2)
    return x / root, root


def _peak(x: Tensor, dim: int | None) -> Tensor:
    values, over = x.detach(), () if dim is None else dim
    return torch.maximum(values.amax(over, keepdim=True), -values.amin(over, keepdim=True))


def _held(squares: Tensor) -> bool:
    # Whether squares, and what derivatives make of them, keep their digits in the range of their dtype.
    if _check.traced():
        return False
    dtype = torch.finfo(squares.dtype)
    low, high = torch.aminmax(torch.func.debug_unwrap(squares).detach())
    return dtype.tiny / dtype.eps < low.item() and high.item() < dtype.eps / dtype.tiny


def distribution(name: str, value: Tensor) -> None:
    """Require entries that sum to one."""
    # Summed before it is unwrapped, so that vmap over any dimension sees each vector on its own.
    totals = torch.func.debug_unwrap(value.sum()).detach()
    error = (totals - 1).abs()
    if not bool((error <= 1e-5).all()):
        raise ValueError(f"{name} must sum to 1, got a sum of {totals.flatten()[error.argmax()].item()!r}")
