"""What the dropout_as_ridge example shows."""

from functools import partial

import torch

from examples import dropout_as_ridge
from examples.dropout_as_ridge import PROBABILITIES, SEEDS, P
from optnotes.dropout import dropout_ridge
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, dropout_as_ridge)
numbers = partial(numbers_of, dropout_as_ridge)


def test_averages_over_masks_are_the_closed_forms():
    # Ten losses and fifty weights, each within four of its own standard errors over the seeds.
    assert numbers()["loss_error"] < 4
    assert numbers()["weight_error"] < 4
    assert numbers()["weight_gap"] < 0.05 * numbers()["largest_weight"]


def test_plain_ridge_is_elsewhere():
    assert numbers()["ridge_gap"] > 50 * numbers()["weight_gap"]


def test_units_do_not_matter_to_dropout():
    """The effect of a feature is the same whatever its unit."""
    X, y, _ = dropout_as_ridge.data()
    units = torch.logspace(-2, 2, X.shape[1], dtype=X.dtype)
    torch.testing.assert_close(dropout_ridge(X * units, y, P) * units, dropout_ridge(X, y, P))


def test_broken_twin_with_keep_and_drop_swapped_misses_the_closed_form(monkeypatch):
    monkeypatch.setattr(dropout_as_ridge, "dropout_ridge", lambda X, y, p: dropout_ridge(X, y, 1 - p if p else p))
    monkeypatch.setattr(dropout_as_ridge, "PROBABILITIES", (0.3, 0.5))
    assert dropout_as_ridge.numbers(dropout_as_ridge.compute())["weight_error"] > 20


def test_shapes():
    assert result().loss.shape == (len(PROBABILITIES), SEEDS)


def test_repeatable():
    assert_deterministic(dropout_as_ridge, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(dropout_as_ridge, result())
    assert {"p", "loss_predicted", "loss_measured"} <= placeholders("dropout_as_ridge", "alt")
