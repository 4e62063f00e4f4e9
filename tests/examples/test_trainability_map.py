"""What the trainability_map example shows."""

from functools import partial

import torch

from examples import trainability_map
from optnotes.activations import tanh
from optnotes.gradients import variance_step
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, trainability_map)
numbers = partial(numbers_of, trainability_map)


def test_the_edge_has_gain_one_and_separates_falling_from_growing():
    assert abs(trainability_map.fixed_gain(numbers()["edge"]) - 1) < 1e-6
    below = numbers()["edge"] > trainability_map.VARIANCES
    assert (result().gain[below] < 1).all()
    assert (result().gain[~below] > 1).all()


def test_without_biases_the_edge_is_at_one():
    """At zero signal the derivative of tanh is one, so the gain is the weight variance itself."""
    q = torch.tensor(1.0, dtype=torch.float64)
    for _ in range(2000):
        q = variance_step(q, tanh, 0.9, 0.0)
    assert q < 1e-6


def test_no_net_trains_where_the_gradient_is_predicted_to_fade():
    assert numbers()["faded_cells"] >= 5
    # Guessing gives a tenth; with ten batches of 32 its standard error is 0.017.
    assert numbers()["faded_best"] < 0.25


def test_shallow_nets_train_everywhere():
    assert numbers()["shallowest_worst"] > 0.7


def test_deep_nets_train_only_near_the_edge():
    found = numbers()
    assert abs(found["deepest_best_at"] - found["edge"]) < 0.5
    # Each is one net, and that of the largest variance is chaotic: 0.16 or 0.23, where guessing gives 0.1.
    assert found["deepest_near_edge"] > 1.5 * max(found["deepest_smallest"], found["deepest_largest"])
    assert found["deep_arrives"] > 1.5 * found["deep_lost"]


def test_repeatable():
    assert_deterministic(trainability_map, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(trainability_map, result())
    assert {"shallowest", "deepest", "edge", "factor", "faded_best_high"} == placeholders("trainability_map", "alt")
