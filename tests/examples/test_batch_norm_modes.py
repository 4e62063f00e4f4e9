"""What the batch_norm_modes example shows."""

from functools import partial

import pytest
import torch
from torch import nn

from examples import batch_norm_modes
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, batch_norm_modes)
numbers = partial(numbers_of, batch_norm_modes)


def test_without_gradients_the_averages_still_follow():
    assert numbers()["drift_train"] == pytest.approx(batch_norm_modes.SHIFT, abs=0.1)
    assert (result().means["eval"] == 0).all()


def test_train_on_the_model_undoes_eval_on_the_layer():
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    model[1].eval()
    model.train()
    assert model[1].training


def test_two_examples_become_plus_and_minus_one():
    assert numbers()["pair_off"] < 1e-6
    assert numbers()["changed"] < 1e-3
    assert torch.equal(result().wide[0].sign(), -result().wide[1].sign())


def test_one_example_is_refused():
    with pytest.raises(ValueError, match="more than 1 value"):
        nn.BatchNorm1d(4)(torch.zeros(1, 4))


def test_pairs_are_too_few_for_batch_normalisation_and_enough_for_the_others():
    found = numbers()
    assert found["batch_most"] < found["batch_most_high"] < found["group_least_low"] < found["group_least"]
    assert found["layer_least_low"] < found["layer_least"]


def test_broken_twin_with_whole_batches_has_nothing_to_cure():
    assert batch_norm_modes.right("batch", 32).min() > 0.9


def test_repeatable():
    assert_deterministic(batch_norm_modes, result())


def test_published():
    assert_plain(numbers())
