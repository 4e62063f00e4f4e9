"""Pieces of JavaScript for the reader of TeX (an ``Algebra``): an equation of numbers and short vectors as a function.

What has no simple script (matrices, means, functions as arguments) has no meaning here, so the reader refuses it.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from optnotes.site.tex.algebra import Interval, NoMeaningError, Value
from optnotes.site.tex.reader import Reader
from optnotes.site.tex.tokens import TexError, Token, normalise

NAME = re.compile(r"[at]\d+")
ATOM = re.compile(r"\w+|Math\.\w+|[\d.e+]+")
IMPORTED = ("erf", "erfc")


@dataclass(frozen=True)
class Code:
    """A number or a condition as script, with its value if that is known; ``less_one`` is the part besides a one."""

    text: str
    value: float | None = None
    less_one: str = ""


@dataclass(frozen=True)
class Row:
    """A transposed vector."""

    entries: tuple[Code, ...]


def _literal(value: float) -> Code:
    text = repr(int(value)) if value == int(value) and abs(value) < 2**53 else repr(value)
    return Code(text if value >= 0 else f"({text})", value)


def _refuse(what: str, *values: Value) -> NoMeaningError:
    return NoMeaningError(f"no script for {what} of {', '.join(type(value).__name__ for value in values)}")


def _entrywise(function: Callable[..., Code]) -> Callable[..., Value]:
    """The function on numbers, and on the entries of vectors of one length."""

    def apply(*values: Value) -> Value:
        lengths = {len(value) for value in values if type(value) is tuple}
        numbers = [value if type(value) is tuple else (value,) for value in values]
        if len(lengths) > 1 or not all(isinstance(x, Code) for entries in numbers for x in entries):
            raise _refuse("an operation", *values)
        if not lengths:
            return function(*values)
        length = lengths.pop()
        spread = [entries if len(entries) == length else entries * length for entries in numbers]
        return tuple(function(*entries) for entries in zip(*spread, strict=True))

    return apply


def _call(name: str) -> Callable[..., Value]:
    return _entrywise(lambda *values: Code(f"{name}({','.join(value.text for value in values)})"))


def _sum(a: Code, b: Code) -> Code:
    for one, other in ((a, b), (b, a)):
        if one.value == -1 and other.text.startswith("Math.exp("):
            return Code(f"Math.expm1({other.text.removeprefix('Math.exp(')}")
    less_one = next((other.text for one, other in ((a, b), (b, a)) if one.value == 1), "")
    return Code(f"({a.text}+{b.text})", less_one=less_one)


def _negative(a: Code) -> Code:
    return Code(f"(-{a.text})") if a.value is None else _literal(-a.value)


def _infix(sign: str) -> Callable[..., Value]:
    return _entrywise(lambda a, b: Code(f"({a.text}{sign}{b.text})"))


def _power(a: Code, exponent: Code) -> Code:
    return Code(f"Math.exp({exponent.text})" if a.text == "Math.E" else f"({a.text}**{exponent.text})")


def _log(a: Code) -> Code:
    return Code(f"Math.log1p({a.less_one})" if a.less_one else f"Math.log({a.text})")


def _extreme(name: str) -> Callable[..., Value]:
    def apply(*values: Value) -> Value:
        values = values[0] if len(values) == 1 and type(values[0]) is tuple else values
        return _call(f"Math.{name}")(*values)

    return apply


def _phi(x: Code) -> Code:
    return Code(f"(0.5*erfc(-{x.text}*Math.SQRT1_2))")


def _density(x: Code) -> Code:
    return Code(f"(Math.exp(-({x.text}**2)/2)/Math.sqrt(2*Math.PI))")


def _compared(relation: str) -> Callable[[Code, Code], Code]:
    sign = {"=": "===", "\\ne": "!==", "\\le": "<=", "\\ge": ">="}.get(relation, relation)

    def apply(a: Code, b: Code) -> Code:
        known = a.value is not None and b.value is not None and sign == "!=="
        return Code(f"({a.text}{sign}{b.text})", float(a.value != b.value) if known else None)

    return apply


class Script:
    """Numbers as pieces of script, vectors as tuples of them; each defined name becomes a constant."""

    FUNCTIONS: Mapping[str, Callable[..., Value]] = {
        **{f"\\{name}": _call(f"Math.{name}") for name in ("exp", "sin", "cos", "tanh", "cosh", "sinh")},
        "\\log": _entrywise(_log),
        "\\Phi": _entrywise(_phi),
        "\\varphi": _entrywise(_density),
        "\\max": _extreme("max"),
        "\\min": _extreme("min"),
        "\\operatorname{sign}": _call("Math.sign"),
        "\\operatorname{erf}": _call("erf"),
    }

    def __init__(self) -> None:
        self.constants: list[tuple[str, str]] = []

    def bound(self, name: str, value: object) -> Value:
        """Return the value of a given symbol: a size, or the script of an argument."""
        return _literal(value) if isinstance(value, int) else value

    def named(self, value: Value) -> Value:
        """Return the constant that holds the value."""
        if type(value) is tuple:
            return tuple(map(self.named, value))
        if not isinstance(value, Code) or ATOM.fullmatch(value.text):
            return value
        self.constants.append((name := f"t{len(self.constants)}", value.text))
        return Code(name)

    def number(self, value: float) -> Code:
        """Return a number."""
        return _literal(value)

    def constant(self, name: str) -> Code:
        r"""Return ``\pi`` or ``e``."""
        if name not in ("\\pi", "e"):
            raise NoMeaningError(f"no script for {name}")
        return Code("Math.PI", math.pi) if name == "\\pi" else Code("Math.E", math.e)

    def integer(self, value: Value) -> int:
        """Return an index, which must be known."""
        if not isinstance(value, Code) or value.value is None or value.value != int(value.value):
            raise NoMeaningError("an index that is no known integer")
        return int(value.value)

    def length(self, value: Value, axis: int) -> int:
        """Return the size of a vector."""
        if type(value) is not tuple or axis:
            raise TexError("not a vector")
        return len(value)

    def stack(self, values: Sequence[Value]) -> Value:
        """Return a vector, or an interval of vectors."""
        if all(isinstance(value, Interval) for value in values):
            return Interval(*(tuple(ends) for ends in zip(*values, strict=True)))
        return tuple(values)

    add = staticmethod(_entrywise(_sum))
    negate = staticmethod(_entrywise(_negative))
    hadamard = staticmethod(_infix("*"))
    divide = staticmethod(_infix("/"))
    power = staticmethod(_entrywise(_power))
    root = staticmethod(_call("Math.sqrt"))
    absolute = staticmethod(_call("Math.abs"))

    def multiply(self, a: Value, b: Value) -> Value:
        """Return the product; of a row and a vector, their inner product."""
        if isinstance(a, Row) and type(b) is tuple and len(a.entries) == len(b):
            return self._total(self.hadamard(a.entries, b))
        if isinstance(a, Code) and isinstance(b, Row):
            return Row(self.hadamard(a, b.entries))
        return self.hadamard(a, b)

    def dot_multiply(self, a: Value, b: Value) -> Value:
        """Return the product of which one side is a number."""
        if type(a) is tuple and type(b) is tuple:
            raise _refuse("a dot", a, b)
        return self.multiply(a, b)

    def transpose(self, a: Value) -> Value:
        """Return a vector as a row."""
        if type(a) is not tuple:
            raise _refuse("the transpose", a)
        return Row(a)

    def norm(self, a: Value, which: str) -> Value:
        """Return the norm of a vector."""
        entries = a if type(a) is tuple else (a,)
        if which == "1":
            return self._total(self.absolute(entries))
        if which == "\\infty":
            return self.FUNCTIONS["\\max"](self.absolute(entries))
        if which in ("", "2"):
            return self.root(self._total(self.power(entries, _literal(2))))
        raise _refuse(f"the norm {which}", a)

    def _total(self, entries: tuple[Code, ...]) -> Value:
        return Code(f"({'+'.join(entry.text for entry in entries)})")

    def compared(self, relation: str, a: Value, b: Value) -> Value:
        """Return the condition."""
        return _entrywise(_compared(relation))(a, b)

    def all_hold(self, conditions: Sequence[Value]) -> Value:
        """Return the conjunction."""
        if len(conditions) == 1:
            return conditions[0]
        return _entrywise(lambda *parts: Code(f"({'&&'.join(part.text for part in parts)})"))(*conditions)

    def holds(self, condition: Value) -> bool:
        """Return whether a condition on indices holds."""
        if not isinstance(condition, Code) or condition.value is None:
            raise NoMeaningError("a condition that depends on arguments")
        return bool(condition.value)

    def indicator(self, condition: Value) -> Value:
        """Return one or zero."""
        return _entrywise(lambda part: Code(f"({part.text}?1:0)"))(condition)

    def cases(self, values: Sequence[Value], conditions: Sequence[Value]) -> Value:
        """Return the value whose condition holds."""
        if all(isinstance(value, Interval) for value in values):
            return Interval(*(self.cases(ends, conditions) for ends in zip(*values, strict=True)))

        def chosen(*parts: Code) -> Code:
            half = len(parts) // 2
            pairs = zip(parts[:half], parts[half:], strict=True)
            return Code(f"({''.join(f'{where.text}?{value.text}:' for value, where in pairs)}NaN)")

        return _entrywise(chosen)(*values, *conditions)

    def normal_mean(self, body: Callable[[Value], Value]) -> Value:
        """Refuse a mean."""
        raise NoMeaningError("no script for a mean")

    def check(self, relation: Token, a: Value, b: Value) -> None:
        """Compare nothing: tests have done so."""


@dataclass(frozen=True)
class Written:
    """A function as script: its names, its results by their TeX, what it imports, and its text."""

    results: tuple[str, ...]
    imports: tuple[str, ...]
    text: str


def argument(number: int) -> Code:
    """Return the script of an argument."""
    return Code(f"a{number}")


def write(tex: str, bindings: Mapping[str, object], symbols: Sequence[str], arguments: int) -> Written:
    """Return the function that an equation is; raise TexError where it cannot be written."""
    script = Script()
    found = Reader(tex, bindings, script).results
    results: list[tuple[str, str]] = []
    for symbol in symbols:
        if normalise(symbol) not in found:
            raise TexError(f"no left side {symbol}")
        results += _flat(symbol, found[normalise(symbol)])
    listed = f"return[{','.join(text for _, text in results)}]"
    kept: list[str] = []
    used = set(NAME.findall(listed))
    for name, text in reversed(script.constants):
        if name in used:
            kept.insert(0, f"const {name}={text};")
            used |= set(NAME.findall(text))
    names = ",".join(f"a{number}" for number in range(arguments))
    text = f"({names})=>{{{''.join(kept)}{listed}}}"
    imports = tuple(name for name in IMPORTED if re.search(rf"\b{name}\(", text))
    return Written(tuple(symbol for symbol, _ in results), imports, text)


def _flat(symbol: str, value: Value) -> list[tuple[str, str]]:
    """Return every number of a result with its TeX."""
    if isinstance(value, Interval):
        return [*_flat(f"\\min {symbol}", value.lower), *_flat(f"\\max {symbol}", value.upper)]
    if isinstance(value, Code):
        return [(symbol, value.text)]
    if type(value) is not tuple or not all(isinstance(entry, Code) for entry in value):
        raise TexError(f"no script for {symbol}")
    if len(value) == 1:
        return [(symbol, value[0].text)]
    return [(entry_symbol(symbol, number), entry.text) for number, entry in enumerate(value, 1)]


def entry_symbol(symbol: str, number: int) -> str:
    """Return the TeX of an entry of a vector."""
    indexed = re.sub(r"_[ijk](?![A-Za-z])", f"_{number}", symbol)
    if indexed != symbol:
        return indexed
    return f"{symbol}_{number}" if not re.search(r"[_(\[^]", symbol) else f"({symbol})_{number}"
