"""What the bias_variance example shows."""

from functools import partial

import torch

from examples import bias_variance
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, bias_variance)
numbers = partial(numbers_of, bias_variance)


def test_variance_and_bias_are_those_predicted():
    # Over a thousand sets a variance has a standard error of sqrt(2 / 1000) for one direction of noise, 4.5 %.
    assert numbers()["gap_variance"] < 0.15
    assert numbers()["gap_bias"] < 0.005


def test_noise_bias_and_variance_add_up_to_the_error():
    # The standard error of the mean error on fresh targets is below 0.005 at every degree.
    assert numbers()["gap"] < 0.02


def test_the_best_degree_lies_between():
    found = numbers()
    assert 0 < found["best"] < found["top"]
    assert found["error_best"] < found["error_top"] < found["error_flat"]
    assert found["train_top"] < found["train_best"]


def test_the_training_error_falls_at_every_degree():
    assert (result().train.mean(1).diff() < 0).all()


def test_broken_twin_with_one_noise_for_all_sets_has_no_variance(monkeypatch):
    randn = torch.randn
    monkeypatch.setattr(torch, "randn", lambda *shape, **options: randn(2, 1, 30, **options).expand(*shape))
    assert bias_variance.numbers(bias_variance.compute())["gap_variance"] > 0.9


def test_repeatable():
    assert_deterministic(bias_variance, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(bias_variance, result())
    assert {"best", "error_top"} <= placeholders("bias_variance", "alt")
