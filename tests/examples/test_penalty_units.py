"""What the penalty_units example shows."""

from functools import partial

import pytest
import torch

from examples import penalty_units
from examples.penalty_units import ALPHA, BIAS_ALPHA, FEATURE, OFFSETS, UNITS
from optnotes.penalties import ridge_solution, shrinkage_factor
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, penalty_units)
numbers = partial(numbers_of, penalty_units)


def test_weight_is_a_shrinkage_factor_of_the_unit():
    """Multiplying a feature by c divides its penalty by the square of c."""
    # The reference is itself fitted with a very small penalty on the feature, one part in 10¹².
    assert numbers()["kept_gap"] < 1e-9
    assert (result().ridge.diff() > 0).all()


@pytest.mark.parametrize(("power", "same"), [(1, True), (0, False), (0.5, False)])
def test_an_alpha_for_features_of_norm_one_times_n_is_that_for_standardised_ones(power, same):
    """What ``normalize=True`` of Ridge did, and what a pipeline with StandardScaler needs instead."""
    generator = torch.Generator().manual_seed(36)
    X, y = torch.randn(23, 3, generator=generator).double(), torch.randn(23, generator=generator).double()
    X, y = X * torch.tensor([0.3, 2.0, 7.0]), y - y.mean()
    X = X - X.mean(0)
    norm, std = X.norm(dim=0), X.std(dim=0, correction=0)
    old, new = ridge_solution(X / norm, y, 0.4) / norm, ridge_solution(X / std, y, 0.4 * 23**power) / std
    assert torch.allclose(old, new, rtol=1e-10) is same


def test_curvature_is_that_of_the_penalised_problem():
    """The inverse of the feature's entry in the inverse of the matrix, less its own penalty."""
    X, _ = penalty_units.data()
    inverse = torch.linalg.inv(X.T @ X + ALPHA * torch.eye(X.shape[1]).double())
    torch.testing.assert_close(1 / inverse[FEATURE, FEATURE] - ALPHA, penalty_units.curvature(X))


def test_least_squares_does_not_notice_units():
    assert numbers()["least_squares_gap"] < 1e-10


def test_penalised_bias_loses_its_share_of_the_mean():
    """Features are centred, so that the bias is a ridge regression on a column of ones by itself."""
    assert numbers()["lost_gap"] < 1e-9
    y = penalty_units.data()[1]
    share = BIAS_ALPHA / (len(y) + BIAS_ALPHA)
    assert numbers()["lost"] == pytest.approx(share * (y.mean().item() + OFFSETS[-1]))


def test_free_bias_loses_nothing():
    assert numbers()["lost_free"] < 1e-9


def test_a_bias_by_itself():
    ones, y = torch.ones(5, 1).double(), torch.tensor([3.0, 1.0, 4.0, 1.0, 6.0]).double()
    kept = shrinkage_factor(torch.tensor([5.0]).double(), 2.0)
    torch.testing.assert_close(ridge_solution(ones, y, 2.0), kept * y.mean())


def test_range_of_units_shows_both_ends():
    assert result().ridge[0] < 0.001
    assert result().ridge[-1] > 0.999
    assert UNITS[0] == 1e-3
    assert numbers()["kept_hundredth"] < numbers()["kept_tenth"] < 0.5 < numbers()["kept_same"]


def test_without_the_square_the_prediction_misses_the_weights():
    X, _ = penalty_units.data()
    broken = torch.stack([shrinkage_factor(penalty_units.curvature(X), ALPHA / unit) for unit in UNITS])
    assert (result().ridge - broken).abs().max() > 0.1


def test_repeatable():
    assert_deterministic(penalty_units, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(penalty_units, result())
    assert {"kept_tenth", "kept_same", "lost"} <= placeholders("penalty_units", "alt")
