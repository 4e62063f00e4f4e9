"""Claims of the source note and drill items, one file per question, both languages side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from optnotes.site.text import DATA, LANGUAGES, Language

Verdict = Literal["holds", "condition", "imprecise", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Level = Literal["basic", "solid", "deep"]
LEVELS: tuple[Level, ...] = get_args(Level)
Words = dict[Language, str]


class QuestionError(ValueError):
    """A question file with a missing or malformed field."""


@dataclass(frozen=True)
class Claim:
    """One sentence of the note, the verdict on it, and the test that proves the verdict."""

    id: str
    claim: Words
    verdict: Verdict
    correction: Words | None
    sources: tuple[str, ...]
    proof: str


@dataclass(frozen=True)
class DrillItem:
    """One question with its answer."""

    id: str
    level: Level
    question: Words
    answer: Words


@dataclass(frozen=True)
class Question:
    """Everything the file of one question holds."""

    claims: tuple[Claim, ...]
    drill: tuple[DrillItem, ...]


def question_path(number: str) -> Path:
    """File of one question."""
    return DATA / f"{number}.yaml"


def question_numbers() -> list[str]:
    """Numbers of the questions that have a file."""
    return sorted(path.stem for path in DATA.glob("[0-9]*.yaml"))


def load_question(path: Path) -> Question:
    """Read and check one file; every error names file, entry, field and what was expected."""
    return _parsed(path, path.read_text(encoding="utf-8"))


@cache
def _parsed(path: Path, text: str) -> Question:
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise QuestionError(f"{path}: not YAML: {error}") from None
    if not isinstance(loaded, dict) or set(loaded) != {"claims", "drill"}:
        raise QuestionError(f"{path}: expected the two lists 'claims' and 'drill'")
    return Question(
        claims=tuple(_claim(path, index, entry) for index, entry in enumerate(loaded["claims"], 1)),
        drill=tuple(_drill(path, index, entry) for index, entry in enumerate(loaded["drill"], 1)),
    )


def _claim(path: Path, index: int, entry: Any) -> Claim:
    fields = {"id", "claim", "verdict", "correction", "sources", "proof"}
    where = _where(path, "claim", index, entry, fields, optional={"correction"})
    expected = f"{path.stem}-{index:02}"
    if entry["id"] != expected:
        raise QuestionError(f"{where}: field 'id' must be '{expected}', got {entry['id']!r}")
    _one_of(where, entry, "verdict", VERDICTS)
    if (entry["verdict"] != "holds") and "correction" not in entry:
        raise QuestionError(f"{where}: verdict '{entry['verdict']}' needs the field 'correction'")
    if not isinstance(entry["sources"], list) or not entry["sources"]:
        raise QuestionError(f"{where}: field 'sources' must be a list of at least one key of docs/references.bib")
    if not isinstance(entry["proof"], str) or "::test_" not in entry["proof"]:
        raise QuestionError(f"{where}: field 'proof' must be a test, such as tests/claims/test_37.py::test_37_01")
    return Claim(
        id=entry["id"],
        claim=_words(where, entry, "claim"),
        verdict=entry["verdict"],
        correction=_words(where, entry, "correction") if "correction" in entry else None,
        sources=tuple(entry["sources"]),
        proof=entry["proof"],
    )


def _drill(path: Path, index: int, entry: Any) -> DrillItem:
    where = _where(path, "drill item", index, entry, {"id", "level", "question", "answer"}, optional=set())
    expected = f"{path.stem}-d{index}"
    if entry["id"] != expected:
        raise QuestionError(f"{where}: field 'id' must be '{expected}', got {entry['id']!r}")
    _one_of(where, entry, "level", LEVELS)
    return DrillItem(entry["id"], entry["level"], _words(where, entry, "question"), _words(where, entry, "answer"))


def _where(path: Path, kind: str, index: int, entry: Any, fields: set[str], optional: set[str]) -> str:
    if not isinstance(entry, Mapping):
        raise QuestionError(f"{path}: {kind} {index} must be a mapping with {', '.join(sorted(fields))}")
    where = f"{path}: {kind} {entry.get('id', index)}"
    for name in sorted(fields - optional - set(entry)):
        raise QuestionError(f"{where}: field '{name}' is missing")
    for name in sorted(set(entry) - fields):
        raise QuestionError(f"{where}: field '{name}' is unknown; expected {', '.join(sorted(fields))}")
    return where


def _one_of(where: str, entry: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> None:
    if entry[field] not in allowed:
        raise QuestionError(f"{where}: field '{field}' must be one of {', '.join(allowed)}, got {entry[field]!r}")


def _words(where: str, entry: Mapping[str, Any], field: str) -> Words:
    words = entry[field]
    if not isinstance(words, dict) or set(words) != set(LANGUAGES):
        raise QuestionError(f"{where}: field '{field}' must hold exactly the languages {', '.join(LANGUAGES)}")
    for language, text in words.items():
        if not isinstance(text, str) or not text.strip():
            raise QuestionError(f"{where}: field '{field}' has no text in '{language}'")
    return dict(words)
