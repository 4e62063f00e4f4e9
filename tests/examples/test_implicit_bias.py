"""What the implicit_bias example shows."""

from functools import partial

import torch

from examples import implicit_bias
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, implicit_bias)
numbers = partial(numbers_of, implicit_bias)


def test_the_direction_turns_to_the_largest_margin_while_the_weights_grow():
    found = numbers()
    assert found["mistakes"] == 0
    assert found["angle_late"] < 0.7 * found["angle_early"]
    assert 0.7 * found["growth_predicted"] < found["growth"] < 1.05 * found["growth_predicted"]


def test_the_direction_is_that_of_the_largest_margin():
    X, y = implicit_bias.separable(torch.Generator().manual_seed(35))
    turn = torch.linspace(0, 2 * torch.pi, 100_001).double()
    margins = (y[:, None] * (X @ torch.stack([turn.cos(), turn.sin()]))).amin(0)
    assert abs(margins.max().item() - result().margin) < 1e-4
    best = turn[margins.argmax()]
    assert (torch.stack([best.cos(), best.sin()]) - result().direction).norm() < 1e-3


def test_scaling_the_layers_keeps_the_function_and_changes_the_curvature():
    assert numbers()["same"] < 1e-12
    assert numbers()["ratio"] > 10


def test_repeatable():
    assert_deterministic(implicit_bias, result())


def test_published():
    assert_plain(numbers())
