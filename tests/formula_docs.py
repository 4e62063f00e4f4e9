"""What the type lines of a formula's docstring say, and how its TeX is read at given arguments."""

import functools
import inspect
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from optnotes.site.formulas.typelines import (
    Formula,
    Kind,
    elementwise,
    elementwise_result,
    ends,
    inside,
    kind,
    kinds,
    size_symbol,
)
from optnotes.site.words.docstrings import FormulaDoc
from optnotes.site.words.docstrings import read as read_docstring
from tests.tex.reader import Interval, evaluate, normalise

__all__ = ["Formula", "Kind", "elementwise", "ends", "inside", "kind", "kinds"]

Arguments = Mapping[str, Any]

NAME = re.compile(r"[A-Za-z]\w*$")


@functools.cache
def read(function: Formula) -> FormulaDoc:
    """The parsed docstring."""
    return read_docstring(function)


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
