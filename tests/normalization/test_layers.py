"""Batch, layer and RMS normalisation: values, torch as the oracle, and the laws of scale."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.normalization import batch_norm, bn_relu_growth, layer_norm, rms_norm
from tests.laws import seeds

X = torch.tensor([[1.0, 0.0], [3.0, 2.0], [8.0, 7.0]], dtype=torch.float64)
GAMMA = torch.tensor([0.5, 3.0], dtype=torch.float64)
BETA = torch.tensor([-1.0, 2.0], dtype=torch.float64)


def draw(seed, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(6, 4, generator=generator, dtype=torch.float64) * 3 + 2
    gamma = torch.rand(4, generator=generator, dtype=torch.float64) + 0.5
    beta = torch.randn(4, generator=generator, dtype=torch.float64)
    return x.to(dtype), gamma.to(dtype), beta.to(dtype)


def test_batch_norm_value():
    deviation = math.sqrt(((1 - 4) ** 2 + (3 - 4) ** 2 + (8 - 4) ** 2) / 3 + 0.1)
    expected = torch.tensor([0.5 * (v - 4) / deviation - 1 for v in (1, 3, 8)], dtype=torch.float64)
    torch.testing.assert_close(batch_norm(X, GAMMA, BETA, eps=0.1)[:, 0], expected)


def test_layer_norm_value():
    deviation = math.sqrt(((8 - 7.5) ** 2 + (7 - 7.5) ** 2) / 2 + 0.1)
    expected = torch.tensor([0.5 * 0.5 / deviation - 1, 3.0 * -0.5 / deviation + 2], dtype=torch.float64)
    torch.testing.assert_close(layer_norm(X, GAMMA, BETA, eps=0.1)[2], expected)


def test_rms_norm_value():
    root = math.sqrt((8**2 + 7**2) / 2 + 0.1)
    expected = torch.tensor([0.5 * 8 / root, 3.0 * 7 / root], dtype=torch.float64)
    torch.testing.assert_close(rms_norm(X, GAMMA, eps=0.1)[2], expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(seed=seeds())
def test_norms_match_torch(dtype, seed):
    x, gamma, beta = draw(seed, dtype)
    functional = torch.nn.functional
    expected = functional.batch_norm(x, None, None, gamma, beta, training=True, eps=0.01)
    torch.testing.assert_close(batch_norm(x, gamma, beta, eps=0.01), expected)
    torch.testing.assert_close(layer_norm(x, gamma, beta, eps=0.01), functional.layer_norm(x, (4,), gamma, beta, 0.01))
    torch.testing.assert_close(rms_norm(x, gamma, eps=0.01), functional.rms_norm(x, (4,), gamma, 0.01))


def test_behind_a_convolution_every_position_is_a_row():
    images = torch.randn(3, 4, 5, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    _, gamma, beta = draw(seed=1)
    expected = torch.nn.functional.batch_norm(images, None, None, gamma, beta, training=True, eps=0.01)
    rows = images.movedim(1, -1)
    actual = batch_norm(rows.reshape(-1, 4), gamma, beta, eps=0.01).reshape(rows.shape).movedim(-1, 1)
    torch.testing.assert_close(actual, expected)


@given(seeds())
def test_batch_norm_gives_the_wanted_mean_and_deviation(seed):
    """Over the batch every unit has mean beta and, up to eps, standard deviation gamma."""
    x, gamma, beta = draw(seed)
    y = batch_norm(x, gamma, beta, eps=1e-12)
    torch.testing.assert_close(y.mean(dim=0), beta)
    torch.testing.assert_close(y.std(dim=0, correction=0), gamma)


@given(seeds(), st.floats(0.5, 50.0))
def test_batch_norm_ignores_the_scale_of_the_weights(seed, factor):
    """Without eps, batch normalisation of a W x does not depend on the positive factor a."""
    x, gamma, beta = draw(seed)
    expected = batch_norm(x, gamma, beta, eps=1e-14)
    torch.testing.assert_close(batch_norm(factor * x, gamma, beta, eps=1e-14), expected)


def test_eps_breaks_the_scale_invariance_for_tiny_weights():
    tiny = batch_norm(1e-3 * X, GAMMA, BETA, eps=1e-5)
    assert (tiny - batch_norm(X, GAMMA, BETA, eps=1e-5)).abs().max() > 0.1


def test_scale_invariant_weights_get_an_orthogonal_gradient_of_inverse_scale():
    """The gradient of a W is the gradient of W over a, and each row of it is orthogonal to that row of W."""
    x, gamma, beta = draw(seed=7)
    target = draw(seed=8)[0]
    gradients = []
    for factor in (1.0, 10.0):
        W = (factor * draw(seed=9)[0][:4]).requires_grad_()
        (batch_norm(x @ W.mT, gamma, beta, eps=1e-14) - target).square().sum().backward()
        gradients.append(W.grad)
        torch.testing.assert_close(
            (W * W.grad).sum(dim=1).detach(), torch.zeros(4, dtype=torch.float64), atol=1e-9, rtol=0
        )
    torch.testing.assert_close(gradients[1], gradients[0] / 10)


@given(seeds())
def test_batch_norm_mixes_examples_and_layer_norm_does_not(seed):
    """Changing one example moves the batch-normalised others, and no layer-normalised other."""
    x, gamma, beta = draw(seed)
    other = x.clone()
    other[0] += 5.0
    moved = batch_norm(other, gamma, beta, eps=0.01)[1:] - batch_norm(x, gamma, beta, eps=0.01)[1:]
    assert moved.abs().max() > 1e-3
    torch.testing.assert_close(layer_norm(other, gamma, beta, eps=0.01)[1:], layer_norm(x, gamma, beta, eps=0.01)[1:])
    torch.testing.assert_close(rms_norm(other, gamma, eps=0.01)[1:], rms_norm(x, gamma, eps=0.01)[1:])


@given(seeds())
def test_rms_norm_is_layer_norm_of_centred_examples(seed):
    x, gamma, _ = draw(seed)
    centred = x - x.mean(dim=1, keepdim=True)
    expected = layer_norm(x, gamma, torch.zeros_like(gamma), eps=0.01)
    torch.testing.assert_close(rms_norm(centred, gamma, eps=0.01), expected)


def test_gradients_are_those_of_the_formulas():
    x, gamma, beta = (value.requires_grad_() for value in draw(seed=3))
    assert torch.autograd.gradcheck(lambda *args: batch_norm(*args, eps=0.1), (x, gamma, beta))
    assert torch.autograd.gradcheck(lambda *args: layer_norm(*args, eps=0.1), (x, gamma, beta))
    assert torch.autograd.gradcheck(lambda *args: rms_norm(*args, eps=0.1), (x, gamma))


def test_a_batch_of_one_has_no_batch_statistics():
    with pytest.raises(ValueError, match="x must have at least 2 rows"):
        batch_norm(X[:1], GAMMA, BETA, eps=0.1)
    with pytest.raises(ValueError, match="Expected more than 1 value per channel"):
        torch.nn.functional.batch_norm(X[:1], None, None, training=True)
    assert layer_norm(X[:1], GAMMA, BETA, eps=0.1).shape == (1, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_constant_units_become_the_shift(dtype):
    x = torch.full((3, 2), 7.0, dtype=dtype)
    gamma, beta = GAMMA.to(dtype), BETA.to(dtype)
    torch.testing.assert_close(batch_norm(x, gamma, beta, eps=1e-5), beta.expand(3, 2))
    torch.testing.assert_close(layer_norm(x, gamma, beta, eps=1e-5), beta.expand(3, 2))


def test_bn_relu_growth_value():
    expected = (3.141592653589793 / 2.141592653589793) ** 4
    assert bn_relu_growth(4) == pytest.approx(expected, rel=1e-14)
    assert bn_relu_growth(0) == 1.0
    assert math.isfinite(bn_relu_growth(1000))


@given(st.integers(0, 300), st.integers(0, 300))
def test_bn_relu_growth_multiplies_over_blocks(first, second):
    """Growth over L + M blocks is the product of the growths over L and over M."""
    expected = bn_relu_growth(first) * bn_relu_growth(second)
    assert bn_relu_growth(first + second) == pytest.approx(expected, rel=1e-12)


def test_bn_relu_growth_comes_from_two_moments_of_relu():
    """ReLU halves the squared gradient and leaves (pi - 1) / (2 pi) of the variance for the next normalisation."""
    z = torch.linspace(-12, 12, 240_001, dtype=torch.float64)
    weight = torch.exp(-z.square() / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])
    relu = torch.relu(z)
    mean_slope = (weight * (z > 0)).sum()
    variance = (weight * relu.square()).sum() - (weight * relu).sum().square()
    # The slope jumps at the node at zero, which costs the sum half a cell.
    torch.testing.assert_close((mean_slope / variance).item(), bn_relu_growth(1), atol=1e-4, rtol=0)


def test_bn_relu_growth_is_seen_in_a_wide_network():
    """A plain network of width 192 loses little of the factor per block, whatever the scale of its weights."""
    generator = torch.Generator().manual_seed(0)
    width, batch, depth = 192, 384, 12
    h = torch.randn(batch, width, generator=generator, dtype=torch.float64)
    gamma, beta = torch.ones(width, dtype=torch.float64), torch.zeros(width, dtype=torch.float64)
    states = []
    for _ in range(depth):
        h.requires_grad_()
        states.append(h)
        weights = 5.0 * torch.randn(width, width, generator=generator, dtype=torch.float64)
        h = torch.relu(batch_norm(h @ weights, gamma, beta, eps=1e-12))
    gradients = torch.autograd.grad(h, states, torch.randn(batch, width, generator=generator, dtype=torch.float64))
    squares = torch.stack([g.square().sum() for g in gradients])
    blocks = depth - 4  # the first blocks see the input, not yet the stationary distribution
    per_block = (squares[3] / squares[3 + blocks]).item() ** (1 / blocks)
    assert per_block == pytest.approx(bn_relu_growth(1), rel=0.05)


def test_a_bias_is_lost_in_front_of_batch_normalisation_only():
    """The mean over the batch removes it; the mean over the units leaves what differs between units."""
    x = torch.tensor([[0.3, -1.2, 2.0], [1.4, 0.1, -0.7]], dtype=torch.float64)
    bias = torch.tensor([0.5, -2.0, 1.0], dtype=torch.float64)
    one, zero = torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    torch.testing.assert_close(batch_norm(x + bias, one, zero, 1e-5), batch_norm(x, one, zero, 1e-5))
    moved = layer_norm(x + bias, one, zero, 1e-5) - layer_norm(x, one, zero, 1e-5)
    assert (
        moved[0] - moved[1]
    ).abs().max() > 0.5  # no shift of the layer's own, the same for all examples, replaces it
    assert (rms_norm(x + bias, one, 1e-5) - rms_norm(x, one, 1e-5)).abs().max() > 0.5
