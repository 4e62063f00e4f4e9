"""Geometric decay and growth with depth: values, laws and the limits of float32."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.gradients import geometric_gradient, gradient_decades, gradient_ratio, he_std

GAIN = torch.tensor([0.5, 1.0, 3.0], dtype=torch.float64)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_geometric_gradient_value(dtype):
    expected = torch.tensor([0.5 * 0.5 * 0.5 * 0.5, 1.0, 3.0 * 3.0 * 3.0 * 3.0], dtype=dtype)
    torch.testing.assert_close(expected, geometric_gradient(GAIN.to(dtype), depth=4))


@given(st.floats(0.01, 5.0), st.integers(0, 20), st.integers(0, 20))
def test_depths_add(gain, first, second):
    """Passing two stacks multiplies their ratios."""
    gain = torch.tensor(gain, dtype=torch.float64)
    expected = geometric_gradient(gain, first) * geometric_gradient(gain, second)
    torch.testing.assert_close(expected, geometric_gradient(gain, first + second))


@given(st.floats(0.1, 5.0), st.integers(0, 50))
def test_decades_are_the_decimal_logarithm(gain, depth):
    gain = torch.tensor(gain, dtype=torch.float64)
    expected = torch.log10(geometric_gradient(gain, depth))
    torch.testing.assert_close(expected, gradient_decades(gain, depth), rtol=1e-7, atol=1e-10)


def test_decades_stay_finite_where_float32_underflows():
    gain = torch.tensor(0.1)
    assert geometric_gradient(gain, depth=60).item() == 0.0
    torch.testing.assert_close(-60.0, gradient_decades(gain, depth=60).item(), rtol=1e-6, atol=0)


def test_zero_layers_change_nothing_and_zero_gain_kills():
    gain = torch.tensor([0.0, 0.25])
    assert geometric_gradient(gain, depth=0).tolist() == [1.0, 1.0]
    assert geometric_gradient(gain, depth=1).tolist() == [0.0, 0.25]


def test_gradient_ratio_value():
    chi = torch.tensor([0.25, 1.0, 4.0], dtype=torch.float64)
    expected = torch.tensor([0.5**10, 1.0, 2.0**10], dtype=torch.float64)
    torch.testing.assert_close(expected, gradient_ratio(chi, layers=11))
    assert gradient_ratio(chi, layers=1).tolist() == [1.0, 1.0, 1.0]


@given(st.floats(0.1, 3.0), st.integers(1, 10), st.integers(1, 10))
def test_gradient_ratios_multiply_at_a_shared_layer(chi, below, above):
    """Two stacks that share one layer multiply their ratios."""
    chi = torch.tensor(chi, dtype=torch.float64)
    expected = gradient_ratio(chi, below) * gradient_ratio(chi, above)
    torch.testing.assert_close(expected, gradient_ratio(chi, below + above - 1))


@pytest.mark.parametrize("gain", [0.8, 1.25])
def test_gradient_ratio_predicts_a_random_relu_network(gain):
    generator = torch.Generator().manual_seed(0)
    n, layers, logs = 100, 20, []
    for _ in range(5):
        h = torch.randn(n, generator=generator, dtype=torch.float64)
        hs = []
        for _ in range(layers):
            weight = gain * he_std(n) * torch.randn(n, n, generator=generator, dtype=torch.float64)
            h = torch.relu(weight @ h)
            hs.append(h.requires_grad_() if not hs else h)
        # A random direction: the gradient of the plain sum of ReLU outputs depends on the forward pass.
        direction = torch.randn(n, generator=generator, dtype=torch.float64)
        last, first = torch.autograd.grad(h @ direction, [hs[-1], hs[0]])
        logs.append((first.norm() / last.norm()).log())
    measured = torch.stack(logs).mean().exp().item()
    expected = gradient_ratio(torch.tensor(gain**2, dtype=torch.float64), layers).item()
    assert expected / 3 < measured < expected * 3


def test_gradcheck():
    gain = GAIN.clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda a: geometric_gradient(a, 3), gain)
    assert torch.autograd.gradcheck(lambda a: gradient_decades(a, 3), gain)
    assert torch.autograd.gradcheck(lambda chi: gradient_ratio(chi, 4), gain)
