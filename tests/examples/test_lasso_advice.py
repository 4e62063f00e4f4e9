"""What the lasso_advice example shows: each advice followed, and where it does not apply."""

from functools import partial

import pytest
import torch
from sklearn.datasets import load_diabetes
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import Lasso
from sklearn.preprocessing import StandardScaler

from examples import lasso_advice
from optnotes.penalties import kkt_violation, l1_loss
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, lasso_advice)
numbers = partial(numbers_of, lasso_advice)


def objective(X, y, model):
    residual = torch.tensor(y - model.predict(X))
    return l1_loss(residual.square().mean() / 2, torch.tensor(model.coef_), model.alpha).item()


@pytest.mark.parametrize("limit", [1, 3, 10, 40])
def test_the_gap_bounds_the_excess_of_the_loss_and_is_the_printed_one_divided_by_n(limit):
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X = StandardScaler().fit_transform(X)
    best = objective(X, y, Lasso(0.5, tol=1e-12, max_iter=100_000).fit(X, y))
    with pytest.warns(ConvergenceWarning) as caught:
        early = Lasso(0.5, tol=1e-12, max_iter=limit).fit(X, y)
    assert 0 < objective(X, y, early) - best < early.dual_gap_
    _, gap, tolerance = str(caught[0].message).rsplit(": ", 2)
    assert float(gap.split(",")[0]) == pytest.approx(early.dual_gap_ * len(y), rel=1e-3)
    assert float(tolerance) == pytest.approx(1e-12 * ((y - y.mean()) ** 2).sum(), rel=1e-3)


def test_standardised_features_converge_and_more_iterations_on_raw_ones_do_not():
    assert numbers()["gap_even"] < numbers()["tolerance"]
    assert numbers()["gap_raw"] > 1000 * numbers()["tolerance"]


def test_saga_stopped_early_has_too_few_zeros():
    assert numbers()["zeros_early"] + 5 < numbers()["zeros_late"]


def test_a_refit_gives_back_most_of_what_the_lasso_took():
    lost, left = (numbers()["sum_true"] - numbers()[f"sum_{name}"] for name in ("lasso", "refit"))
    assert lost > 0.5
    assert abs(left) < lost / 3


def test_the_second_lasso_drops_useless_features():
    assert numbers()["sum_adaptive"] > numbers()["sum_lasso"]
    assert numbers()["false_adaptive"] < numbers()["false_lasso"] / 4
    assert (result().weights[:, 2, :5] != 0).all()


def test_the_second_lasso_minimises_a_penalty_with_weights():
    """Its optimality conditions are those of a lasso whose strength is divided by the first weight of each feature."""
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(lasso_advice.N, lasso_advice.D, generator=generator).double()
    y = X[:, :3].sum(1) + torch.randn(lasso_advice.N, generator=generator).double()
    first, _, adaptive = lasso_advice.again(X, y)
    kept = first != 0
    scaled = X[:, kept] * first[kept].abs()
    assert kkt_violation(scaled, y, adaptive[kept] / first[kept].abs(), lasso_advice.LAM, 0.0).max() < 1e-6
    assert (adaptive[~kept] == 0).all()


def test_the_lasso_wins_where_few_features_matter_and_loses_where_all_do():
    assert numbers()["won_few"] >= 0.9 * numbers()["sets"]
    assert numbers()["won_many"] <= 0.1 * numbers()["sets"]


@pytest.mark.parametrize(("standardised", "last"), [(False, 2.5 * 0.04 * 0.96), (True, 2.5 * (0.04 * 0.96) ** 0.5)])
def test_a_dummy_column_lasts_until_the_predicted_strength(standardised, last):
    """A one in 4 % of the rows, an effect of 2.5, another feature without correlation."""
    dummy = torch.zeros(100, dtype=torch.float64)
    dummy[:4] = 1
    other = torch.randn(100, generator=torch.Generator().manual_seed(0)).double()
    centred, other = dummy - dummy.mean(), other - other.mean()
    other = other - centred * (centred @ other) / centred.square().sum()
    y = 2.5 * centred + other
    column = centred / centred.std(correction=0) if standardised else centred
    for factor, kept in ((0.99, True), (1.01, False)):
        model = Lasso(alpha=factor * last, tol=1e-12, max_iter=10_000)
        weight = model.fit(torch.stack([column, other], 1).numpy(), y.numpy()).coef_[0]
        assert bool(weight != 0) is kept


def test_repeatable():
    assert_deterministic(lasso_advice, result())


def test_published():
    assert_plain(numbers())
