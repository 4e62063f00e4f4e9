"""What the type lines of a formula's docstring say, and how its TeX is read at given arguments."""

import functools
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from optnotes.site.docstrings import Entry, FormulaDoc
from optnotes.site.docstrings import read as read_docstring
from tests.tex.reader import Interval, evaluate, normalise

Formula = Callable[..., Any]
Arguments = Mapping[str, Any]

INTERVAL = re.compile(r"[\[(]\S+, \S+[\])]$")
SHAPE = re.compile(r"Tensor of shape \(([^)]*)\)")
SAME_SHAPE = re.compile(r"Tensors? of the shape of (\w+)")
NAME = re.compile(r"[A-Za-z]\w*$")


@functools.cache
def read(function: Formula) -> FormulaDoc:
    """The parsed docstring."""
    return read_docstring(function)


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


def sizes(function: Formula, arguments: Arguments) -> dict[str, int]:
    """Sizes named in the shapes of the type lines."""
    found: dict[str, int] = {}
    for name, of in kinds(function).items():
        if of.shape is None or not isinstance(arguments.get(name), Tensor):
            continue
        for size, actual in zip(of.shape, arguments[name].shape, strict=True):
            if NAME.match(size) and found.setdefault(size, actual) != actual:
                raise ValueError(f"{function.__name__}: two values for the size {size}")
    return found


def size_symbol(size: str) -> str:
    """TeX of a size: ``n_in`` is spelled with a subscript."""
    head, _, tail = size.partition("_")
    return f"{head}_{{{tail}}}" if tail else head


def bindings(function: Formula, arguments: Arguments) -> dict[str, object]:
    """Symbols of the equation to values; tensors of any shape as one long vector."""
    of = kinds(function)
    bound: dict[str, object] = {size_symbol(name): value for name, value in sizes(function, arguments).items()}
    for entry in read(function).parameters:
        value = arguments.get(entry.name, inspect.signature(function).parameters[entry.name].default)
        if entry.symbol is None or isinstance(value, bool | str) or value is None:
            continue
        if isinstance(value, Tensor) and elementwise(of, entry.name):
            value = value.flatten()
        key = normalise(entry.symbol)
        if key in bound and bound[key] is not value and bound[key] != value:
            raise ValueError(f"{function.__name__}: the symbol {key} has two meanings")
        bound[key] = value
    return bound


def symbols(function: Formula) -> list[str]:
    """Canonical spelling of the returned values' symbols."""
    entries = read(function).returns
    missing = [entry.kind for entry in entries if entry.symbol is None]
    if missing:
        raise ValueError(f"{function.__name__}: a returned value has no symbol: {missing}")
    return [normalise(str(entry.symbol)) for entry in entries]


def tex_values(function: Formula, arguments: Arguments, tex: str | None = None) -> list[Any]:
    """What the equation (or ``tex`` in its place) says the function returns."""
    results = evaluate(read(function).tex if tex is None else tex, bindings(function, arguments))
    values: list[Any] = []
    for symbol in symbols(function):
        if symbol not in results:
            raise ValueError(f"{function.__name__}: the equation has no left side {symbol}, only {sorted(results)}")
        value = results[symbol]
        values += [value.lower, value.upper] if isinstance(value, Interval) else [value]
    return values


def code_values(function: Formula, arguments: Arguments) -> list[Any]:
    """What the function returns, as float64 tensors in the equation's layout."""
    value = function(**arguments)
    flat = elementwise_result(function)
    return [flatten(item, flat) for item in (value if isinstance(value, tuple) else (value,))]


def elementwise_result(function: Formula) -> bool:
    """Whether the function returns tensors of any shape."""
    of, returned = kinds(function), [kind(entry) for entry in read(function).returns]
    return any(r.any_shape or (r.like in of and elementwise(of, str(r.like))) for r in returned)


def flatten(value: Any, flat: bool) -> Any:
    if isinstance(value, list):
        return [flatten(item, flat) for item in value]
    result = torch.as_tensor(value, dtype=torch.float64)
    return result.flatten() if flat and result.ndim != 1 else result


def same(expected: list[Any], actual: list[Any]) -> bool:
    """Whether both sides agree to the default tolerance of float64."""
    if len(expected) != len(actual):
        return False
    try:
        for a, b in zip(expected, actual, strict=True):
            torch.testing.assert_close(a, b if not isinstance(a, list) else list(b))
    except (AssertionError, TypeError):
        return False
    return True
