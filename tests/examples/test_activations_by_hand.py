"""What the activations_by_hand example shows: numbers that a pencil finds, too."""

import math
from functools import partial

import pytest
import torch

from examples import activations_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, activations_by_hand)
numbers = partial(numbers_of, activations_by_hand)
PENCIL = {
    "error1": 1,
    "error2": 2,
    "slope_w": 3.5,  # (1 × 1 + 2 × 3) / 2
    "slope_b": 1.5,  # (1 + 2) / 2
    "short_w": 0.65,
    "short_b": -0.15,
    "short_z1": 0.5,
    "short_z2": 1.8,
    "long_w": -2.5,
    "long_b": -1.5,
    "long_z1": -4,
    "long_z2": -9,
    "after": 0,
    "p1": 0.1,  # 1 / (1 + 3 + 6)
    "p2": 0.3,
    "p3": 0.6,
    "gradient1": -0.9,
    "gradient2": 0.3,
    "gradient3": 0.6,
    "loss": math.log(10),
    "floor": math.log(1 + 2 / math.e),
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name], rel=1e-12, abs=1e-12)


def test_a_leaky_unit_of_the_library_wakes_after_as_many_steps():
    linear = torch.nn.Linear(1, 1).double()
    x = torch.tensor(activations_by_hand.INPUTS).double()[:, None]
    y = torch.tensor(activations_by_hand.TARGETS).double()
    with torch.no_grad():
        linear.weight.fill_(numbers()["long_w"])
        linear.bias.fill_(numbers()["long_b"])
    optimizer, steps = torch.optim.SGD(linear.parameters(), lr=activations_by_hand.LONG), 0
    while (linear(x) <= 0).all():
        optimizer.zero_grad()
        out = torch.nn.functional.leaky_relu(linear(x), activations_by_hand.SLOPE)[:, 0]
        ((out - y).square().mean() / 2).backward()
        optimizer.step()
        steps += 1
    assert steps == numbers()["leaky_steps"]


def test_repeatable():
    assert_deterministic(activations_by_hand, result())


def test_published():
    assert_plain(numbers())
