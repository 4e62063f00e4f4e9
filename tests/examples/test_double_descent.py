"""What the double_descent example shows."""

import math
from functools import partial

import pytest
import torch

from examples import double_descent
from examples.double_descent import FEATURES, RELU_N, RELU_SIZES, SIGMA, SIZES, SQUARES, N
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, double_descent)
numbers = partial(numbers_of, double_descent)


def test_mean_error_follows_the_prediction():
    # Six or more features from the peak the mean over 200 seeds has a relative standard error of at most two per cent.
    assert numbers()["gap"] < 0.06
    assert numbers()["error_first"] == pytest.approx(numbers()["predicted_first"], rel=0.05)
    assert numbers()["error_last"] == pytest.approx(numbers()["predicted_last"], rel=0.05)


def test_peak_stands_where_features_equal_examples():
    assert numbers()["peak"] == N
    assert numbers()["relu_peak"] == RELU_N
    assert numbers()["error_peak"] > 10 * numbers()["error_first"]
    assert numbers()["relu_error_peak"] > 10 * numbers()["relu_error_first"]


def test_prediction_is_infinite_at_the_peak_and_only_there():
    for size in range(1, FEATURES + 1):
        assert math.isinf(double_descent.predicted(size)) is (abs(size - N) <= 1)


def test_prediction_by_averaging_over_designs():
    """Below the peak the noise passes through the inverse of a Wishart matrix; its mean trace has a closed form."""
    generator = torch.Generator().manual_seed(4)
    X = torch.randn(20_000, N, 11, generator=generator, dtype=torch.float64)
    trace = torch.linalg.inv(X.mT @ X).diagonal(dim1=1, dim2=2).sum(1).mean().item()
    hidden = SQUARES[11:].sum().item() + SIGMA**2
    # Standard error of the mean trace: about a third of a per cent.
    assert double_descent.predicted(11) == pytest.approx(hidden * (1 + trace), rel=0.01)


def test_second_descent_ends_at_zero_training_error_below_the_peak():
    assert numbers()["train_last"] < 1e-20
    assert numbers()["relu_train_last"] < 1e-20
    median = result().relu.median(1).values
    beyond = [size >= RELU_N for size in RELU_SIZES]
    assert (median[torch.tensor(beyond)].diff() < 0).all()
    assert numbers()["relu_error_last"] < 0.8 * numbers()["relu_error_first"]


def test_wide_linear_model_comes_back_to_the_first_minimum_but_not_below():
    assert numbers()["error_first"] < numbers()["error_last"] < 1.1 * numbers()["error_first"]


def test_ridge_with_the_matching_penalty_has_no_peak():
    mean = result().ridge.mean(1)
    assert mean[SIZES.index(N)] < 1.1 * mean.min()
    assert (mean <= result().shortest.mean(1) + 0.01).all()


def test_broken_twin_with_a_tiny_penalty_keeps_the_peak(monkeypatch):
    monkeypatch.setattr(double_descent, "map_penalty", lambda sigma, tau: 1e-6)
    monkeypatch.setattr(double_descent, "RELU_SIZES", RELU_SIZES[:2])
    broken = double_descent.compute().ridge.mean(1)
    assert broken[SIZES.index(N)] > 10 * broken.min()


def test_repeatable():
    assert_deterministic(double_descent, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(double_descent, result())
    assert {"first", "peak", "error_first", "error_last", "relu_n"} <= placeholders("double_descent", "alt")
