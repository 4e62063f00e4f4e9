"""Claims of the source note and drill items, one file per question, both languages side by side."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from optnotes.site.data import Field, read
from optnotes.site.text import DATA, Words, words

Verdict = Literal["holds", "condition", "imprecise", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Level = Literal["basic", "solid", "deep"]
LEVELS: tuple[Level, ...] = get_args(Level)


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
    """Read and check one file; a DataError names file, line, field and what was expected."""
    return _parsed(path, path.read_bytes())


@cache
def _parsed(path: Path, content: bytes) -> Question:
    lists = read(path).fields(("claims", "drill"))
    return Question(
        claims=tuple(
            _claim(f"{path.stem}-{index:02}", entry) for index, entry in enumerate(lists["claims"].items(), 1)
        ),
        drill=tuple(_drill(f"{path.stem}-d{index}", entry) for index, entry in enumerate(lists["drill"].items(), 1)),
    )


def _claim(expected_id: str, entry: Field) -> Claim:
    fields = entry.fields(("id", "claim", "verdict", "sources", "proof"), ("correction",))
    fields["id"].one_of([expected_id])
    verdict = cast(Verdict, fields["verdict"].one_of(VERDICTS))
    if verdict != "holds" and "correction" not in fields:
        raise fields["verdict"].error("the field 'correction' beside it")
    sources = tuple(source.text() for source in fields["sources"].items())
    if not sources:
        raise fields["sources"].error("at least one key of docs/references.bib")
    if "::test_" not in fields["proof"].text():
        raise fields["proof"].error("a test, such as tests/claims/test_37.py::test_37_01")
    return Claim(
        id=expected_id,
        claim=words(fields["claim"]),
        verdict=verdict,
        correction=words(fields["correction"]) if "correction" in fields else None,
        sources=sources,
        proof=fields["proof"].text(),
    )


def _drill(expected_id: str, entry: Field) -> DrillItem:
    fields = entry.fields(("id", "level", "question", "answer"))
    fields["id"].one_of([expected_id])
    level = cast(Level, fields["level"].one_of(LEVELS))
    return DrillItem(expected_id, level, words(fields["question"]), words(fields["answer"]))
