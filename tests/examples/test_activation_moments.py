"""What the activation_moments example shows."""

import math
from functools import partial

import pytest
import torch
from scipy.integrate import quad
from scipy.stats import norm

from examples import activation_moments
from optnotes.activations import relu_derivative
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

NAMES = list(activation_moments.ACTIVATIONS)


result = partial(result_of, activation_moments)
numbers = partial(numbers_of, activation_moments)


def integral(function):
    def weighted(x):
        return function(torch.tensor(x, dtype=torch.float64)).item() * norm.pdf(x)

    return quad(weighted, -12, 0)[0] + quad(weighted, 0, 12)[0]


@pytest.mark.parametrize("name", NAMES)
def test_moments_match_scipy(name):
    phi, dphi = activation_moments.ACTIVATIONS[name]
    expected = [integral(phi), integral(lambda x: phi(x) ** 2), integral(lambda x: dphi(x) ** 2)]
    torch.testing.assert_close([numbers()[f"{name}_{key}"] for key in ("mean", "square", "slope_square")], expected)


def test_moments_with_a_closed_form():
    found = numbers()
    assert found["sigmoid_mean"] == 0.5
    assert found["tanh_mean"] == 0
    torch.testing.assert_close(found["relu_mean"], 1 / math.sqrt(2 * math.pi))
    torch.testing.assert_close(found["gelu_mean"], 1 / math.sqrt(4 * math.pi))
    torch.testing.assert_close(found["relu_keeps_signal"], 2.0)
    torch.testing.assert_close(found["relu_keeps_gradient"], 2.0)
    torch.testing.assert_close(found["leaky_relu_square"], (1 + 0.01**2) / 2)


def test_selu_reproduces_mean_zero_and_variance_one():
    # Its two constants are known to about sixteen digits, and so is the quadrature.
    assert abs(numbers()["selu_mean"]) < 1e-9
    torch.testing.assert_close(numbers()["selu_square"], 1.0)


@pytest.mark.parametrize("name", NAMES)
def test_only_homogeneous_activations_keep_signal_and_gradient_together(name):
    found = numbers()
    together = abs(found[f"{name}_keeps_signal"] - found[f"{name}_keeps_gradient"]) < 1e-9
    assert together is (name in ("relu", "leaky_relu"))
    assert (abs(found[f"{name}_exponent"] - 1) < 1e-9) is (name in ("relu", "leaky_relu"))


def test_shape():
    found = numbers()
    assert {name for name in NAMES if found[f"{name}_least_slope"] < 0} == {"silu", "gelu"}
    assert {name for name in NAMES if found[f"{name}_lipschitz"] > 1 + 1e-9} == {"selu", "silu", "gelu"}
    # A jump seen across two nanometres of the axis is a jump: the smooth ones change by less than ten times that.
    assert {name for name in NAMES if found[f"{name}_jump"] > 1e-8} == {"relu", "leaky_relu", "selu"}


def test_elu_has_a_continuous_slope_with_a_kink():
    beside, bends = torch.tensor([-1e-9, 1e-9], dtype=torch.float64), {}
    for name, (_, dphi) in activation_moments.ACTIVATIONS.items():
        bends[name] = activation_moments.derivative(dphi, beside).diff().abs().item()
    assert {name for name, jump in bends.items() if jump > 1e-6} == {"elu", "selu"}
    torch.testing.assert_close(bends["elu"], 1.0, atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("silu", "gelu")])
def test_gradient_follows_the_prediction(name):
    # Twenty-four networks: the logs scatter by about the spread of the signal, so their mean by a fifth of it.
    found = numbers()
    assert abs(math.log(found[f"{name}_gradient"] / found[f"{name}_predicted"])) < 0.2
    assert 0.7 < found[f"{name}_spread"] / found[f"{name}_spread_predicted"] < 1.3


@pytest.mark.parametrize("name", ["silu", "gelu"])
def test_an_exponent_above_one_blows_deviations_up(name):
    found = numbers()
    assert found[f"{name}_exponent"] > 1.1
    assert found[f"{name}_spread"] > 3 * found["relu_spread"] > 9 * found["tanh_spread"]
    # Far from one the exponent falls back to one, so the linear prediction is an upper estimate.
    assert 0.5 < found[f"{name}_spread"] / found[f"{name}_spread_predicted"] < 1


def test_signal_keeps_its_mean_square_where_deviations_fade():
    for name in ("sigmoid", "tanh", "selu"):
        assert abs(result().signal[name][-1].log().mean()) < 0.15


def test_broken_twin_with_the_slope_of_relu_for_the_sigmoid(monkeypatch):
    broken = dict(activation_moments.ACTIVATIONS)
    broken["sigmoid"] = (broken["sigmoid"][0], relu_derivative)
    monkeypatch.setattr(activation_moments, "ACTIVATIONS", broken)
    assert activation_moments.numbers(result())["sigmoid_predicted"] > 1e3 * sigmoid_measured()


def sigmoid_measured():
    return result().gradient["sigmoid"][0].max().item()


def test_repeatable():
    assert_deterministic(activation_moments, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(activation_moments, result())
    assert "sigmoid_gradient" in placeholders("activation_moments", "alt")
