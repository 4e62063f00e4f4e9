"""Dropout at inference: scaling, its exactness for linear maps, averages over masks, variance before batch norm."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.dropout import (
    dropout_variance_ratio,
    normalised_geometric_mean,
    standard_dropout,
    standard_dropout_inference,
    weight_scaling,
)
from tests.dropout.masks import all_masks, mask_probabilities, mean
from tests.laws import normal, seeds


def drop_probabilities():
    return st.floats(0.01, 0.95)


def test_standard_dropout_inference_value():
    h = torch.tensor([3.0, -4.0], dtype=torch.float64)
    assert standard_dropout_inference(h, p=0.2).tolist() == [0.8 * 3.0, 0.8 * -4.0]


def test_weight_scaling_value():
    w, h = torch.tensor([2.0, -1.0], dtype=torch.float64), torch.tensor([3.0, 1.0], dtype=torch.float64)
    torch.testing.assert_close(weight_scaling(w, h, p=0.2).item(), 0.8 * (2.0 * 3.0 - 1.0))


@given(seeds(), drop_probabilities())
def test_inference_output_is_the_mean_over_all_masks(seed, p):
    """Scaling by the keep probability gives the mean of standard dropout."""
    h, masks = normal(seed, 4), all_masks(4)
    expected = mean(torch.stack([standard_dropout(h, mask) for mask in masks]), masks, p)
    torch.testing.assert_close(standard_dropout_inference(h, p), expected)


@given(seeds(), drop_probabilities())
def test_weight_scaling_is_exact_for_a_linear_unit(seed, p):
    """The mean over all masks of a weighted sum is the weighted sum with scaled weights."""
    w, h, masks = normal(seed, 4), normal(seed + 1, 4), all_masks(4)
    torch.testing.assert_close(weight_scaling(w, h, p), mean((masks * h) @ w, masks, p))


def test_weight_scaling_is_an_approximation_behind_a_relu():
    """Two inputs that cancel: the scaled sum is zero, the mean of the rectified sums is not."""
    w, h, masks = torch.tensor([1.0, -1.0]).double(), torch.tensor([3.0, 3.0]).double(), all_masks(2)
    assert weight_scaling(w, h, p=0.3).item() == 0.0
    # Only the mask that keeps the first input alone gives a positive sum.
    torch.testing.assert_close(mean(((masks * h) @ w).relu(), masks, 0.3).item(), 0.7 * 0.3 * 3.0)


def test_normalised_geometric_mean_value():
    logits, weights = torch.tensor([2.0, -1.0], dtype=torch.float64), torch.tensor([0.3, 0.7], dtype=torch.float64)
    s = [1 / (1 + 2.718281828459045**-2.0), 1 / (1 + 2.718281828459045**1.0)]
    yes, no = s[0] ** 0.3 * s[1] ** 0.7, (1 - s[0]) ** 0.3 * (1 - s[1]) ** 0.7
    torch.testing.assert_close(normalised_geometric_mean(logits, weights).item(), yes / (yes + no))


@given(seeds(), drop_probabilities())
def test_weight_scaling_computes_the_normalised_geometric_mean(seed, p):
    """Over all masks the normalised geometric mean of a sigmoid unit is the sigmoid of the scaled logit."""
    w, h, masks = normal(seed, 4), normal(seed + 1, 4), all_masks(4)
    logits, probabilities = (masks * h) @ w, mask_probabilities(masks, p)
    torch.testing.assert_close(normalised_geometric_mean(logits, probabilities), torch.sigmoid(weight_scaling(w, h, p)))


@given(seeds(), st.floats(0.1, 0.9))
def test_geometric_mean_of_softmax_outputs_is_softmax_of_the_scaled_logits(seed, p):
    """The same rule for several classes: geometric means over masks, normalised to sum to one."""
    W, h, masks = normal(seed, 3, 4), normal(seed + 1, 4), all_masks(4)
    logs = mean(torch.log_softmax((masks * h) @ W.T, 1), masks, p)
    expected = torch.stack([weight_scaling(w, h, p) for w in W]).softmax(0)
    torch.testing.assert_close(logs.softmax(0), expected)


def test_arithmetic_mean_is_another_number():
    w, h, masks = torch.tensor([2.0, 1.0]).double(), torch.tensor([3.0, 2.0]).double(), all_masks(2)
    logits, probabilities = (masks * h) @ w, mask_probabilities(masks, 0.3)
    assert (probabilities @ torch.sigmoid(logits) - normalised_geometric_mean(logits, probabilities)).abs() > 0.05


def test_normalised_geometric_mean_of_extreme_logits():
    logits = torch.tensor([-1000.0, 1000.0])
    assert normalised_geometric_mean(logits, torch.tensor([0.25, 0.75])).item() == 1.0


def test_probabilities_that_do_not_sum_to_one_are_refused():
    with pytest.raises(ValueError, match="probabilities must sum to 1"):
        normalised_geometric_mean(torch.tensor([1.0, 2.0]), torch.tensor([0.5, 0.25]))


def test_dropout_variance_ratio_value():
    mu, v = torch.tensor([3.0], dtype=torch.float64), torch.tensor([2.0], dtype=torch.float64)
    expected = ((2.0 + 9.0) / 0.8 - 9.0) / 2.0
    torch.testing.assert_close(dropout_variance_ratio(mu, v, p=0.2).item(), expected)


@given(seeds(), drop_probabilities())
def test_variance_ratio_over_all_masks(seed, p):
    """Variance over examples and masks together, over the variance over examples."""
    x = normal(seed, 5) + 0.7
    masks = all_masks(1)
    outputs = masks * x / (1 - p)
    centre = mean(outputs.mean(1), masks, p)
    training = mean((outputs - centre).square().mean(1), masks, p)
    variance = x.var(correction=0)
    torch.testing.assert_close(dropout_variance_ratio(x.mean(), variance, p), training / variance)


def test_ratio_of_a_centred_feature_is_one_over_the_keep_probability():
    mu, v = torch.zeros(2, dtype=torch.float64), torch.tensor([0.3, 4.0], dtype=torch.float64)
    torch.testing.assert_close(dropout_variance_ratio(mu, v, p=0.2), torch.full_like(v, 1 / 0.8))


def test_batch_norm_keeps_the_variance_of_training():
    """The running variance of BatchNorm1d behind Dropout is the ratio times the variance without dropout."""
    p, layer = 0.2, torch.nn.BatchNorm1d(1, momentum=None).double()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        x = 2.0 + 3.0 * torch.randn(200_000, 1, dtype=torch.float64)
        layer(torch.nn.Dropout(p)(x))
    expected = dropout_variance_ratio(x.mean(), x.var(), p) * x.var()
    # The standard error of a variance of 200 000 draws is about 0.3 %.
    torch.testing.assert_close(layer.running_var.squeeze(), expected, rtol=0.02, atol=0.0)
