"""Reads the type lines of a formula's docstring, what each argument may be, and lets its examples run."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

NUMBER = r"(?:-?inf|-?\d[\d.e+-]*)"
INTERVAL = rf"(?P<interval>[\[(]{NUMBER}, {NUMBER}[\])])"
SHAPE = r"of (?:any shape|shape \((?P<shape>[^)]*)\)|the shape of (?P<like>\w+))"
LINES = (
    rf"(?P<base>Tensor) {SHAPE}(?P<decomposed> in float32 or float64)?"
    rf"(?: with entries in {INTERVAL}(?P<total> that sum to 1)?)?",
    rf"(?P<base>float|int) in {INTERVAL}(?: within the dtype of (?P<dtype>\w+))?",
    r"(?P<base>callable|float|int)",
    rf"(?P<base>tuple) of two Tensors {SHAPE}",
)
READERS = tuple(re.compile(line) for line in LINES)
PARAMETERS = re.compile(r"^Parameters\n-+\n(.*?)(?=^\w[^\n]*\n-+$|\Z)", re.MULTILINE | re.DOTALL)
PARAMETER = re.compile(r"^(\w+) : (.+)$", re.MULTILINE)
EXAMPLES = re.compile(r"^( *)Examples\n *-+\n(?:(?! *>>>).*\n)*", re.MULTILINE)


@dataclass(frozen=True)
class Kind:
    """A parsed type line."""

    base: str  # Tensor, float, int, callable, tuple
    interval: str | None = None
    shape: tuple[str, ...] | None = None
    like: str | None = None  # the argument whose shape it has
    dtype: str | None = None  # the argument whose dtype must hold the number
    decomposed: bool = False
    total: bool = False

    @property
    def any_shape(self) -> bool:
        """Whether a tensor may have any shape at all."""
        return self.base == "Tensor" and self.shape is None and self.like is None


def read(line: str) -> Kind:
    """Parse one type line."""
    for reader in READERS:
        if found := reader.fullmatch(line):
            said = found.groupdict()
            sizes = said.get("shape")
            return Kind(
                base=said["base"],
                interval=said.get("interval"),
                shape=None if sizes is None else tuple(size.strip() for size in sizes.split(",") if size.strip()),
                like=said.get("like"),
                dtype=said.get("dtype"),
                decomposed=bool(said.get("decomposed")),
                total=bool(said.get("total")),
            )
    raise ValueError(f"cannot read the type line '{line}'")


def kinds(function: Callable[..., object]) -> dict[str, Kind]:
    """Argument to parsed type line, in the order of the signature."""
    where = f"{function.__module__}.{function.__qualname__}"
    if function.__doc__ is None:
        raise ImportError(f"{where}: has no docstring, where its contract stands; run Python without -OO")
    lines = dict(_lines(inspect.cleandoc(function.__doc__)))
    names = list(inspect.signature(function).parameters)
    if list(lines) != names:
        listed = ", ".join(lines) or "nothing"
        raise ValueError(f"{where}: the docstring has type lines of {listed}, not of {', '.join(names)}")
    found = {}
    for name, line in lines.items():
        try:
            found[name] = read(line)
            _require_an_argument(name, line, found[name], names)
        except ValueError as error:
            raise ValueError(f"{where}: {name}: {error}") from None
    return found


def with_imports(function: Callable[..., object]) -> str:
    """Docstring whose examples import what all of them need: the function, and torch."""
    documented = str(function.__doc__)
    found = EXAMPLES.search(documented)
    if found is None:
        return documented
    examples = documented[found.end() :]
    lines = ["import torch"] if re.search(r"\btorch\.", examples) else []
    if ">>> from " not in examples:
        lines.append(f"from {function.__module__.rpartition('.')[0]} import {function.__name__}")
    return documented[: found.end()] + "".join(f"{found[1]}>>> {line}\n" for line in lines) + examples


def _require_an_argument(name: str, line: str, kind: Kind, names: list[str]) -> None:
    if kind.base == "tuple":
        raise ValueError("no argument is a tuple")
    if kind.base in ("float", "int"):
        if kind.interval is None:
            raise ValueError(f"the type line '{line}' has no interval")
        low, high = ends(kind.interval)
        if low > high:
            raise ValueError(f"the type line '{line}' leaves no number")
    for other in (kind.like, kind.dtype):
        if other is not None and other not in set(names) - {name}:
            raise ValueError(f"the type line '{line}' names no argument")


def _lines(documented: str) -> Iterator[tuple[str, str]]:
    section = PARAMETERS.search(documented)
    for parameter in PARAMETER.finditer(section[1] if section else ""):
        yield parameter[1], parameter[2]


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
