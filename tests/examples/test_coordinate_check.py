"""What the coordinate_check example shows."""

from functools import partial

import torch

from examples import coordinate_check
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, coordinate_check)
numbers = partial(numbers_of, coordinate_check)


def test_with_one_rate_the_change_grows_with_the_width():
    found = numbers()
    assert found["same_hidden"] > 0.6 * found["times"]
    assert found["same_output"] > 0.6 * found["times"]


def test_with_a_rate_over_the_width_it_stays():
    assert 0.5 < numbers()["divided_hidden"] < 2
    assert 0.3 < numbers()["divided_output"] < 2


def test_both_rules_agree_at_the_narrowest_width():
    torch.testing.assert_close(result().moved["same"][0], result().moved["divided"][0])


def test_depth_costs_the_root_until_the_rate_is_divided_by_it():
    found = numbers()
    assert found["bare_stream"] > 1e6
    assert 0.7 * found["root"] < found["scaled_stream"] < 1.4 * found["root"]
    assert 0.7 < found["level_stream"] < 1.5
    assert 0.7 < found["level_output"] < 1.5


def test_rules_of_depth_agree_at_the_shallowest():
    torch.testing.assert_close(result().deep["scaled"][0], result().deep["level"][0])
    assert result().deep["bare"][0, 0] > result().deep["scaled"][0, 0]


def test_a_residual_net_of_one_block_is_the_sum():
    x, first, block, out = (torch.tensor([[each]]).double() for each in (2.0, 1.0, 3.0, 0.5))
    stream, output = coordinate_check.residual(x, 0.5, first, block[None], out)
    assert (stream.item(), output.item()) == (5.0, 2.5)


def test_repeatable():
    assert_deterministic(coordinate_check, result())


def test_published():
    assert_plain(numbers())
