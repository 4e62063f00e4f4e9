"""The contract of every formula: its type lines are its checks, and no result is undefined."""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import torch
from torch import Tensor

from optnotes import _check, _numeric
from optnotes._precision import full_precision
from optnotes._typelines import Kind, ends, kinds, with_imports

P = ParamSpec("P")
R = TypeVar("R")
Given = dict[str, Any]
# Requires what a type line says of a value, beside the other arguments, the sizes they have named, and while torch
# records a graph or not.
Check = Callable[[Any, Given, dict[str, int], bool], None]

# Every dtype holds numbers up to here.
HELD = torch.finfo(torch.float16).max


def formula(function: Callable[P, R]) -> Callable[P, R]:
    """Check arguments as the type lines say, compute in their precision, and refuse a result that is undefined."""
    of = kinds(function)
    function.__doc__ = with_imports(function)
    names, order = tuple(of), _order(of)
    first = next((name for name in order if of[name].base == "Tensor"), "")
    checks = [(name, _check_of(name, of[name], first)) for name in order]

    @functools.wraps(function)
    def checked(*args: P.args, **kwargs: P.kwargs) -> R:
        # An argument too much or too few is left to Python, which says so when it calls the function.
        given: Given = dict(zip(names, args))  # noqa: B905, a keyword would take as long as a check
        given |= kwargs
        sizes: dict[str, int] = {}
        traced = bool(first) and _check.traced()
        for name, check in checks:
            if name in given:
                check(given[name], given, sizes, traced)
        if first in given and _autocast(given[first]):
            with full_precision(given[first]):
                result = function(*args, **kwargs)
        else:
            result = function(*args, **kwargs)
        if first and not traced:
            _check.defined(result)
        return result

    return checked


def _autocast(like: Tensor) -> bool:
    if like.is_cpu:
        return torch.is_autocast_enabled("cpu")
    return torch.amp.is_autocast_available(like.device.type) and torch.is_autocast_enabled(like.device.type)


def _order(of: dict[str, Kind]) -> list[str]:
    # As they are listed, but each after the one whose shape it has.
    found: list[str] = []
    for name, kind in of.items():
        found += [other for other in (kind.like, name) if other is not None and other not in found]
    return found


def _check_of(name: str, kind: Kind, first: str) -> Check:
    if kind.base == "Tensor":
        return _check_of_tensor(name, kind, first)
    if kind.base == "callable":
        return lambda value, given, sizes, traced: _check.function(name, value)
    return _check_of_number(name, kind)


def _check_of_number(name: str, kind: Kind) -> Check:
    assert kind.interval is not None
    interval, dtype = kind.interval, kind.dtype or ""
    base, required = (int, _check.integer) if kind.base == "int" else (float, _check.real)
    low, high = ends(interval)
    low, high = max(low, -HELD), min(high, HELD)

    def check(value: Any, given: Given, sizes: dict[str, int], traced: bool) -> None:
        if type(value) is not base or not low < value < high:  # the rest is asked only of what is unusual
            required(name, value, interval, given.get(dtype))

    return check


def _check_of_tensor(name: str, kind: Kind, neighbour: str) -> Check:
    shape, like, interval = kind.shape, kind.like, kind.interval
    fixed = {size: int(size) for size in shape or () if size.isdigit()}

    def check(value: Any, given: Given, sizes: dict[str, int], traced: bool) -> None:
        if shape is not None:
            sizes |= fixed
            _check.form(name, value, tuple([sizes.get(size) for size in shape]), given.get(neighbour))
            for size, length in zip(shape, value.shape, strict=True):
                if sizes.setdefault(size, length) != length:  # the shape names a size twice
                    _check.form(name, value, [sizes[size] for size in shape])
        else:
            _check.form(name, value, given[like].shape if like in given else None, given.get(neighbour))
        if kind.decomposed:
            _check.decomposable(name, value)
        if traced:
            return
        if interval is None:
            _check.finite(name, value)
        else:
            _check.within(name, value, interval)
        if kind.total:
            _numeric.distribution(name, value)

    return check
