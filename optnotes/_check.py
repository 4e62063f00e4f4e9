"""Argument checks shared by all formulas: every failure is a ValueError with name, value and range."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import get_proxy_mode

from optnotes._typelines import inside

Size = int | None

# The smaller floating-point dtypes of torch store numbers, but have no arithmetic.
DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
# A double holds every integer up to here; beyond, a count would silently become another one.
LARGEST = 2**53
# Squares and products of two squares of numbers up to here are still doubles.
FAR = 1e75
FEW = 32


def traced() -> bool:
    """Whether torch records a graph: types and shapes are checked, but no value of a tensor is there to look at."""
    return torch.compiler.is_compiling() or get_proxy_mode() is not None


def tensor(name: str, value: object, shape: Sequence[Size] | None = None, like: Tensor | None = None) -> None:
    """Require a finite, non-empty floating-point tensor, of the dtype of ``like``; a size ``None`` is any length."""
    form(name, value, shape, like)
    if not traced():
        assert isinstance(value, Tensor)
        finite(name, value)


def form(name: str, value: object, shape: Sequence[Size] | None = None, like: Tensor | None = None) -> None:
    """Require all that :func:`tensor` does of a tensor but that it is finite."""
    if not isinstance(value, Tensor):
        raise ValueError(f"{name} must be a torch.Tensor, got {type(value).__name__}: {value!r}")
    if value.dtype not in DTYPES:
        raise ValueError(f"{name} must have a floating-point dtype with arithmetic, got {value.dtype}")
    if value.layout != torch.strided or value.is_nested or value.is_meta:
        raise ValueError(f"{name} must be a dense tensor that holds its values, got one with layout {value.layout}")
    if like is not None and (value.dtype != like.dtype or value.device != like.device):
        raise ValueError(
            f"{name} must be {like.dtype} on {like.device} as its neighbours, got {value.dtype} on {value.device}"
        )
    if shape is not None and value.shape != shape and not _fits(value.shape, shape):
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise ValueError(f"{name} must have shape ({wanted}), got {tuple(value.shape)}")
    if value.numel() == 0:
        raise ValueError(f"{name} must not be empty, got shape {tuple(value.shape)}")


def finite(name: str, value: Tensor) -> None:
    """Require finite entries."""
    plain = _plain(value)
    if not math.isfinite(_total(plain)):
        bad = plain[~torch.isfinite(plain)]
        if bad.numel():
            raise ValueError(f"{name} must be finite, got an entry {bad[0].item()}")


def _plain(value: Tensor) -> Tensor:
    # Under vmap and grad the values live in the wrapped tensor; a bool() on the wrapper would fail.
    return torch.func.debug_unwrap(value)


def _total(values: Tensor) -> float:
    # One entry that is not finite leaves no finite sum, and a sum is quicker than a look at every entry. Python adds
    # a few numbers in a quarter of the time of torch.
    if values.numel() <= FEW and values.ndim < 3:
        found: Any = values.tolist()
        return float(found if values.ndim == 0 else sum(found) if values.ndim == 1 else sum(map(sum, found)))
    return values.sum().item()


def rows(name: str, value: Tensor, least: int) -> None:
    """Require a tensor with at least so many rows."""
    if value.shape[0] < least:
        raise ValueError(f"{name} must have at least {least} rows, got shape {tuple(value.shape)}")


def function(name: str, value: object) -> None:
    """Require something that can be called."""
    if not callable(value):
        raise ValueError(f"{name} must be callable, got {type(value).__name__}: {value!r}")


def values(name: str, function: Callable[[Tensor], Tensor], z: Tensor) -> Tensor:
    """Return ``function(z)``, required to be as ``z`` is: one value for each entry."""
    found = function(z)
    tensor(f"{name}(z)", found, z.shape, like=z)
    return found


def _fits(actual: Sequence[int], wanted: Sequence[Size]) -> bool:
    if len(actual) != len(wanted):
        return False
    return all(want is None or size == want for size, want in zip(actual, wanted, strict=True))


def real(name: str, value: object, interval: str, like: Tensor | None = None) -> None:
    """Require a finite Python number in ``interval``, written as in a textbook, ``[0, 1)``, that ``like`` can hold."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} must be a number in {interval}, got {type(value).__name__}: {value!r}")
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ValueError(f"{name} must be a number in {interval}, got an integer of {value.bit_length()} bits")
    if not math.isfinite(value) or not inside(value, interval):
        raise ValueError(f"{name} must be a number in {interval}, got {value!r}")
    if abs(value) > FAR:
        raise ValueError(f"{name} must be a number in {interval}, of at most 1e75, got {value!r}")
    _held(name, value, like)


def integer(name: str, value: object, interval: str, like: Tensor | None = None) -> None:
    """Require a Python integer in ``interval`` that ``like`` can hold."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be an integer in {interval}, got {type(value).__name__}: {value!r}")
    if abs(value) > LARGEST:
        raise ValueError(f"{name} must be an integer in {interval}, at most 2**53, got {value.bit_length()} bits")
    if not inside(value, interval):
        raise ValueError(f"{name} must be an integer in {interval}, got {value!r}")
    _held(name, value, like)


def entries(name: str, value: Tensor, interval: str) -> None:
    """Require finite entries in ``interval`` of what a formula computes on its way; nothing while torch traces."""
    if not traced():
        within(name, value, interval)


def within(name: str, value: Tensor, interval: str) -> None:
    """Require finite entries in ``interval``."""
    finite(name, value)
    for extreme in torch.aminmax(_plain(value)):
        if not inside(extreme.item(), interval):
            raise ValueError(f"{name} must have entries in {interval}, got an entry {extreme.item()!r}")


def decomposable(name: str, value: Tensor) -> None:
    """Require a dtype for which torch has eigenvalues, norms of matrices and solvers."""
    if value.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"{name} must be torch.float32 or torch.float64, got {value.dtype}")


def defined(result: object) -> None:
    """Require that overflow has made no entry undefined, such as the difference of two infinities."""
    for part in result if isinstance(result, tuple) else (result,):
        if isinstance(part, Tensor):
            plain = _plain(part)
            if not math.isfinite(_total(plain)) and bool(torch.isnan(plain).any()):
                raise ValueError(
                    f"the arguments are too large or too small for {part.dtype}: the result is not a number"
                )


def _held(name: str, value: float, like: Tensor | None) -> None:
    if like is not None and abs(value) > (largest := torch.finfo(like.dtype).max):
        raise ValueError(f"{name} must be at most {largest:g} for {like.dtype}, got {value!r}")
