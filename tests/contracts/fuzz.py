"""Arguments for formulas, as hypothesis strategies: ones that nobody would pass on purpose, and moderate ones."""

import math
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch
from hypothesis import strategies as st
from torch import Tensor

from tests.formula_docs import ends, inside
from tests.points import Draw

ODD_NUMBERS = (0, 1, -1, 2, 10**12, 2**53 + 1, 10**400, -(10**400), 10**5000, 1e-320, 1e-80, 1e80, 1e308, -1e308)
ODD_OBJECTS = (None, True, "", "0.5", b"1", 1j, Ellipsis, object(), float, range(3), slice(None), Fraction(1, 2))
ODD_OBJECTS += (Decimal("0.5"), np.float64(0.5), np.int64(3), np.ones(3), [], {}, (), [[1.0]], {"a": 1}, iter([1]))
ODD_DTYPES = (torch.bool, torch.uint8, torch.int64, torch.float16, torch.bfloat16, torch.float32)
ODD_DTYPES += (torch.complex128, torch.float8_e4m3fn)
ENTRIES = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-320, 1e-160, 1e-20, 1e20, 1e160, 1.7e308, -1.7e308, math.inf, math.nan)


class HangError(Exception):
    """A formula that has not returned in time."""


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise :class:`HangError` in the block after ``seconds``; where the system has no timer, wait."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise HangError(f"not back after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def odd_layouts(shape: torch.Size) -> list[Tensor]:
    """Tensors of a shape that are not plain memory with values."""
    plain = torch.linspace(0.1, 0.9, max(1, shape.numel()), dtype=torch.float64)[: shape.numel()].reshape(shape)
    found = [plain.to_sparse(), torch.empty(shape, dtype=plain.dtype, device="meta"), torch.nn.Parameter(plain.clone())]
    if shape:
        found.append(plain[..., :1].expand(shape))
        found.append(plain.mT if plain.ndim > 1 else plain.flip(0))
    if plain.ndim == 2:
        found.append(plain.to_sparse_coo())
    return found


@st.composite
def odd_tensors(draw, shape: torch.Size) -> Tensor:
    """Tensors with a wrong shape, dtype, layout, or with extreme entries."""
    kind = draw(st.sampled_from(["entries", "one entry", "dtype", "shape", "layout"]))
    if kind == "layout":
        return draw(st.sampled_from(odd_layouts(shape)))
    value = Draw(draw(st.integers(0, 99))).normal(*shape)
    if kind == "entries":
        entry = draw(st.sampled_from(ENTRIES))
        return torch.full_like(value, entry) if draw(st.booleans()) else value * entry
    if kind == "one entry" and value.numel():
        value.view(-1)[0] = draw(st.sampled_from(ENTRIES) | st.floats())
    if kind == "dtype":
        return value.abs().to(torch.float32).to(draw(st.sampled_from(ODD_DTYPES)))
    if kind == "shape":
        return torch.full(draw(st.lists(st.integers(0, 4), max_size=4)), 0.5, dtype=torch.float64)
    return value


def odd(value: object) -> st.SearchStrategy[object]:
    """Anything in place of an argument that works."""
    if isinstance(value, Tensor):
        own: st.SearchStrategy[object] = odd_tensors(value.shape)
    elif isinstance(value, list):
        own = st.lists(odd_tensors(value[0].shape), max_size=3) | st.sampled_from([value[:1], value * 2, tuple(value)])
    elif callable(value):
        own = st.sampled_from([lambda z: None, lambda z: z[:0], lambda z: z * math.nan, lambda z: z.long(), torch.sum])
    else:
        own = st.floats() | st.integers()
    return own | st.sampled_from(ODD_NUMBERS) | st.sampled_from(ODD_OBJECTS) | odd_tensors(torch.Size([2]))


@st.composite
def within(draw, interval: str) -> float:
    """A moderate number in an interval, its ends included where they belong to it."""
    low, high = ends(interval)
    numbers = st.floats(max(low, -1e3), min(high, 1e3), allow_subnormal=False)
    return draw(numbers.filter(lambda x: inside(x, interval) and (abs(x) > 1e-6 or not x)))


def parts(value: object) -> list[Tensor]:
    """All floating-point numbers of a result, as tensors."""
    if isinstance(value, list | tuple):
        return [part for item in value for part in parts(item)]
    return [value] if isinstance(value, Tensor) else [torch.tensor(value, dtype=torch.float64)]
