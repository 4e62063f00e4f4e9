"""Initial weights against torch.nn.init and the default of torch.nn.Linear."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.gradients import he_bound, he_std, linear_default, xavier_bound, xavier_std

FANS = st.integers(1, 10_000)


def _drawn(fill, **options):
    """A large tensor filled by an initialiser of torch."""
    return fill(torch.empty(300, 500, dtype=torch.float64), generator=torch.Generator().manual_seed(0), **options)


def test_values():
    torch.testing.assert_close(1.5 * math.sqrt(2 / (20 + 30)), xavier_std(20, 30, gain=1.5))
    torch.testing.assert_close(1.5 * math.sqrt(6 / (20 + 30)), xavier_bound(20, 30, gain=1.5))
    torch.testing.assert_close(math.sqrt(2 / (1.25 * 32)), he_std(32, slope=0.5))
    torch.testing.assert_close(math.sqrt(6 / (1.25 * 32)), he_bound(32, slope=0.5))
    torch.testing.assert_close((1 / math.sqrt(12), 1 / 6), linear_default(12))


# 150 000 draws: the standard error of the standard deviation is 0.2 per cent.
def test_xavier_matches_torch():
    torch.testing.assert_close(
        xavier_std(500, 300, gain=1.7), _drawn(torch.nn.init.xavier_normal_, gain=1.7).std().item(), rtol=0.01, atol=0
    )
    torch.testing.assert_close(
        xavier_bound(500, 300, gain=1.7),
        _drawn(torch.nn.init.xavier_uniform_, gain=1.7).abs().max().item(),
        rtol=1e-3,
        atol=0,
    )


@pytest.mark.parametrize(("mode", "fan"), [("fan_in", 500), ("fan_out", 300)])
def test_he_matches_torch(mode, fan):
    options = {"a": 0.3, "mode": mode, "nonlinearity": "leaky_relu"}
    drawn = _drawn(torch.nn.init.kaiming_normal_, **options)
    torch.testing.assert_close(he_std(fan, slope=0.3), drawn.std().item(), rtol=0.01, atol=0)
    drawn = _drawn(torch.nn.init.kaiming_uniform_, **options)
    torch.testing.assert_close(he_bound(fan, slope=0.3), drawn.abs().max().item(), rtol=1e-3, atol=0)


def test_fan_in_of_a_convolution_is_channels_times_kernel():
    drawn = torch.nn.init.kaiming_normal_(
        torch.empty(200, 16, 3, 5, dtype=torch.float64),
        nonlinearity="relu",
        generator=torch.Generator().manual_seed(0),
    )
    torch.testing.assert_close(he_std(16 * 3 * 5), drawn.std().item(), rtol=0.02, atol=0)


@given(FANS, st.floats(0.0, 3.0))
def test_gain_of_torch_is_the_factor_of_he(fan, slope):
    expected = torch.nn.init.calculate_gain("leaky_relu", slope) / math.sqrt(fan)
    torch.testing.assert_close(expected, he_std(fan, slope))


def test_gain_of_torch_for_tanh_is_five_thirds():
    torch.testing.assert_close(5 / 3, torch.nn.init.calculate_gain("tanh"))


@given(FANS, FANS, st.floats(0.1, 3.0), st.floats(0.0, 2.0))
def test_uniform_and_normal_have_one_variance(fan_in, fan_out, gain, slope):
    """A uniform law between minus and plus the bound has a third of the squared bound as its variance."""
    torch.testing.assert_close(xavier_std(fan_in, fan_out, gain) ** 2, xavier_bound(fan_in, fan_out, gain) ** 2 / 3)
    torch.testing.assert_close(he_std(fan_in, slope) ** 2, he_bound(fan_in, slope) ** 2 / 3)


@given(FANS, FANS)
def test_xavier_is_the_harmonic_compromise(fan_in, fan_out):
    """The variance of Xavier is the harmonic mean of the variances the two passes ask for."""
    expected = 2 / (1 / (1 / fan_in) + 1 / (1 / fan_out))
    torch.testing.assert_close(expected, xavier_std(fan_in, fan_out) ** 2)


@given(FANS)
def test_xavier_halves_what_relu_needs(n):
    """For equal widths the variance of Xavier is half the variance of He."""
    torch.testing.assert_close(0.5, xavier_std(n, n) ** 2 / he_std(n) ** 2)


@given(FANS)
def test_linear_default_is_he_uniform_with_slope_root_five(fan_in):
    bound, std = linear_default(fan_in)
    torch.testing.assert_close(he_bound(fan_in, slope=math.sqrt(5)), bound)
    torch.testing.assert_close(he_std(fan_in, slope=math.sqrt(5)), std)
    torch.testing.assert_close(1 / 6, std**2 / he_std(fan_in) ** 2)


def test_linear_default_is_what_the_installed_torch_does():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        weight = torch.nn.Linear(500, 300).weight.detach()
    bound, std = linear_default(500)
    torch.testing.assert_close(bound, weight.abs().max().item(), rtol=1e-3, atol=0)
    torch.testing.assert_close(std, weight.std().item(), rtol=0.01, atol=0)
