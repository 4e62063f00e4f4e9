"""What the dropout_saddles example shows."""

import math
from functools import partial

import torch

from examples import dropout_saddles
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, dropout_saddles)
numbers = partial(numbers_of, dropout_saddles)


def test_dropout_never_leaves_zero_weights():
    assert numbers()["zero_largest"] == 0
    assert (result().losses["zero_dropout"] == result().losses["zero_dropout"][0]).all()
    assert abs(numbers()["start"] - math.log(10)) < 1e-12


def test_additive_noise_leaves_them():
    assert (result().losses["zero_added"][-1] < 0.3 * numbers()["start"]).all()


def test_identical_units_part_only_with_dropout():
    # Rounding differs between columns and grows along the unstable direction, still far from the scale of a weight.
    assert numbers()["apart_plain"] == 1e-4
    assert numbers()["apart_dropout"] > 0.1


def test_identical_units_are_a_net_of_width_one():
    """Without dropout the loss stalls above what the separated units reach, on every seed."""
    assert (result().losses["same_plain"][-1] > 2 * result().losses["same_dropout"][-1]).all()


def test_broken_twin_with_one_mask_for_all_units_keeps_them_identical(monkeypatch):
    shared = dropout_saddles.inverted_dropout
    monkeypatch.setattr(dropout_saddles, "STEPS", 20)
    monkeypatch.setattr(
        dropout_saddles,
        "inverted_dropout",
        lambda h, mask, p: shared(h, mask[..., :1].expand(mask.shape), p),
    )
    assert dropout_saddles.numbers(dropout_saddles.compute())["apart_dropout"] < 1e-6


def test_both_kinds_start_from_the_same_weights():
    torch.testing.assert_close(result().losses["same_plain"][0], result().losses["same_dropout"][0])


def test_repeatable():
    assert_deterministic(dropout_saddles, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(dropout_saddles, result())
    assert {"start", "zero_added", "same_plain", "same_dropout"} <= placeholders("dropout_saddles", "alt")
