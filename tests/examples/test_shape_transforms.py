"""What the shape_transforms example shows."""

from functools import partial

import pytest

from examples import shape_transforms
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, shape_transforms)
numbers = partial(numbers_of, shape_transforms)


@pytest.mark.parametrize("name", ["standard", "minmax"])
def test_affine_maps_keep_the_shape(name):
    assert numbers()[f"skew_{name}"] == pytest.approx(numbers()["skew_raw"])


def test_power_and_quantile_transforms_change_it():
    assert numbers()["skew_raw"] > 2
    assert abs(numbers()["skew_power"]) < 0.4
    assert numbers()["skew_power_alone"] > 2
    assert abs(numbers()["skew_quantile"]) < 0.1


@pytest.mark.parametrize("name", ["rare", "common"])
def test_a_member_of_a_rare_category_lies_far_out(name):
    assert numbers()[f"member_{name}"] == pytest.approx(numbers()[f"predicted_{name}"])


def test_scaling_rows_keeps_the_units():
    assert numbers()["row_large"] > 100 * numbers()["row_small"]


def test_repeatable():
    assert_deterministic(shape_transforms, result())


def test_published():
    assert_plain(numbers())
