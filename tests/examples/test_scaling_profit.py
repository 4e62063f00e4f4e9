"""What the scaling_profit example shows."""

from functools import partial

import torch

from examples import scaling_profit
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, scaling_profit)
numbers = partial(numbers_of, scaling_profit)


def test_neighbours_gain_on_wine():
    assert numbers()["wine_scaled"] > numbers()["wine_raw"] + 0.2


def test_neighbours_gain_or_lose_with_the_place_of_the_signal():
    small, large = result().errors["small"], result().errors["large"]
    assert (small[:, 0] > 3 * small[:, 1]).all()
    assert (large[:, 1] > 3 * large[:, 0]).all()
    # An error of one is that of the mean; five noise neighbours add their variance over five.
    assert 1 < numbers()["small_raw"] < 1.5


def test_whitening_leaves_the_directions_without_data():
    assert numbers()["norm_raw"] < 0.01
    # The error of one set is that of a random projection; the mean over 20 sets stays close to the share.
    assert abs(result().errors["norm"][:, 1].mean().item() - numbers()["norm_predicted"]) < 0.05


def test_errors_are_relative_to_the_mean_prediction():
    y = torch.tensor([1.0, 2.0, 6.0])
    torch.testing.assert_close(scaling_profit.relative_error(y.mean().expand(3), y), 1.0)


def test_repeatable():
    assert_deterministic(scaling_profit, result())


def test_published():
    assert_plain(numbers())
