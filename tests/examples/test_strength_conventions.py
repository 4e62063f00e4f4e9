"""What the strength_conventions example shows."""

from functools import partial

import pytest

from examples import strength_conventions
from optnotes.penalties import degrees_of_freedom
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

EXACT = ["ridge", "elastic_net", "sgd_half", "sgd_mean", "sgd_sum"]


result = partial(result_of, strength_conventions)
numbers = partial(numbers_of, strength_conventions)


@pytest.mark.parametrize("name", EXACT)
def test_each_route_is_ridge_with_the_predicted_penalty(name):
    assert numbers()[f"gap_{name}"] == 1e-11


def test_the_network_without_hidden_layers_is_ridge():
    # L-BFGS stops when the loss stands still, which leaves about the root of its rounding in the weights.
    assert numbers()["gap_mlp"] == 1e-3


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("other", EXACT)
def test_no_other_penalty_fits(name, other):
    """The routes with another penalty end elsewhere, by far more than a solver's tolerance."""
    if result().alphas[name] != result().alphas[other]:
        assert (result().weights[name] - result().closed[other]).abs().max() > 1e-3


def test_one_number_leaves_very_different_models():
    found = [numbers()[f"dof_{name}"] for name in result().alphas]
    assert max(found) > 2 * min(found)
    assert numbers()["alpha_elastic_net"] == 2 * numbers()["alpha_sgd_mean"] == numbers()["n"]


def test_stronger_penalties_leave_fewer_parameters():
    order = sorted(result().alphas, key=result().alphas.get)
    found = [degrees_of_freedom(result().lams, result().alphas[name]).item() for name in order]
    assert found == sorted(found, reverse=True)


def test_broken_twin_that_forgets_n_is_noticed(monkeypatch):
    monkeypatch.setattr(strength_conventions, "ridge_alpha", lambda l2, n: l2)
    broken = strength_conventions.numbers(strength_conventions.compute())
    assert broken["gap_elastic_net"] > 0.01
    assert broken["gap_sgd_mean"] > 0.01


def test_repeatable():
    assert_deterministic(strength_conventions, result())


def test_published():
    assert_plain(numbers())
    assert not hasattr(strength_conventions, "figure")
