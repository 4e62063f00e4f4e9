"""What the running_start example shows."""

from functools import partial

import pytest
import torch
from torch import nn

from examples import running_start
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, running_start)
numbers = partial(numbers_of, running_start)


def test_eval_is_worse_at_first_and_catches_up():
    losses = result().losses
    assert (losses["early_running"] > 1.3 * losses["early_batch"]).all()
    assert (losses["late_running"] - losses["late_batch"]).abs().max() < 0.05


def test_recomputed_statistics_mend_it_without_a_step():
    losses = result().losses
    assert (losses["early_recomputed"] < 1.1 * losses["early_batch"]).all()


def test_what_is_left_of_the_start():
    layer = nn.BatchNorm1d(1)
    for _ in range(10):
        layer(torch.full((4, 1), 7.0))
    assert layer.running_mean.item() == pytest.approx(7 * (1 - numbers()["left_ten"]), rel=1e-5)


def test_judging_moves_no_average():
    model = running_start.net(torch.Generator().manual_seed(1))
    before = [each.clone() for each in model.buffers()]
    running_start.judge(model, torch.randn(16, 64).double(), torch.arange(16) % 10)
    assert all(torch.equal(one, other) for one, other in zip(before, model.buffers(), strict=True))


def test_repeatable():
    assert_deterministic(running_start, result())


def test_published():
    assert_plain(numbers())
