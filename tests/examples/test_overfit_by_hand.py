"""What the overfit_by_hand example shows: numbers that a pencil finds, too."""

from functools import partial

import pytest

from examples import overfit_by_hand
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, overfit_by_hand)
numbers = partial(numbers_of, overfit_by_hand)
PENCIL = {
    "slope": 0.6,  # (2 + 0 + 0 + 2 + 2) / 10
    "train_line": 0.68,  # (0.04 + 0.36 + 1 + 1.96 + 0.04) / 5
    "new_line": 1.0,  # (0.04 + 1.96 + 1 + 1.96 + 0.04) / 5
    "train_through": 0,
    "new_through": 1.6,  # (0 + 4 + 4 + 0 + 0) / 5
    "beyond_line": 1.8,
    "beyond_through": -26,  # differences 1, -1, 3, -1; -2, 4, -4; 6, -8; -14, and back up
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert numbers()[name] == pytest.approx(PENCIL[name], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("model", ["line", "through"])
@pytest.mark.parametrize("kind", ["train", "new"])
def test_means_over_all_noises_are_what_the_formula_says(model, kind):
    assert numbers()[f"mean_{kind}_{model}"] == pytest.approx(numbers()[f"law_{kind}_{model}"], abs=1e-9)


def test_repeatable():
    assert_deterministic(overfit_by_hand, result())


def test_published():
    assert_plain(numbers())
