"""Limits that let the slope through where they begin: torch.clamp does so in torch 2.13, and no longer in 2.15."""

import torch
from torch import Tensor


def at_least(x: Tensor, low: float) -> Tensor:
    """Elements of ``x``, ``low`` in place of smaller ones."""
    return torch.where(x < low, low, x)


def at_most(x: Tensor, high: float) -> Tensor:
    """Elements of ``x``, ``high`` in place of larger ones."""
    return torch.where(x > high, high, x)
