"""Lines of derivations that a program has proved for all values of their symbols; a test proves them again."""

from functools import cache
from pathlib import Path

from optnotes.site.records.derivations import Derivation, consequences, derivation_path, derived, load_derivation
from optnotes.site.words.data import read
from optnotes.site.words.text import DATA

PROVED_FILE = DATA / "proved.yaml"


def load_proved(path: Path = PROVED_FILE) -> dict[str, frozenset[int]]:
    """Return the numbers of the lines by the name of their derivation."""
    return _parsed(path, path.read_bytes())


@cache
def _parsed(path: Path, content: bytes) -> dict[str, frozenset[int]]:
    return {
        name: frozenset(int(line.number(whole=True)) for line in lines.items())
        for name, lines in read(path).entries().items()
    }


def compared(derivation: Derivation) -> list[int]:
    """Return the numbers of the lines that say something of what is known; the others name it."""
    last = len(derivation.steps)
    return [
        number
        for number, step in enumerate(derivation.steps, 1)
        if step.kind not in ("definition", "recurrence", "formula") or number == last
    ]


def count_lines() -> dict[str, int]:
    """How many lines of all derivations are checked, and how many of these are proved."""
    lines = sum(len(compared(load_derivation(derivation_path(name)))) for name in [*derived(), *consequences()])
    return {"lines": lines, "proved": sum(map(len, load_proved().values()))}
