"""What the smooth_dips example shows."""

from functools import partial

import pytest
import torch
from scipy.optimize import minimize_scalar
from scipy.special import lambertw

from examples import smooth_dips
from optnotes.activations import gelu, gelu_derivative, swish, swish_derivative
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

LOWEST = {"gelu": gelu, "silu": swish, "gelu_flattest": gelu_derivative, "silu_flattest": swish_derivative}


result = partial(result_of, smooth_dips)
numbers = partial(numbers_of, smooth_dips)


@pytest.mark.parametrize("name", LOWEST)
def test_lowest_points_match_scipy(name):
    def value(x):
        return LOWEST[name](torch.tensor(x, dtype=torch.float64)).item()

    found = minimize_scalar(value, bounds=(-5, 0), options={"xatol": 1e-9})
    torch.testing.assert_close(list(result().found[name]), [found.x, found.fun], rtol=0.0, atol=1e-7)


def test_predictions_hold_to_rounding():
    found = numbers()
    torch.testing.assert_close(found["gelu_steepest_at"], found["gelu_steepest_at_predicted"])
    torch.testing.assert_close(found["gelu_steepest_value"], found["gelu_steepest_predicted"])
    torch.testing.assert_close(found["silu_at"], found["silu_at_predicted"])
    torch.testing.assert_close(found["silu_value"], found["silu_predicted"])
    torch.testing.assert_close(-found["silu_predicted"], float(lambertw(1 / torch.e).real))


@pytest.mark.parametrize("name", ["gelu", "silu"])
def test_extreme_slopes_mirror_each_other_around_a_half(name):
    (low_at, low), (high_at, high) = result().found[f"{name}_flattest"], result().found[f"{name}_steepest"]
    torch.testing.assert_close(low_at, -high_at)
    torch.testing.assert_close(low + high, 1.0)
    assert low < 0 < 1 < high


def test_the_approximations_are_no_better_anywhere_else():
    found = numbers()
    for error, name in ((smooth_dips.tanh_error, "tanh"), (smooth_dips.sigmoid_error, "sigmoid")):
        worst = error(smooth_dips.AXIS).abs().max().item()
        # The grid has steps of a thousandth, and errors are flat at their peak.
        assert worst <= found[f"{name}_error_value"] < worst * (1 + 1e-5)
    torch.testing.assert_close(found["tanh_error_value"], 4.73e-4, rtol=1e-2, atol=0.0)
    torch.testing.assert_close(found["sigmoid_error_value"], 0.0203, rtol=1e-2, atol=0.0)


def test_broken_twin_with_another_steepness(monkeypatch):
    monkeypatch.setattr(smooth_dips, "QUICK", 1.0)
    broken = smooth_dips.numbers(smooth_dips.compute())
    assert broken["sigmoid_error_value"] > 5 * numbers()["sigmoid_error_value"]


def test_repeatable():
    assert_deterministic(smooth_dips, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(smooth_dips, result())
    assert "gelu_value" in placeholders("smooth_dips", "alt")
