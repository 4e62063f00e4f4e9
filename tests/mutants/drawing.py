"""Faults that only pixels show; needs Chromium, Firefox and the site of ``nox -s docs``."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from tests.mutants.report import Planted, slice_of

BAR = 0.95
FAULTLESS = False
CHECK = "tests/browser/check_planted_drawn.py"
PYTEST = (sys.executable, "-m", "pytest", "-o", "python_files=check_*.py")


def plant(part: str = "") -> Iterator[Planted]:
    """What the check says of each planted fault."""
    listed = subprocess.run([*PYTEST, "--collect-only", "-q", CHECK], check=True, capture_output=True, text=True).stdout
    chosen = slice_of([line for line in listed.splitlines() if line.startswith(f"{CHECK}::")], part)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "results.xml"
        subprocess.run([*PYTEST, f"--junit-xml={path}", *chosen], check=False)
        yield from read(path)


def read(path: Path) -> Iterator[Planted]:
    """The results of pytest: a fault is noticed if its test passes."""
    for case in ElementTree.parse(path).iter("testcase"):
        yield Planted("drawing", (case.get("name", ""),), len(case.findall("*")) == len(case.findall("system-out")))


def reasons() -> dict[tuple[str, ...], str]:
    """None: each of them is noticed."""
    return {}
