"""What the double_softmax example shows."""

from functools import partial

import pytest
import torch

from examples import double_softmax
from optnotes.outputs import cross_entropy_gradient, softmax
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, double_softmax)
numbers = partial(numbers_of, double_softmax)


@pytest.mark.parametrize("name", double_softmax.LOOKS)
def test_automatic_differentiation_gives_the_formula(name):
    torch.testing.assert_close(result().measured[name], result().predicted[name])


@pytest.mark.parametrize("name", ["double", "squared"])
def test_gradient_of_a_confident_mistake_fades_exponentially(name):
    ratio = result().measured[name][-1] / result().measured[name][-2]
    torch.testing.assert_close(ratio.item(), torch.tensor(-1.0).exp().item(), rtol=2e-2, atol=0.0)


@pytest.mark.parametrize("name", ["logits", "bce"])
def test_gradient_on_logits_grows_with_the_mistake(name):
    assert (result().measured[name].diff() > 0).all()
    assert numbers()[f"gradient_{name}"] > 1 - 1e-4


def test_no_loss_falls_below_the_floor():
    for start in ("zero", "wrong"):
        assert result().loss[f"double_{start}"].min() > numbers()["floor"]
    assert numbers()["loss_logits_zero"] < 0.3 * numbers()["floor"]


def test_two_softmaxes_learn_slowly_from_zero_and_not_at_all_from_confident_mistakes():
    found = numbers()
    assert found["right_logits_zero"] > 0.97
    assert found["right_double_zero"] < found["right_logits_zero"] - 0.1
    assert found["right_logits_wrong"] > 0.75
    assert found["right_double_wrong"] < 0.02


def test_confident_start_is_wrong_everywhere():
    # Other labels were learnt so well that hardly any right answer is left.
    assert result().accuracy["logits_wrong"][0].max() < 0.02
    assert result().loss["logits_wrong"][0].min() > 10


def test_broken_twin_without_the_jacobian(monkeypatch):
    monkeypatch.setattr(double_softmax, "double_gradient", lambda z, y: cross_entropy_gradient(softmax(z), y))
    broken, measured = double_softmax.gradients("double")
    assert (broken[-1] / measured[-1]) > 1e3


def test_repeatable():
    assert_deterministic(double_softmax, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(double_softmax, result())
    assert {"classes", "gradient_double"} <= placeholders("double_softmax", "alt")
