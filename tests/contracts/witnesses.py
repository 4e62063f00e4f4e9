"""``python -m tests.contracts.witnesses``: how many generic tests run for each formula, written for its page."""

import importlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from optnotes.site.records.records import GENERIC
from tests.contracts.arguments import FORMULAS

TESTS = Path(__file__).parents[1]
ROOMS = ("contracts", "readback", "tex")
SHORT = {spelling: name for name in FORMULAS for spelling in (name, name.partition(".")[2], name.rpartition(".")[2])}


def formulas_of(test: object) -> Iterator[str]:
    """Formulas that a test is given by its parameters, in whichever spelling."""
    for mark in getattr(test, "pytestmark", ()):
        if mark.name == "parametrize":
            names = mark.args[0].split(",") if isinstance(mark.args[0], str) else mark.args[0]
            for given in mark.args[1] if names[0] in ("name", "formula") else ():
                first = given if len(names) == 1 else given[0]
                if first in SHORT:
                    yield SHORT[first]


def generic() -> dict[str, int]:
    """Tests of the generic rooms by formula; the suite has no way to leave one out."""
    found: Counter[str] = Counter()
    for path in sorted(path for room in ROOMS for path in (TESTS / room).glob("test_*.py")):
        module = importlib.import_module(f"tests.{path.parent.name}.{path.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                found.update(set(formulas_of(test)))
    return dict(sorted(found.items()))


if __name__ == "__main__":
    GENERIC.write_text(yaml.safe_dump(generic()), encoding="utf-8")
