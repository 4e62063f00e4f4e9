"""What the checkup_trials example shows, and that a part of it, measured anew, is what the file says."""

from functools import partial

import pytest

from examples import checkup_trials
from optnotes.site.records.records import load_trials
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.checkup.runs import load
from tests.checkup.table import SEEDS, place
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, result_of

result = partial(result_of, checkup_trials)
numbers = partial(numbers_of, checkup_trials)
SAMPLE = ("default-init-deep", "memorised", "dropout-before-norm", "squared-sigmoid", "tiny-inputs", "updates-lost")


def test_the_cause_is_named_and_healthy_runs_are_left_alone():
    assert numbers()["faults"] >= 40
    assert numbers()["healthy"] >= 10
    assert numbers()["first"] >= 0.90
    assert numbers()["third"] >= 0.98
    assert numbers()["alarms"] <= 0.05


def test_the_page_names_every_kind_of_fault_that_mostly_does_not_come_first():
    weak = {row["id"].replace("-", "_") for row in load_trials()[0] if row["first"] < row["runs"] / 2}
    assert numbers()["weak"] == len(weak) == 1
    for language in LANGUAGES:
        page = (ROOT / "docs" / language / "checkup.md").read_text("utf-8")
        assert all(f"checkup_trials.first_{name}`" in page for name in weak)


def test_every_fault_and_every_healthy_run_was_measured_with_every_seed():
    faults, healthy = load()
    stored = load_trials()
    assert [(row["id"], row["about"]) for row in stored[0]] == [(fault.id, fault.about) for fault in faults]
    assert [row["id"] for row in stored[1]] == list(healthy["reported"])
    assert {row["runs"] for rows in stored for row in rows} == {len(SEEDS["reported"])}


@pytest.mark.parametrize("fault", [fault for fault in load()[0] if fault.id in SAMPLE], ids=lambda fault: fault.id)
def test_a_part_measured_anew_is_what_the_file_says(fault):
    """Within one run, which another processor may round over a threshold."""
    (stored,) = (row for row in load_trials()[0] if row["id"] == fault.id)
    places = [place(fault, "reported", seed)[0] for seed in SEEDS["reported"]]
    assert abs(sum(each == 1 for each in places) - stored["first"]) <= 1


def test_repeatable_plain_and_drawn():
    assert_deterministic(checkup_trials, result())
    assert_plain(numbers())
    assert_drawn(checkup_trials, result())
