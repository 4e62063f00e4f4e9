"""What the gradient_depth example shows."""

from functools import partial

import pytest
import torch

from examples import gradient_depth
from optnotes.gradients import gradient_gain, variance_step
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, gradient_depth)
numbers = partial(numbers_of, gradient_depth)


@pytest.mark.parametrize("name", gradient_depth.NETWORKS)
def test_the_gain_predicts_the_slope_of_every_network(name):
    # Three standard errors of the mean, and the logarithm of a mean exceeds the mean of the logarithm: with n units
    # the squared norm fluctuates by up to 5/n of itself per layer (ReLU), half of which, in decades of the norm, is
    # 5/(4 n ln 10).
    finite_width = 5 / (4 * gradient_depth.WIDTH * 2.3026)
    error = 3 * numbers()[f"spread_{name}"] / gradient_depth.SEEDS**0.5
    assert abs(numbers()[f"measured_{name}"] - numbers()[f"predicted_{name}"]) < error + finite_width


@pytest.mark.parametrize(("init", "gain"), [("xavier", 1 / 2), ("he", 1.0), ("default", 1 / 6)])
def test_relu_gain_is_half_the_variance_of_the_weights(init, gain):
    torch.testing.assert_close(numbers()[f"chi_predicted_relu_{init}"], gain)


def test_sigmoid_vanishes_with_every_initialisation():
    for init in gradient_depth.STD:
        # The derivative is at most a quarter, so the gain is at most a sixteenth of the variance of the weights.
        ceiling = gradient_depth.WIDTH * gradient_depth.STD[init] ** 2 / 16
        assert numbers()[f"chi_measured_sigmoid_{init}"] < ceiling
    assert numbers()["ratio_sigmoid_xavier"] < 1e-18


def test_no_initialisation_fits_every_activation():
    assert abs(numbers()["measured_relu_he"]) < 0.01
    error = 3 * numbers()["spread_tanh_he"] / gradient_depth.SEEDS**0.5
    assert numbers()["measured_tanh_he"] > error > 0 > -0.01 > numbers()["measured_tanh_xavier"]
    assert numbers()["measured_sigmoid_he"] < -0.4


def test_the_fixed_point_alone_mispredicts_tanh():
    measured = numbers()["chi_measured_tanh_xavier"]
    assert abs(measured - numbers()["chi_predicted_tanh_xavier"]) < 0.02
    phi, dphi = gradient_depth.ACTIVATIONS["tanh"]
    q = torch.tensor(1.0, dtype=torch.float64)
    for _ in range(3000):
        q = variance_step(q, phi, 1.0, 0.0)
    assert gradient_gain(q, dphi, 1.0) > 0.999
    assert measured < 0.9


def test_broken_twin_with_a_forgotten_derivative_does_not_vanish(monkeypatch):
    monkeypatch.setattr(gradient_depth, "backprop", lambda delta, W, z, dphi: W.T @ delta)
    monkeypatch.setattr(gradient_depth, "SEEDS", 3)
    broken = gradient_depth.numbers(gradient_depth.compute())
    assert broken["worst_gap"] > 0.5


def test_repeatable():
    assert_deterministic(gradient_depth, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(gradient_depth, result())
    assert "measured_sigmoid_xavier" in placeholders("gradient_depth", "alt")
