"""What the recurrent_cliff example shows."""

import math
from functools import partial

import torch

from examples import recurrent_cliff
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, result_of

result = partial(result_of, recurrent_cliff)
numbers = partial(numbers_of, recurrent_cliff)


def test_derivative_on_the_line_is_the_geometric_series():
    found = result()
    torch.testing.assert_close(found.on_line, recurrent_cliff.predicted(found.line_w))
    steep = found.line_w > numbers()["begins"]
    assert found.on_line[steep].min() > recurrent_cliff.TIME > found.on_line[~steep].max()


def test_start_is_a_fixed_point_on_the_line():
    w = torch.tensor([4.5, 5.0, 5.5], dtype=torch.float64)
    state = recurrent_cliff.last_state(w, recurrent_cliff.cliff(w))
    # Rounding errors grow with the base of the series, to at most its last term.
    assert (state - recurrent_cliff.START).abs().max() < 1e-9


def test_loss_jumps_across_the_line_and_only_there():
    w = torch.full((3,), 6.0, dtype=torch.float64)
    low, high, higher = recurrent_cliff.loss(w, recurrent_cliff.cliff(w) + torch.tensor([1e-3, -1e-3, -0.1]).double())
    assert high > low + 0.3
    assert abs(higher - high) < 0.02


def test_no_clipped_step_exceeds_its_bound():
    assert numbers()["longest_clipped"] <= numbers()["allowed"] * (1 + 1e-12)
    # How far the worst run is thrown differs by factors from machine to machine, so it is counted in decades.
    assert math.log10(numbers()["longest_free"] / numbers()["allowed"]) > 2


def test_clipping_saves_the_descent():
    found = numbers()
    assert found["thrown_clipped"] == 0
    assert found["thrown_free"] > found["seeds"] / 2
    assert found["low_clipped"] > found["low_free"] + found["seeds"] / 4
    assert found["loss_clipped"] < 0.1 * found["loss_free"]


def test_clipped_runs_that_are_not_low_walk_along_the_edge():
    w, b = result().paths["clipped"][-1]
    high = result().losses["clipped"][-1] >= recurrent_cliff.LOW
    assert high.any()
    assert (b - recurrent_cliff.cliff(w))[high].abs().max() < 2 * numbers()["allowed"]


def test_both_descents_start_at_the_same_points_above_the_cliff():
    free, clipped = (result().paths[key][0] for key in ("free", "clipped"))
    assert torch.equal(free, clipped)
    assert (free[1] > recurrent_cliff.cliff(free[0])).all()


def test_broken_twin_with_a_huge_threshold_is_the_unclipped_descent(monkeypatch):
    monkeypatch.setattr(recurrent_cliff, "THRESHOLD", 1e12)
    monkeypatch.setattr(recurrent_cliff, "STEPS", 60)
    broken = recurrent_cliff.numbers(recurrent_cliff.compute())
    assert broken["thrown_clipped"] > 0


def test_repeatable():
    assert_deterministic(recurrent_cliff, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(recurrent_cliff, result())
