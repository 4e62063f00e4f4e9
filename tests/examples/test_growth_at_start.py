"""What the growth_at_start example shows."""

import math
from functools import partial

import pytest
import torch

from examples import growth_at_start
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, growth_at_start)
numbers = partial(numbers_of, growth_at_start)


# Width 64 and twenty seeds: the logarithm of the growth is off by some per cent, that of the plain network by a half.
TOLERANCE = {"plain": 0.8, "norm": 0.3, "residual": 0.4, "scaled": 0.05, "layer": 0.1, "batch": 0.1}


@pytest.mark.parametrize("kind", TOLERANCE)
def test_growth_follows_its_prediction(kind):
    assert abs(math.log(numbers()[kind] / numbers()[f"{kind}_predicted"])) < TOLERANCE[kind]


def test_batch_norm_grows_by_the_predicted_factor_per_block():
    # The first and last five blocks are left out: the signal has not settled there.
    assert abs(numbers()["norm_per_block"] - numbers()["norm_per_block_predicted"]) < 0.02


def test_scale_of_the_weights_does_not_matter_under_batch_norm():
    def thrice(h, w):
        return growth_at_start.BLOCKS["norm"](h, 3 * w)

    # A factor of three leaves other rounding errors, and fifty exploding blocks amplify them; the growth stays.
    changed = growth_at_start.ratios(thrice)[0].median().item()
    assert abs(math.log(changed / numbers()["norm"])) < 0.2


def test_predictions_are_the_formulas():
    depth = growth_at_start.DEPTH
    torch.testing.assert_close(growth_at_start.predicted("residual", depth), 2 ** (depth / 2))
    torch.testing.assert_close(growth_at_start.predicted("layer", depth), math.sqrt(depth + 1))
    assert 1.5 < growth_at_start.predicted("scaled", depth) < math.sqrt(math.e)
    for kind in growth_at_start.BLOCKS:
        torch.testing.assert_close(growth_at_start.predicted(kind, 0), 1.0)


def test_batch_norm_in_the_branch_grows_more_than_layer_norm():
    # The square root would be wrong for it: a third of a ReLU's mean square is its mean, which batch norm removes.
    assert (result().ratios["batch"][0] > 1.3 * result().ratios["layer"][0]).all()


def test_batch_norm_grows_past_its_prediction_because_the_variances_of_the_units_scatter():
    def even(h, w):
        centred = h - h.mean(1, keepdim=True)
        return torch.baddbmm(h, (centred * centred.square().mean((1, 2), keepdim=True).rsqrt()).relu(), w)

    # Divided by one variance for all units, the branch gives the growth that theory predicts.
    growth = growth_at_start.ratios(even)[0].median().item()
    assert abs(math.log(growth / numbers()["batch_predicted"])) < 0.02
    assert numbers()["batch"] > 1.03 * growth


def test_broken_twin_without_the_relu_does_not_explode():
    def linear(h, w):
        return growth_at_start.normalise(torch.bmm(h, w), 1)

    assert growth_at_start.ratios(linear)[0].median() < 100 < numbers()["norm"]


def test_repeatable():
    assert_deterministic(growth_at_start, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(growth_at_start, result())
    assert {"norm", "layer"} <= placeholders("growth_at_start", "alt")
