"""Exercises for code: their words, both languages side by side, and the code of each, solution included.

The code of a page stands in one file, a cell after each line ``# %% 31-x1 answer``: what is ``given``, the ``answer``,
whose solution stands between two marks, and a ``test``.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from optnotes.site.formulas.practice import formulas
from optnotes.site.words.data import DataError, Field, read
from optnotes.site.words.text import DATA, Words, words

EXERCISES = DATA / "exercises.yaml"
Task = Literal["implement", "find", "break"]
TASKS: tuple[Task, ...] = get_args(Task)
PARTS = ("given", "answer", "test")
NEEDED = {"implement": {"answer"}, "find": {"given", "answer"}, "break": {"given", "answer", "test"}}
CELL = re.compile(r"^# %% (\S+) (\w+)$", re.MULTILINE)
# The marks and the stub are those of nbgrader.
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.MULTILINE | re.DOTALL)
STUB = r"\1# YOUR CODE HERE\n\1raise NotImplementedError()"


@dataclass(frozen=True)
class Exercise:
    """One exercise: a formula, what to do with it, and the cells of code by their part."""

    id: str
    kind: Task
    formula: str
    title: Words
    task: Words
    setup: str
    cells: dict[str, str]

    @property
    def asked(self) -> str:
        """Name of the function that is to be written."""
        return {"implement": self.formula, "find": f"{self.formula}_cured", "break": "breaking"}[self.kind]


def load_exercises(path: Path = EXERCISES) -> tuple[Exercise, ...]:
    """Read and check words and code; a DataError names file, line, field and what was expected."""
    entries = read(path).fields(("readme", "exercises"))["exercises"].items()
    return tuple(_exercise(entry, path.with_suffix("")) for entry in entries)


def load_readme(path: Path = EXERCISES) -> Words:
    """Read what is said about all of them."""
    return words(read(path).fields(("readme", "exercises"))["readme"])


def without_solution(answer: str) -> str:
    """Return the cell as students get it."""
    return SOLUTION.sub(STUB, answer)


def _exercise(entry: Field, folder: Path) -> Exercise:
    fields = entry.fields(("id", "kind", "formula", "title", "task"))
    name = fields["id"].text()
    number, of_page, count = name.partition("-x")
    path = folder / f"q{number}.py"
    if not (of_page and count.isdigit() and path.is_file()):
        raise fields["id"].error("an id such as 31-x1, with its code in q31.py")
    kind = cast(Task, fields["kind"].one_of(TASKS))
    setup, cells = code(path)
    found = cells.get(name, {})
    if not NEEDED[kind] <= set(found) <= set(PARTS):
        wanted = ", ".join(part for part in PARTS if part in NEEDED[kind])
        raise fields["kind"].error(f"the cells {wanted} in {path.name}", ", ".join(found) or "none")
    if not SOLUTION.search(found["answer"]):
        raise fields["id"].error(f"a solution between its two marks in {path.name}", "none")
    return Exercise(
        id=name,
        kind=kind,
        formula=fields["formula"].one_of(list(formulas())),
        title=words(fields["title"]),
        task=words(fields["task"]),
        setup=setup,
        cells=found,
    )


@cache
def code(path: Path) -> tuple[str, dict[str, dict[str, str]]]:
    """Return what a file imports, and its cells by exercise and part."""
    head, *rest = CELL.split(path.read_text(encoding="utf-8"))
    setup = re.sub(r'\A""".*?"""\n', "", head, flags=re.DOTALL).strip()
    cells: dict[str, dict[str, str]] = {}
    for name, part, source in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if part in cells.setdefault(name, {}):
            raise DataError(f"{path}: expected one cell '{name} {part}', got a second one")
        cells[name][part] = source.strip()
    return setup, cells
