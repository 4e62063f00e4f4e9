"""Check of probability vectors, shared by the formulas that take one."""

import torch
from torch import Tensor

from optnotes import _check


def distribution(name: str, value: Tensor, shape: torch.Size, like: Tensor | None = None) -> None:
    """Require a tensor with entries in [0, 1] that sum to one."""
    _check.entries(name, value, "[0, 1]", shape, like)
    if _check.traced():
        return
    # Summed before it is unwrapped, so that vmap over any dimension sees each vector on its own.
    totals = torch.func.debug_unwrap(value.sum()).detach()
    error = (totals - 1).abs()
    if not bool((error <= 1e-5).all()):
        raise ValueError(f"{name} must sum to 1, got a sum of {totals.flatten()[error.argmax()].item()!r}")
