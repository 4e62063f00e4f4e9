"""What the dropout_by_hand example shows: numbers that a pencil finds, too."""

from functools import partial

import pytest
import torch

from examples import dropout_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, dropout_by_hand)
numbers = partial(numbers_of, dropout_by_hand)
PENCIL = {
    "scaled1": 1.25,  # 1 / 0.8
    "scaled2": 3.75,  # 3 / 0.8
    "chance_both": 0.64,
    "chance_first": 0.16,
    "chance_second": 0.16,
    "chance_none": 0.04,
    "output_both": 6.25,  # 2 × 1.25 + 1 × 3.75
    "output_first": 2.5,
    "output_second": 3.75,
    "output_none": 0,
    "plain": 5,  # 2 × 1 + 1 × 3
    "mean": 5,
    "relu_mean": 1.44,  # 0.64 × 2.25
    "relu_pass": 1,
    "error": 3.25,  # 0.64 × 1.25² + 0.16 × 2.5² + 0.16 × 1.25² + 0.04 × 5²
    "penalty": 3.25,  # (2² × 1² + 1² × 3²) × 0.2 / 0.8
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name], rel=1e-12, abs=1e-12)


def test_the_library_draws_only_these_outputs():
    with torch.random.fork_rng():
        torch.manual_seed(38)
        h = torch.tensor(dropout_by_hand.ACTIVATIONS).expand(4000, 2)
        drawn = torch.nn.functional.dropout(h, dropout_by_hand.P) @ torch.tensor(dropout_by_hand.WEIGHTS)
    assert sorted(set(drawn.tolist())) == pytest.approx(sorted(result().output.tolist()))
    assert drawn.mean().item() == pytest.approx(5, abs=0.15)


def test_repeatable():
    assert_deterministic(dropout_by_hand, result())


def test_published():
    assert_plain(numbers())
