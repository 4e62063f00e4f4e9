"""What the strength_window example shows."""

import math
from functools import partial

import pytest
import torch

from examples import strength_window
from examples.strength_window import ALPHAS, FEATURES, NOISES, TAU
from optnotes.penalties import map_penalty
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, strength_window)
numbers = partial(numbers_of, strength_window)


@pytest.mark.parametrize("name", ["noisy", "quiet"])
def test_error_follows_the_prediction_at_every_penalty(name):
    # Hundred draws on one design: standard error at most four per cent.
    assert numbers()[f"{name}_gap"] < 0.12


@pytest.mark.parametrize("sigma", NOISES)
def test_predicted_best_penalty_is_that_of_the_matching_prior(sigma):
    """A penalty of noise variance over weight variance minimises the expected error."""
    best = map_penalty(sigma, TAU)
    least = strength_window.predicted(sigma, best)[0]
    for factor in (0.5, 0.9, 1.1, 2.0):
        assert strength_window.predicted(sigma, factor * best)[0] > least


def test_measured_best_penalty_is_the_grid_point_next_to_it():
    # Four grid points to a decade: neighbours differ by a factor of 1.78.
    assert abs(math.log10(numbers()["noisy_alpha"] / numbers()["noisy_predicted"])) < 0.25
    assert abs(math.log10(numbers()["quiet_alpha"] / numbers()["quiet_predicted"])) < 0.5


def test_with_noise_there_is_a_window():
    assert numbers()["noisy_best"] < 0.7 * min(numbers()["noisy_weak"], numbers()["noisy_strong"])


def test_without_noise_there_is_nothing_to_gain():
    assert numbers()["quiet_best"] > 0.98 * numbers()["quiet_weak"]
    assert numbers()["quiet_strong"] > 100 * numbers()["quiet_weak"]


def test_training_error_rises_with_every_penalty():
    assert (result().train.diff(dim=1) > 0).all()


def test_bias_grows_and_variance_falls():
    parts = [strength_window.predicted(NOISES[0], alpha) for alpha in ALPHAS]
    bias, variance = (torch.tensor([part[i] for part in parts]) for i in (1, 2))
    assert (bias.diff() > 0).all()
    assert (variance.diff() < 0).all()
    assert bias[-1] < TAU**2 * FEATURES


def test_best_penalty_improves_the_conditioning():
    assert numbers()["kappa_best"] < numbers()["kappa"] / 10


def test_broken_twin_without_the_bias_part_has_no_best_penalty(monkeypatch):
    full = strength_window.predicted
    monkeypatch.setattr(strength_window, "predicted", lambda sigma, alpha: (full(sigma, alpha)[2] + sigma**2, 0.0, 0.0))
    assert strength_window.numbers(result())["noisy_gap"] > 0.5


def test_repeatable():
    assert_deterministic(strength_window, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(strength_window, result())
    assert {"noisy_weak", "noisy_best", "noisy_predicted"} <= placeholders("strength_window", "alt")
