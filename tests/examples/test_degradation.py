"""What the degradation example shows."""

import math
from functools import partial

import torch

from examples import degradation
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, degradation)
numbers = partial(numbers_of, degradation)


def test_the_deep_plain_net_fits_worse_in_every_seed():
    last = {name: loss[-degradation.LAST :].mean(0) for name, loss in result().loss.items()}
    assert (last["deep"] > 2 * last["shallow"]).all()
    assert (last["deep"] > 2 * last["residual"]).all()
    assert last["deep"].median() > 0.8 * math.log(degradation.CLASSES)


def test_its_gradient_does_not_vanish():
    # Thirty layers of gain one scatter: depth / width is not small. A gain of one half would give 2 ** -15.
    assert 0.3 < numbers()["deep_ratio"] < 3
    assert result().ratio["deep"].min() > 100 * 2.0**-15


def test_shortcuts_start_with_the_predicted_ratio():
    assert abs(numbers()["residual_start"] / numbers()["residual_predicted"] - 1) < 0.15


def test_a_smaller_or_larger_step_does_not_help():
    for lr in (0.01, 0.1):
        assert degradation.train(*degradation.NETS["deep"], lr=lr)[0][-10:].mean(0).median() > 1.7


def test_clipping_is_not_to_blame(monkeypatch):
    monkeypatch.setattr(degradation, "CLIP", 1e6)
    loss, ratio = degradation.train(*degradation.NETS["deep"], lr=0.01)
    assert loss[-10:].mean(0).median() > 1.8
    assert ratio.median() > 0.1


def test_repeatable():
    assert_deterministic(degradation, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(degradation, result())
    assert {"steps", "shallow_depth", "shallow_loss", "deep_loss", "residual_loss"} == placeholders(
        "degradation", "alt"
    )


def test_inputs_have_variance_one_in_every_direction_on_average():
    X, _ = degradation.data(torch.Generator().manual_seed(1))
    torch.testing.assert_close(X.square().mean(1), torch.ones(len(X)))
