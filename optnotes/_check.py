"""Argument checks shared by all formulas: every failure is a ValueError with name, value and range."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor

Size = int | None


def tensor(name: str, value: object, shape: Sequence[Size] | None = None) -> None:
    """Require a finite, non-empty floating-point tensor; ``None`` in ``shape`` accepts any length."""
    if not isinstance(value, Tensor):
        raise ValueError(f"{name} must be a torch.Tensor, got {type(value).__name__}: {value!r}")
    if not value.is_floating_point():
        raise ValueError(f"{name} must have a floating-point dtype, got {value.dtype}")
    if shape is not None and not _fits(value.shape, shape):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {tuple(value.shape)}")
    if value.numel() == 0:
        raise ValueError(f"{name} must not be empty, got shape {tuple(value.shape)}")
    # Under vmap and grad the values live in the wrapped tensor; a bool() on the wrapper would fail.
    plain = torch.func.debug_unwrap(value)
    # One entry that is not finite leaves no finite sum, and a sum is quicker than a look at every entry.
    if not math.isfinite(plain.detach().sum().item()):
        bad = plain[~torch.isfinite(plain)]
        if bad.numel():
            raise ValueError(f"{name} must be finite, got an entry {bad[0].item()}")


def _fits(actual: Sequence[int], wanted: Sequence[Size]) -> bool:
    return len(actual) == len(wanted) and all(
        want is None or size == want for size, want in zip(actual, wanted, strict=True)
    )


def real(name: str, value: object, interval: str) -> None:
    """Require a finite Python number in ``interval``, written as in a textbook: ``[0, 1)``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number in {interval}, got {type(value).__name__}: {value!r}")
    if not math.isfinite(value) or not _inside(value, interval):
        raise ValueError(f"{name} must be a number in {interval}, got {value!r}")


def integer(name: str, value: object, interval: str) -> None:
    """Require a Python integer in ``interval``."""
    if isinstance(value, bool) or not isinstance(value, int) or not _inside(value, interval):
        raise ValueError(f"{name} must be an integer in {interval}, got {value!r}")


def entries(name: str, value: object, interval: str, shape: Sequence[Size] | None = None) -> None:
    """Require a tensor as :func:`tensor` does, with every entry in ``interval``."""
    tensor(name, value, shape)
    assert isinstance(value, Tensor)
    plain = torch.func.debug_unwrap(value)
    for extreme in (plain.min().item(), plain.max().item()):
        if not _inside(extreme, interval):
            raise ValueError(f"{name} must have entries in {interval}, got an entry {extreme!r}")


def choice(name: str, value: object, allowed: Sequence[object]) -> None:
    """Require one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")


def _inside(value: float, interval: str) -> bool:
    low, high = (float(end) for end in interval[1:-1].split(","))
    above = value >= low if interval[0] == "[" else value > low
    below = value <= high if interval[-1] == "]" else value < high
    return above and below
