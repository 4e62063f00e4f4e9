"""What the correlated_features example shows."""

import math
from functools import partial

import pytest
import torch

from examples import correlated_features
from examples.correlated_features import CORRELATIONS, L1, NOISE, SEEDS, N
from optnotes.features import pearson
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, correlated_features)
numbers = partial(numbers_of, correlated_features)


@pytest.mark.parametrize("correlation", [0.3, 0.9, 0.999])
def test_twins_have_exactly_the_chosen_correlation(correlation):
    X, y = correlated_features.data(correlation, torch.Generator().manual_seed(1))
    torch.testing.assert_close(pearson(X[:, 0], X[:, 1]).item(), correlation)
    torch.testing.assert_close(X.std(0, correction=0), torch.ones_like(X[0]))
    assert y.mean().abs() < 1e-12


def test_both_models_are_solved():
    assert numbers()["violation"] < 1e-9


def test_elastic_net_stays_within_the_grouping_bound():
    """The weights of the twins differ by at most the bound, for every seed and correlation."""
    assert (correlated_features.apart(result().elastic_net) <= result().bound).all()
    # The bound replaces the residual by the whole target and its angle by zero: it is safe by a factor of about four.
    assert 0.1 < numbers()["bound_used"] < 0.5


def test_elastic_net_pulls_the_twins_together_as_the_bound_does():
    """From correlation 0.9 to 0.999 the bound falls tenfold, and so does the median distance."""
    median = correlated_features.apart(result().elastic_net).median(-1).values
    fall = median[CORRELATIONS.index(0.9)] / median[CORRELATIONS.index(0.999)]
    # The distance falls a little less: near 0.9 the data still hold the twins together by themselves.
    assert 5 < fall < 15
    assert numbers()["apart_elastic_net"] < numbers()["bound"]


def test_lasso_breaks_the_bound():
    assert numbers()["apart_lasso"] > numbers()["bound"]
    assert (correlated_features.apart(result().lasso)[-1] > result().bound[-1]).double().mean() > 0.9


def test_lasso_drops_a_twin_as_often_as_predicted():
    # Standard error of a share over 60 seeds: at most 0.065; the largest of eight gaps stays within three of them.
    assert numbers()["dropped_gap"] < 3 * math.sqrt(0.25 / SEEDS)
    assert abs(numbers()["dropped_lasso"] - numbers()["dropped_predicted"]) < 2 * numbers()["dropped_error"]
    assert correlated_features.one_dropped(result().lasso)[-1] > 0.7


def test_predicted_share_by_simulating_two_features():
    """Difference and sum of the least-squares weights are independent normals; a twin is dropped if the first wins."""
    generator = torch.Generator().manual_seed(2)
    z = torch.randn(2, 200_000, generator=generator, dtype=torch.float64)
    for rho in (0.9, 0.99):
        difference = z[0] * NOISE * math.sqrt(2 / (N * (1 - rho)))
        total = 2 - 2 * L1 / (1 + rho) + z[1] * NOISE * math.sqrt(2 / (N * (1 + rho)))
        share = (difference.abs() > total).double().mean().item()
        # Standard error below 0.0012.
        assert share == pytest.approx(correlated_features.drop_share(rho), abs=0.005)


def test_elastic_net_keeps_both():
    assert numbers()["dropped_elastic_net"] == 0
    assert (result().elastic_net[..., :2] > 0).all()


def test_elastic_net_still_has_zeros():
    assert (result().elastic_net[..., 2:] == 0).any()


def test_broken_twin_without_the_l2_part_breaks_the_bound(monkeypatch):
    fit = correlated_features.fit
    monkeypatch.setattr(correlated_features, "fit", lambda X, y, l1, l2: fit(X, y, l1, 0.0))
    monkeypatch.setattr(correlated_features, "SEEDS", 10)
    broken = correlated_features.numbers(correlated_features.compute())
    assert broken["bound_used"] > 1
    assert broken["violation"] > 0.1


def test_repeatable():
    assert_deterministic(correlated_features, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(correlated_features, result())
    assert {"apart_elastic_net", "apart_lasso", "bound"} <= placeholders("correlated_features", "alt")
