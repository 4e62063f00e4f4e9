"""What the model_invariance example shows."""

from functools import partial

from examples import model_invariance
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, model_invariance)
numbers = partial(numbers_of, model_invariance)


def test_least_squares_and_tree_predict_the_same():
    assert numbers()["change_ols"] == numbers()["change_tree"] == 0


def test_everything_else_notices():
    for model in ("ridge", "lasso", "knn", "svm", "gd"):
        assert numbers()[f"change_{model}"] > 0.01, model


def test_the_lasso_keeps_other_features_in_other_units():
    assert numbers()["kept_raw"] != numbers()["kept_scaled"]


def test_broken_twin_without_an_intercept_is_not_invariant(monkeypatch):
    linear = model_invariance.LinearRegression
    monkeypatch.setitem(model_invariance.MODELS, "ols", lambda: linear(fit_intercept=False))
    assert model_invariance.compute().change["ols"] > 0.1


def test_repeatable():
    assert_deterministic(model_invariance, result())


def test_published():
    assert_plain(numbers())
