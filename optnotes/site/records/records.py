"""What the status page keeps: corrected errors, and the costs that ``nox -s bench`` measured."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from optnotes.site.words.data import Field, read
from optnotes.site.words.text import DATA, Words, words

ERRATA = DATA / "errata.yaml"
BENCH = DATA / "build_costs.yaml"
WORST = DATA / "worst_errors.yaml"
GENERIC = DATA / "generic_tests.yaml"
TRIALS = DATA / "checkup_trials.yaml"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
BUILDS = ("cold", "unchanged", "word", "caption", "formula", "tests")
BUILDS_OF_SCALE = BUILDS[:3]


@dataclass(frozen=True)
class Erratum:
    """One corrected error of the site, and the test that would notice it."""

    date: str
    version: str
    was: Words
    now: Words
    test: str


@dataclass(frozen=True)
class Bench:
    """Measured costs; each row is what one line of a table shows."""

    machine: str
    pages: dict[str, float]
    builds: list[dict[str, float | str]]
    scale: list[dict[str, float]]
    imports: dict[str, float]
    formulas: list[tuple[str, str, float]]


def load_errata(path: Path = ERRATA) -> list[Erratum]:
    """Read the errors, newest first."""
    found = []
    for entry in read(path).items():
        fields = entry.fields(("date", "version", "was", "now", "test"))
        if not DATE.fullmatch(fields["date"].text()):
            raise fields["date"].error("a date such as 2026-11-23")
        if "::test_" not in fields["test"].text():
            raise fields["test"].error("a test, such as tests/activations/test_gelu.py::test_values")
        found.append(
            Erratum(
                fields["date"].text(),
                fields["version"].text(),
                words(fields["was"]),
                words(fields["now"]),
                fields["test"].text(),
            )
        )
    return sorted(found, key=lambda erratum: erratum.date, reverse=True)


Trial = dict[str, str | int]


def load_bench(path: Path = BENCH) -> Bench:
    """Read the last measurement."""
    fields = read(path).fields(("machine", "pages", "builds", "scale", "imports", "formulas"))
    return Bench(
        machine=", ".join(f"{name} {field.value}" for name, field in fields["machine"].entries().items()),
        pages=_numbers(fields["pages"]),
        builds=[_build(entry) for entry in fields["builds"].items()],
        scale=[
            {name: field.number() for name, field in entry.fields(("pages", *BUILDS_OF_SCALE, "mebibytes")).items()}
            for entry in fields["scale"].items()
        ],
        imports=_numbers(fields["imports"]),
        formulas=[_formula(entry) for entry in fields["formulas"].items()],
    )


def load_worst(path: Path = WORST) -> dict[str, float]:
    """Read the worst error of each formula, in units of the conventions page."""
    return _numbers(read(path))


@cache
def load_generic(path: Path = GENERIC) -> dict[str, int]:
    """Read how many tests that are made for all formulas run for each."""
    return {name: int(count) for name, count in _numbers(read(path)).items()}


def load_trials(path: Path = TRIALS) -> tuple[list[Trial], list[Trial]]:
    """Read how often the check-up named a planted cause, and how often it alarmed in healthy runs."""
    fields = read(path).fields(("faults", "healthy"))
    counts = ("unseen", "runs", "first", "third")
    faults = [_trial(entry, ("id", "about"), counts) for entry in fields["faults"].items()]
    return faults, [_trial(entry, ("id",), ("runs", "alarms")) for entry in fields["healthy"].items()]


def _trial(entry: Field, names: tuple[str, ...], counts: tuple[str, ...]) -> Trial:
    fields = entry.fields((*names, *counts))
    return {name: fields[name].text() for name in names} | {name: int(fields[name].number()) for name in counts}


def _build(entry: Field) -> dict[str, float | str]:
    fields = entry.fields(("id", "seconds"), ("ratio", "goal", "pages", "cells"))
    numbers = {name: field.number() for name, field in fields.items() if name != "id"}
    return {"id": fields["id"].one_of(BUILDS), **numbers}


def _formula(entry: Field) -> tuple[str, str, float]:
    fields = entry.fields(("formula", "against", "ratio"))
    return fields["formula"].text(), fields["against"].text(), fields["ratio"].number()


def _numbers(field: Field) -> dict[str, float]:
    return {key: entry.number() for key, entry in field.entries().items()}
