"""Mean-field recursions: closed forms, independent quadrature and a wide random network."""

import mpmath as mp
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from torch.nn.functional import elu, leaky_relu

from optnotes.activations import sigmoid_derivative, tanh_derivative
from optnotes.gradients import component_gain, gradient_gain, he_std, mean_field_ratio, variance_step
from optnotes.gradients.mean_field import _unit_nodes
from optnotes.site.records.records import load_worst
from tests.laws import seeds


def _step(z):
    return (z > 0).to(z.dtype)


def _dtanh(z):
    return 1 - torch.tanh(z) ** 2


def _gaussian_mean(function, q):
    """Mean of the squared function by adaptive quadrature, split at the kink."""

    def integrand(u):
        return function(torch.tensor(q**0.5 * u, dtype=torch.float64)).item() ** 2 * norm.pdf(u)

    return quad(integrand, -12, 0, epsabs=1e-12)[0] + quad(integrand, 0, 12, epsabs=1e-12)[0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_relu_closed_form(dtype):
    q = torch.tensor(3.0, dtype=dtype)
    torch.testing.assert_close(torch.tensor(1.7 * 3.0 / 2 + 0.4, dtype=dtype), variance_step(q, torch.relu, 1.7, 0.4))
    torch.testing.assert_close(torch.tensor(1.7 / 2, dtype=dtype), gradient_gain(q, _step, 1.7))


@given(st.floats(0.1, 20.0), st.floats(0.1, 4.0), st.floats(0.0, 2.0))
def test_linear_network(q, weight_variance, bias_variance):
    """A linear layer multiplies the variance and the squared gradient norm by the weight variance."""
    q = torch.tensor(q, dtype=torch.float64)
    actual = variance_step(q, lambda z: z, weight_variance, bias_variance)
    torch.testing.assert_close(weight_variance * q + bias_variance, actual)
    torch.testing.assert_close(torch.full_like(q, weight_variance), gradient_gain(q, torch.ones_like, weight_variance))


@given(st.floats(0.0, 1.0), st.floats(0.1, 5.0))
def test_he_initialisation_keeps_variance_and_gradient(slope, q):
    """With the variance of He a LeakyReLU layer changes neither the variance nor the gradient norm."""
    fan, q = 64, torch.tensor(q, dtype=torch.float64)
    weight_variance = fan * he_std(fan, slope) ** 2
    torch.testing.assert_close(q, variance_step(q, lambda z: leaky_relu(z, slope), weight_variance, 0.0))
    derivative = gradient_gain(q, lambda z: torch.where(z > 0, 1.0, slope).to(z.dtype), weight_variance)
    torch.testing.assert_close(torch.ones_like(q), derivative)


@pytest.mark.parametrize("q", [0.01, 0.7, 12.0, 100.0])
@pytest.mark.parametrize("phi", [torch.tanh, torch.sigmoid, _dtanh, lambda z: elu(z, 1.7)])
def test_quadrature_matches_scipy(phi, q):
    mean, variance = _gaussian_mean(phi, q), torch.tensor(q, dtype=torch.float64)
    # The adaptive reference itself is good to about eight digits.
    torch.testing.assert_close(1.3 * mean + 0.2, variance_step(variance, phi, 1.3, 0.2).item(), rtol=1e-8, atol=0)
    torch.testing.assert_close(1.3 * mean, gradient_gain(variance, phi, 1.3).item(), rtol=1e-8, atol=0)


def test_sigmoid_gain_is_below_one_sixteenth_of_the_weight_variance():
    """The slope of the sigmoid is at most a quarter, so Xavier's weight variance of one cannot save it."""
    gain = gradient_gain(torch.tensor(0.5, dtype=torch.float64), lambda z: torch.sigmoid(z) * torch.sigmoid(-z), 1.0)
    assert 0.04 < gain.item() < 1 / 16


def test_wide_random_network_follows_the_recursion():
    generator = torch.Generator().manual_seed(0)
    n, layers, weight_variance, bias_variance = 400, 8, 1.6, 0.05
    x = torch.randn(n, generator=generator, dtype=torch.float64)
    x = x / x.norm() * n**0.5
    h, zs = x, []
    for _ in range(layers):
        weight = (weight_variance / n) ** 0.5 * torch.randn(n, n, generator=generator, dtype=torch.float64)
        z = weight @ h + bias_variance**0.5 * torch.randn(n, generator=generator, dtype=torch.float64)
        zs.append(z.requires_grad_() if not zs else z)
        h = torch.tanh(z)
    first, last = torch.autograd.grad(h @ torch.randn(n, generator=generator, dtype=torch.float64), [zs[0], zs[-1]])

    q = torch.tensor(weight_variance + bias_variance, dtype=torch.float64)
    chis = []
    for _ in range(layers - 1):
        chis.append(gradient_gain(q, _dtanh, weight_variance))
        q = variance_step(q, torch.tanh, weight_variance, bias_variance)
    # One network of width 400: the fluctuation is a few per cent per layer.
    torch.testing.assert_close(q, zs[-1].detach().var(), rtol=0.3, atol=0)
    expected = mean_field_ratio(torch.stack(chis)).item()
    assert expected / 1.5 < (first.norm() / last.norm()).item() < expected * 1.5


def test_mean_field_ratio_value():
    chi = torch.tensor([0.25, 0.01, 4.0], dtype=torch.float64)
    torch.testing.assert_close(0.5 * 0.1 * 2.0, mean_field_ratio(chi).item())


@given(seeds(), st.integers(1, 4))
def test_ratios_of_consecutive_stacks_multiply(seed, cut):
    """The ratio over two stacks is the product of their ratios."""
    chi = 3 * torch.rand(6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    torch.testing.assert_close(mean_field_ratio(chi[:cut]) * mean_field_ratio(chi[cut:]), mean_field_ratio(chi))


@given(st.floats(0.1, 3.0), st.integers(1, 1000), st.integers(1, 1000))
def test_width_factors_cancel_on_the_way_back_to_the_same_width(chi, width, next_width):
    """Through a layer of another width and back to the first one only the gains remain."""
    chi = torch.tensor(chi, dtype=torch.float64)
    there, back = component_gain(chi, width, next_width), component_gain(2 * chi, next_width, width)
    torch.testing.assert_close(2 * chi**2, there * back)


def test_component_gain_value():
    torch.testing.assert_close(0.9 * 300 / 900, component_gain(torch.tensor(0.9).double(), 900, 300).item())


def test_component_gain_against_exact_second_moments():
    """The expected mean square per component follows from the variances of the weights alone."""
    n, next_width, weight_variance = 7, 3, 1.8
    delta = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    expected = (weight_variance / n) * delta.square().sum()  # Var(W) = weight_variance / fan_in, slope one
    chi = torch.tensor(weight_variance, dtype=torch.float64)
    torch.testing.assert_close(expected, component_gain(chi, n, next_width) * delta.square().mean())


def test_gradcheck():
    q = torch.tensor(0.8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda q: variance_step(q, torch.tanh, 1.3, 0.2), q)
    assert torch.autograd.gradcheck(lambda q: gradient_gain(q, _dtanh, 1.3), q)
    assert torch.autograd.gradcheck(mean_field_ratio, torch.tensor([0.3, 2.0]).double().requires_grad_())


def _exact_mean(function, q):
    """Mean of the squared function, adaptively and to twenty digits, on the logarithm of the distance from zero."""
    with mp.workdps(20):
        deviation = mp.sqrt(q)
        start, end = mp.log(min(deviation, 1)) - 30, mp.log(12 * deviation)

        def integrand(t):
            z = mp.exp(t)
            return (function(z) ** 2 + function(-z) ** 2) * mp.exp(-((z / deviation) ** 2) / 2) * z / deviation

        return float(mp.quad(integrand, mp.linspace(start, end, 3 + int(end - start))) / mp.sqrt(2 * mp.pi))


UNITS = min(load_worst()[f"optnotes.gradients.{name}"] for name in ("gradient_gain", "variance_step"))
EPS = torch.finfo(torch.float64).eps

# The same function for torch and for mpmath.
FUNCTIONS = {
    "tanh": (torch.tanh, mp.tanh),
    "slope of tanh": (tanh_derivative, lambda z: mp.sech(z) ** 2),
    "slope of sigmoid": (sigmoid_derivative, lambda z: (mp.sech(z / 2) / 2) ** 2),
    "slope of softsign": (lambda z: (1 + z.abs()) ** -2, lambda z: (1 + abs(z)) ** -2),
    "slow slope": (lambda z: (1 + z * z) ** -0.25, lambda z: (1 + z * z) ** mp.mpf(-0.25)),
    "elu": (elu, lambda z: z if z > 0 else mp.expm1(z)),
    "step": (_step, lambda z: int(z > 0)),
    "moved": (lambda z: tanh_derivative(z - 2), lambda z: mp.sech(z - 2) ** 2),
}


@pytest.mark.parametrize("q", [2.0**power for power in (-20, -2, 5, 20, 66)])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_mean_is_exact_at_every_variance(name, q):
    """At a large variance the features are as narrow as one over its root, in units of the deviation."""
    function, exact = FUNCTIONS[name]
    mean = _exact_mean(exact, q)
    for dtype, tolerance in ((torch.float64, UNITS * EPS), (torch.float32, 1e-6)):
        variance = torch.tensor(q, dtype=dtype)
        assert gradient_gain(variance, function, 1.0).item() == pytest.approx(mean, rel=tolerance, abs=0)
        assert variance_step(variance, function, 1.0, 0.0).item() == pytest.approx(mean, rel=tolerance, abs=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_moments_at_the_ends_of_the_range(dtype):
    info = torch.finfo(dtype)
    for q in (info.smallest_normal, info.max / 4):
        variance = torch.tensor(q, dtype=dtype)
        torch.testing.assert_close(variance_step(variance, torch.relu, 1.0, 0.0), variance / 2, atol=0, rtol=1e-5)
        torch.testing.assert_close(gradient_gain(variance, torch.ones_like, 1.0), torch.ones((), dtype=dtype))


def test_the_nodes_are_those_of_gauss_and_legendre_on_twelve_panels():
    x, weights = np.polynomial.legendre.leggauss(20)
    nodes = [((panel + (x + 1) / 2) / 24) for panel in range(12)]
    found, masses = _unit_nodes()
    torch.testing.assert_close(found, torch.from_numpy(np.concatenate(nodes)), rtol=1e-10, atol=0.0)
    torch.testing.assert_close(masses, torch.from_numpy(np.tile(weights / 2, 12)) / 24, rtol=1e-10, atol=0.0)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("q", [1e-4, 3.25, 5e4])
def test_half_precision_is_that_of_the_activation_and_not_of_the_nodes(q, dtype):
    asked = []

    def softsign(z):
        asked.append(z.dtype)
        return z / (1 + z.abs())

    variance = torch.tensor(q, dtype=dtype)
    expected = _gaussian_mean(lambda z: z / (1 + z.abs()), variance.item())
    assert abs(gradient_gain(variance, softsign, 1.0).item() - expected) < torch.finfo(dtype).eps * expected
    assert asked == [dtype]
