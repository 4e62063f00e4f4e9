"""What the modular_addition example shows: the table by heart at once, understood much later, and only with decay."""

from functools import partial

import torch

from examples import modular_addition
from examples.modular_addition import PRIME, SHARE
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, modular_addition)
numbers = partial(numbers_of, modular_addition)


def test_the_part_it_sees_is_right_long_before_the_rest():
    assert numbers()["seen_early"] > 0.97
    assert numbers()["new_early"] < 0.15
    assert min(numbers()["seen_late"], numbers()["new_late"]) > 0.9


def test_without_decay_it_only_memorises():
    assert numbers()["seen_plain"] > 0.97
    assert numbers()["new_plain"] < 0.3


def test_the_two_parts_are_the_whole_table_without_overlap():
    X, y, unseen, truth = modular_addition.table(torch.Generator().manual_seed(0))
    assert X.shape[1] == round(SHARE * PRIME**2)
    for seed in range(len(X)):
        rows = torch.cat([X[seed], unseen[seed]]).reshape(-1, 2, PRIME).argmax(-1)
        assert sorted(map(tuple, rows.tolist())) == [(a, b) for a in range(PRIME) for b in range(PRIME)]
        assert torch.equal(rows.sum(1) % PRIME, torch.cat([y[seed], truth[seed]]))


def test_repeatable():
    assert_deterministic(modular_addition, result())


def test_published():
    assert_plain(numbers())
