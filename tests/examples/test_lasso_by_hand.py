"""What the lasso_by_hand example shows: numbers that a pencil finds, too."""

from functools import partial

import pytest
import torch
from sklearn.linear_model import ElasticNet, Lasso

from examples import lasso_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, lasso_by_hand)
numbers = partial(numbers_of, lasso_by_hand)
PENCIL = {
    "free_first": 3,  # (2 + 4 + 5 + 1) / 4
    "free_second": -1.5,  # (2 - 4 - 5 + 1) / 4
    "free_third": 0.5,  # (2 - 4 + 5 - 1) / 4
    "lasso_first": 2,
    "lasso_second": -0.5,
    "lasso_third": 0,
    "ridge_first": 1.5,  # 3 / (1 + 1)
    "ridge_second": -0.75,
    "ridge_third": 0.25,
    "net_first": 1,  # (3 - 1) / (1 + 1)
    "net_second": -0.25,
    "net_third": 0,
    "critical": 3,
    "slope": -0.5,
    "violation": 0,
    "subgradient_1": -0.014,  # 0.04 - 0.1 (0.04 - 0.5 + 1)
    "subgradient_2": 0.1374,  # -0.014 - 0.1 (-0.014 - 0.5 - 1)
    "prox_1": 0,  # 0.04 + 0.046 is below 0.1
    "prox_2": 0,
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("method", "model"), [("lasso", Lasso(1.0)), ("net", ElasticNet(2.0, l1_ratio=0.5))])
def test_the_library_finds_the_same(method, model):
    X, y = result().X.numpy(), result().y.numpy()
    found = torch.tensor(model.set_params(fit_intercept=False).fit(X, y).coef_)
    torch.testing.assert_close(found, result().weights[method])


def test_repeatable():
    assert_deterministic(lasso_by_hand, result())


def test_published():
    assert_plain(numbers())
