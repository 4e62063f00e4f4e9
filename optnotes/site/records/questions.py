"""Claims of the source note and drill items, one file per question, both languages side by side."""

import inspect
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from optnotes import formulas
from optnotes.site.words.citations import Citation, citation
from optnotes.site.words.data import Field, read
from optnotes.site.words.text import DATA, SPEC, Words, words

Verdict = Literal["holds", "condition", "imprecise", "wrong"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
Level = Literal["basic", "solid", "deep"]
LEVELS: tuple[Level, ...] = get_args(Level)
Kind = Literal["recall", "why", "compute", "code", "curve"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# What an item of these kinds has besides words; a curve is chosen among words or among pictures.
TASKS = {"value": "compute", "code": "code", "options": "curve", "pictures": "curve"}


@dataclass(frozen=True)
class Claim:
    """One sentence of the note, the verdict on it, and the test that would fail if the verdict were wrong."""

    id: str
    claim: Words
    verdict: Verdict
    correction: Words | None
    cited: tuple[Citation, ...]
    test: str

    @property
    def sources(self) -> tuple[str, ...]:
        """Keys of its sources."""
        return tuple(each.key for each in self.cited)


@dataclass(frozen=True)
class Call:
    """A formula of the library with arguments, and which of the numbers that it gives is meant."""

    formula: str
    arguments: dict[str, Any]
    entry: int


@dataclass(frozen=True)
class Value:
    """The number that a reader has to find: what a formula gives, how it is printed, which error is forgiven."""

    call: Call
    spec: str
    tolerance: float


@dataclass(frozen=True)
class Picture:
    """A curve to choose: a formula along one argument, and its shape in words."""

    call: Call
    alt: Words


@dataclass(frozen=True)
class Pictures:
    """Curves along one argument over one range; the first is the right one."""

    along: str
    start: float
    end: float
    curves: tuple[Picture, ...]


@dataclass(frozen=True)
class DrillItem:
    """One question with its answer, and the task that its kind brings along."""

    id: str
    level: Level
    kind: Kind
    question: Words
    answer: Words
    value: Value | None = None
    code: str = ""
    options: tuple[Words, ...] = ()
    pictures: Pictures | None = None


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
    fields = entry.fields(("id", "claim", "verdict", "sources", "test"), ("correction",))
    fields["id"].one_of([expected_id])
    verdict = cast(Verdict, fields["verdict"].one_of(VERDICTS))
    if verdict != "holds" and "correction" not in fields:
        raise fields["verdict"].error("the field 'correction' beside it")
    cited = tuple(_citation(source) for source in fields["sources"].items())
    if not cited:
        raise fields["sources"].error("at least one key of docs/references.bib")
    if "::test_" not in fields["test"].text():
        raise fields["test"].error("a test, such as tests/claims/test_37.py::test_37_01")
    return Claim(
        id=expected_id,
        claim=words(fields["claim"]),
        verdict=verdict,
        correction=words(fields["correction"]) if "correction" in fields else None,
        cited=cited,
        test=fields["test"].text(),
    )


def _citation(source: Field) -> Citation:
    try:
        return citation(source.text())
    except ValueError as error:
        raise source.error(str(error).removeprefix("expected ").partition(", got")[0]) from None


def _drill(expected_id: str, entry: Field) -> DrillItem:
    fields = entry.fields(("id", "level", "kind", "question", "answer"), TASKS)
    fields["id"].one_of([expected_id])
    level = cast(Level, fields["level"].one_of(LEVELS))
    kind = cast(Kind, fields["kind"].one_of(KINDS))
    tasks = [name for name in TASKS if name in fields]
    wanted = [name for name, of in TASKS.items() if of == kind]
    if [TASKS[name] for name in tasks] != [kind] * bool(wanted):
        raise fields["kind"].error(f"one field {' or '.join(wanted)}" if wanted else f"no field {' or '.join(tasks)}")
    return DrillItem(
        id=expected_id,
        level=level,
        kind=kind,
        question=words(fields["question"]),
        answer=words(fields["answer"]),
        value=_value(fields["value"]) if "value" in fields else None,
        code=fields["code"].text() if "code" in fields else "",
        options=tuple(map(words, _several(fields["options"]))) if "options" in fields else (),
        pictures=_pictures(fields["pictures"]) if "pictures" in fields else None,
    )


def _several(field: Field) -> list[Field]:
    found = list(field.items())
    if len(found) < 2:
        raise field.error("two or more to choose from, the right one first")
    return found


def _value(field: Field) -> Value:
    fields = field.fields(("formula", "arguments", "format", "tolerance"), ("entry",))
    if not SPEC.fullmatch(fields["format"].text()):
        raise fields["format"].error("a format such as .2f")
    return Value(
        call=_call(fields),
        spec=fields["format"].text(),
        tolerance=fields["tolerance"].number(),
    )


def _pictures(field: Field) -> Pictures:
    fields = field.fields(("along", "range", "curves"))
    ends = fields["range"].value
    numbers = isinstance(ends, list) and [type(end) in (int, float) for end in ends] == [True, True]
    if not numbers or ends[0] >= ends[1]:
        raise fields["range"].error("two numbers, the smaller one first")
    along = fields["along"].text()
    curves = []
    for each in _several(fields["curves"]):
        parts = each.fields(("formula", "alt"), ("arguments", "entry"))
        curves.append(Picture(_call(parts, along), words(parts["alt"])))
    return Pictures(along, float(ends[0]), float(ends[1]), tuple(curves))


def _call(fields: dict[str, Field], *later: str) -> Call:
    known = {full.rpartition(".")[2]: function for full, function in formulas().items()}
    name = fields["formula"].one_of(list(known))
    given = fields["arguments"].entries() if "arguments" in fields else {}
    arguments = {key: each.value for key, each in given.items()}
    try:
        inspect.signature(known[name]).bind(**arguments, **dict.fromkeys(later))
    except TypeError as error:
        raise fields["formula"].error(f"its arguments ({error})") from None
    return Call(name, arguments, int(fields["entry"].number(whole=True)) if "entry" in fields else 0)
