"""What the dropout_width example shows."""

from functools import partial

import torch

from examples import dropout_width
from examples.dropout_width import PROBABILITIES, SEEDS, WIDE, P
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, dropout_width)
numbers = partial(numbers_of, dropout_width)


def test_a_fifth_of_the_labels_is_drawn_anew(monkeypatch):
    _, noisy, _, _ = dropout_width.data(torch.Generator().manual_seed(38))
    monkeypatch.setattr(dropout_width, "FALSE", 0.0)
    _, true, _, _ = dropout_width.data(torch.Generator().manual_seed(38))
    # One draw in ten hits the true label; five standard deviations of a share of 2000.
    assert abs((noisy != true).double().mean().item() - 0.2 * 0.9) < 5 * (0.18 * 0.82 / (SEEDS * 100)) ** 0.5


def test_wide_net_learns_the_false_labels_without_dropout():
    assert numbers()["eval_mode_wide_without"] < 0.05
    assert numbers()["gap_wide_without"] > 1


def test_dropout_helps_the_wide_net_on_every_seed():
    assert (result().test[WIDE, P] < result().test[WIDE, 0.0]).all()
    assert numbers()["test_wide_with"] < 0.7 * numbers()["test_wide_without"]


def test_early_stopping_gives_most_of_it():
    gained = numbers()["test_wide_without"] - numbers()["test_wide_with"]
    assert abs(numbers()["best_wide_without"] - numbers()["best_wide_with"]) < 0.15 * gained


def test_dropout_hurts_the_narrow_nets_even_when_stopped():
    for width in (4, 8, 16):
        assert result().best[width, P].mean() > 1.1 * result().best[width, 0.0].mean()


def test_loss_with_units_dropped_lies_above():
    """The cross-entropy is convex in the logits, so the mean over masks lies above the pass without."""
    for p in PROBABILITIES[1:-1]:
        assert (result().train_mode[WIDE, p] > result().eval_mode[WIDE, p]).all()
    torch.testing.assert_close(result().train_mode[WIDE, 0.0], result().eval_mode[WIDE, 0.0])


def test_best_probability_lies_inside():
    assert 0 < numbers()["best_p"] < numbers()["largest_p"]
    assert numbers()["test_largest_p"] > numbers()["test_wide_without"]


def test_repeatable():
    assert_deterministic(dropout_width, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(dropout_width, result())
    assert {"best_narrow_without", "best_narrow_with", "best_p"} <= placeholders("dropout_width", "alt")
