"""What the confident_errors example shows."""

from functools import partial

import torch

from examples import confident_errors
from examples.confident_errors import SEEDS, TEMPERATURES, TRAIN
from optnotes.outputs import bce_with_logits
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, confident_errors)
numbers = partial(numbers_of, confident_errors)


def test_training_loss_vanishes_while_the_test_loss_rises():
    assert numbers()["train_last"] < 0.05 * numbers()["train_best"]
    assert numbers()["test_last"] > 1.3 * numbers()["test_best"]
    # In nearly every split, not only on average.
    assert (result().test[-1] > 1.2 * result().test.amin(0)).double().mean() > 0.9


def test_accuracy_does_not_follow_the_loss():
    """The accuracy lost after the least loss lies within two standard errors of nothing."""
    assert abs(numbers()["lost"]) < 2 * numbers()["lost_error"]
    # A change of one test example in a hundred would be seen.
    assert numbers()["lost_error"] < 0.005


def test_one_temperature_undoes_the_rise():
    rise = numbers()["test_last"] - numbers()["test_best"]
    assert numbers()["calibrated_last"] < numbers()["test_best"]
    assert numbers()["calibrated_last"] - numbers()["calibrated_best"] < 0.1 * rise


def test_confidence_grows():
    assert numbers()["temperature_last"] > numbers()["temperature_best"] > 1
    # The search never stops at the edge of the grid once training is under way.
    late = result().temperature[20:]
    assert (late > TEMPERATURES[0]).all()
    assert (late < TEMPERATURES[-1]).double().mean() > 0.9


def test_a_temperature_changes_no_decision():
    logits = torch.randn(SEEDS, 50, generator=torch.Generator().manual_seed(1))
    for by in TEMPERATURES.tolist():
        assert torch.equal(logits > 0, logits / by > 0)


def test_best_temperature_is_best():
    """No temperature of the grid beats the chosen one, and labels drawn at temperature four give about four."""
    generator = torch.Generator().manual_seed(2)
    logits = 8 * torch.randn(2, 4000, generator=generator)
    labels = torch.bernoulli(torch.sigmoid(logits / 4), generator=generator)
    chosen = confident_errors.best_temperature(logits, labels)
    # Two neighbours of a grid with 30 points per decade differ by eight per cent.
    assert (chosen / 4).log().abs().max() < 0.2
    least = bce_with_logits(logits / chosen[:, None], labels).mean(1)
    for by in TEMPERATURES.tolist():
        assert (bce_with_logits(logits / by, labels).mean(1) >= least - 1e-7).all()


def test_statistics_come_from_the_training_part_alone():
    X, y = confident_errors.data(torch.Generator().manual_seed(34))
    torch.testing.assert_close(X[:, :TRAIN].mean(1), torch.zeros(SEEDS, X.shape[-1]), atol=1e-5, rtol=0.0)
    assert X[:, TRAIN:].mean(1).abs().max() > 0.05
    assert set(y.unique().tolist()) == {0.0, 1.0}


def test_repeatable():
    assert_deterministic(confident_errors, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(confident_errors, result())
    assert {"test_best", "test_last", "calibrated_last"} <= placeholders("confident_errors", "alt")
