"""What the reader asks of the values it computes with: tensors where tests compare, pieces of script on the pages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from optnotes.site.tex.tokens import Token

Value = Any


class NoMeaningError(ValueError):
    """An operation that has no agreed meaning for these values, such as a vector times a matrix."""


class Interval(NamedTuple):
    """A set of numbers between two ends."""

    lower: Value
    upper: Value


class Algebra(Protocol):
    """Values and the operations between them; a module may be one."""

    FUNCTIONS: Mapping[str, Callable[..., Value]]

    def bound(self, name: str, value: object) -> Value:
        """Return the value for a given symbol."""

    def named(self, value: Value) -> Value:
        """Return the value under which a defined name is known."""

    def number(self, value: float) -> Value:
        """Return a number."""

    def constant(self, name: str) -> Value:
        r"""Return ``\pi``, ``e``, ``I`` or ``1``, the vector of ones."""

    def integer(self, value: Value) -> int:
        """Return the integer held by a scalar."""

    def length(self, value: Value, axis: int) -> int:
        """Return the size along an axis."""

    def stack(self, values: Sequence[Value]) -> Value:
        """Return the value with these elements."""

    def add(self, a: Value, b: Value) -> Value:
        """Return the sum."""

    def negate(self, a: Value) -> Value:
        """Return the negative."""

    def multiply(self, a: Value, b: Value) -> Value:
        """Return the product side by side."""

    def dot_multiply(self, a: Value, b: Value) -> Value:
        """Return the product with a dot."""

    def hadamard(self, a: Value, b: Value) -> Value:
        """Return the product entry by entry."""

    def divide(self, a: Value, b: Value) -> Value:
        """Return the quotient."""

    def power(self, a: Value, exponent: Value) -> Value:
        """Return the power."""

    def transpose(self, a: Value) -> Value:
        """Return the transpose."""

    def root(self, a: Value) -> Value:
        """Return the square root."""

    def absolute(self, a: Value) -> Value:
        """Return the absolute value."""

    def norm(self, a: Value, which: str) -> Value:
        """Return the norm with this subscript."""

    def compared(self, relation: str, a: Value, b: Value) -> Value:
        """Return where a relation holds."""

    def all_hold(self, conditions: Sequence[Value]) -> Value:
        """Return where all conditions hold."""

    def holds(self, condition: Value) -> bool:
        """Return whether a condition on numbers holds."""

    def indicator(self, condition: Value) -> Value:
        """Return one where the condition holds, else zero."""

    def cases(self, values: Sequence[Value], conditions: Sequence[Value]) -> Value:
        """Return the value whose condition holds."""

    def normal_mean(self, body: Callable[[Value], Value]) -> Value:
        """Return the mean over a standard normal."""

    def check(self, relation: Token, a: Value, b: Value) -> None:
        """Raise TexMismatch unless the relation between two sides holds."""
