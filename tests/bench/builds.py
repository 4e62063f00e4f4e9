"""What a build costs: from nothing, with nothing to do, and after one edit."""

import os
import re
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bench.measure import Cost, cost, sphinx

GOAL = 1.3  # a cold build may take so many times what its examples take alone
SHOW = "from examples import {0}; from optnotes.site.figures.publish import show; show({0}, {0}.compute())"
PAGE, FORMULA = "docs/en/questions/36-l2.md", "optnotes/penalties/losses.py"


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
    """Cost of both builds after one edit."""
    path = root / name
    text = path.read_text("utf-8")
    if old not in text:
        raise SystemExit(f"{name}: '{old}' is no longer there to be edited")
    path.write_text(text.replace(old, new, 1), "utf-8")
    return described(both(root))


def builds(root: Path) -> dict[str, Any]:
    """Measure in a copy that holds nothing built."""
    shutil.rmtree(root / "build", ignore_errors=True)
    alone = examples(root)
    cold = described(both(root))
    return {
        "examples_alone": alone,
        "cold": cold,
        "cold_over_examples_cpu": cold["cpu"] / alone["cpu"],
        "cold_over_examples_wall": cold["wall"] / alone["wall"],
        "unchanged": described(both(root)),
        "word": edited(root, PAGE, "## Short answer\n\n", "## Short answer\n\nIndeed, "),
        "formula": edited(root, FORMULA, r"\lambda", r"{\lambda}"),
    }
