"""What the after_selection example shows."""

from functools import partial

import pytest
import torch
from scipy import stats
from sklearn.linear_model import Lasso

from examples import after_selection
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, after_selection)
numbers = partial(numbers_of, after_selection)
# The standard error of a share over 1000 sets is at most 0.016.
WITHIN = 0.04


def test_shares_are_those_predicted():
    assert numbers()["gap"] < WITHIN
    assert numbers()["gap_other"] < WITHIN
    assert numbers()["same"] > 10 * numbers()["other"]


@pytest.mark.parametrize("free", after_selection.CRITICAL)
def test_critical_values_are_those_of_student(free):
    assert after_selection.CRITICAL[free] == pytest.approx(stats.t.ppf(0.975, free), abs=1e-6)


def test_significance_is_that_of_scipy():
    generator = torch.Generator().manual_seed(0)
    x, y = (torch.randn(40, 50, generator=generator).double() for _ in range(2))
    expected = [stats.pearsonr(a, b).pvalue < after_selection.LEVEL for a, b in zip(x.numpy(), y.numpy(), strict=True)]
    assert after_selection.significant(x, y).tolist() == expected


def test_the_first_feature_is_the_first_of_the_lasso():
    generator = torch.Generator().manual_seed(1)
    X, y = (torch.randn(5, 30, *k, generator=generator).double() * 3 + 7 for k in ((40,), ()))
    found = after_selection.first(X, y)
    for each, targets, columns in zip(X.numpy(), y.numpy(), found.mT.tolist(), strict=True):
        for d, column in zip(after_selection.FEATURES, columns, strict=True):
            Z = each[:, :d] - each[:, :d].mean(0)
            Z = Z / Z.std(0)
            top = abs(Z.T @ (targets - targets.mean())).max() / len(targets)
            (kept,) = Lasso(alpha=0.999 * top, tol=1e-10).fit(Z, targets).coef_.nonzero()[0][:1]
            assert kept == column


def test_stable_features_are_the_useful_ones():
    assert numbers()["true_once"] == numbers()["true_often"] == numbers()["useful"]
    assert numbers()["false_once"] > 2
    assert numbers()["false_often"] < numbers()["false_once"] / 5


def test_broken_twin_that_tests_on_the_same_half(monkeypatch):
    """Where the second half is the first once more, its tests are as wrong as those on all data."""
    randn = torch.randn

    def doubled(*shape, **options):
        drawn = randn(*shape, **options)
        if shape[:2] == (after_selection.SETS, after_selection.N):
            half = after_selection.N // 2
            drawn[:, half:] = drawn[:, :half]
        return drawn

    monkeypatch.setattr(torch, "randn", doubled)
    assert after_selection.numbers(after_selection.compute())["gap_other"] > 0.5


def test_repeatable():
    assert_deterministic(after_selection, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(after_selection, result())
    assert {"same", "predicted"} <= placeholders("after_selection", "alt")
