"""What the random_products example shows."""

import math
from functools import partial

import torch

from examples import random_products
from optnotes.gradients import gaussian_lyapunov_exponent, rnn_jacobian
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, random_products)
numbers = partial(numbers_of, random_products)


def test_products_grow_by_the_closed_form():
    for key, std in random_products.STDS.items():
        measured = random_products.growth(result().products[key])
        # Four standard errors of the mean over the products.
        expected = gaussian_lyapunov_exponent(random_products.SIZE, std)
        assert abs(measured - expected) < 4 * numbers()["exponent_error"]


def test_scale_only_shifts_the_logarithm():
    one, root = result().products["one"], result().products["root"]
    shift = math.log(random_products.STDS["root"]) * torch.arange(len(one))[:, None]
    torch.testing.assert_close(root, one + shift)


def test_expected_square_stays_and_the_typical_product_vanishes():
    assert random_products.STDS["root"] ** 2 * random_products.SIZE == 1
    assert numbers()["exponent_root_measured"] < -0.1
    # After one factor the mean of the squares is still visible; later it lives on products too rare to be drawn.
    after_one = (2 * result().products["root"][1]).exp().mean().item()
    assert abs(after_one - 1) < 0.15
    assert numbers()["root_typical"] < 1e-4


def test_wrong_exponent_is_noticed():
    # The naive value takes the logarithm of the expected square.
    naive = math.log(random_products.SIZE) / 2
    assert abs(numbers()["exponent_measured"] - naive) > 20 * numbers()["exponent_error"]


def test_powers_rise_to_the_predicted_peak_and_vanish():
    assert abs(numbers()["peak_step"] - numbers()["peak_predicted"]) < 1
    powers = result().powers
    k = torch.arange(1, len(powers) + 1, dtype=torch.float64)
    # The power of a Jordan block: the entry off the diagonal dominates once it exceeds the eigenvalue.
    off_diagonal = k * random_products.SHEAR * random_products.RADIUS ** (k - 1)
    torch.testing.assert_close(powers, off_diagonal, rtol=0.02, atol=0.0)
    assert powers[-1] < 1e-5 < 10 < powers[0]


def test_powers_are_jacobians_of_a_linear_recurrent_network():
    z = torch.zeros(7, 2, dtype=torch.float64)
    jacobian = rnn_jacobian(random_products.WEIGHT, z, torch.ones_like)
    torch.testing.assert_close(torch.linalg.matrix_norm(jacobian, 2), result().powers[6])


def test_repeatable():
    assert_deterministic(random_products, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(random_products, result())
    assert {"peak_norm", "critical_std"} <= placeholders("random_products", "alt")
