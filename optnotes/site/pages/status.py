"""``{status}``: what the pages hold, how exact it is, what it costs, its versions; ``{errata}``: what was wrong."""

import os
import platform
import re
import tomllib
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from docutils import nodes

from optnotes.site.pages.claims import QuestionDirective, table
from optnotes.site.records.questions import VERDICTS
from optnotes.site.records.records import (
    BENCH,
    BUILDS_OF_SCALE,
    ERRATA,
    WORST,
    Bench,
    load_bench,
    load_errata,
    load_worst,
)
from optnotes.site.words.text import ROOT, format_number, site_labels

FORMULA = re.compile(r"^```\{formula\} ", re.MULTILINE)
CLAIMS = re.compile(r"^```\{claims\} (\d+)", re.MULTILINE)
EXAMPLE = re.compile(r"^from examples import (.+)$", re.MULTILINE)
MANIFEST = ROOT / "pyproject.toml"


def packages() -> list[str]:
    """Direct dependencies of the pages, from the manifest."""
    groups = tomllib.loads(MANIFEST.read_text(encoding="utf-8"))["dependency-groups"]
    entries = ["torch", *groups["examples"], *groups["docs"]]
    return sorted({re.split(r"[<>=~!;\[ ]", entry)[0] for entry in entries if isinstance(entry, str)})


def build_date() -> str | None:
    """Date of SOURCE_DATE_EPOCH; without it none, so that two builds have the same bytes."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(epoch), UTC).date().isoformat() if epoch else None


class StatusDirective(QuestionDirective):
    """One part of the status: ``pages``, ``errors``, ``versions`` or ``costs``."""

    def run(self) -> list[nodes.Node]:
        """Build the tables of the part."""
        parts = {"pages": self._pages, "errors": self._errors, "versions": self._versions, "costs": self._costs}
        if self.arguments[0] not in parts:
            raise self.error(f"expected one of {', '.join(parts)}, got '{self.arguments[0]}'")
        self.env.note_dependency(BENCH)
        self.env.note_dependency(WORST)
        self.env.note_dependency(MANIFEST)
        return self.paragraphs("\n\n".join(parts[self.arguments[0]]()))

    def _number(self, value: float, spec: str) -> str:
        return format_number(value, spec, self.language)

    def _pages(self) -> list[str]:
        text, bench = site_labels(self.language), load_bench()
        timed = bench.pages
        head = ["seconds", "seeds", "formulas"]
        rows, totals = [], [0] * (1 + len(VERDICTS))
        for path in sorted(Path(self.env.srcdir, "questions").glob("*.md")):
            page = path.read_text(encoding="utf-8")
            number = path.stem.partition("-")[0]
            self.env.note_dependency(path)
            counts = [len(FORMULA.findall(page))]
            claims = [claim for found in CLAIMS.findall(page) for claim in self.load(found).claims]
            counts += [sum(claim.verdict == verdict for claim in claims) for verdict in VERDICTS]
            totals = [total + count for total, count in zip(totals, counts, strict=True)]
            seconds = timed.get(f"questions/{path.stem}")
            measured = "—" if seconds is None else self._number(seconds, ".1f")
            rows.append([f"{{ref}}`q{number}`", measured, self._seeds(page) or "—", *map(str, counts)])
        total = self._number(sum(timed.values()), ".1f")
        rows.append([f"**{text('status.total')}**", total, "", *map(str, totals)])
        names = [text("status.page"), *(text(f"status.{key}") for key in head)]
        return [table([*names, *(text(f"verdict.{verdict}") for verdict in VERDICTS)], rows)]

    def _seeds(self, page: str) -> str:
        """Seeds of each experiment on a page, as the run published them."""
        examples = [name.strip() for names in EXAMPLE.findall(page) for name in names.split(",")]
        with_seeds = []
        for name in examples:
            path = Path(self.config.optnotes_root, "examples", f"{name}.py")
            if path.is_file() and '"seeds"' in path.read_text(encoding="utf-8"):
                with_seeds.append(f"{{num}}`{name}.seeds`")
        return ", ".join(with_seeds)

    def _errors(self) -> list[str]:
        text, worst = site_labels(self.language), load_worst()
        rows = [
            [
                self._number(units, ".0f"),
                ", ".join(f"`{name.rpartition('.')[2]}`" for name in worst if worst[name] == units),
            ]
            for units in sorted(set(worst.values()))
        ]
        return [table([text("status.units"), text("bench.function")], rows)]

    def _versions(self) -> list[str]:
        text, date = site_labels(self.language), build_date()
        rows = [["Python", platform.python_version()], *([name, version(name)] for name in packages())]
        dated = [text("status.date", date=date)] if date else []
        return [*dated, table([text("status.package"), text("status.version")], rows)]

    def _costs(self) -> list[str]:
        text, bench = site_labels(self.language), load_bench()
        return [text("status.machine", machine=bench.machine), *self._measured(bench)]

    def _measured(self, bench: Bench) -> list[str]:
        text, number = site_labels(self.language), self._number
        columns = ("seconds", "ratio", "goal", "pages", "cells")
        specs = {"seconds": ".1f", "ratio": ".2f", "goal": ".2f", **dict.fromkeys(BUILDS_OF_SCALE, ".1f")}
        builds = [
            [text(f"bench.{row['id']}")]
            + [number(float(row[key]), specs.get(key, ".0f")) if key in row else "—" for key in columns]
            for row in bench.builds
        ]
        scale = [[number(row[key], specs.get(key, ".0f")) for key in row] for row in bench.scale]
        imports = [[f"`import {name}`", number(seconds, ".2f")] for name, seconds in bench.imports.items()]
        formulas = [[f"`{name}`", f"`{against}`", number(ratio, ".2f")] for name, against, ratio in bench.formulas]
        tables = (
            (["build", *columns], builds),
            (["pages", *BUILDS_OF_SCALE, "mebibytes"], scale),
            (["import", "seconds"], imports),
            (["function", "against", "ratio"], formulas),
        )
        return [table([text(f"bench.{key}") for key in head], rows) for head, rows in tables if rows]


class ErrataDirective(QuestionDirective):
    """Every corrected error with the test that guards it."""

    required_arguments = 0

    def run(self) -> list[nodes.Node]:
        """Build one paragraph per error."""
        self.env.note_dependency(ERRATA)
        text, language = site_labels(self.language), self.language
        return self.paragraphs(
            "\n\n".join(
                f"**{erratum.date}, {erratum.version}.** {erratum.was[language]} {erratum.now[language]}\\\n"
                f"{text('errata.test')} `{erratum.test}`"
                for erratum in load_errata()
            )
        )
