"""Tensors for the TeX reader (an ``Algebra`` as a module): the products, powers and norms between them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from optnotes.site.tex.algebra import Interval, NoMeaningError, Value
from optnotes.site.tex.tokens import TexError, TexMismatch, Token

# A value is a Tensor, Row, Eye, Ones, Interval, list of them, or a function.


@dataclass(frozen=True)
class Row:
    """A transposed vector; ``repeated`` marks the matrix whose rows all equal it."""

    entries: Tensor
    repeated: bool = False


@dataclass(frozen=True)
class Eye:
    """A multiple of the identity, of the size of the matrix it meets."""

    scale: Tensor


@dataclass(frozen=True)
class Ones:
    """A multiple of the vector of ones, of the size of what it meets."""

    scale: Tensor
    row: bool = False


def bound(name: str, value: object) -> Value:
    """What a given symbol stands for."""
    if isinstance(value, Tensor):
        return value.double()
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, list | tuple):
        return [bound(name, item) for item in value]
    if callable(value):
        return value
    raise TexError(f"'{name}' cannot be bound to {value!r}")


def named(value: Value) -> Value:
    return value


def constant(name: str) -> Value:
    return {"\\pi": number(math.pi), "e": number(math.e), "I": Eye(number(1.0)), "1": Ones(number(1.0))}[name]


def length(value: Value, axis: int) -> int:
    if not isinstance(value, Tensor) or axis >= value.ndim:
        raise TexError(f"a {kind(value)} has no index number {axis + 1}")
    return value.shape[axis]


def number(value: float) -> Tensor:
    return torch.tensor(value, dtype=torch.float64)


def integer(value: Value) -> int:
    """The integer held by a scalar."""
    if not isinstance(value, Tensor) or value.ndim or value.item() != round(value.item()):
        raise NoMeaningError(f"an index must be an integer, not {value!r}")
    return int(value.item())


def kind(value: Value) -> str:
    """What a value is, in one word."""
    if isinstance(value, Tensor):
        return ("scalar", "vector", "matrix")[value.ndim] if value.ndim < 3 else "array"
    return {Ones: "ones", Row: "row", Eye: "identity", Interval: "interval", list: "list"}.get(type(value), "function")


def _mismatch(what: str, *values: Value) -> NoMeaningError:
    shapes = ", ".join(f"{kind(v)} {tuple(v.shape)}" if isinstance(v, Tensor) else kind(v) for v in values)
    return NoMeaningError(f"{what} of {shapes} has no agreed meaning")


def add(a: Value, b: Value) -> Value:
    """Sum of equal shapes; a scalar is added to every entry of a vector, but to no matrix."""
    match kind(a), kind(b):
        case ("identity", "identity") | ("ones", "ones"):
            return type(a)(a.scale + b.scale)
        case ("row", "row"):
            return Row(a.entries + b.entries)
        case ("matrix", "identity"):
            return a + b.scale * torch.eye(len(a), dtype=a.dtype)
        case ("matrix", "row") if b.repeated:
            return a + b.entries
        case ("vector", "ones"):
            return a + b.scale
        case ("identity" | "ones" | "row", "matrix" | "vector"):
            return add(b, a)
        case ("scalar", "scalar" | "vector") | ("vector", "scalar"):
            return a + b
        case (one, other) if one == other and isinstance(a, Tensor) and a.shape == b.shape:
            return a + b
    raise _mismatch("the sum", a, b)


def negate(a: Value) -> Value:
    return multiply(number(-1.0), a)


def multiply(a: Value, b: Value) -> Value:
    """Product by the rules of linear algebra; two vectors side by side are multiplied entry by entry."""
    match kind(a), kind(b):
        case ("scalar", "identity" | "ones"):
            return type(b)(a * b.scale)
        case ("scalar", "row"):
            return Row(a * b.entries, b.repeated)
        case ("identity" | "ones" | "row", "scalar"):
            return multiply(b, a)
        case ("identity", _):
            return multiply(a.scale, b)
        case (_, "identity"):
            return multiply(b.scale, a)
        case ("ones", "row") if not a.row:
            return Row(a.scale * b.entries, repeated=True)
        case ("ones", "vector") if a.row:
            return a.scale * b.sum()
        case ("ones", "matrix") if a.row:
            return Row(a.scale * b.sum(0))
        case ("row", "ones") if not b.row:
            return b.scale * a.entries.sum()
        case ("matrix", "ones") if not b.row:
            return b.scale * a.sum(1)
        case ("row", "vector") if len(a.entries) == len(b):
            return a.entries @ b
        case ("row", "matrix") if len(a.entries) == len(b):
            return Row(a.entries @ b)
        case ("vector", "row"):
            return torch.outer(a, b.entries)
        case ("matrix", "vector" | "matrix") if a.shape[1] == b.shape[0]:
            return a @ b
        case ("vector", "vector") if a.shape == b.shape:
            return a * b
        case ("scalar", _) | (_, "scalar") if isinstance(a, Tensor) and isinstance(b, Tensor):
            return a * b
    raise _mismatch("the product", a, b)


def dot_multiply(a: Value, b: Value) -> Value:
    """Product written with a dot: as side by side, except that two vectors would be ambiguous."""
    if kind(a) == kind(b) == "vector":
        raise _mismatch("the product by a dot", a, b)
    return multiply(a, b)


def hadamard(a: Value, b: Value) -> Value:
    """Entry-by-entry product of equal shapes."""
    if not isinstance(a, Tensor) or not isinstance(b, Tensor) or a.shape != b.shape:
        raise _mismatch("the entry-by-entry product", a, b)
    return a * b


def divide(a: Value, b: Value) -> Value:
    """Quotient by a scalar, or of a scalar or vector by a vector, entry by entry."""
    if kind(b) == "scalar":
        return multiply(1 / b, a) if not isinstance(a, Tensor) else a / b
    if kind(b) == "vector" and kind(a) in ("scalar", "vector") and a.shape in ((), b.shape):
        return a / b
    raise _mismatch("the quotient", a, b)


def power(a: Value, exponent: Value) -> Value:
    """Power of a scalar, of the entries of a vector, or of a square matrix (fractions: symmetric ones only)."""
    if kind(exponent) not in ("scalar", "vector") or kind(a) not in ("scalar", "vector", "matrix"):
        raise _mismatch("the power", a, exponent)
    if kind(a) != "matrix":
        if kind(a) == kind(exponent) == "vector" and a.shape != exponent.shape:
            raise _mismatch("the power", a, exponent)
        return a**exponent
    if kind(exponent) != "scalar" or a.shape[0] != a.shape[1]:
        raise _mismatch("the power", a, exponent)
    if exponent.item() == round(exponent.item()):
        return torch.linalg.matrix_power(a, int(exponent.item()))
    if not torch.allclose(a, a.T):
        raise NoMeaningError("a fractional power needs a symmetric matrix")
    values, vectors = torch.linalg.eigh(a)
    return (vectors * values**exponent) @ vectors.T


def transpose(a: Value) -> Value:
    match kind(a):
        case "matrix":
            return a.T
        case "vector":
            return Row(a)
        case "row" if not a.repeated:
            return a.entries
        case "ones":
            return Ones(a.scale, not a.row)
        case "scalar" | "identity":
            return a
    raise _mismatch("the transpose", a)


def norm(a: Value, which: str) -> Tensor:
    """Norm by its subscript: vectors know 1, 2 (or none) and infinity, matrices 2 (spectral) and F."""
    orders = {
        "vector": {"": 2, "2": 2, "1": 1, "\\infty": math.inf},
        "matrix": {"2": 2, "F": "fro"},
        "scalar": {"": 2, "2": 2, "1": 1, "\\infty": math.inf},
    }
    if which not in orders.get(kind(a), {}):
        raise _mismatch(f"the norm with subscript '{which}'", a)
    order = orders[kind(a)][which]
    if kind(a) == "matrix":
        return torch.linalg.matrix_norm(a, order)
    return torch.linalg.vector_norm(a, order)


def elementwise(function: Callable[[Tensor], Tensor]) -> Callable[[Value], Value]:
    """The function on scalars and vectors; on a matrix its reading would be open."""

    def apply(a: Value) -> Value:
        if kind(a) not in ("scalar", "vector"):
            raise _mismatch("an element-wise function", a)
        return function(a)

    return apply


root = elementwise(torch.sqrt)


def absolute(a: Value) -> Tensor:
    if kind(a) not in ("scalar", "vector"):
        raise _mismatch("the absolute value", a)
    return a.abs()


def sign(a: Value) -> Tensor:
    if not isinstance(a, Tensor):
        raise _mismatch("the sign", a)
    return torch.sign(a)


def diag(a: Value) -> Tensor:
    """A diagonal matrix: with this diagonal, or the diagonal part of this matrix."""
    if kind(a) not in ("vector", "matrix"):
        raise _mismatch("diag", a)
    return torch.diag(a) if a.ndim == 1 else torch.diag(a.diagonal())


def covariance(x: Value, y: Value) -> Tensor:
    """Mean product of the deviations from the mean: divided by n."""
    if kind(x) != "vector" or kind(y) != "vector" or x.shape != y.shape:
        raise _mismatch("the covariance", x, y)
    return ((x - x.mean()) * (y - y.mean())).mean()


def extreme(reduce: Callable[[Tensor, Tensor], Tensor]) -> Callable[..., Tensor]:
    """Largest or smallest of several values, entry by entry, or of the entries of one vector."""

    def apply(*values: Value) -> Tensor:
        if any(kind(v) not in ("scalar", "vector") for v in values):
            raise _mismatch("the extreme value", *values)
        if len(values) == 1:
            values = tuple(values[0].flatten())
        result = values[0]
        for value in values[1:]:
            result = reduce(result, value)
        return result

    return apply


def stack(values: Sequence[Value]) -> Value:
    """One tensor of equal shapes, an interval of intervals; otherwise the list itself."""
    if all(isinstance(v, Interval) for v in values):
        return Interval(*(torch.stack(ends) for ends in zip(*values, strict=True)))
    if all(isinstance(v, Tensor) and v.shape == values[0].shape for v in values):
        return torch.stack(list(values))
    return list(values)


COMPARE: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "=": torch.eq, "\\ne": torch.ne, "<": torch.lt, ">": torch.gt, "\\le": torch.le, "\\ge": torch.ge,
}  # fmt: skip


def compared(relation: str, a: Value, b: Value) -> Tensor:
    return COMPARE[relation](a, b)


def all_hold(conditions: Sequence[Tensor]) -> Tensor:
    return torch.stack(torch.broadcast_tensors(*conditions)).all(0)


def holds(condition: Tensor) -> bool:
    return bool(condition.item())


def indicator(condition: Tensor) -> Tensor:
    return condition.double()


def cases(values: Sequence[Value], conditions: Sequence[Tensor]) -> Value:
    """The value whose condition holds: exactly one."""
    if not (sum(condition.int() for condition in conditions) == 1).all():
        raise NoMeaningError("exactly one case must hold")
    result = values[0]
    for value, condition in zip(values[1:], conditions[1:], strict=True):
        result = choose(condition, value, result)
    return result


def check(relation: Token, a: Value, b: Value) -> None:
    """Hold two sides to the relation between them, up to rounding."""
    if isinstance(b, Eye) and kind(a) == "matrix":
        b = multiply(b, torch.eye(len(a), dtype=torch.float64))
    if isinstance(a, Interval) and isinstance(b, Interval):
        for ends in zip(a, b, strict=True):
            check(relation, *ends)
        return
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        raise TexError(f"cannot compare a {kind(a)} with a {kind(b)} at {relation.at}")
    slack = 1e-7 * b.abs() + 1e-10
    match relation.text:
        case "=":
            right = a.shape == b.shape and bool(((a - b).abs() <= slack).all())
        case "\\le":
            right = bool((a <= b + slack).all())
        case "\\ge":
            right = bool((a >= b - slack).all())
        case _:
            right = bool(COMPARE[relation.text](a, b).all())
    if not right:
        raise TexMismatch(f"'{relation.text}' does not hold at {relation.at}: {a} and {b}")


def choose(condition: Tensor, a: Value, b: Value) -> Value:
    """``a`` where the condition holds, else ``b``."""
    if isinstance(a, Interval) or isinstance(b, Interval):
        if not isinstance(a, Interval) or not isinstance(b, Interval):
            raise NoMeaningError("a set in one case and a number in another")
        return Interval(torch.where(condition, a.lower, b.lower), torch.where(condition, a.upper, b.upper))
    if not isinstance(a, Tensor) or not isinstance(b, Tensor):
        raise _mismatch("the choice", a, b)
    return torch.where(condition, a, b)


# Gauss's rule on short pieces for the mean over a standard normal: a kink at zero falls between two pieces.
_PIECE = 1 / 8
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_GRID = (np.arange(-12, 12, _PIECE)[:, None] + _PIECE * (1 + _NODES) / 2).ravel()
_DENSITY = np.exp(-(_GRID**2) / 2) / math.sqrt(2 * math.pi)
NORMAL_NODES = torch.tensor(_GRID, dtype=torch.float64)
NORMAL_WEIGHTS = torch.tensor(_DENSITY * np.tile(_WEIGHTS, round(24 / _PIECE)) * _PIECE / 2, dtype=torch.float64)


def normal_mean(body: Callable[[Tensor], Value]) -> Value:
    values = body(NORMAL_NODES)
    if kind(values) == "scalar":
        return values
    if kind(values) != "vector" or values.shape != NORMAL_NODES.shape:
        raise _mismatch("the mean over a standard normal", values)
    return NORMAL_WEIGHTS @ values


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "\\exp": elementwise(torch.exp),
    "\\log": elementwise(torch.log),
    "\\sin": elementwise(torch.sin),
    "\\cos": elementwise(torch.cos),
    "\\tanh": elementwise(torch.tanh),
    "\\cosh": elementwise(torch.cosh),
    "\\sinh": elementwise(torch.sinh),
    "\\operatorname{arccos}": elementwise(torch.acos),
    "\\psi": elementwise(torch.digamma),
    "\\Phi": elementwise(torch.special.ndtr),
    "\\varphi": elementwise(lambda x: torch.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)),
    "\\max": extreme(torch.maximum),
    "\\min": extreme(torch.minimum),
    "\\operatorname{sign}": sign,
    "\\operatorname{erf}": elementwise(torch.erf),
    "\\operatorname{diag}": diag,
    "\\operatorname{tr}": lambda a: torch.trace(a),
    "\\operatorname{rank}": lambda a: torch.linalg.matrix_rank(a).double(),
    "\\operatorname{softmax}": lambda a: torch.softmax(a, -1),
    "\\operatorname{clip}": lambda x, low, high: torch.minimum(torch.maximum(x, low), high),
    "\\operatorname{cov}": covariance,
    "\\operatorname{Var}": lambda x: covariance(x, x),
    "\\operatorname{corr}": lambda x, y: covariance(x, y) / (covariance(x, x) * covariance(y, y)).sqrt(),
}
