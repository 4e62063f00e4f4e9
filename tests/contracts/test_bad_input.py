"""Every bad argument of every formula is a ValueError that names the argument, and the interval of a number."""

import inspect
import math
import re

import pytest
import torch
from torch import Tensor

import optnotes
from tests.formula_docs import ends, kinds
from tests.points import Draw, all_points

FORMULAS = optnotes.formulas()
POINTS = all_points()


def with_entry(value: Tensor, entry: float) -> Tensor:
    """A copy whose first entry is another one."""
    copy = value.clone(memory_format=torch.contiguous_format)
    copy.view(-1)[0] = entry
    return copy


def longer(value: Tensor, axis: int) -> Tensor:
    """The tensor with its first slice along an axis repeated at the end."""
    return torch.cat([value, value.narrow(axis, 0, 1)], axis)


def outside(interval: str, step: float | None = None) -> list[float]:
    """Numbers just outside the finite ends; ``step`` below or above a closed end instead of the nearest number."""
    low, high = ends(interval)
    found = []
    for end, closed, away in ((low, interval[0] == "[", -math.inf), (high, interval[-1] == "]", math.inf)):
        if math.isfinite(end):
            beyond = math.nextafter(end, away) if step is None else end + math.copysign(step, away)
            found.append(beyond if closed else end)
    return found


def bad_tensors(name, of, arguments):
    value = arguments[name]
    for what in (math.nan, math.inf, -math.inf):
        yield f"{what} entry", with_entry(value, what), {name}
    partners = (
        {name} | {other for other in of if of[other].like == name} | ({of[name].like} if of[name].like else set())
    )
    yield "empty", value[:0] if value.ndim else value.new_empty(0), partners | shares(name, of, 0)
    yield "integer dtype", value.long(), {name}
    yield "a list", value.tolist(), {name}
    yield "None", None, {name}
    if sum(kind.base == "Tensor" for kind in of.values()) > 1:
        yield "other dtype", value.float(), {one for one in of if of[one].base == "Tensor"}
    if of[name].interval is not None:
        for entry in outside(of[name].interval):
            yield f"entry {entry}", with_entry(value, entry), {name}
    if of[name].like is not None:
        yield "other shape", value.unsqueeze(0), partners
    if of[name].shape is not None:
        yield "another first dimension", value.unsqueeze(0), {name}
        yield "another last dimension", value.unsqueeze(-1), {name}
        for axis, size in enumerate(of[name].shape):
            others = shares(name, of, axis)
            if others or size.isdigit() or of[name].shape.count(size) > 1:
                yield f"other size {size}", longer(value, axis), partners | others


def shares(name, of, axis):
    """Other arguments that share the size of an axis, or any size."""
    shape = of[name].shape or ()
    mine = set(shape) if axis is None else set(shape[axis : axis + 1])
    return {other for other in of if other != name and (mine & set(of[other].shape or ()) or other in mine)}


def bad_values(name, of, arguments):
    """What, bad value, names of which one must be in the message."""
    value = arguments[name]
    match of[name].base:
        case "Tensor":
            yield from bad_tensors(name, of, arguments)
        case "float":
            bad = (*outside(of[name].interval), math.nan, math.inf, -math.inf, "0.5", True, None, torch.tensor(value))
            yield from ((repr(b), b, {name}) for b in bad)
        case "int":
            bad = (*map(int, outside(of[name].interval, 1)), float(value), value + 0.5, "2", True, None)
            yield from ((repr(b), b, {name}) for b in bad)
        case "callable":
            yield from ((repr(b), b, {name}) for b in (3.0, "relu", None))
        case "list":
            yield from ((repr(b), b, {name}) for b in (3.0, [], None))
            yield "a tensor", value[0], {name}
            yield "nan entry", [with_entry(value[0], math.nan), *value[1:]], {name}
            yield "integer dtype", [value[0].long(), *value[1:]], {name}
        case "bool":
            yield from ((repr(b), b, {name}) for b in (0.5, "yes", None))
        case "str":
            yield from ((repr(b), b, {name}) for b in ("nonsense", 1, None))
        case other:
            raise AssertionError(f"{name}: no bad values known for {other}")


PARAMETERS = [(name, parameter) for name in FORMULAS for parameter in inspect.signature(FORMULAS[name]).parameters]


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_bad_argument_is_refused_by_name(name, parameter):
    function, of = FORMULAS[name], kinds(FORMULAS[name])
    assert of[parameter].base not in ("float", "int") or of[parameter].interval, "the type line has no interval"
    arguments = POINTS[name](Draw(0))
    failures = []
    for what, bad, names in bad_values(parameter, of, arguments):
        try:
            function(**{**arguments, parameter: bad})
        except ValueError as error:
            message = str(error)
            if not any(re.search(rf"\b{one}\b", message) for one in names):
                failures.append(f"{what}: the message names none of {sorted(names)}: {message}")
            interval = of[parameter].interval
            if (of[parameter].base in ("float", "int") or what.startswith("entry")) and interval not in message:
                failures.append(f"{what}: the message lacks {interval}: {message}")
        except Exception as error:
            failures.append(f"{what}: {type(error).__name__}: {error}")
        else:
            failures.append(f"{what}: accepted")
    assert not failures


@pytest.mark.parametrize("name", FORMULAS)
def test_the_point_gives_every_argument_and_is_accepted(name):
    arguments = POINTS[name](Draw(0))
    assert set(arguments) == set(inspect.signature(FORMULAS[name]).parameters)
    FORMULAS[name](**arguments)
