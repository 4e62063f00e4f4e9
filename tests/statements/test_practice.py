"""Every row of the tables "symptom, advice, run" has its run: a number of one, or the section that shows it."""

import re
from pathlib import Path

import pytest
import yaml

from optnotes.site.words.text import LANGUAGES, ROOT
from tests.site.pages import EDGE, LABEL

RUN = {"en": ("The run", "On new data"), "ru": ("Прогон", "На новых данных")}
NUMBER = re.compile(r"\{num\}`")
PLACE = re.compile(r"\{ref\}`[^`]*?<?([\w-]+)>?`")
TABLES = re.compile(r"q\d\d-(practice|splits)")
# Rows that have no run, by question and first cell, with the reason.
WITHOUT: dict[str, dict[tuple[str, str], str]] = {"en": {}, "ru": {}}


def sections(language: str) -> dict[str, str]:
    """Text below each label of the question pages."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "docs" / language / "questions").glob("*.md")):
        label = ""
        for line in path.read_text("utf-8").splitlines():
            if match := LABEL.match(line):
                label = match[1]
            found[label] = found.get(label, "") + line + "\n"
    return found


def rows(text: str, language: str) -> list[list[str]]:
    """Rows of the tables whose last column is the run."""
    tables = [block.splitlines() for block in text.split("\n\n") if block.lstrip().startswith("|")]
    cells = [[[cell.strip() for cell in EDGE.split(line)[1:-1]] for line in table if line] for table in tables]
    return [row for table in cells if table[0][-1] in RUN[language] for row in table[2:]]


def shown(cell: str, places: dict[str, str]) -> bool:
    """Whether a cell holds a number of a run, or leads to a section that does or runs one."""
    below = [places.get(label, "") for label in PLACE.findall(cell)]
    return any(NUMBER.search(text) or "{code-cell}" in text for text in (cell.replace("{ref}", ""), *below))


def found(language: str) -> list[tuple[str, list[str]]]:
    """Each row of a practice section with its question."""
    practice = [(label, text) for label, text in sections(language).items() if TABLES.fullmatch(label)]
    return [(label[1:3], row) for label, text in practice for row in rows(text, language)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_practice_row_has_its_run(language):
    places = sections(language)
    bare = [(number, row[0]) for number, row in found(language) if not shown(row[-1], places)]
    assert bare == list(WITHOUT[language])
    assert len({number for number, _ in found(language)}) == 10


@pytest.mark.parametrize("cell", ["Any batch", "{ref}`below <q00-nothing>`", "See `num`"])
def test_a_row_without_a_run_is_noticed(cell):
    table = f"| Symptom | Advice | The run |\n|---|---|---|\n| It fails | Wait | {cell} |\n"
    (row,) = rows(table, "en")
    assert not shown(row[-1], {"q00-nothing": "Words only."})
    assert shown("{num}`a.b`", {})
    assert shown("{ref}`below <q00-run>`", {"q00-run": "```{code-cell}\n```"})


PRICE = {
    "en": "| Advice | How often in the run | Cost | Where it does not help |",
    "ru": "| Совет | Как часто в прогоне | Цена | Где не помогает |",
}


def prices(text: str, language: str) -> list[list[str]]:
    """Rows of the table that says how often, at what cost, and where the advice does not help."""
    if PRICE[language] not in text:
        return []
    lines = text.split(PRICE[language], 1)[1].splitlines()[2:]
    end = next((at for at, line in enumerate(lines) if not line.startswith("|")), len(lines))
    return [[cell.strip() for cell in EDGE.split(line)[1:-1]] for line in lines[:end]]


def unpriced(practice: str, price: str, language: str) -> list[str]:
    """Advice without a row of its own, and rows that leave a cell empty."""
    advice, table = rows(practice, language), prices(price, language)
    faults = [] if len(advice) == len(table) else [f"{len(advice)} rows of advice, {len(table)} of costs"]
    return faults + [row[0] for row in table if len(row) != 4 or not all(row)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_practice_row_says_how_often_at_what_cost_and_where_it_does_not_help(language):
    places = sections(language)
    numbers = [label[1:3] for label in places if re.fullmatch(r"q\d\d-practice", label)]
    faults = {n: unpriced(places[f"q{n}-practice"], places.get(f"q{n}-price", ""), language) for n in numbers}
    assert {n: fault for n, fault in faults.items() if fault} == {}
    assert len(numbers) == 10


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("| Wait | All runs | None | A storm |", []),
        ("| Wait | All runs |  | A storm |", ["Wait"]),
        ("| Wait | All runs | None |", ["Wait"]),
        ("", ["1 rows of advice, 0 of costs"]),
    ],
)
def test_a_row_without_its_price_is_noticed(row, fault):
    practice = "| Symptom | Advice | The run |\n|---|---|---|\n| It fails | Wait | {num}`a.b` |\n"
    assert unpriced(practice, f"{PRICE['en']}\n|---|---|---|---|\n{row}\n", "en") == fault


LIMITS = yaml.safe_load(Path(__file__).with_name("limits.yaml").read_text("utf-8"))


def unshown(table: list[list[str]], evidence: list[str]) -> list[str]:
    """Rows whose last cell has neither a number of a run nor a test that exists."""
    wrong = [] if len(table) == len(evidence) else [f"{len(table)} rows, {len(evidence)} of evidence"]
    for row, shown in zip(table, evidence, strict=False):
        file, _, name = shown.replace("limits::", "attack/test_limits.py::").partition("::")
        path = ROOT / "tests" / file
        there = path.is_file() and re.search(rf"^(?:def )?{name}\b", path.read_text("utf-8"), re.MULTILINE)
        if (shown == "number") != bool(NUMBER.search(row[-1])) or not (shown == "number" or there):
            wrong.append(row[0])
    return wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_advice_does_not_help_is_shown_by_a_run(language):
    places = sections(language)
    wrong = {n: unshown(prices(places[f"q{n}-price"], language), evidence) for n, evidence in LIMITS.items()}
    assert {n: rows for n, rows in wrong.items() if rows} == {}
    assert len(LIMITS) == 10


@pytest.mark.parametrize(
    ("cell", "evidence", "wrong"),
    [
        ("A storm", "attack/test_40.py::test_advice_whiten", []),
        ("{num}`a.b`", "number", []),
        ("A storm", "number", ["Wait"]),
        ("{num}`a.b`", "attack/test_40.py::test_advice_whiten", ["Wait"]),
        ("A storm", "attack/test_40.py::test_advice", ["Wait"]),
        ("A storm", "limits::test_of_nothing", ["Wait"]),
    ],
)
def test_a_limit_without_its_run_is_noticed(cell, evidence, wrong):
    assert unshown([["Wait", "All", "None", cell]], [evidence]) == wrong
    assert unshown([["Wait", "All", "None", cell]], []) == ["1 rows, 0 of evidence"]
