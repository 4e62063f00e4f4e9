"""What a build costs: from nothing, with nothing to do, and after one edit."""

import os
import re
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from optnotes.site.words.text import ROOT
from tests.bench.measure import Cost, cost, sphinx

# So many times what the examples take alone may a cold build take, and the rest what ``import torch`` takes: both
# languages with nothing changed, one language after an edit as ``nox -s live`` builds it, and all tests.
GOALS = {"cold": 0.9, "unchanged": 3, "word": 1.5, "caption": 3, "formula": 12, "tests": 150}
SHOW = "from examples import {0}; from optnotes.site.figures.publish import show; show({0}, {0}.compute())"
PAGE, FORMULA = "docs/en/questions/36-l2.md", "optnotes/penalties/losses.py"
CAPTION = "docs/data/text/ridge_spectrum.yaml"
TESTS = ("-m", "pytest", "-q", "-n", "auto", "--dist", "loadfile")


def both(root: Path) -> Cost:
    """Build the Russian and the English site."""
    return sphinx(root, "ru") + sphinx(root, "en")


def examples(root: Path) -> dict[str, float]:
    """Run each example of the pages once, each in a process of its own, on all cores."""
    written = "".join(page.read_text("utf-8") for page in (root / "docs" / "en").rglob("*.md"))
    shown = sorted(set(re.findall(r"^show\((\w+)", written, re.MULTILINE)))
    start = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        costs = list(pool.map(lambda name: cost([sys.executable, "-c", SHOW.format(name)], root), shown))
    return {"examples": len(shown), "wall": time.perf_counter() - start, "cpu": sum(each.cpu for each in costs)}


def described(measured: Cost) -> dict[str, float]:
    """Cost of a build, with the pages it read and the cells it executed."""
    read = re.findall(r"(\d+) added, (\d+) changed", measured.said)
    cells = re.findall(r"executing \d+ pages \((\d+) cells\)", measured.said)
    counts = {"pages_read": sum(int(a) + int(b) for a, b in read), "cells": sum(map(int, cells))}
    return {**measured.row(), **counts}


def edited(root: Path, name: str, old: str, new: str) -> dict[str, float]:
    """Cost of the build of one language after one edit."""
    path = root / name
    text = path.read_text("utf-8")
    if old not in text:
        raise SystemExit(f"{name}: '{old}' is no longer there to be edited")
    path.write_text(text.replace(old, new, 1), "utf-8")
    return described(sphinx(root, "en"))


def builds(root: Path) -> dict[str, Any]:
    """Measure in a copy that holds nothing built."""
    shutil.rmtree(root / "build", ignore_errors=True)
    alone = examples(root)
    cold = described(both(root))
    measured = {
        "cold": cold,
        "unchanged": described(both(root)),
        "word": edited(root, PAGE, "## Short answer\n\n", "## Short answer\n\nIndeed, "),
        "caption": edited(root, CAPTION, "The penalty fades", "A penalty fades"),
        "formula": edited(root, FORMULA, r"\lambda", r"{\lambda}"),
        "tests": cost([sys.executable, *TESTS], ROOT).row(),  # some of them read the repository
    }
    torch = min(cost([sys.executable, "-c", "import torch"], root).wall for _ in range(3))
    for name, row in measured.items():
        row["ratio"] = row["wall"] / (alone["wall"] if name == "cold" else torch)
        row["goal"] = GOALS[name]
    return {"import_torch": torch, "examples_alone": alone, **measured}
