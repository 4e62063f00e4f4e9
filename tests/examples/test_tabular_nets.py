"""What the tabular_nets example shows."""

from functools import partial

import numpy as np
import pytest
import torch

from examples import tabular_nets
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, tabular_nets)
numbers = partial(numbers_of, tabular_nets)


def test_a_net_needs_one_scale_and_no_tails():
    found = numbers()
    assert found["net_plain_raw"] < found["net_plain_standard"] - 0.03
    assert found["net_tails_standard"] < found["net_plain_standard"] - 0.05
    assert found["net_tails_quantile"] == pytest.approx(found["net_plain_quantile"], abs=0.01)


def test_a_tree_uses_the_order_only():
    """Up to rows that fall between the middles of two training values, which an exponential moves."""
    trees = [value for name, value in numbers().items() if name.startswith("tree_")]
    assert max(trees) - min(trees) < 0.02


def test_quantiles_of_training_rows_ignore_a_stretch_that_keeps_the_order():
    X, rows = np.random.default_rng(0).normal(size=(200, 2)), np.arange(200)
    plain, tails = (tabular_nets.scaled("quantile", table, rows) for table in (X, np.exp(3 * X)))
    torch.testing.assert_close(torch.tensor(plain), torch.tensor(tails), rtol=0, atol=1e-6)


def test_scalers_see_the_training_rows_only():
    X = np.random.default_rng(0).normal(size=(300, 2))
    other = X.copy()
    other[200:] *= 100
    for inputs in ("standard", "quantile"):
        same, changed = (tabular_nets.scaled(inputs, table, np.arange(200)) for table in (X, other))
        assert (same[:200] == changed[:200]).all()


def test_repeatable():
    assert_deterministic(tabular_nets, result())


def test_published():
    assert_plain(numbers())
