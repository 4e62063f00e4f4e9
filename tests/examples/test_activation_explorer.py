"""What the activation_explorer example shows."""

from functools import partial

import pytest
import torch

from examples import activation_explorer
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, result_of

result = partial(result_of, activation_explorer)
numbers = partial(numbers_of, activation_explorer)
CASES = [("relu", mean, spread) for mean in activation_explorer.MEANS for spread in activation_explorer.SPREADS]


def below(bound, key):
    """Chance that a normal pre-activation lies below a bound."""
    return torch.special.ndtr(torch.tensor((bound - key[1]) / key[2], dtype=torch.float64)).item()


@pytest.mark.parametrize("key", CASES)
def test_shares_of_relu_follow_from_the_normal_distribution_function(key):
    found, silent = activation_explorer.summary(result(), key), below(0.0, key)
    many = activation_explorer.UNITS * activation_explorer.EXAMPLES
    assert found["flat"] == pytest.approx(silent, abs=5 * (silent * (1 - silent) / many) ** 0.5 + 1e-12)
    dead = silent**activation_explorer.EXAMPLES
    assert found["stuck"] == pytest.approx(dead, abs=5 * (dead * (1 - dead) / activation_explorer.UNITS) ** 0.5 + 1e-3)


def test_the_sigmoid_saturates_where_its_slope_falls_under_the_limit():
    edge = torch.tensor((0.5 + (0.25 - activation_explorer.FLAT) ** 0.5), dtype=torch.float64).logit().item()
    key = activation_explorer.SATURATED
    assert numbers()["saturated_flat"] == pytest.approx(2 * below(-edge, key), abs=0.02)


def test_a_third_of_the_units_at_the_start_is_dead():
    assert numbers()["dead_stuck"] == pytest.approx(numbers()["predicted"], abs=0.1)
    assert activation_explorer.explore(result()).frames[activation_explorer.START].readout == "dead"


def test_points_are_split_by_the_slope_and_lie_on_the_curve():
    frame = activation_explorer.explore(result()).frames["relu", 0.0, 2.0]
    assert (frame.marks["level"][:, 0] <= 0).all()
    assert (frame.marks["steep"][:, 0] > 0).all()
    torch.testing.assert_close(frame.marks["steep"][:, 1], frame.marks["steep"][:, 0])


def test_repeatable():
    assert_deterministic(activation_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(activation_explorer, result())
