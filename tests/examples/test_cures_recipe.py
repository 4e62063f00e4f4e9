"""What the cures_recipe example shows."""

from functools import partial

import torch

from examples import cures_recipe
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, cures_recipe)
numbers = partial(numbers_of, cures_recipe)


def test_the_recipe_works_in_every_seed():
    found = numbers()
    for cured in ("scaled", "prenorm"):
        assert found[f"{cured}_least"] > 0.7
    for failing in ("zeros", "sigmoid", "default", "he", "shortcut"):
        assert found[f"{failing}_most"] < found["scaled_least"] - 0.2


def test_a_gradient_that_arrives_is_not_enough():
    assert 0.2 < numbers()["he_ratio"] < 5
    assert numbers()["he_most"] < 0.4


def test_what_arrives_at_the_first_step():
    found = numbers()
    assert found["zeros_ratio"] == 0
    assert found["sigmoid_ratio"] < 1e-15
    assert found["default_ratio"] < 1e-8
    assert found["shortcut_ratio"] > 1e3
    assert 0.5 < found["scaled_ratio"] < 5
    assert 1 < found["prenorm_ratio"] < 20


def test_zero_weights_stay_zero():
    """A ReLU net without biases: no weight receives a gradient, so no number of steps helps."""
    accuracy = {steps: cures_recipe.train(cures_recipe.NETS["zeros"], steps=steps)[1] for steps in (1, 20)}
    assert torch.equal(accuracy[1], accuracy[20])


def test_broken_twin_a_branch_from_zero_is_no_all_zero_net():
    _, accuracy = cures_recipe.train(cures_recipe.Net(shortcut=1.0, branch=0.1, norm=True))
    assert accuracy.max(0).values.min() > 0.6


def test_repeatable():
    assert_deterministic(cures_recipe, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(cures_recipe, result())
    assert {"steps", "depth"} == placeholders("cures_recipe", "alt")
