"""What the dead_at_start example shows."""

from functools import partial

import pytest
import torch
from scipy.integrate import quad
from scipy.stats import chi, norm

from examples import dead_at_start
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, dead_at_start)
numbers = partial(numbers_of, dead_at_start)


@pytest.mark.parametrize(("bias", "examples"), [(-3.0, 100), (-4.5, 1000), (0.0, 3)])
def test_prediction_matches_scipy(bias, examples):
    lengths = chi(dead_at_start.INPUTS, scale=(2 / dead_at_start.INPUTS) ** 0.5)
    expected, _ = quad(lambda s: lengths.pdf(s) * norm.cdf(-bias / s) ** examples, 1e-6, 5)
    torch.testing.assert_close(dead_at_start.predicted(bias, examples), expected, rtol=1e-5, atol=0.0)


def test_measured_share_lies_on_the_prediction():
    # Units of one seed share their examples, so the 24 seeds and not the 4800 units count: error at most 0.1 / 5.
    assert numbers()["gap"] < 0.03


def test_without_a_bias_no_unit_is_dead():
    assert numbers()["unbiased"] == 0


def test_more_negative_biases_and_fewer_examples_leave_more_dead():
    mean = result().share.mean(2)
    assert (mean.diff(dim=1) >= 0).all()
    assert (mean[0] >= mean[1]).all()


def test_broken_twin_with_half_the_weight_variance(monkeypatch):
    monkeypatch.setattr(dead_at_start, "he_std", lambda fan: (1 / fan) ** 0.5)
    assert dead_at_start.numbers(result())["gap"] > 0.2


def test_repeatable():
    assert_deterministic(dead_at_start, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(dead_at_start, result())
    assert {"share_100", "bias"} <= placeholders("dead_at_start", "alt")
