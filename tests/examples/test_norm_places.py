"""What the norm_places example shows."""

import math
from functools import partial

import pytest
import torch
from torch import nn

from examples import norm_places
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, norm_places)
numbers = partial(numbers_of, norm_places)
DEPTH = norm_places.DEPTH


@pytest.mark.parametrize("place", norm_places.PLACES)
def test_streams_grow_as_predicted(place):
    measured, (predicted, _) = result().stream[place].median(1).values, norm_places.predict(place)
    torch.testing.assert_close(measured, predicted, rtol=0.06, atol=0.0)


@pytest.mark.parametrize("place", ["pre", "scaled", "sandwich"])
def test_weight_gradients_are_as_predicted(place):
    measured, (_, predicted) = result().gradient[place].median(1).values, norm_places.predict(place)
    torch.testing.assert_close(measured[5:], predicted[5:], rtol=0.15, atol=0.0)


def test_post_norm_gives_the_last_block_several_times_more():
    assert numbers()["ratio_predicted"] == pytest.approx(math.sqrt((DEPTH + 1) / 2))
    assert abs(numbers()["ratio"] / numbers()["ratio_predicted"] - 1) < 0.1
    for place in ("pre", "scaled", "sandwich"):
        assert (result().gradient["post"][-1] > 3 * result().gradient[place][-1]).all()


def test_only_a_norm_behind_the_branch_forgets_the_scale_of_the_weights():
    found = numbers()
    for place in ("post", "sandwich"):
        assert found[f"{place}_large"] == pytest.approx(found[f"{place}_stream"], rel=0.01)
    assert found["pre_large"] > 2.8 * found["pre_stream"]


def test_blocks_are_those_of_the_installed_layers():
    generator = torch.Generator().manual_seed(2)
    h, W = (torch.randn(shape, generator=generator, dtype=torch.float64) for shape in ((3, 6), (6, 6)))
    ln = nn.LayerNorm(6, dtype=torch.float64)
    torch.testing.assert_close(norm_places.block("pre", h, W), h + torch.relu(ln(h)) @ W)
    torch.testing.assert_close(norm_places.block("post", h, W), ln(h + torch.relu(h) @ W))
    torch.testing.assert_close(norm_places.block("sandwich", h, W), h + ln(torch.relu(ln(h)) @ W))


def test_repeatable():
    assert_deterministic(norm_places, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(norm_places, result())
    assert {"depth", "post_last", "pre_last", "scaled_last"} == placeholders("norm_places", "alt")
