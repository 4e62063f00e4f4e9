"""What the dropout_explorer example shows."""

import math
from functools import partial

import pytest
import torch

from examples import dropout_explorer
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, dropout_explorer)
numbers = partial(numbers_of, dropout_explorer)
EACH = pytest.mark.parametrize("p", dropout_explorer.PROBABILITIES)


@EACH
def test_all_masks_together_have_the_chance_one_and_drop_the_right_share(p):
    chance = dropout_explorer.chances(p)
    assert chance.sum().item() == pytest.approx(1)
    assert (chance @ dropout_explorer.ALL).tolist() == pytest.approx([1 - p] * dropout_explorer.UNITS)
    assert len(dropout_explorer.ALL.unique(dim=0)) == 2**dropout_explorer.UNITS == numbers()["subnets"]


@EACH
def test_the_mean_of_drawn_subnets_approaches_that_of_all_like_a_root(p):
    for masks in dropout_explorer.MASKS:
        found = dropout_explorer.summary(result(), (p, masks))
        assert found["gap"] < 4 * found["gap_predicted"]  # a rare subnet may come first
        assert found["gap_predicted"] * math.sqrt(masks) == pytest.approx(found["spread"])


@EACH
def test_the_single_pass_is_close_to_the_mean_and_not_equal(p):
    found = dropout_explorer.summary(result(), (p, 1))
    assert 1e-3 < found["limit"] < 0.6 * found["spread"]


def test_error_of_the_subnets_is_that_of_the_mean_plus_the_spread():
    found = numbers()
    assert found["error_subnet"] == pytest.approx(found["error_mean"] + found["one_spread"] ** 2)


@EACH
def test_a_drawn_subnet_is_one_of_all(p):
    for mask, output in zip(result().masks[p][:5], result().drawn[p][:5], strict=True):
        index = int((mask == dropout_explorer.ALL).all(1).nonzero().item())
        torch.testing.assert_close(output, result().every[p][index])


def test_a_linear_second_layer_makes_the_single_pass_exact(monkeypatch):
    monkeypatch.setattr(torch, "tanh", lambda z: z)
    linear, p = dropout_explorer.compute(), 0.35
    assert dropout_explorer.summary(linear, (p, 1))["limit"] < 1e-9


def test_units_out_are_those_of_the_newest_mask():
    frame = dropout_explorer.explore(result()).frames[dropout_explorer.QUOTED, 1]
    assert len(frame.marks["out"]) == frame.numbers["out"] == numbers()["one_out"] > 0
    assert len(frame.marks["kept"]) + len(frame.marks["out"]) == dropout_explorer.UNITS


def test_repeatable():
    assert_deterministic(dropout_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(dropout_explorer, result())
    assert {"subnets", "error_subnet", "error_mean"} == placeholders("dropout_explorer", "caption")
