"""What the early_layer_updates example shows."""

from functools import partial

import pytest
import torch

from examples import early_layer_updates
from optnotes.descent import adam_step
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, early_layer_updates)
numbers = partial(numbers_of, early_layer_updates)


def medians(values):
    return values.median(1).values


@pytest.mark.parametrize("method", ["sgd", "adam"])
def test_the_first_gradient_predicts_the_profile(method):
    # The gradient shrinks a few times while the last layer learns the class frequencies, equally in all layers:
    # the prediction is an upper bound, and measured and predicted stay within one decade over twelve decades.
    share = medians(result().moved[method]) / medians(result().predicted[method])
    assert (share < 1).all()
    assert (share > 0.1).all()


def test_sgd_passes_the_decay_on_in_full():
    moved, gradient = medians(result().moved["sgd"]).log10(), medians(result().gradient).log10()
    slope, expected = ((each[17] - each[3]) / 14 for each in (moved, gradient))
    torch.testing.assert_close(slope, expected, rtol=0.05, atol=0.0)
    # The gain predicts 0.63 decades per layer; 32 units wide, it holds within a few per cent.
    torch.testing.assert_close(slope.item(), 0.63, rtol=0.08, atol=0.0)


def test_adam_hides_the_decay_down_to_eps():
    moved = medians(result().moved["adam"])
    small = numbers()["below_eps"]
    assert 7 <= small <= 11
    # A decade above eps the movement is even; two decades below it falls with the gradient.
    assert moved[small + 2 :].max() / moved[small + 2 :].min() < 1.6
    assert moved[small - 4] < 0.03 * moved[-1]
    assert moved[0] < 1e-4 * moved[-1]


def test_adam_moves_the_first_layer_far_more_than_sgd():
    assert numbers()["first_adam"] > 1e5 * numbers()["first_sgd"]


def test_float32_does_not_move_at_all_where_the_step_is_below_rounding():
    frozen = result().frozen.all(1)
    assert 2 <= numbers()["frozen"] <= 6
    assert frozen[: numbers()["frozen"]].all()
    assert not result().frozen[10:].any()
    # Half a unit in the last place of a weight is at least 2^-25 of it; smaller weights in a layer move first.
    per_step = medians(result().moved["sgd"]) / early_layer_updates.STEPS
    assert per_step[0] < 1e-4 * 2**-25
    assert per_step[14] > 2**-25


def test_broken_twin_with_a_large_eps_freezes_more_layers(monkeypatch):
    def coarse(w, g, m, v, t, lr, lam, eps):
        return adam_step(w, g, m, v, t, lr, lam, eps=1e-4)

    monkeypatch.setattr(early_layer_updates, "adam_step", coarse)
    start = early_layer_updates.initial()
    moved = early_layer_updates.adam(start, *early_layer_updates.data())
    broken = early_layer_updates.lengths(moved - start) / early_layer_updates.lengths(start)
    assert medians(broken)[10] < 0.1 * medians(result().moved["adam"])[10]


def test_repeatable():
    assert_deterministic(early_layer_updates, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(early_layer_updates, result())
    assert {"first_sgd", "first_adam", "below_eps"} <= placeholders("early_layer_updates", "alt")
