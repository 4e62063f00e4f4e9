"""What the tiny_batches example shows."""

from functools import partial

import pytest
import torch
from torch import nn

from examples import tiny_batches
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, tiny_batches)
numbers = partial(numbers_of, tiny_batches)


def test_two_examples_are_too_few_for_batch_normalisation_only():
    found = numbers()
    assert found["batch_2_most"] < 0.7 < 0.75 < min(found["layer_2_least"], found["group_2_least"])
    assert min(found[f"{norm}_32_least"] for norm in tiny_batches.NORMS) > 0.9


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


@pytest.mark.parametrize(
    ("norm", "layer"), [("layer", nn.LayerNorm(40)), ("group", nn.GroupNorm(tiny_batches.GROUPS, 40))]
)
def test_normalisations_of_one_example_are_those_of_pytorch(norm, layer):
    generator = torch.Generator().manual_seed(2)
    W, V = torch.randn(1, 40, 40, generator=generator), torch.randn(1, 40, 10, generator=generator)
    x = torch.randn(1, 5, 40, generator=generator)
    scores, _ = tiny_batches.forward(norm, [W, V], x)
    torch.testing.assert_close(scores[0], torch.relu(layer(x[0] @ W[0])) @ V[0])


def test_repeatable():
    assert_deterministic(tiny_batches, result())


def test_published():
    assert_plain(numbers())
