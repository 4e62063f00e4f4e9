"""What the tuned_activations example shows."""

from functools import partial

import pytest
import torch

from examples import tuned_activations
from optnotes.activations import tanh
from tests.examples import assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, tuned_activations)
numbers = partial(numbers_of, tuned_activations)


@pytest.mark.parametrize("name", tuned_activations.ACTIVATIONS)
def test_the_tuned_rate_lies_inside_the_grid(name):
    assert tuned_activations.RATES[0] < numbers()[f"{name}_rate"] < tuned_activations.RATES[-1]


def test_saturating_activations_want_larger_rates():
    found = numbers()
    assert found["relu_rate"] < found["tanh_rate"] < found["sigmoid_rate"]


def test_a_common_rate_exaggerates_the_gap():
    found = numbers()
    assert found["sigmoid_common"] > 4 * found["relu_test"]
    assert found["sigmoid_test"] < 2 * found["relu_test"]


@pytest.mark.parametrize("name", ["silu", "gelu"])
def test_smooth_relatives_gain_no_more_than_the_error(name):
    # With these seeds; a small gain is not excluded, a tenth is.
    assert abs(numbers()[f"{name}_gap"]) < 0.1
    assert abs(numbers()[f"{name}_gap"]) < numbers()[f"{name}_error"]


def test_elu_is_better_than_relu_here():
    # Three standard errors, and the error is given as two.
    assert numbers()["elu_gap"] < -1.5 * numbers()["elu_error"]


def test_networks_learn():
    for name in tuned_activations.ACTIVATIONS:
        # Guessing costs the log of ten, 2.3.
        assert numbers()[f"{name}_test"] < 0.5


def test_choice_on_validation_examples_is_no_choice_on_test_examples():
    for name, test in result().test.items():
        chosen = tuned_activations.RATES.index(numbers()[f"{name}_rate"])
        assert not torch.equal(result().valid[name], test)
        assert test.mean(0)[chosen] < 1.2 * test.mean(0).min()


def test_broken_twin_without_own_rates(monkeypatch):
    fixed = {name: valid.clone() for name, valid in result().valid.items()}
    for valid in fixed.values():
        valid[:, 1] = 0
    broken = tuned_activations.numbers(tuned_activations.Result(fixed, result().test))
    assert broken["sigmoid_gap"] > 3


def test_repeatable():
    # One of the six runs is enough: all share one function and one seed.
    valid, test = tuned_activations.train(tanh)
    assert torch.equal(result().valid["tanh"], valid)
    assert torch.equal(result().test["tanh"], test)


def test_published():
    assert_plain(numbers())
    assert_drawn(tuned_activations, result())
    assert {"elu_gap", "tanh_rate"} <= placeholders("tuned_activations", "alt")
