"""Euclidean norms whose squares neither overflow nor underflow; reduced dimensions keep the size one."""

import math

import torch
from torch import Tensor


def norm(x: Tensor, dim: int | None = None) -> Tensor:
    """Euclidean norm over one dimension or over all."""
    # The largest entry is taken out first; its gradient would cancel.
    peak = x.detach().abs().amax(() if dim is None else dim, keepdim=True).clamp(min=torch.finfo(x.dtype).tiny)
    squares = (x / peak).square().sum(dim, keepdim=True)
    # A root has no slope at zero; here it has the slope zero, in every derivative.
    zero = squares == 0
    return peak * torch.where(zero, 0, torch.sqrt(torch.where(zero, 1, squares)))


def root_mean_square(x: Tensor, dim: int, eps: float) -> Tensor:
    """Root of the mean square plus ``eps``."""
    unit = x.detach().abs().amax(dim, keepdim=True).clamp(min=math.sqrt(eps))
    return unit * torch.sqrt((x / unit).square().mean(dim, keepdim=True) + (math.sqrt(eps) / unit) ** 2)
