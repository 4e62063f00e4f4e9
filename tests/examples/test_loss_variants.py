"""What the loss_variants example shows."""

import math
from functools import partial

import pytest
import torch

from examples import loss_variants
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, loss_variants)
numbers = partial(numbers_of, loss_variants)


def test_softmax_over_one_logit_calls_everything_one():
    found = numbers()
    assert found["right_single"] == found["share"]
    assert found["right_logit"] > found["share"] + 0.15
    assert torch.nn.Softmax(1)(torch.tensor([[-7.0], [3.0]])).tolist() == [[1.0], [1.0]]


def test_losses_on_probabilities_are_cut_at_a_hundred_and_lose_the_gradient():
    found = numbers()
    assert (found["bce_far"], found["bce_faint"], found["bce_slope"]) == (100, 100, 0)
    assert found["logits_far"] == pytest.approx(20)
    assert found["logits_faint"] == pytest.approx(120)
    assert found["logits_slope"] == pytest.approx(1)
    assert found["log_softmax_nan"] == 1


def test_the_cut_starts_where_float32_rounds_the_sigmoid_to_one():
    loss = torch.nn.functional.binary_cross_entropy(
        torch.tensor([16.0, 17.0]).sigmoid(), torch.zeros(2), reduction="none"
    )
    assert loss[0] < 17
    assert loss[1] == 100


def test_a_second_log_softmax_changes_nothing_but_rounding():
    assert numbers()["twice_log"] < 1e-4


def test_huber_is_a_multiple_of_smooth_l1():
    found = numbers()
    assert found["huber_gap"] < 1e-12
    assert found["huber"] == 2 * (3 - 2 / 2)  # δ (|r| − δ/2)
    assert found["smooth_l1"] == 3 - 2 / 2  # |r| − β/2
    assert (found["huber_slope"], found["smooth_l1_slope"]) == (2, 1)


def test_smoothed_labels_have_a_finite_best_logit():
    found = numbers()
    assert found["smooth_gap"] == pytest.approx(math.log(91))
    assert found["smooth_slope"] < 1e-12
    target = [0.91] + 9 * [0.01]
    assert found["smooth_loss"] == pytest.approx(-sum(p * math.log(p) for p in target))


def test_class_weights_enter_the_smoothed_terms_and_divide_only_class_indices():
    found = numbers()
    assert found["weighted_gap"] < 1e-12
    assert found["soft_ratio"] == pytest.approx(found["mean_weight"])


def test_a_weight_multiplies_the_fitted_odds():
    found = numbers()
    assert found["pos_weight"] == pytest.approx(9)
    assert found["balanced"] == pytest.approx(0.5)
    assert found["odds_slope"] < 1e-12


def test_the_bias_of_a_rare_class_starts_at_its_entropy():
    found, share = numbers(), loss_variants.SCARCE
    assert found["start_zero"] == pytest.approx(math.log(2))
    assert found["start_prior"] == pytest.approx(-share * math.log(share) - (1 - share) * math.log(1 - share))


def test_a_detached_factor_is_another_gradient():
    # d/dz of −(1−p)² ln p at p = ½ is (1−p)² (2 p ln p + p − 1).
    assert numbers()["focal_slope"] == pytest.approx(0.25 * (math.log(2) + 0.5))
    assert numbers()["focal_detached"] == pytest.approx(0.125)


def test_repeatable():
    assert_deterministic(loss_variants, result())


def test_published():
    assert_plain(numbers())
