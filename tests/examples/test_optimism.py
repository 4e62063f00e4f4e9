"""What the optimism example shows."""

import math
from functools import partial
from itertools import pairwise

import pytest
import torch

from examples import optimism
from examples.optimism import CHOSEN, DRAWS, SHOWN, SIGMA, SIZES, STEPS, N
from optnotes.generalization import ols_errors
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, optimism)
numbers = partial(numbers_of, optimism)


@pytest.mark.parametrize("key", ["train", "fresh"])
def test_both_errors_lie_on_straight_lines(key):
    """The means over noise draws follow the law at every size."""
    for size, values in zip(SIZES, getattr(result(), key), strict=True):
        law = ols_errors(SIGMA, size, N)[("train", "fresh").index(key)]
        # Three standard errors; at full size the training error is rounding only.
        assert abs(values.mean().item() - law) < 3.5 * values.std().item() / math.sqrt(DRAWS) + 1e-12


def test_as_many_features_as_examples_double_the_noise():
    assert result().train[-1].max() < 1e-20
    # Standard error of the mean of a chi-square variable over n: below 0.01.
    assert result().fresh[-1].mean().item() == pytest.approx(2 * SIGMA**2, abs=0.03)


def test_optimism_of_descent_is_the_sum_of_its_filter_factors():
    # Standard error of the gap: twice the standard deviation of the mean of a projected square, below 0.015.
    assert numbers()["path_gap_largest"] < 0.04
    assert numbers()["gap_largest"] < 0.04


def test_optimism_grows_with_the_steps_and_ends_at_the_law():
    forecast = [optimism.predicted(t)[0] for t in SHOWN]
    assert all(later > earlier for earlier, later in pairwise(forecast))
    torch.testing.assert_close(forecast[-1], numbers()["optimism_predicted"], rtol=1e-6, atol=0.0)
    assert forecast[0] < 0.25 * forecast[-1]


def test_newton_and_descent_end_at_the_same_weights_and_error():
    # Three thousand steps leave the slowest direction at about 1e-7 of its start.
    assert numbers()["difference"] < 1e-6
    torch.testing.assert_close(numbers()["newton_fresh"], numbers()["descent_fresh"], rtol=1e-6, atol=0.0)


def test_stopping_early_beats_both():
    assert numbers()["best_fresh"] < 0.9 * numbers()["newton_fresh"]
    assert 1 < numbers()["best_step"] < STEPS / 100
    # Standard error of the mean fresh error: below 0.01.
    assert numbers()["best_fresh"] == pytest.approx(numbers()["best_fresh_predicted"], abs=0.03)


def test_fresh_error_is_what_fresh_targets_give():
    X, mean, y = optimism.data()
    fitted = X[:, :CHOSEN] @ result().w_newton[0]
    generator = torch.Generator().manual_seed(9)
    fresh = mean + SIGMA * torch.randn(20_000, N, generator=generator, dtype=torch.float64)
    # Standard error: the error of one draw has a standard deviation of about 0.35.
    expected = (fitted - fresh).square().mean().item()
    assert optimism.errors(fitted[None], mean, y[:1])[1].item() == pytest.approx(expected, abs=0.01)


def test_broken_twin_that_counts_steps_as_features_misses_the_path(monkeypatch):
    monkeypatch.setattr(optimism, "gd_filter", lambda lams, lr, steps: torch.ones_like(lams))
    assert optimism.numbers(result())["path_gap_largest"] > 0.5


def test_repeatable():
    assert_deterministic(optimism, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(optimism, result())
    assert {"chosen", "best_step", "best_fresh", "descent_fresh"} == placeholders("optimism", "alt")
