"""What the dropout_steps example shows."""

from functools import partial

import torch

from examples import dropout_steps
from examples.dropout_steps import AVERAGED, PROBABILITIES, TRAINED
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, dropout_steps)
numbers = partial(numbers_of, dropout_steps)


def test_gradient_is_that_of_autograd():
    X, Y, W, V = (tensor.double() for tensor in dropout_steps.data())
    scale = dropout_steps.draw(0.3, 1, torch.Generator().manual_seed(3))[0].double()
    W, V = W.requires_grad_(), V.requires_grad_()
    logits = ((X @ W).relu() * scale) @ V
    (-(Y * logits.log_softmax(-1)).sum(-1).mean(1).sum()).backward()
    expected = dropout_steps.gradient(X, Y, W.detach(), V.detach(), scale)
    torch.testing.assert_close(expected, (W.grad, V.grad))


def test_noise_follows_the_root_of_p_over_one_minus_p():
    # Prediction to first order, variance from a few masks: a tenth is what both together leave.
    assert numbers()["noise_excess"] < 0.1
    measured = result().noise.mean(0)
    low, high = PROBABILITIES.index(0.1), PROBABILITIES.index(0.5)
    assert abs((measured[high] / measured[low]).item() / 3 - 1) < 0.1  # the root of 1 over the root of 1/9


def test_more_dropout_needs_more_steps():
    assert (result().steps.mean(0).diff() > 0).all()
    assert (result().steps[:, TRAINED.index(0.5)] > result().steps[:, 0]).all()
    assert numbers()["not_reached"] == 0


def test_averaging_the_noise_away_does_not_restore_the_speed():
    assert AVERAGED >= 4
    assert -0.1 < numbers()["delay_removed"] < 0.25
    # Even at the largest probability the averaged runs stay far from those without dropout.
    assert result().averaged[:, -1].mean() > 1.7 * numbers()["steps_without"]


def test_broken_twin_without_the_factor_predicts_another_noise(monkeypatch):
    def unscaled(p, masks, generator):
        return dropout_draw(p, masks, generator) * (1 - p)

    dropout_draw = dropout_steps.draw
    monkeypatch.setattr(dropout_steps, "draw", unscaled)
    measured, predicted = dropout_steps.noise()
    assert (measured / predicted - 1).abs().max() > 0.3


def test_repeatable():
    assert_deterministic(dropout_steps, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(dropout_steps, result())
    assert {"noise", "noise_predicted", "steps", "steps_averaged"} <= placeholders("dropout_steps", "alt")
