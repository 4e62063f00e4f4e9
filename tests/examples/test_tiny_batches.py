"""What the tiny_batches example shows."""

from functools import partial

import torch
from torch import nn

from examples import tiny_batches
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, tiny_batches)
numbers = partial(numbers_of, tiny_batches)


def test_two_examples_are_too_few_for_batch_normalisation_only():
    found = numbers()
    assert found["batch_2_most"] < 0.7 < 0.8 < found["layer_2_least"]
    assert min(found["batch_32_least"], found["layer_32_least"]) > 0.9


def test_normalisation_in_both_modes_is_that_of_pytorch():
    generator = torch.Generator().manual_seed(1)
    W, V = torch.randn(1, 40, 40, generator=generator), torch.randn(1, 40, 10, generator=generator)
    x, layer = torch.randn(1, 5, 40, generator=generator), nn.BatchNorm1d(40)
    scores, found = tiny_batches.forward("batch", [W, V], x)
    torch.testing.assert_close(scores[0], torch.relu(layer(x[0] @ W[0])) @ V[0])
    start = (torch.zeros(1, 1, 40), torch.ones(1, 1, 40))
    stored = [tiny_batches.averaged(start, found[0], 5)]
    scores, _ = tiny_batches.forward("batch", [W, V], x, stored)
    torch.testing.assert_close(scores[0], torch.relu(layer.eval()(x[0] @ W[0])) @ V[0])


def test_repeatable():
    assert_deterministic(tiny_batches, result())


def test_published():
    assert_plain(numbers())
