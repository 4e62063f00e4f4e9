"""The short form of the table: a few faults of every kind and a few healthy runs, one seed each."""

import pytest

from tests.checkup.runs import load, report
from tests.checkup.table import SEEDS, place, shares

SEED = SEEDS["reported"][0]
FAULTS, HEALTHY = load()
SHORT = (
    "sigmoid-deep", "rate-large", "attention-unscaled", "leak", "decay-sgd", "l1-in-loss",
    "dropout-always", "double-softmax", "broadcast", "raw-features", "sorted-labels", "underflow", "zero-init",
)  # fmt: skip
WELL = ("mlp-start", "cnn", "lstm", "transformer-start", "regression", "mlp-scaled")


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.id in SHORT], ids=lambda fault: fault.id)
@pytest.mark.filterwarnings("ignore:Using a target size")
def test_the_planted_cause_comes_first(fault):
    rank, causes = place(fault, "reported", SEED)
    assert rank == 1, causes


@pytest.mark.parametrize("name", WELL)
def test_a_healthy_run_raises_no_alarm(name):
    assert [finding.cause for finding in report(HEALTHY["reported"][name], SEED).findings] == []


def test_shares_count_runs():
    rows = {
        "faults": {"a": {"runs": 4, "first": 3, "third": 4}, "b": {"runs": 1, "first": 0, "third": 0}},
        "healthy": {"c": {"runs": 5, "alarms": 1}},
    }
    assert shares(rows) == {"first": 0.6, "third": 0.8, "alarms": 0.2}
