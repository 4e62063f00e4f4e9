"""What the cures_compared example shows."""

import math
import random
from functools import partial
from itertools import product

import pytest
import torch

from examples import cures_compared
from optnotes.activations import relu
from optnotes.gradients import mean_field_ratio, normalised_residual_growth, residual_growth
from optnotes.normalization import bn_relu_growth
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

ONE = torch.tensor(1.0, dtype=torch.float64)
DEPTH = cures_compared.DEPTH


result = partial(result_of, cures_compared)
numbers = partial(numbers_of, cures_compared)


def test_the_recursion_contains_the_closed_forms():
    predicted = {name: mean_field_ratio(gains) for name, gains in result().gains.items()}
    torch.testing.assert_close(residual_growth(ONE, 1.0, DEPTH), predicted["residual"])
    torch.testing.assert_close(residual_growth(ONE, 1 / math.sqrt(DEPTH), DEPTH), predicted["scaled"])
    torch.testing.assert_close(residual_growth(0 * ONE, 1.0, DEPTH), predicted["zero"])
    torch.testing.assert_close(normalised_residual_growth(DEPTH) * ONE, predicted["prenorm"])
    # The first block divides by the variance of the input, which is one and not that of a normalised block.
    torch.testing.assert_close(bn_relu_growth(DEPTH - 1) * ONE, predicted["batch"] ** 2)


@pytest.mark.parametrize("name", cures_compared.METHODS)
def test_every_measured_gain_is_the_predicted_one(name):
    # A net of finite width and depth: the logarithm of the squared norm scatters with a variance of 5 / width per layer
    # of ReLU, its median falls short of the mean by half of that, 0.02, and the median of twenty nets has a standard
    # error of 0.008 per layer, here allowed 2.5 times. Finite batches add 1 / batch size per layer with batch norm.
    predicted, measured = (numbers()[f"{name}_{kind}"] for kind in ("chi", "chi_measured"))
    assert abs(measured / predicted - 1) < 0.04


def test_batch_normalisation_misses_its_prediction_by_most():
    def gap(name):
        return abs(numbers()[f"{name}_chi_measured"] / numbers()[f"{name}_chi"] - 1)

    others = [name for name in cures_compared.METHODS if "batch" not in name]
    assert min(gap("batch"), gap("sigmoid_batch")) > 1.1 * max(map(gap, others))


@pytest.mark.parametrize("name", ["he", "orthogonal", "leaky", "layer", "rms", "scaled"])
def test_what_the_figure_calls_near_one_stays_within_a_factor_of_three(name):
    assert 1 / 3 < numbers()[f"{name}_ratio"] < 3


def test_methods_keep_their_order_over_many_decades():
    found = numbers()
    order = ("sigmoid", "sigmoid_layer", "default", "xavier", "tanh", "he", "prenorm", "batch", "residual")
    ratios = [found[f"{name}_ratio"] for name in order]
    assert [sorted(ratios), True] == [ratios, ratios[-1] / ratios[0] > 1e38]


def test_the_gap_of_batch_norm_comes_from_the_finite_batch(monkeypatch):
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(20, 8, 128, 128, generator=generator, dtype=torch.float64) / math.sqrt(128)
    monkeypatch.setattr(cures_compared, "DEPTH", 20)
    gaps = []
    for size in (16, 64, 256):
        z, grad = (torch.randn(8, size, 128, generator=generator, dtype=torch.float64) for _ in range(2))
        method = cures_compared.METHODS["batch"]
        measured = cures_compared.measure(method, weights, z, grad).median()
        gaps.append((measured / mean_field_ratio(cures_compared.predict([method])[0])).item() ** (2 / 20) - 1)
    assert gaps[0] > 2 * gaps[1] > 0
    assert abs(gaps[2]) < gaps[1]


def test_units_of_pytorch_are_those_of_the_prediction():
    z = torch.linspace(-4, 4, 33)
    for fast, exact, _ in cures_compared.UNITS.values():
        torch.testing.assert_close(exact(z), fast(z))


def test_broken_twin_without_the_weights_misses_the_prediction():
    method = cures_compared.Method("relu", 2 * cures_compared.HE)
    ratio = mean_field_ratio(cures_compared.predict([method])[0])
    assert ratio > 1e10 * numbers()["he_ratio"]


def test_relu_of_the_figures_is_positively_homogeneous():
    # This is why the scale of the weights is a factor of the gradient and nothing else.
    z = torch.linspace(-2, 2, 9)
    torch.testing.assert_close(3 * relu(z), relu(3 * z))


COMBINATIONS = random.Random(33).sample(list(product(*cures_compared.CONTROLS.values())), 24)


@pytest.mark.parametrize("key", COMBINATIONS)
def test_combined_cures_do_what_is_predicted(key):
    # Narrower nets and fewer of them, and batches of 32: twice the tolerance above, and twice that with batch norm.
    left, predicted = result().norms[key][:, 0].median(), result().predicted[key][0]
    assert abs(torch.log(left / predicted)) * 2 / DEPTH < (0.16 if "batch" in key[2] else 0.08)


def test_what_the_links_of_the_page_lead_to():
    frames = cures_compared.explore(result()).frames
    said = {
        ("relu", "default", "none", "none"): "vanishes",
        ("relu", "he", "none", "none"): "level",
        ("relu", "he", "batch", "none"): "grows",
        ("relu", "he", "none", "bare"): "grows",
        ("relu", "he", "none", "scaled"): "level",
        ("sigmoid", "xavier", "none", "none"): "vanishes",
        ("sigmoid", "xavier", "front", "none"): "vanishes",
        ("sigmoid", "xavier", "behind", "none"): "level",
        ("relu", "he", "front", "bare"): "level",
    }
    assert {key: frames[key].readout.partition(".")[2] for key in said} == said


def test_norms_by_layer_are_those_of_one_pass_per_layer():
    generator = torch.Generator().manual_seed(1)
    weights = torch.randn(4, 2, 6, 6, generator=generator, dtype=torch.float64) / math.sqrt(6)
    z, grad = torch.randn(2, 2, 3, 6, generator=generator, dtype=torch.float64)
    method = cures_compared.METHODS["prenorm"]
    norms = cures_compared.layers([method], weights, z, grad)[0]
    for layer in range(4):
        middle = cures_compared.signals([method], weights[:layer], z.detach())[-1][:, 0]
        torch.testing.assert_close(norms[:, layer], cures_compared.measure(method, weights[layer:], middle, grad))


def test_repeatable():
    assert_deterministic(cures_compared, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(cures_compared, result())
    assert {"depth", "sigmoid_ratio", "default_ratio", "batch_ratio", "residual_ratio"} == placeholders(
        "cures_compared", "alt"
    )
