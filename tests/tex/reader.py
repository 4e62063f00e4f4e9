"""The reader of TeX with tensors of float64: what an equation says, as values."""

from collections.abc import Mapping

from optnotes.site.tex import reader
from optnotes.site.tex.algebra import Interval, Value
from optnotes.site.tex.tokens import TexError, TexMismatch, normalise
from tests.tex import values

__all__ = ["Interval", "Reader", "TexError", "TexMismatch", "evaluate", "normalise"]


class Reader(reader.Reader):
    """Runs the statements of one equation over tensors, numbers, lists of them and functions."""

    def __init__(self, tex: str, bindings: Mapping[str, object]) -> None:
        super().__init__(tex, bindings, values)


def evaluate(tex: str, bindings: Mapping[str, object]) -> dict[str, Value]:
    """Values of all left sides of an equation, by their canonical spelling."""
    return Reader(tex, bindings).results
