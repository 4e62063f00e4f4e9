"""Runs tests and builds under other processors: ``python -m tests.machines SOURCES [short] [VARIANT …]``.

Each variant gets a copy of the sources beside them, named after it, and is compared with the first one. The short form
runs claims and experiments only, and compares what these print. The last line of the report is the verdict.
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from optnotes.site.words.text import LANGUAGES
from tests.machines.compare import MOST_PIXELS, Change, changed, figures_moved, words_changed
from tests.machines.variants import SHORT, VARIANTS, settings

PLUGINS = [f"-ptests.machines.{name}" for name in ("rounding", "margins", "words")]
# A comparison must keep this many times what its values differ from machine to machine.
ROOM, SHOWN = 1.0, 25
START = "import tests.machines.rounding\n"


@dataclass
class Outcome:
    """What one variant gave: status and last words of the commands that failed, and the closest calls of the tests."""

    name: str
    failed: list[str] = field(default_factory=list)
    margins: dict[str, list[float]] = field(default_factory=dict)


def call(outcome: Outcome, folder: Path, *command: str) -> None:
    """Run one command in the variant's copy with the variant's settings; keep what it says if it fails."""
    written = {"OPTNOTES_MARGINS": "margins.json", "OPTNOTES_WORDS": "words.json", "PYTHONDONTWRITEBYTECODE": "1"}
    environment = {**os.environ, **settings(outcome.name), **written, "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-m", *command], cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        summary = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        outcome.failed += summary or [f"{' '.join(command)}: {done.returncode}\n{(done.stdout + done.stderr)[-3000:]}"]


def test(outcome: Outcome, folder: Path, *what: str) -> None:
    """Run the tests; the plugins leave margins and printed words behind."""
    call(outcome, folder, "pytest", "-q", *PLUGINS, "-o", "enable_assertion_pass_hook=true", *what)
    if (folder / "margins.json").is_file():
        outcome.margins = json.loads((folder / "margins.json").read_text(encoding="utf-8"))


def build(outcome: Outcome, folder: Path) -> None:
    """Build both sites; kernels begin with the start-up module, which rounds otherwise if the variant says so."""
    startup = folder / "build" / "settings" / "profile_default" / "startup" / "rounding.py"
    startup.parent.mkdir(parents=True, exist_ok=True)
    startup.write_text(START, encoding="utf-8")
    for language in LANGUAGES:
        paths = ("-d", f"build/doctrees/{language}", f"docs/{language}", f"build/html/{language}")
        call(outcome, folder, "sphinx", "-nW", "--keep-going", "-q", "-j", "1", "-c", ".", "-t", language, *paths)


def run(name: str, sources: Path, short: bool) -> Outcome:
    """Everything under one variant."""
    outcome, folder = Outcome(name), sources.parent / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(sources, folder)
    test(outcome, folder, *(("tests/claims", "tests/examples") if short else ()))
    if not short:
        build(outcome, folder)
    return outcome


def printed_changed(one: Path, other: Path) -> list[Change]:
    """What the experiments print in two short runs."""
    left, right = (json.loads((folder / "words.json").read_text(encoding="utf-8")) for folder in (one, other))
    return [
        Change(place, *pair)
        for place in sorted(left.keys() | right.keys())
        for pair in changed([left.get(place, "")], [right.get(place, "")])
    ]


def narrowest(outcomes: list[Outcome]) -> list[tuple[float, str, list[list[float]]]]:
    """Comparisons by what is left of them, in units of how far they move between machines; the least first."""
    found = []
    for place in set.intersection(*(set(outcome.margins) for outcome in outcomes)):
        margins = [outcome.margins[place] for outcome in outcomes]
        distances = [distance for distance, *_ in margins]
        if spread := max(distances) - min(distances):
            found.append((min(distances) / spread, place, margins))
    return sorted(found)


def report(outcomes: list[Outcome], root: Path, short: bool) -> int:
    """Print what differs from the first variant and return the number of faults."""
    faults, first = 0, root / outcomes[0].name
    for outcome in outcomes:
        print(f"{outcome.name}: {len(outcome.failed)} failures", *outcome.failed, sep="\n  ")
        faults += len(outcome.failed)
    for outcome in [] if any(outcome.failed for outcome in outcomes) and not short else outcomes[1:]:
        folder = root / outcome.name
        sites = (first / "build" / "html", folder / "build" / "html")
        changes = printed_changed(first, folder) if short else words_changed(*sites)
        figures = {} if short else figures_moved(*sites)
        far = {name: by for name, by in figures.items() if by > MOST_PIXELS}
        print(f"{outcome.name} against {outcomes[0].name}: {len(changes)} texts differ", *changes, sep="\n")
        print(f"{len(figures)} figures differ, {len(far)} by more than {MOST_PIXELS} pixels: {far}")
        faults += len(changes) + len(far)
    for left, place, margins in narrowest(outcomes)[:SHOWN]:
        print(f"{left:10.2f}  {place}: {', '.join(f'{value:.6g} of {limit:.6g}' for _, value, limit in margins)}")
    narrow = sum(left < ROOM for left, *_ in narrowest(outcomes))
    print(f"{len(outcomes)} variants, {faults} faults, {narrow} comparisons nearer to their limit than they move")
    return faults + narrow


def main(sources: Path, *arguments: str) -> int:
    """Run the variants, as many at a time as there are cores, and report."""
    short = "short" in arguments
    names = [name for name in arguments if name != "short"] or (SHORT if short else VARIANTS)
    if unknown := set(names) - set(VARIANTS):
        sys.exit(f"unknown variants {', '.join(sorted(unknown))}; known: {', '.join(VARIANTS)}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(lambda name: run(name, sources, short), names))
    return min(report(outcomes, sources.parent, short), 1)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), *sys.argv[2:]))
