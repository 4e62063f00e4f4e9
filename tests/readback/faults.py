"""Faults that were planted on purpose, each with the check that notices it: ``faults.yaml`` beside this module.

A row holds

- ``fault``: what goes wrong, in words;
- ``planted_by``: the test that plants it and sees the check fail, as ``path::name``;
- ``noticed_by``: the check that a contributor runs and that would notice it, as ``path::name``;
- whatever else the planting test needs, such as the name of a plant, a style rule, a colour scheme or a page;

or, where no program can notice it, ``fault`` and ``nobody``: why not. A planting test takes its rows by its own name::

    @pytest.mark.parametrize("row", rows("tests/readback/test_faults.py::test_a_fault_of_a_page_is_noticed"), ids=name)

so a row without a planting test, or a planting test without rows, does not exist.
"""

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def faults() -> tuple[dict[str, Any], ...]:
    """All rows."""
    return tuple(yaml.safe_load(Path(__file__).with_name("faults.yaml").read_text("utf-8")))


def rows(test: str) -> list[dict[str, Any]]:
    """Rows that a test plants."""
    found = [row for row in faults() if row.get("planted_by") == test]
    if not found:
        raise ValueError(f"no fault of faults.yaml is planted by {test}")
    return found


def name(row: dict[str, Any]) -> str:
    """A row as pytest shows it."""
    return str(row["fault"])
