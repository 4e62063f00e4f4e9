"""What the validation_below_training example shows."""

from functools import partial

import pytest
import torch

from examples import validation_below_training
from examples.validation_below_training import BATCHES, EPOCHS, SEEDS, TRAIN
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, validation_below_training)
numbers = partial(numbers_of, validation_below_training)


def test_printed_loss_lies_above_validation_in_every_epoch():
    assert numbers()["below"] == EPOCHS
    assert (result().valid < result().printed).all()


def test_evaluated_alike_training_is_lower():
    assert numbers()["never_below"] == EPOCHS
    assert (result().fresh < result().valid)[2:].double().mean() > 0.95


def test_three_parts_make_up_the_difference():
    """Printed minus recomputed is penalty plus dropout plus moving weights, exactly."""
    parts = result().penalty + result().dropout + result().moving
    # Single precision: each loss carries an error of about 1e-7 of its size.
    torch.testing.assert_close(result().printed - result().fresh, parts, atol=1e-5, rtol=0.0)
    for part in (result().penalty, result().dropout, result().moving):
        assert (part.mean(1) > 0).all()


def test_moving_weights_cost_half_an_epoch_and_the_wait_of_each_batch():
    """The loss falls almost evenly within an epoch, and a batch is printed when its last step is longest ago."""
    for epoch in ("second", "last"):
        explained = numbers()[f"half_{epoch}"] + numbers()[f"stale_{epoch}"]
        # The progress within an epoch is convex, which the half neglects.
        assert explained == pytest.approx(numbers()[f"moving_{epoch}"], rel=0.15)
        assert numbers()[f"half_{epoch}"] < numbers()[f"moving_{epoch}"]


def test_moving_part_fades_and_the_others_stay():
    assert numbers()["moving_last"] < 0.15 * numbers()["moving_second"]
    for part in ("penalty", "dropout"):
        assert numbers()[f"{part}_last"] == pytest.approx(numbers()[f"{part}_second"], rel=0.2)


def test_batches_cover_every_example_once():
    parts = torch.randperm(TRAIN).chunk(BATCHES)
    assert len(parts) == BATCHES
    assert torch.cat(parts).sort().values.tolist() == list(range(TRAIN))


def test_broken_twin_without_dropout_and_penalty_prints_an_honest_loss_in_the_end(monkeypatch):
    monkeypatch.setattr(validation_below_training, "LAM", 0.0)
    monkeypatch.setattr(validation_below_training, "penalty", lambda w: torch.zeros(SEEDS))
    monkeypatch.setattr(validation_below_training, "P", 0.0)
    broken = validation_below_training.numbers(validation_below_training.compute())
    assert broken["penalty_last"] == 0
    # Single precision: the losses with and without masks come from products of different sizes.
    assert broken["dropout_last"] == pytest.approx(0, abs=1e-7)
    assert broken["printed_last"] < broken["valid_last"]


def test_repeatable():
    assert_deterministic(validation_below_training, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(validation_below_training, result())
    assert {"printed_last", "valid_last", "fresh_last"} == placeholders("validation_below_training", "alt")
