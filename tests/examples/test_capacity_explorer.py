"""What the capacity_explorer example shows."""

from functools import partial
from itertools import pairwise

import pytest
import torch

from examples import capacity_explorer
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, capacity_explorer)
numbers = partial(numbers_of, capacity_explorer)
SETTINGS = [(sigma, n) for sigma in capacity_explorer.NOISES for n in capacity_explorer.POINTS]


@pytest.mark.parametrize(("sigma", "n"), SETTINGS)
def test_the_training_error_falls_with_every_degree(sigma, n):
    errors = [result().errors[degree, sigma, n][0] for degree in capacity_explorer.DEGREES]
    assert all(late <= early + 1e-12 for early, late in pairwise(errors))


def test_through_as_many_points_as_coefficients_the_error_is_zero():
    assert result().errors[11, 0.5, 12][0] < 1e-20


def test_a_fit_is_that_of_least_squares():
    points = result().train[7, 0.3, 20]
    A = torch.stack([points[:, 0] ** power for power in range(8)], 1)
    residual = points[:, 1] - A @ torch.linalg.lstsq(A, points[:, 1:], driver="gelsd").solution[:, 0]
    assert result().errors[7, 0.3, 20][0] == pytest.approx(residual.square().mean().item(), rel=1e-9)


def test_much_noise_and_few_points_overfit_and_the_rest_does_not():
    found = numbers()
    assert 2 <= found["best"] <= 5
    assert found["train_wild"] < found["train_best"] / 3
    assert found["valid_wild"] > 4 * found["valid_best"]
    assert found["valid_many"] < found["valid_wild"] / 4
    assert found["valid_clean"] < 1e-4


def test_the_sentence_names_the_side_of_the_best_degree():
    frames = capacity_explorer.explore(result()).frames
    assert frames[0, 0.5, 12].readout == "under"
    assert frames[numbers()["best"], 0.5, 12].readout == "best"
    assert frames[9, 0.5, 12].readout == "over"
    assert all(frames[degree, 0, 40].readout != "over" for degree in capacity_explorer.DEGREES)


def test_no_sentence_hangs_on_rounding():
    for sigma, n in SETTINGS:
        errors = [result().errors[degree, sigma, n][1] for degree in capacity_explorer.DEGREES]
        limit = min(errors) + capacity_explorer.CLOSE
        assert min(abs(error - limit) for error in errors) > 1e-9


def test_repeatable():
    assert_deterministic(capacity_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(capacity_explorer, result())
    assert {"best", "valid_wild"} <= placeholders("capacity_explorer", "alt")
