"""Sentences that generalise, in ``docs/data/statements.yaml``: the domain of each, and what it rests on."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from optnotes.site.words.data import Field, read
from optnotes.site.words.text import DATA

STATEMENTS = DATA / "statements.yaml"
# Proved for all of the domain, tried on all of its cases, searched for a counter-example in it; a counter-example where
# the sentence says that something does not follow; seen on the instance it speaks of, shown by a source, or defined.
Basis = Literal["proof", "cases", "search", "counterexample", "instance", "source", "definition"]
BASES: tuple[Basis, ...] = get_args(Basis)
NAMED = re.compile(r"tests/[\w/]+\.py::test_\w+(\[\w+\])?|tests/attack/\w+\.py::[A-Z_]+")
TESTED: tuple[Basis, ...] = ("proof", "cases", "search", "counterexample", "instance")
# Bases that settle what they are listed for: a test listed so is no mere instance.
SETTLED: tuple[Basis, ...] = ("proof", "cases", "counterexample")


@dataclass(frozen=True)
class Statement:
    """Where the sentence stands, words that it alone holds there, its domain, and a test or the key of a source."""

    place: str
    words: str
    domain: str
    basis: Basis
    evidence: str
    line: int


def load_statements(path: Path = STATEMENTS) -> tuple[Statement, ...]:
    """Read the list; a DataError names line, field and what was expected."""
    return _parsed(path, path.read_bytes())


@cache
def _parsed(path: Path, content: bytes) -> tuple[Statement, ...]:
    return tuple(
        _statement(place, entry) for place, entries in read(path).entries().items() for entry in entries.items()
    )


def _statement(place: str, entry: Field) -> Statement:
    fields = entry.fields(("words", "basis"), ("domain", "test", "source"))
    basis = cast(Basis, fields["basis"].one_of(BASES))
    wanted = {"source": ["source"], "definition": []}.get(basis, ["test"])
    if [name for name in ("test", "source") if name in fields] != wanted:
        raise fields["basis"].error(f"beside it {wanted[0]}" if wanted else "neither test nor source beside it")
    if ("domain" in fields) == (basis == "definition"):
        raise fields["basis"].error("a domain beside it, except for a definition")
    evidence = fields[wanted[0]].text() if wanted else ""
    if wanted == ["test"] and not NAMED.fullmatch(evidence):
        raise fields["test"].error("a test, or a statement of tests/attack, such as tests/attack/test_37.py::NAME")
    return Statement(
        place=place,
        words=fields["words"].text(),
        domain=fields["domain"].text() if "domain" in fields else "",
        basis=basis,
        evidence=evidence,
        line=entry.line,
    )
