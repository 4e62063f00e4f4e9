"""What the depth_explorer example shows."""

import random
from functools import cache
from itertools import product

import pytest
import torch

from examples import depth_explorer
from optnotes.gradients import gradient_gain, mean_field_ratio, variance_step
from tests.examples import assert_deterministic, assert_drawn, assert_plain, placeholders


@cache
def result():
    return depth_explorer.compute()


def numbers():
    return depth_explorer.numbers(result())


SETTINGS = list(product(depth_explorer.ACTIVATIONS, depth_explorer.SCALES, depth_explorer.DEPTHS))


@pytest.mark.parametrize("setting", random.Random(31).sample(SETTINGS, 6))
def test_the_dotted_line_is_the_formula_layer_by_layer(setting):
    activation, scale, depth = setting
    phi, dphi = depth_explorer.ACTIVATIONS[activation]
    q, chi = torch.tensor(scale**2, dtype=torch.float64), []
    for _ in range(depth - 1):
        chi.append(gradient_gain(q, dphi, scale**2))
        q = variance_step(q, phi, scale**2, 0.0)
    marks = depth_explorer.explore(result()).frames[setting].marks
    expected = torch.stack(
        [*(mean_field_ratio(torch.stack(chi[layer:])) for layer in range(depth - 1)), torch.ones(())]
    )
    torch.testing.assert_close(marks["theory"], torch.stack([torch.arange(1.0, depth + 1).double(), expected], 1))


@pytest.mark.parametrize("setting", [("sigmoid", 1.2, 10), ("tanh", 2.0, 5), ("relu", 0.7, 10)])
def test_measured_norms_are_those_of_autograd(setting):
    activation, scale, depth = setting
    phi, _ = depth_explorer.ACTIVATIONS[activation]
    generator = torch.Generator().manual_seed(31)
    seeds, width = depth_explorer.SEEDS, depth_explorer.WIDTH
    shape = depth_explorer.DEPTHS[-1], seeds, width, width
    W = scale * torch.randn(shape, generator=generator, dtype=torch.float64) / width**0.5
    x, direction = torch.randn(2, seeds, width, generator=generator, dtype=torch.float64)
    signals = [torch.einsum("sij,sj->si", W[0], x).requires_grad_()]
    for weight in W[1:depth]:
        signals.append(torch.einsum("sij,sj->si", weight, phi(signals[-1])))
    gradients = torch.autograd.grad((phi(signals[-1]) * direction).sum(), signals)
    size = torch.stack(gradients).norm(dim=2).mT
    torch.testing.assert_close(result().norms[setting], size / size[:, -1:])


def test_prediction_keeps_up_with_narrow_networks():
    assert numbers()["gap"] < 0.07


def test_tanh_and_relu_are_level_where_the_page_says_and_no_scale_saves_sigmoid():
    ends = {key: depth_explorer.summary(result(), key)["measured"] for key in result().norms}
    assert (numbers()["level_tanh"], numbers()["level_relu"]) == (1.2, 1.41)  # the links of the page lead there
    assert abs(ends["tanh", 1.2, 40]) < 0.5
    assert abs(numbers()["level_predicted"]) < 0.05
    assert ends["tanh", 0.85, 40] < -2
    assert ends["tanh", 2.0, 40] > 1.5
    assert all(ends["sigmoid", scale, 40] < -5 for scale in depth_explorer.SCALES)
    # The median of narrow networks lies below their mean square; a scale beside it is off by two decades and more.
    assert abs(ends["relu", 1.41, 40]) < 1
    assert ends["relu", 1.2, 40] < -2 < 2 < ends["relu", 1.7, 40]


def test_level_tanh_loses_first_and_wins_back():
    """The page explains the level point by layers that lose and layers that make up for it."""
    gains = depth_explorer.gains("tanh", 1.2)
    assert (gains[:6] < 1).all()
    assert (gains[8:] > 1).all()
    assert 1.02 < numbers()["level_gain"] < 1.05


def test_at_scale_2_tanh_gains_less_than_half_of_the_decades_of_relu():
    tanh, relu = (depth_explorer.summary(result(), (name, 2.0, 40))["measured"] for name in ("tanh", "relu"))
    assert 0 < tanh < relu / 2


def test_twice_the_depth_means_about_twice_the_decades():
    """Small weights keep tanh close to linear; near the edge the approach to the fixed point still shows."""
    for scale in (0.5, 0.7):
        half, whole = (depth_explorer.summary(result(), ("tanh", scale, depth))["measured"] for depth in (20, 40))
        assert 1.8 < whole / half < 2.3


def test_the_band_holds_the_median():
    for frame in depth_explorer.explore(result()).frames.values():
        low, high = frame.marks["band"].chunk(2)
        assert (low[:, 1] <= frame.marks["median"][:, 1]).all()
        assert (frame.marks["median"][:, 1] <= high.flip(0)[:, 1]).all()


def test_repeatable():
    assert_deterministic(depth_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(depth_explorer, result())
    assert {"seeds", "width"} == placeholders("depth_explorer", "caption")
