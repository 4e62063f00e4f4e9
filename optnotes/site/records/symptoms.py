"""Symptoms of a failing run, both languages side by side: what is seen, what to measure, what it tells."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from optnotes.site.words.data import Field, read
from optnotes.site.words.text import DATA, LANGUAGES, Language, Words, words

SYMPTOMS = DATA / "symptoms.yaml"


@dataclass(frozen=True)
class Cause:
    """What the measurement shows if this is the cause, and what to do then."""

    seen: Words
    advice: Words


@dataclass(frozen=True)
class Symptom:
    """What people see, other words they type for it, the measurement that tells the causes apart, and these."""

    id: str
    seen: Words
    typed: dict[Language, tuple[str, ...]]
    measure: Words
    causes: tuple[Cause, ...]


def load_symptoms(path: Path = SYMPTOMS) -> tuple[Symptom, ...]:
    """Read and check the file; a DataError names file, line, field and what was expected."""
    return _parsed(path, path.read_bytes())


@cache
def _parsed(path: Path, content: bytes) -> tuple[Symptom, ...]:
    found: dict[str, Symptom] = {}
    for entry in read(path).items():
        symptom = _symptom(entry)
        if symptom.id in found:
            raise entry.entries()["id"].error("a name of its own")
        found[symptom.id] = symptom
    return tuple(found.values())


def _symptom(entry: Field) -> Symptom:
    fields = entry.fields(("id", "seen", "typed", "measure", "causes"))
    typed = fields["typed"].fields(LANGUAGES)
    return Symptom(
        id=fields["id"].text(),
        seen=words(fields["seen"]),
        typed={language: tuple(each.text() for each in typed[language].items()) for language in LANGUAGES},
        measure=words(fields["measure"]),
        causes=tuple(_cause(each) for each in fields["causes"].items()),
    )


def _cause(entry: Field) -> Cause:
    fields = entry.fields(("if", "then"))
    return Cause(words(fields["if"]), words(fields["then"]))
