"""What the starting_point example shows."""

from functools import partial

import pytest
import torch

from examples import starting_point
from examples.starting_point import FEATURES, STARTS, N
from optnotes.generalization import min_norm_interpolant
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, starting_point)
numbers = partial(numbers_of, starting_point)


def test_every_run_fits_all_targets():
    # Targets have a variance of about one; Adam ends with a last small swing.
    assert numbers()["train"] < 1e-6


def test_descent_from_zero_finds_the_shortest_weights():
    assert numbers()["distance_zero"] < 1e-8


def test_shortest_weights_are_the_pseudoinverse_solution():
    X, _, y, _ = starting_point.data()
    expected = torch.linalg.pinv(X[3]) @ y[3]
    torch.testing.assert_close(expected, min_norm_interpolant(X[3], y[3]))
    torch.testing.assert_close(expected, result().shortest[3])


def test_descent_keeps_the_part_of_the_start_the_data_do_not_see():
    """Final weights are the shortest ones plus the start without its projection on the rows."""
    X, _, _, start = starting_point.data()
    for seed in (0, 7):
        Q = torch.linalg.qr(X[seed].T).Q
        unseen = start[seed] - Q @ (Q.T @ start[seed])
        expected = result().shortest[seed] + STARTS[-1] * unseen
        # The slowest of the seen directions has a little way to go.
        torch.testing.assert_close(result().descent[-1, seed], expected, atol=1e-8, rtol=0.0)


def test_error_grows_with_the_start_as_predicted():
    # Relative standard error of a mean over 24 seeds: about three per cent.
    assert numbers()["gap"] < 0.06
    assert numbers()["distance_far"] == pytest.approx(numbers()["distance_predicted"], rel=0.02)
    assert numbers()["error_far"] > 1.5 * numbers()["error_zero"]


def test_adam_finds_other_longer_and_worse_weights():
    assert numbers()["longer_adam"] > 1
    assert numbers()["distance_adam"] > 0.1
    true, shortest = result().true, starting_point.error(result().descent[0], result().true)
    worse = starting_point.error(result().adam, true) - shortest
    assert worse.mean() > 4 * worse.std() / len(worse) ** 0.5


def test_predicted_share_of_free_directions():
    assert starting_point.predicted(1.0) - starting_point.predicted(0.0) == pytest.approx(1 - N / FEATURES)


def test_broken_twin_that_ignores_the_start_misses_the_error(monkeypatch):
    predicted = starting_point.predicted
    monkeypatch.setattr(starting_point, "predicted", lambda length: predicted(0.0))
    assert starting_point.numbers(result())["gap"] > 0.5


def test_repeatable():
    assert_deterministic(starting_point, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(starting_point, result())
    assert {"error_zero", "error_far", "error_adam"} == placeholders("starting_point", "alt")
