"""What the mask_conventions example shows."""

from functools import partial

import pytest

from examples import mask_conventions
from examples.mask_conventions import P
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, mask_conventions)
numbers = partial(numbers_of, mask_conventions)


def test_all_masks_are_there():
    assert numbers()["masks"] == 2**mask_conventions.N == len(result().masks.unique(dim=0))
    assert result().probabilities.sum().item() == pytest.approx(1)


@pytest.mark.parametrize(
    ("scheme", "factor"),
    [
        ("standard", 1.0),
        ("inverted", 1.0),
        ("standard_unscaled", 1 / (1 - P)),
        ("standard_swapped", P / (1 - P)),
        ("inverted_swapped", P / (1 - P)),
        ("inverted_rescaled", 1 - P),
        ("inverted_left_on", 1.0),
    ],
)
def test_factor_of_each_scheme_can_be_named_beforehand(scheme, factor):
    assert numbers()[f"{scheme}_factor"] == pytest.approx(factor)


def test_every_factor_mistake_is_caught():
    wrong = ("standard_unscaled", "standard_swapped", "inverted_swapped", "inverted_rescaled")
    assert all(abs(numbers()[f"{name}_factor"] - 1) > 0.1 for name in wrong)
    # Left on, the mean is right and only the scatter tells.
    assert numbers()["left_on_spread"] > 0.1


def test_moments_are_exact():
    assert numbers()["standard_within"] == numbers()["inverted_within"] == 1e-13
    assert numbers()["inverted_noise"] == pytest.approx((P / (1 - P)) ** 0.5)
    assert numbers()["kept_for_dropped_noise"] == pytest.approx(((1 - P) / P) ** 0.5)


def test_alpha_dropout_keeps_what_selu_normalises_and_dropout_does_not():
    assert numbers()["selu_dropout"] == pytest.approx(numbers()["selu_predicted"], rel=0.05)
    assert numbers()["selu_predicted"] > 2
    assert numbers()["selu_alpha"] == pytest.approx(1, abs=0.03)


def test_single_pass_is_exact_for_a_linear_unit_only():
    assert max(numbers()["linear_error"], numbers()["sigmoid_error"]) < 1e-12
    assert numbers()["relu_mean"] - numbers()["relu_pass"] > 0.1
    assert abs(numbers()["sigmoid_mean"] - numbers()["sigmoid_pass"]) > 0.01


def test_repeatable():
    assert_deterministic(mask_conventions, result())


def test_published():
    assert_plain(numbers())
