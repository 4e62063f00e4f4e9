"""What stands behind a formula, read from the tests themselves, never typed: how many there are, their arguments."""

import ast
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from optnotes.site.records.records import load_generic
from optnotes.site.words.text import ROOT


@dataclass(frozen=True)
class Witnesses:
    """How many ordinary tests and laws (over random inputs) call a formula; how many made for all run for it."""

    tests: int
    laws: int
    generic: int = 0


def _decorators(function: ast.FunctionDef) -> Iterator[str]:
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


@cache
def _calls_by_test(path: Path) -> tuple[tuple[bool, frozenset[str]], ...]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return tuple(
        ("given" in _decorators(node), frozenset(name.id for name in ast.walk(node) if isinstance(name, ast.Name)))
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def file_of_tests(function: Callable[..., object], tests: Path = ROOT / "tests") -> Path:
    """File that tests a formula: ``tests/activations/test_gelu.py`` for those of ``optnotes/activations/gelu.py``."""
    _, family, module = function.__module__.split(".")
    return tests / family / f"test_{module}.py"


def witnesses(function: Callable[..., object], tests: Path = ROOT / "tests") -> Witnesses:
    """Return the witnesses of a formula: in the file that tests it, and among the tests of all formulas."""
    _, family, _ = function.__module__.split(".")
    generic = load_generic().get(f"optnotes.{family}.{function.__name__}", 0)
    path = file_of_tests(function, tests)
    if not path.is_file():
        return Witnesses(0, 0, generic)
    calling = [is_law for is_law, names in _calls_by_test(path) if function.__name__ in names]
    return Witnesses(len(calling) - sum(calling), sum(calling), generic)


def arguments(function: Callable[..., object], seed: int) -> dict[str, Any]:
    """Draw the arguments at which the generic tests call a formula."""
    family = function.__module__.split(".")[1]
    point = importlib.import_module(f"tests.{family}.points").POINTS[function.__name__]
    drawn: dict[str, Any] = point(importlib.import_module("tests.points").Draw(seed))
    return drawn
