"""What the penalty_conventions example shows."""

from functools import partial

import pytest
import torch
from sklearn.linear_model import Lasso

from examples import penalty_conventions
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

RIGHT = ["lasso_right", "elastic_net_right", "ridge_right", "logistic_right", "sgd_right"]
WRONG = [
    "lasso_no_n",
    "elastic_net_no_half",
    "elastic_net_swapped",
    "ridge_no_n",
    "ridge_no_half",
    "logistic_no_n",
    "logistic_not_inverted",
    "sgd_no_half",
]


result = partial(result_of, penalty_conventions)
numbers = partial(numbers_of, penalty_conventions)


@pytest.mark.parametrize("name", RIGHT)
def test_converted_strength_gives_the_same_weights(name):
    # Solvers were asked for 1e-12 or better.
    assert numbers()[name] == 1e-9


@pytest.mark.parametrize("name", WRONG)
def test_classic_mistake_gives_other_weights(name):
    assert numbers()[name] > 0.03


def test_every_difference_is_tested():
    assert set(RIGHT) | set(WRONG) | {"n", "l1", "l2"} == set(numbers())


def test_data_are_not_trivial():
    for name, w in result().site.items():
        assert w.abs().max() > 0.1, name
    assert 0 < (result().site["elastic_net"] == 0).sum() < penalty_conventions.D


def test_broken_converter_is_noticed(monkeypatch):
    monkeypatch.setattr(penalty_conventions, "ridge_alpha", lambda l2, n: l2)
    monkeypatch.setattr(penalty_conventions, "logistic_c", lambda l2, n: 1 / l2)
    monkeypatch.setattr(penalty_conventions, "elastic_net_to_sklearn", lambda l1, l2: (l1 + l2, l2 / (l1 + l2)))
    broken = penalty_conventions.numbers(penalty_conventions.compute())
    for name in ("ridge_right", "logistic_right", "elastic_net_right"):
        assert broken[name] > 0.1


def test_weight_decay_is_the_gradient_of_half_the_square():
    X, _, _ = penalty_conventions.data()
    step = penalty_conventions.sgd(X[0], X[1], 0.5)
    torch.testing.assert_close(step, X[0] - penalty_conventions.LR * (X[1] + 0.5 * X[0]))


def test_repeatable():
    assert_deterministic(penalty_conventions, result())


def test_published():
    assert_plain(numbers())
    assert not hasattr(penalty_conventions, "figure")


@pytest.mark.parametrize(("power", "same"), [(0.5, True), (0, False), (1, False)])
def test_an_alpha_of_lasso_for_features_of_norm_one_times_root_n_is_that_for_standardised_ones(power, same):
    """What ``normalize=True`` of Lasso did, and what a pipeline with StandardScaler needs instead."""
    X, y, _ = penalty_conventions.data()
    X, n = X * torch.tensor([0.3, 2.0, 7.0, 1.0, 0.5, 4.0]), len(y)
    X, y = X - X.mean(0), y - y.mean()

    def weights(scale, alpha):
        model = Lasso(alpha=alpha, fit_intercept=False, tol=1e-14, max_iter=100_000)
        return torch.tensor(model.fit((X / scale).numpy(), y.numpy()).coef_) / scale

    old, new = weights(X.norm(dim=0), 0.02), weights(X.std(0, correction=0), 0.02 * n**power)
    assert 0 < (old == 0).sum() < len(old)
    assert torch.allclose(old, new, atol=1e-7) is same
