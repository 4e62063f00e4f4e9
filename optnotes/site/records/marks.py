"""What stands behind each formula: a definition, a convention, a theorem proved elsewhere, or a derivation here."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from optnotes.site.records.derivations import derived
from optnotes.site.words.data import Field, read
from optnotes.site.words.text import DATA, Words, words

MARKS_FILE = DATA / "marks.yaml"
Kind = Literal["definition", "convention", "theorem", "derived"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Mark:
    """The kind, and for a theorem the key of the source and the place in it that holds the proof."""

    kind: Kind
    source: str = ""
    place: Words | None = None


def load_marks(path: Path = MARKS_FILE) -> dict[str, Mark]:
    """Return the mark of each formula by the name of its function; derivations speak for themselves."""
    return _parsed(path, path.read_bytes()) | {name: Mark("derived") for name in derived()}


@cache
def _parsed(path: Path, content: bytes) -> dict[str, Mark]:
    lists = read(path).fields(("definition", "convention", "theorem"))
    found: dict[str, Mark] = {}
    for kind in ("definition", "convention"):
        for entry in lists[kind].items():
            _add(found, entry, entry.text(), Mark(kind))
    for name, entry in lists["theorem"].entries().items():
        fields = entry.fields(("source", "place"))
        _add(found, entry, name, Mark("theorem", fields["source"].text(), words(fields["place"])))
    return found


def _add(found: dict[str, Mark], entry: Field, name: str, mark: Mark) -> None:
    if name in found:
        raise entry.error("one mark for each formula", f"a second one for '{name}'")
    if name in derived():
        raise entry.error("no mark beside a derivation", f"one for '{name}'")
    found[name] = mark


def count_marks() -> dict[str, int]:
    """How many formulas have each mark."""
    counted = Counter(mark.kind for mark in load_marks().values())
    return {kind: counted[kind] for kind in KINDS}
