"""What the alexnet_gradients example shows."""

import math
from functools import partial

import torch

from examples import alexnet_gradients
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, alexnet_gradients)
numbers = partial(numbers_of, alexnet_gradients)


def test_it_is_the_network_of_2012():
    assert numbers()["layers"] == 8
    # The paper counts 60 million parameters.
    assert numbers()["parameters"] == 60_965_224
    assert [math.prod(shape[1:]) for shape in alexnet_gradients.shapes(1)] == [
        363,
        1200,
        2304,
        1728,
        1728,
        9216,
        4096,
        4096,
    ]


def test_rescaled_weights_keep_the_gain_of_full_width():
    for shape, full in zip(alexnet_gradients.shapes(4), alexnet_gradients.shapes(1), strict=True):
        std = alexnet_gradients.scale("original", shape, full)
        expected = alexnet_gradients.ORIGINAL_STD**2 * math.prod(full[1:])
        torch.testing.assert_close(math.prod(shape[1:]) * std**2, expected)


def test_he_keeps_the_signal_in_every_seed():
    # Overlapping max-pooling raises the signal a little.
    ratio = result().ratio["he"]
    assert (ratio[:, 0] > 0.8).all()
    assert (ratio < 5).all()


def test_the_weights_of_2012_weaken_it_mildly():
    assert 1e-3 < numbers()["ratio_original"] < 0.05
    assert ((result().ratio["original"][:, 0] > 1e-3) & (result().ratio["original"][:, 0] < 0.05)).all()


def test_sigmoid_loses_decades_in_the_same_network():
    assert (result().ratio["sigmoid"][:, 0] < 1e-4).all()


def test_broken_twin_without_rescaling_overstates_the_decay(monkeypatch):
    honest = alexnet_gradients.scale
    monkeypatch.setattr(alexnet_gradients, "scale", lambda start, shape, _: honest(start, shape, shape))
    norms = alexnet_gradients.signals("original", torch.Generator().manual_seed(1))
    assert norms[0] / norms[-1] < 0.1 * numbers()["ratio_original"]


def test_repeatable():
    assert_deterministic(alexnet_gradients, result())


def test_published():
    assert_plain(numbers())
