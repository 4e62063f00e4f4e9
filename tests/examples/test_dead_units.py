"""What the dead_units example shows."""

from functools import partial

import pytest
import torch

from examples import dead_units
from optnotes.activations import leaky_relu
from tests.examples import assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, dead_units)
numbers = partial(numbers_of, dead_units)


@pytest.mark.parametrize("name", ["raw", "centred"])
def test_dead_relu_units_never_come_back(name):
    # Exact: their gradient is zero, not small.
    for before, after in ((result().start, result().halfway), (result().halfway, result().end)):
        assert not (before[name] & ~after[name]).any()
    assert numbers()[f"{name}_halfway"] > 400


def test_leaky_units_come_back():
    assert numbers()["leaky_back"] > 0.1 * numbers()["leaky_halfway"]


def test_units_die_at_large_rates_only():
    share = result().end["centred"].double().mean((0, 2))
    assert share[0] == 0
    assert share[-1] > 0.5
    assert (share.diff() >= 0).all()


def test_centring_bears_a_several_times_larger_rate():
    assert numbers()["centred_harmless"] > 4 * numbers()["raw_harmless"]
    assert numbers()["centred_deadly"] > 4 * numbers()["raw_deadly"]


def test_raw_pixels_leave_some_units_dead_before_training():
    assert 0.01 < numbers()["raw_start"] < 0.1
    assert numbers()["centred_start"] == 0


def test_the_answers_collapse_with_the_units():
    found = numbers()
    assert found["raw_right"] > 0.9 > 0.2 > found["raw_right_largest"]
    assert found["centred_right"] > 0.98 > 0.5 > found["centred_right_largest"]
    # Training at this rate is chaotic, another processor ends elsewhere; but what the slope saves is most of the way.
    assert found["leaky_right_largest"] > found["centred_right_largest"] + 0.25


def test_broken_twin_a_little_slope_brings_units_back(monkeypatch):
    monkeypatch.setattr(dead_units, "RATES", dead_units.RATES[-2:-1])
    _, halfway, end, _ = dead_units.train(lambda x: leaky_relu(x, 0.1), True)
    assert (halfway & ~end).any()


def test_repeatable():
    # One of the three runs is enough: all share one function and one seed.
    again = dead_units.train(*dead_units.RUNS["leaky"])
    for field, value in zip(("start", "halfway", "end", "accuracy"), again, strict=True):
        assert torch.equal(getattr(result(), field)["leaky"], value)


def test_published():
    assert_plain(numbers())
    assert_drawn(dead_units, result())
    assert {"raw_deadly", "centred_deadly"} <= placeholders("dead_units", "alt")
