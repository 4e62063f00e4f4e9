"""Numerical helpers shared by the formulas: limits, norms, and the check of a probability vector."""

import math

import torch
from torch import Tensor

from optnotes import _check


# torch.clamp lets the slope through where a limit begins in torch 2.13, and no longer in 2.15.
def at_least(x: Tensor, low: float) -> Tensor:
    """Elements of ``x``, ``low`` in place of smaller ones."""
    return torch.where(x < low, low, x)


def at_most(x: Tensor, high: float) -> Tensor:
    """Elements of ``x``, ``high`` in place of larger ones."""
    return torch.where(x > high, high, x)


def norm(x: Tensor, dim: int | None = None) -> Tensor:
    """Euclidean norm over one dimension or over all."""
    # The largest entry is taken out first; its gradient would cancel.
    peak = x.detach().abs().amax(() if dim is None else dim, keepdim=True).clamp(min=torch.finfo(x.dtype).tiny)
    return peak * torch.linalg.vector_norm(x / peak, dim=dim, keepdim=True)


def root_mean_square(x: Tensor, dim: int, eps: float) -> Tensor:
    """Root of the mean square plus ``eps``."""
    mean = norm(x, dim) / math.sqrt(x.shape[dim])
    return torch.hypot(mean, torch.full_like(mean, math.sqrt(eps)))


def distribution(name: str, value: Tensor, shape: torch.Size, like: Tensor | None = None) -> None:
    """Require a tensor with entries in [0, 1] that sum to one."""
    _check.entries(name, value, "[0, 1]", shape, like)
    # Summed before it is unwrapped, so that vmap over any dimension sees each vector on its own.
    totals = torch.func.debug_unwrap(value.sum()).detach()
    error = (totals - 1).abs()
    if not bool((error <= 1e-5).all()):
        raise ValueError(f"{name} must sum to 1, got a sum of {totals.flatten()[error.argmax()].item()!r}")
