"""What the ridge_noise example shows."""

import math
from functools import partial

import pytest
import torch

from examples import ridge_noise
from examples.ridge_noise import ALPHAS, PATIENTS, TOLERANCE
from optnotes.descent import best_step, gd_iterations
from optnotes.penalties import ridge_condition_number, ridge_noise_gain, ridge_noise_gain_bound, ridge_solution
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, ridge_noise)
numbers = partial(numbers_of, ridge_noise)


def test_error_is_noise_plus_bias():
    """The measured error is the predicted sum, at every penalty."""
    # Relative standard error over 4800 data sets: sqrt(2 / 10) / sqrt(4800) = 0.6 % where ten directions carry noise.
    assert numbers()["error_gap"] < 0.02


def test_least_squares_passes_on_one_share_of_noise_per_weight():
    _, _, sigma = ridge_noise.data()
    # At the weakest penalty the weakest direction is already shrunk a little.
    assert result().noise[0].item() == pytest.approx(sigma**2 * 10 / PATIENTS, rel=0.02)


def test_noise_falls_and_bias_grows():
    assert (result().noise.diff() < 0).all()
    assert (result().bias.diff() > 0).all()


def test_the_best_penalty_lies_inside():
    error = result().error.mean(1)
    assert 0 < error.argmin() < len(ALPHAS) - 1
    assert numbers()["saved"] > 0.3
    assert numbers()["error_strong"] > numbers()["error_weak"] > numbers()["error_best"]


def test_gain_is_exact_and_below_its_bound():
    assert numbers()["gain_gap"] < 1e-10
    for alpha, gain in zip(ALPHAS, result().gain, strict=True):
        assert gain <= ridge_noise_gain_bound(alpha) * (1 + 1e-12)
    assert numbers()["gain_none"] > 10 * numbers()["gain"]


def test_gradient_descent_takes_the_predicted_steps():
    assert numbers()["steps_gap"] == 0
    assert numbers()["steps_predicted"] == numbers()["steps"] < numbers()["steps_weak"] / 10


def test_other_starts_need_no_more_steps():
    """The slowest direction is the worst start: the prediction bounds all others."""
    X, _, _ = ridge_noise.data()
    alpha = 10.0
    lams = torch.linalg.eigvalsh(X.T @ X)
    H = X.T @ X + alpha * torch.eye(10).double()
    rate = torch.eye(10).double() - best_step(H) * H
    bound = math.ceil(gd_iterations(ridge_condition_number(lams, alpha).item(), TOLERANCE))
    starts = torch.randn(50, 10, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    left = starts @ torch.linalg.matrix_power(rate, bound)
    assert (left.norm(dim=1) <= TOLERANCE * starts.norm(dim=1)).all()


def test_broken_twin_with_twice_the_penalty_is_noticed(monkeypatch):
    monkeypatch.setattr(ridge_noise, "ridge_solution", lambda X, y, alpha: ridge_solution(X, y, 2 * alpha))
    monkeypatch.setattr(ridge_noise, "count_steps", lambda X, y, alpha: 1)
    broken = ridge_noise.compute()
    predicted = torch.stack([ridge_noise_gain(broken.lams.sqrt(), alpha) for alpha in ALPHAS])
    assert (broken.gain - predicted).abs().max() > 0.1
    assert (broken.error.mean(1) / (broken.noise + broken.bias) - 1).abs().max() > 0.1


def test_repeatable():
    assert_deterministic(ridge_noise, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(ridge_noise, result())
    assert {"error_weak", "error_best", "steps"} <= placeholders("ridge_noise", "alt")
