"""What the jumping_accuracy example shows."""

from functools import partial

import torch

from examples import jumping_accuracy
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, result_of

result = partial(result_of, jumping_accuracy)
numbers = partial(numbers_of, jumping_accuracy)


def test_jumps_on_a_small_part_follow_from_the_answers_that_change():
    found = numbers()
    assert abs(found["jump_small"] / found["jump_predicted"] - 1) < 0.1
    assert found["jump_small"] > 1.4 * found["jump_whole"]


def test_averaged_weights_calm_the_curve_and_cost_no_accuracy():
    found = numbers()
    assert found["jump_averaged"] < 0.5 * found["jump_small"]
    assert found["accuracy_averaged"] > found["accuracy"]


def test_the_prediction_is_the_mean_over_all_parts():
    """Exact for a handful of changes: all parts of three out of six."""
    changes = torch.tensor([1.0, -1.0, 0.0, 0.0, 1.0, 0.0], dtype=torch.float64)
    parts = changes[torch.combinations(torch.arange(6), 3)].mean(1)
    torch.testing.assert_close(jumping_accuracy.predicted(changes, 3), parts.square().mean().sqrt().item())


def test_repeatable():
    assert_deterministic(jumping_accuracy, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(jumping_accuracy, result())
