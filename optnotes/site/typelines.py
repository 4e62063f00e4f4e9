"""What the type lines of a formula's docstring say: kinds, intervals and shapes of its arguments and results."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from optnotes.site.docstrings import Entry, read

Formula = Callable[..., Any]

INTERVAL = re.compile(r"[\[(]\S+, \S+[\])]$")
SHAPE = re.compile(r"Tensor of shape \(([^)]*)\)")
SAME_SHAPE = re.compile(r"Tensors? of the shape of (\w+)")


@dataclass(frozen=True)
class Kind:
    """A parsed type line."""

    base: str  # Tensor, float, int, callable, bool, list, str
    interval: str | None = None
    shape: tuple[str, ...] | None = None
    like: str | None = None
    any_shape: bool = False


def kind(entry: Entry) -> Kind:
    """The type line of a parameter or a returned value."""
    text = entry.kind.strip() or entry.name.strip()
    interval = INTERVAL.search(text) if re.search(r"\b(in|entries in) [\[(]", text) else None
    shape, like = SHAPE.search(text), SAME_SHAPE.search(text)
    base = text.split()[0]
    if base not in ("Tensor", "float", "int", "callable", "bool", "list", "str", "tuple"):
        raise ValueError(f"unknown type line: {text!r}")
    return Kind(
        base=base,
        interval=interval[0] if interval else None,
        shape=tuple(size.strip() for size in shape[1].split(",") if size.strip()) if shape else None,
        like=like[1] if like else None,
        any_shape="of any shape" in text,
    )


@functools.cache
def kinds(function: Formula) -> dict[str, Kind]:
    """Parameter name to parsed type line; the names are those of the signature."""
    found = {entry.name: kind(entry) for entry in read(function).parameters}
    if list(found) != list(inspect.signature(function).parameters):
        raise ValueError(f"{function.__name__}: the documented parameters are not those of the signature")
    return found


def ends(interval: str) -> tuple[float, float]:
    """Both ends of an interval such as ``[0, inf)``."""
    low, high = (float(end) for end in interval[1:-1].split(","))
    return low, high


def inside(value: float, interval: str) -> bool:
    """Whether a number lies in an interval."""
    low, high = ends(interval)
    above = value >= low if interval[0] == "[" else value > low
    below = value <= high if interval[-1] == "]" else value < high
    return above and below


def elementwise(kinds_: Mapping[str, Kind], name: str) -> bool:
    """Whether a parameter has any shape, or the shape of one that has."""
    of = kinds_[name]
    return of.any_shape or (of.like in kinds_ and of.like != name and elementwise(kinds_, str(of.like)))


def size_symbol(size: str) -> str:
    """TeX of a size: ``n_in`` is spelled with a subscript."""
    head, _, tail = size.partition("_")
    return f"{head}_{{{tail}}}" if tail else head


def elementwise_result(function: Formula) -> bool:
    """Whether the function returns tensors of any shape."""
    of, returned = kinds(function), [kind(entry) for entry in read(function).returns]
    return any(r.any_shape or (r.like in of and elementwise(of, str(r.like))) for r in returned)
