"""Jacobians through time against autograd; products of Gaussian matrices against simulation."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from optnotes.gradients import gaussian_lyapunov_exponent, rnn_jacobian, rnn_jacobian_bound
from tests.laws import seeds


def _dtanh(z):
    return 1 - torch.tanh(z) ** 2


def _rnn(weight, drive):
    """The map from the initial state to the last one, and its pre-activations."""

    def run(h):
        zs = []
        for push in drive:
            zs.append(weight @ h + push)
            h = torch.tanh(zs[-1])
        return h, torch.stack(zs)

    return run


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rnn_jacobian_value(dtype):
    weight = torch.tensor([[0.0, 2.0], [1.0, 3.0]], dtype=dtype)
    z = torch.tensor([[1.0, 2.0], [3.0, 5.0]], dtype=dtype)
    first = torch.tensor([[0.0, 1 * 2.0], [2 * 1.0, 2 * 3.0]], dtype=dtype)
    second = torch.tensor([[0.0, 3 * 2.0], [5 * 1.0, 5 * 3.0]], dtype=dtype)
    torch.testing.assert_close(second @ first, rnn_jacobian(weight, z, lambda z: z))


@given(seeds())
def test_rnn_jacobian_matches_autograd(seed):
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(4, 4, generator=generator, dtype=torch.float64)
    run = _rnn(weight, torch.randn(6, 4, generator=generator, dtype=torch.float64))
    start = torch.randn(4, generator=generator, dtype=torch.float64)
    expected = torch.autograd.functional.jacobian(lambda h: run(h)[0], start)
    torch.testing.assert_close(expected, rnn_jacobian(weight, run(start)[1], _dtanh))


@given(seeds(), st.integers(1, 8))
def test_bound_holds(seed, steps):
    """The norm of the Jacobian never exceeds the bound."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(4, 4, generator=generator, dtype=torch.float64)
    z = torch.randn(steps, 4, generator=generator, dtype=torch.float64)
    norm = torch.linalg.matrix_norm(rnn_jacobian(weight, z, _dtanh), 2)
    assert norm <= rnn_jacobian_bound(weight, 1.0, steps) * (1 + 1e-12)


@pytest.mark.parametrize("scale", [0.9, 1.1])
def test_bound_is_attained_by_a_scaled_orthogonal_matrix(scale):
    generator = torch.Generator().manual_seed(0)
    weight = scale * torch.linalg.qr(torch.randn(5, 5, generator=generator, dtype=torch.float64)).Q
    jacobian = rnn_jacobian(weight, torch.zeros(100, 5, dtype=torch.float64), torch.ones_like)
    torch.testing.assert_close(scale**100, rnn_jacobian_bound(weight, 1.0, 100).item(), rtol=1e-9, atol=0)
    torch.testing.assert_close(scale**100, torch.linalg.matrix_norm(jacobian, 2).item(), rtol=1e-9, atol=0)


def test_bound_above_one_is_not_sufficient_for_explosion():
    """A non-normal matrix grows first and vanishes later, although its largest singular value exceeds ten."""
    weight = torch.tensor([[0.9, 10.0], [0.0, 0.9]], dtype=torch.float64)
    norms = [
        torch.linalg.matrix_norm(rnn_jacobian(weight, torch.zeros(steps, 2).double(), torch.ones_like), 2).item()
        for steps in (1, 10, 200)
    ]
    assert norms[0] > 10
    assert norms[1] > norms[0]
    assert norms[2] < 1e-5
    assert rnn_jacobian_bound(weight, 1.0, 200) > 1e200


def test_saturated_units_vanish_whatever_the_weights():
    weight = 1.5 * torch.eye(3, dtype=torch.float64)
    jacobian = rnn_jacobian(weight, torch.full((20, 3), 4.0).double(), _dtanh)
    assert torch.linalg.matrix_norm(jacobian, 2) < 1e-20
    assert rnn_jacobian_bound(weight, 1.0, 20) > 1e3


def test_zero_steps_give_the_identity_bound():
    assert rnn_jacobian_bound(torch.tensor([[2.0, 1.0], [0.0, 3.0]]), 0.7, 0).item() == 1.0


def test_bound_refuses_a_rectangular_matrix():
    with pytest.raises(ValueError, match="W must have shape"):
        rnn_jacobian_bound(torch.ones(2, 3), 1.0, 2)


def test_gradcheck():
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(3, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    z = torch.randn(2, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda w, z: rnn_jacobian(w, z, _dtanh), (weight, z))
    assert torch.autograd.gradcheck(lambda w: rnn_jacobian_bound(w, 0.7, 3), weight)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9])
def test_lyapunov_exponent_is_the_mean_logarithm_of_a_chi_variable(n):
    """A Gaussian matrix stretches a unit vector by a chi-distributed factor, whatever the vector."""
    expected = 0.5 * chi2(n).expect(math.log) + math.log(0.7)
    torch.testing.assert_close(expected, gaussian_lyapunov_exponent(n, 0.7), rtol=1e-6, atol=1e-7)


@given(st.integers(1, 200), st.floats(0.01, 10.0), st.floats(0.01, 10.0))
def test_scaling_a_matrix_shifts_its_lyapunov_exponent(n, std, factor):
    """A factor before every matrix adds its logarithm."""
    expected = gaussian_lyapunov_exponent(n, std) + math.log(factor)
    torch.testing.assert_close(expected, gaussian_lyapunov_exponent(n, factor * std), rtol=1e-7, atol=1e-9)


def test_lyapunov_exponent_of_two_by_two_matrices():
    """The digamma function at one is minus the constant of Euler."""
    expected = (math.log(2 * 0.3**2) - 0.5772156649015329) / 2
    torch.testing.assert_close(expected, gaussian_lyapunov_exponent(2, 0.3))


def test_lyapunov_exponent_predicts_a_simulated_product():
    generator = torch.Generator().manual_seed(0)
    vector, growth, steps = torch.eye(4, dtype=torch.float64)[0], 0.0, 4000
    for matrix in torch.randn(steps, 4, 4, generator=generator, dtype=torch.float64):
        vector = matrix @ vector
        length = vector.norm().item()
        vector, growth = vector / length, growth + math.log(length)
    # The standard error is 0.36 / sqrt(4000), about 0.006.
    torch.testing.assert_close(growth / steps, gaussian_lyapunov_exponent(4, 1.0), rtol=0, atol=0.025)


def test_critical_standard_deviation_is_above_one_over_the_root_of_the_size():
    assert gaussian_lyapunov_exponent(4, 0.5) < -0.1
    torch.testing.assert_close(0.0, gaussian_lyapunov_exponent(4, 0.5724), rtol=0, atol=1e-4)
    assert abs(gaussian_lyapunov_exponent(100000, 100000**-0.5)) < 1e-4
