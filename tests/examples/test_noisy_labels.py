"""What the noisy_labels example shows."""

import math
from functools import partial

import torch

from examples import noisy_labels
from examples.noisy_labels import CLASSES, ENTROPY, EPOCHS, NOISE, PATIENCE, SEEDS, TRAIN
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, noisy_labels)
numbers = partial(numbers_of, noisy_labels)


def test_entropy_is_the_least_loss_of_a_model_that_knows_only_the_pattern():
    given = torch.full((CLASSES,), NOISE / (CLASSES - 1), dtype=torch.float64)
    given[3] = 1 - NOISE
    torch.testing.assert_close(ENTROPY, torch.distributions.Categorical(given).entropy().item())
    generator = torch.Generator().manual_seed(1)
    for _ in range(50):
        other = torch.softmax(given.log() + 0.3 * torch.randn(CLASSES, generator=generator, dtype=torch.float64), 0)
        assert -(given * other.log()).sum().item() > ENTROPY


def test_validation_loss_turns_where_the_training_loss_crosses_the_entropy():
    """The mean validation loss is least within a few epochs of the crossing."""
    mean = {name: result().noisy[name].mean(1) for name in ("train", "valid")}
    crossing = int((mean["train"] > ENTROPY).sum())
    # The turn is flat, so that its place is uncertain by some epochs; the whole run has 70.
    assert abs(int(mean["valid"].argmin()) - crossing) <= 5
    # On average the loss at the restored epoch is the entropy, within a tenth of it.
    assert abs(numbers()["train_stop"] - ENTROPY) < 0.1 * ENTROPY


def test_pattern_first_noise_later():
    """At the restored epoch nearly all right labels are fitted, and fewer wrong ones than guessing would hit."""
    assert numbers()["right_stop"] > 0.9
    assert numbers()["wrong_stop"] < 1 / CLASSES
    assert numbers()["wrong_last"] > 0.95
    assert 10 * numbers()["right_half"] < numbers()["wrong_half"] < EPOCHS


def test_every_seed_overfits_and_early_stopping_helps_on_clean_data():
    assert numbers()["rise"] > 1.3
    at = noisy_labels.restored(result().noisy["valid"]).long()
    gain = result().noisy["accuracy"].gather(0, at[None])[0] - result().noisy["accuracy"][-1]
    assert (gain > 0).float().mean() >= 0.9
    assert gain.mean() > 4 * gain.std() / math.sqrt(SEEDS)


def test_clean_labels_reach_a_lower_training_loss_without_harm():
    assert numbers()["clean_train_last"] < 0.1 * numbers()["train_last"]
    # What little the loss rises is confidence: the accuracy does not fall.
    assert numbers()["clean_valid_last"] < 1.2 * numbers()["clean_valid_least"]
    best = result().clean["accuracy"].mean(1).max().item()
    assert numbers()["clean_accuracy_last"] > best - 0.005


def test_early_stopping_restores_the_best_epoch_before_patience_runs_out():
    valid, at = result().noisy["valid"], noisy_labels.restored(result().noisy["valid"]).long()
    for seed in range(SEEDS):
        best = int(at[seed])
        seen = valid[: best + PATIENCE + 1, seed]
        assert int(seen.argmin()) == best
        # Nothing before it was followed by a whole patience without improvement.
        running = valid[: best + 1, seed].cummin(0)
        assert running.indices.unique().diff().le(PATIENCE).all()


def test_broken_twin_without_noise_has_nothing_to_memorise():
    clean = noisy_labels.train(0.0, n=100, epochs=3)
    assert (clean["wrong"] == 0).all()
    assert (clean["right"][-1] > clean["right"][0]).all()


def test_some_labels_are_wrong_in_the_training_set_and_none_in_the_test_set():
    assert TRAIN * NOISE == 60
    short = noisy_labels.train(1.0, n=100, epochs=2)
    assert (short["right"] == 0).all()
    assert (short["wrong"] >= 0).all()


def test_repeatable():
    assert_deterministic(noisy_labels, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(noisy_labels, result())
    assert {"noise", "entropy", "valid_last", "accuracy_stop", "accuracy_last"} <= placeholders("noisy_labels", "alt")
