"""What the regularisers_compared example shows."""

from functools import partial

import pytest
import torch
from scipy.stats import t as student

from examples import regularisers_compared
from examples.regularisers_compared import BACKGROUND, METHODS, NOISE, PATIENCE, SEEDS, T95
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

HELPFUL = ["decay", "l1", "dropout", "shifts", "early", "mixup", "cutmix"]
SLIGHT = ["smoothing", "average"]


result = partial(result_of, regularisers_compared)
numbers = partial(numbers_of, regularisers_compared)


@pytest.mark.parametrize("method", HELPFUL)
def test_helps_with_wrong_labels(method):
    assert numbers()[f"noisy_{method}"] > numbers()[f"noisy_{method}_half"] + 1


@pytest.mark.parametrize("method", SLIGHT)
def test_helps_a_little_with_wrong_labels(method):
    assert numbers()[f"noisy_{method}"] > numbers()[f"noisy_{method}_half"]


@pytest.mark.parametrize("method", HELPFUL + SLIGHT)
def test_gains_nothing_that_could_be_told_from_chance_with_clean_labels(method):
    assert numbers()[f"clean_{method}"] < numbers()[f"clean_{method}_half"]


@pytest.mark.parametrize("method", ["shifts", "early", "strong", "turns"])
def test_costs_something_with_clean_labels(method):
    assert numbers()[f"clean_{method}"] < -numbers()[f"clean_{method}_half"]


def test_three_times_the_decay_turns_gain_into_loss():
    assert METHODS["strong"] == 3 * METHODS["decay"]
    assert numbers()["noisy_strong"] < -numbers()["noisy_strong_half"]


def test_half_turns_do_not_help_as_shifts_do():
    assert numbers()["noisy_turns"] < numbers()["noisy_turns_half"]


def test_helpful_methods_fit_fewer_wrong_labels():
    assert numbers()["wrong_plain"] > 0.9
    for method in METHODS:
        assert numbers()[f"wrong_{method}"] < (0.9 if method in SLIGHT else 0.6)


def test_mixed_labels_are_as_mixed_as_the_images():
    generator = torch.Generator().manual_seed(0)
    labels = torch.eye(10).double().repeat(1, 3, 1)
    X = labels.repeat_interleave(7, -1)[..., :64]  # each image tells its label: seven pixels for each of nine classes
    images, targets = regularisers_compared.mixed(X, labels, generator)
    torch.testing.assert_close(images[..., :63:7], targets[..., :9])
    X = torch.arange(30.0).double()[None, :, None].expand(1, 30, 64)
    images, targets = regularisers_compared.pasted(X, labels, generator)
    torch.testing.assert_close(targets.sum(-1), torch.ones(1, 30).double())
    own = (images == X).double().mean(-1)
    assert set(own.flatten().tolist()) <= {1.0, 0.75}
    assert (own == 0.75).double().mean() > 0.8


def test_interval_is_that_of_student():
    assert pytest.approx(student.ppf(0.975, SEEDS - 1), abs=5e-4) == T95
    pair = {"plain": torch.zeros(SEEDS), "other": torch.arange(SEEDS) / 100}
    mean, half = regularisers_compared.gain(pair, "other")
    assert mean == pytest.approx(0.095)
    low, high = student.interval(0.95, SEEDS - 1, loc=mean, scale=0.01 * (35**0.5) / SEEDS**0.5)
    assert half == pytest.approx((high - low) / 2, rel=1e-3)


def test_early_stopping_restores_the_best_epoch_of_the_validation_loss():
    """The best epoch is kept, and the last one is reached only when patience has run out."""
    falling = torch.tensor([3.0, 2.0, 1.0] + [1.5] * (PATIENCE + 5) + [0.1])
    restored, last = regularisers_compared.stopped(falling[:, None].expand(-1, SEEDS))
    assert (restored == 2).all()
    assert (last == 2 + PATIENCE).all()
    improving = torch.linspace(2, 1, 12)[:, None].expand(-1, SEEDS)
    restored, last = regularisers_compared.stopped(improving)
    assert (restored == 11).all()
    assert (last == 11).all()


def test_restoring_the_best_weights_lowers_the_loss():
    """The loss of the restored weights is below that of the weights at the stop, and both below that of the end."""
    assert numbers()["loss_early"] < numbers()["loss_unrestored"] < numbers()["loss_plain"]


def test_shifts_move_by_one_pixel_at_most():
    X = torch.full((1, 60, 64), BACKGROUND)
    X[..., 8 * 3 + 4] = 1.0
    moved = regularisers_compared.shifted(X, torch.Generator().manual_seed(1))
    places = set(moved.argmax(-1).flatten().tolist())
    assert places == {8 * 3 + 4, 8 * 2 + 4, 8 * 4 + 4, 8 * 3 + 3, 8 * 3 + 5}
    assert ((moved == 1).sum(-1) == 1).all()


def test_turns_are_half_turns_of_about_half_the_images():
    X = torch.arange(64.0).expand(1, 400, 64)
    turned = regularisers_compared.turned(X, torch.Generator().manual_seed(1))
    upside_down = turned[..., 0] == 63
    torch.testing.assert_close(turned[upside_down][0].reshape(8, 8), X[0, 0].reshape(8, 8).rot90(2))
    assert 0.4 < upside_down.double().mean() < 0.6


def test_test_labels_are_never_wrong():
    _, given, true = regularisers_compared.data(NOISE, torch.Generator().manual_seed(1))
    assert (given != true).double().mean() == pytest.approx(NOISE, abs=0.02)
    _, given, true = regularisers_compared.data(0.0, torch.Generator().manual_seed(1))
    assert torch.equal(given, true)


def test_repeatable_and_broken_without_the_proximal_step(monkeypatch):
    again = regularisers_compared.train(NOISE, "l1")[1][0]
    assert torch.equal(again, result().noisy["l1"])
    monkeypatch.setattr(regularisers_compared, "soft_threshold", lambda w, threshold: w)
    broken = regularisers_compared.train(NOISE, "l1")[1][0]
    assert (broken - result().noisy["plain"]).abs().max() < 1e-6


def test_published():
    assert_plain(numbers())
    assert_drawn(regularisers_compared, result())
    assert {"noisy_decay", "noisy_l1", "noisy_cutmix"} <= placeholders("regularisers_compared", "alt")


def test_deterministic():
    assert_deterministic(regularisers_compared, result())
