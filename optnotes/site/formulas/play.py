"""Formulas that a reader can play with: script from their TeX, and for each argument a range and where it begins.

Ranges come from the type lines and from the arguments that the tests draw. A formula is left out if its TeX has no
script, if it has more than ten numbers, or if it refuses what its sliders offer though the script gives a number.
"""

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import quickjs
import torch

from optnotes.site.formulas.typelines import Kind, elementwise, elementwise_result, ends, inside, kinds, size_symbol
from optnotes.site.formulas.witnesses import arguments
from optnotes.site.tex.script import Written, argument, entry_symbol, write
from optnotes.site.tex.tokens import TexError
from optnotes.site.words.docstrings import Entry, read
from optnotes.site.words.text import ROOT

Formula = Callable[..., Any]

MOST = 10  # numbers a reader can still oversee
SIZE = 3  # entries of a vector whose length is open
DRAWS = 8
TRIALS = 24
ERF = Path(__file__).parents[1] / "vendor" / "erf.js"


class UnplayableError(ValueError):
    """Why a formula is not played with."""


@dataclass(frozen=True)
class Slider:
    """One number that a reader can move: an argument, or an entry of one."""

    name: str
    symbol: str
    whole: bool
    low: float
    high: float
    step: float
    start: float

    def at(self, steps: int) -> float:
        """Return the number that many steps from the lower end."""
        return round(self.low + self.step * steps, 12)


@dataclass(frozen=True)
class Play:
    """A formula as script, with its sliders and how many of them each argument takes."""

    function: Formula
    sliders: tuple[Slider, ...]
    counts: dict[str, int]
    written: Written

    def call(self, numbers: Sequence[float]) -> list[float]:
        """Return what the Python function gives at these numbers."""
        left = list(numbers)
        arguments = {name: self._argument(name, [left.pop(0) for _ in range(n)]) for name, n in self.counts.items()}
        found = self.function(**arguments)
        parts = found if isinstance(found, tuple) else (found,)
        return [x for part in parts for x in torch.as_tensor(part, dtype=torch.float64).flatten().tolist()]

    def script(self, numbers: Sequence[float], text: str = "") -> list[float]:
        """Return what the script gives, in the JavaScript engine of the build."""
        given = ",".join(map(repr, numbers))
        found = json.loads(_engine().eval(f"JSON.stringify(({text or self.written.text})({given}).map(String))"))
        return [float(x.replace("Infinity", "inf")) for x in found]

    def _argument(self, name: str, numbers: list[float]) -> Any:
        of = kinds(self.function)[name]
        if of.base == "int":
            whole = numbers[0]
            return int(whole) if whole == int(whole) else whole
        if of.base == "float":
            return numbers[0]
        values = torch.tensor(numbers, dtype=torch.float64)
        return values[0] if of.shape == () else values

    def positions(self) -> Iterator[list[float]]:
        """Yield settings of all sliders: where they begin, one or all at an end, one at zero, and some at random."""
        start = [slider.start for slider in self.sliders]
        yield from (start, [slider.low for slider in self.sliders], [slider.high for slider in self.sliders])
        for number, slider in enumerate(self.sliders):
            for value in (slider.low, slider.high, *((0.0,) if slider.low < 0 < slider.high else ())):
                yield [*start[:number], value, *start[number + 1 :]]
        chance = random.Random(0)
        for _ in range(TRIALS):
            yield [s.at(chance.randint(0, round((s.high - s.low) / s.step))) for s in self.sliders]

    def refusals(self) -> list[dict[str, str]]:
        """Return what the function says of each argument below its range, above it, and between integers."""
        return [self._refused(number) for number in range(len(self.sliders))]

    def _refused(self, number: int) -> dict[str, str]:
        slider, said = self.sliders[number], {}
        interval = kinds(self.function)[slider.name].interval or "(-inf, inf)"
        low, high = ends(interval)
        bad = {
            "below": low - 1 if interval[0] == "[" else low,
            "above": high + 1 if interval[-1] == "]" else high,
            "between": slider.start + 0.5 if slider.whole else math.inf,
        }
        for key, value in bad.items():
            if math.isfinite(value):
                numbers = [slider.start for slider in self.sliders]
                numbers[number] = value
                try:
                    self.call(numbers)
                except ValueError as error:
                    shown = str(int(value)) if slider.whole and value == int(value) else repr(float(value))
                    message, found, tail = str(error).rpartition(shown)
                    said[key] = f"{message}{{}}{tail}" if found else str(error)
        return said


