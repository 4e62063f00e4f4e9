"""Euclidean norms whose squares neither overflow nor underflow; reduced dimensions keep the size one."""

import math

import torch
from torch import Tensor


def norm(x: Tensor, dim: int | None = None) -> Tensor:
    """Euclidean norm over one dimension or over all."""
    # The largest entry is taken out first; its gradient would cancel.
    peak = x.detach().abs().amax(() if dim is None else dim, keepdim=True).clamp(min=torch.finfo(x.dtype).tiny)
    return peak * torch.linalg.vector_norm(x / peak, dim=dim, keepdim=True)


def root_mean_square(x: Tensor, dim: int, eps: float) -> Tensor:
    """Root of the mean square plus ``eps``."""
    mean = norm(x, dim) / math.sqrt(x.shape[dim])
    return torch.hypot(mean, torch.full_like(mean, math.sqrt(eps)))
