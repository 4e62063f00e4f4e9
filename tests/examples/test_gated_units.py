"""What the gated_units example shows."""

from functools import partial

import pytest
import torch
from torch import nn

from examples import gated_units
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, gated_units)
numbers = partial(numbers_of, gated_units)


def test_mean_squares_multiply_and_the_mean_is_zero():
    assert numbers()["square"] == pytest.approx(numbers()["predicted"], rel=0.05)
    assert abs(numbers()["mean"]) < 0.02
    assert nn.functional.silu(torch.randn(10**5).double()).mean() > 0.15  # without the gate it is not


def test_two_thirds_of_the_width_cost_the_same():
    def count(*shapes):
        return sum(nn.Linear(*shape, bias=False, device="meta").weight.numel() for shape in shapes)

    d, wide, hidden = (numbers()[name] for name in ("model", "wide", "hidden"))
    assert count((d, wide), (wide, d)) == numbers()["plain"]
    assert count((d, hidden), (d, hidden), (hidden, d)) == numbers()["gated"] == numbers()["plain"]


def test_dot_products_spread_like_the_root_of_the_dimension():
    assert numbers()["raw_std"] == pytest.approx(numbers()["std_predicted"], rel=0.05)
    assert numbers()["scaled_std"] == pytest.approx(1, rel=0.05)


def test_unscaled_attention_saturates():
    found = numbers()
    assert found["raw_largest"] > 0.75 > 0.4 > found["scaled_largest"]
    assert found["raw_jacobian"] < 0.6 * found["scaled_jacobian"]


def test_the_library_scales_by_the_root_of_the_dimension():
    generator = torch.Generator().manual_seed(0)
    q, k, v = (torch.randn(1, n, 64, generator=generator).double() for n in (3, 5, 5))
    expected = (q @ k.mT / 8).softmax(-1) @ v
    torch.testing.assert_close(nn.functional.scaled_dot_product_attention(q, k, v), expected)


def test_repeatable():
    assert_deterministic(gated_units, result())


def test_published():
    assert_plain(numbers())
