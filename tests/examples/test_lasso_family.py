"""What the lasso_family example shows: the relaxed and the group lasso, and what they keep."""

from functools import partial

import pytest
import torch
from sklearn.linear_model import Lasso, LinearRegression, MultiTaskLasso

from examples import lasso_family
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, lasso_family)
numbers = partial(numbers_of, lasso_family)


def test_the_relaxed_lasso_gains_where_the_noise_is_weak_and_little_where_it_is_strong():
    found = numbers()
    assert found["error_relaxed_weak"] < 0.7 * found["error_lasso_weak"]
    assert found["useless_relaxed_weak"] < 0.5 * found["useless_lasso_weak"]
    assert abs(found["error_relaxed_strong"] / found["error_lasso_strong"] - 1) < 0.15


def test_a_share_of_zero_is_least_squares_and_one_is_the_lasso():
    generator = torch.Generator().manual_seed(1)
    X, y = torch.randn(40, 6, generator=generator).double(), torch.randn(40, generator=generator).double()
    first = torch.tensor(Lasso(0.05, fit_intercept=False, tol=1e-12).fit(X, y).coef_)
    kept = first != 0
    assert 0 < kept.sum() < len(kept)
    none, some, whole = lasso_family.relax(X, y, first, 0.05)
    plain = LinearRegression(fit_intercept=False).fit(X[:, kept], y).coef_
    assert (none[kept] - torch.tensor(plain)).abs().max() < 1e-10
    assert torch.equal(whole, first)
    for weights in (none, some):
        assert (weights[~kept] == 0).all()
    residuals = [(y - X @ weights).square().sum() for weights in (none, some, whole)]
    assert residuals[0] < residuals[1] < residuals[2]


def test_the_group_lasso_is_that_of_scikit_learn_where_groups_are_tasks():
    """The same features for three targets: the weights of one feature for all of them are a group."""
    generator = torch.Generator().manual_seed(2)
    features, targets = torch.randn(30, 4, generator=generator).double(), torch.randn(30, 3, generator=generator)
    targets = targets.double() + features[:, :1]
    oracle = MultiTaskLasso(0.3, fit_intercept=False, tol=1e-12).fit(features, targets).coef_.T
    X = torch.einsum("nk,lm->nlkm", features, torch.eye(3).double()).reshape(90, 4, 3)
    found = lasso_family.group_lasso(X, targets.flatten(), 0.3 / 3)  # the mean runs over three times as many rows
    assert (found - torch.tensor(oracle)).abs().max() < 1e-6
    assert (found[torch.tensor(oracle).norm(dim=1) == 0] == 0).all()


@pytest.mark.parametrize(("factor", "kept"), [(0.98, True), (1.02, False)])
def test_the_first_group_leaves_zero_at_the_largest_pull(factor, kept):
    X, y = lasso_family.categories(torch.Generator().manual_seed(3))
    critical = (torch.einsum("nkl,n->kl", X, y) / len(y)).norm(dim=1).max().item()
    assert bool(lasso_family.group_lasso(X, y, factor * critical).any()) is kept


def test_a_group_stays_or_goes_as_a_whole_and_the_lasso_splits_it():
    levels = result().levels[:, 1]
    assert ((levels == 0) | (levels == lasso_family.LEVELS)).all()
    assert numbers()["part_lasso"] > 1.5
    assert numbers()["whole_lasso"] < 0.5
    assert (levels[:, lasso_family.EFFECTS :] == 0).all()


def test_repeatable():
    assert_deterministic(lasso_family, result())


def test_published():
    assert_plain(numbers())
