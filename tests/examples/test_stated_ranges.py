"""Ranges that pages state for results of chaotic training hold the results of this processor, with room to spare."""

import importlib

import pytest

from optnotes.site.words.text import ROOT
from tests.examples import numbers_of

EXAMPLES = [
    example
    for path in sorted((ROOT / "examples").glob("[!_]*.py"))
    if hasattr(example := importlib.import_module(f"examples.{path.stem}"), "STATED")
]


def test_some_examples_state_ranges():
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.__name__)
def test_results_lie_within_the_stated_ranges(example):
    found = numbers_of(example)
    for name, (low, high) in example.STATED.items():
        assert low <= found[name] <= high, name
        assert (found[f"{name}_low"], found[f"{name}_high"]) == (low, high), name
