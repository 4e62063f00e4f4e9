"""What the isometry example shows."""

import math
from functools import partial

import pytest
import torch

from examples import isometry
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, isometry)
numbers = partial(numbers_of, isometry)


@pytest.mark.parametrize("method", ["he", "linear", "orthogonal_relu"])
def test_the_spread_grows_by_the_predicted_constant_per_layer(method):
    measured, predicted = result().spread[method].mean(1).double(), isometry.predict(method)
    # Standard error over the seeds: about a tenth at the last layer; nets as deep as a fifth of their width.
    assert ((measured / predicted - 1).abs() < 0.15).all()


def test_orthogonal_weights_keep_all_singular_values_equal():
    # Rounding of single precision, added up over the layers.
    assert result().spread["orthogonal"].abs().max() < 1e-5


def test_orthogonal_weights_save_half_of_the_spread_with_relu():
    assert 0.4 < numbers()["orthogonal_relu_last"] / numbers()["he_last"] < 0.6


def test_the_excess_of_shortcuts_comes_from_units_that_stay_active():
    assert numbers()["residual_last"] > 1.15 * numbers()["residual_last_predicted"]
    generator, n = torch.Generator().manual_seed(3), isometry.WIDTH
    jacobian = torch.eye(n).expand(isometry.SEEDS, -1, -1)
    for _ in range(isometry.DEPTH):
        W = torch.randn(isometry.SEEDS, n, n, generator=generator) * math.sqrt(2 / n)
        active = (torch.randn(isometry.SEEDS, 1, n, generator=generator) > 0).float()
        jacobian = jacobian + isometry.BRANCH * (jacobian * active) @ W
    independent = isometry.spread(jacobian).mean().item()
    assert abs(independent / numbers()["residual_last_predicted"] - 1) < 0.1


def test_spread_is_that_of_the_singular_values():
    matrix = torch.randn(1, isometry.WIDTH, isometry.WIDTH, generator=torch.Generator().manual_seed(2)).double()
    squares = torch.linalg.svdvals(matrix) ** 2
    torch.testing.assert_close(squares.var(correction=0) / squares.mean() ** 2, isometry.spread(matrix)[0])


def test_repeatable():
    assert_deterministic(isometry, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(isometry, result())
    assert {"depth", "he_last", "linear_last", "orthogonal_relu_last", "residual_last"} == placeholders(
        "isometry", "alt"
    )