@cache
def _engine() -> Any:
    engine = quickjs.Context()
    engine.eval(ERF.read_text(encoding="utf-8").replace("export ", ""))
    return engine


def points_file(function: Formula) -> Path:
    """File that draws arguments for the tests of a formula."""
    return ROOT / "tests" / function.__module__.split(".")[1] / "points.py"


def _drawn(function: Formula) -> list[dict[str, Any]]:
    return [arguments(function, seed) for seed in range(DRAWS)]


def nice(value: float, up: bool) -> float:
    """Return the nearest number above or below that reads 1, 2 or 5 and zeros."""
    power = math.floor(math.log10(value))
    offered = [float(f"{digit}e{power + shift}") for shift in (0, 1) for digit in (1, 2, 5)]
    slack = 1e-9 * value
    return min(x for x in offered if x >= value - slack) if up else max(x for x in offered if x <= value + slack)


def _slider(entry: Entry, of: Kind, symbol: str, drawn: list[float]) -> Slider:
    interval = of.interval or "(-inf, inf)"
    least, most = ends(interval)
    if math.isinf(least):
        high = nice(1.5 * max(map(abs, drawn)) or 1.0, up=True)
        low = -high
    else:
        reach = 2 * (max(drawn) - least) or 1.0
        low, high = least, min(most, least + nice(reach, up=True))
    whole = of.base == "int"
    step = nice((high - low) / 100, up=False)
    step = max(1, round(step)) if whole else step
    if not inside(low, interval):
        low += step
    if not inside(high, interval):
        high -= step
    high = low + step * math.floor((high - low) / step + 1e-9)
    start = low + step * round((min(max(drawn[0], low), high) - low) / step)
    rounded = [round(x, 12) for x in (low, high, step, start)]
    return Slider(entry.name, symbol, whole, *rounded)


def _length(function: Formula, name: str, of: Kind) -> int:
    """Return how many numbers an argument takes."""
    if of.base in ("int", "float") or of.shape == ():
        return 1
    if of.shape is not None and len(of.shape) == 1:
        return int(of.shape[0]) if of.shape[0].isdigit() else SIZE
    if elementwise(kinds(function), name):
        return 1 if elementwise_result(function) else SIZE
    raise UnplayableError(f"{name} is no number and no vector")


@cache
def play(function: Formula) -> Play:
    """Return how to play with a formula; raise UnplayableError where it cannot be."""
    drawn, doc = _drawn(function), read(function)
    sliders: list[Slider] = []
    bound: dict[str, object] = {}
    counts: dict[str, int] = {}
    for entry in doc.parameters:
        of = kinds(function)[entry.name]
        counts[entry.name] = count = _length(function, entry.name, of)
        if entry.symbol is None:
            raise UnplayableError(f"{entry.name} is not in the equation")
        codes = tuple(argument(len(sliders) + k) for k in range(count))
        vector = of.base == "Tensor" and of.shape != ()
        bound[entry.symbol] = codes if vector else codes[0]
        bound |= {size_symbol(size): count for size in of.shape or () if not size.isdigit()}
        values = [torch.as_tensor(each[entry.name], dtype=torch.float64).flatten().tolist() for each in drawn]
        for k in range(count):
            symbol = entry.symbol if count == 1 else entry_symbol(entry.symbol, k + 1)
            first = [values[0][k % len(values[0])], *(x for each in values for x in each)]
            sliders.append(_slider(entry, of, symbol, first))
    if not 0 < len(sliders) <= MOST:
        raise UnplayableError(f"{len(sliders)} numbers")
    symbols = [str(entry.symbol) for entry in doc.returns]
    try:
        written = write(doc.tex, bound, symbols, len(sliders))
    except TexError as error:
        raise UnplayableError(str(error)) from None
    made = Play(function, tuple(sliders), counts, written)
    for position in made.positions():
        try:
            made.call(position)
        except ValueError as error:
            if all(map(math.isfinite, made.script(position))):
                raise UnplayableError(f"within the ranges: {error}") from None
    return made


def playable(function: Formula) -> bool:
    """Whether a formula can be played with."""
    try:
        play(function)
    except UnplayableError:
        return False
    return True
