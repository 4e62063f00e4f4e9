"""Each row of the conventions page, held against the libraries as installed: a changed default fails here."""

import functools
import inspect
import math

import pytest
import torch
from torch import nn

from examples import library_defaults
from optnotes.adam import adam_step, adamw_step
from optnotes.clipping import clip_by_norm, max_step
from optnotes.exponential_units import elu, elu_derivative
from optnotes.initialization import he_bound, he_std, linear_default, xavier_bound, xavier_std
from optnotes.layer_conventions import keep_probability, running_momentum
from optnotes.rectifiers import leaky_relu, leaky_relu_derivative
from tests.examples import assert_deterministic, assert_plain

SEVERAL_THOUSAND_WEIGHTS = 0.03  # a variance over some 10^5 uniform draws is this exact with room to spare


@functools.cache
def values():
    return library_defaults.numbers(library_defaults.compute())


def test_the_numbers_are_plain_and_the_same_twice():
    assert_deterministic(library_defaults, library_defaults.compute())
    assert_plain(values())


def test_torch_dropout_takes_the_drop_probability_and_scales_in_training():
    assert values()["dropped"] == pytest.approx(0.2, abs=0.01)  # 20 000 draws
    assert values()["survivor"] == pytest.approx(1 / keep_probability(0.2))
    layer = nn.Dropout(0.2).eval()
    assert torch.equal(layer(torch.ones(5)), torch.ones(5))


def test_batch_norm_weighs_the_new_batch_and_keeps_the_unbiased_variance():
    assert values()["batch_norm_momentum"] == 0.1
    assert running_momentum(values()["batch_norm_momentum"]) == 0.9
    assert values()["batch_norm_eps"] == 1e-5
    unbiased, biased = 4.5, 2.25  # of the batch 0, 3; the running variance starts at one
    assert values()["batch_norm_running"] == pytest.approx(0.9 * 1 + 0.1 * unbiased)
    assert values()["batch_norm_running"] != pytest.approx(0.9 * 1 + 0.1 * biased)


@pytest.mark.parametrize("layer", ["linear", "convolution", "recurrent"])
def test_default_initialisation_has_a_third_of_one_over_the_fan(layer):
    assert values()[layer] == pytest.approx(1 / 3, rel=SEVERAL_THOUSAND_WEIGHTS)


def test_default_initialisation_of_a_linear_layer_is_six_times_below_he():
    assert values()["he_over_linear"] == pytest.approx(6, rel=SEVERAL_THOUSAND_WEIGHTS)
    bound, std = linear_default(50)
    assert nn.Linear(50, 2000).weight.abs().max().item() == pytest.approx(bound, rel=1e-3)
    assert he_std(50) ** 2 / std**2 == pytest.approx(6)


def test_gains():
    assert values()["he"] == pytest.approx(2)
    assert values()["tanh_gain"] == 5 / 3
    assert values()["leaky_gain"] == pytest.approx(math.sqrt(2 / (1 + 0.01**2)))


def test_default_slopes_and_alphas():
    assert values()["leaky_slope"] == 0.01
    assert values()["prelu"] == 0.25
    assert values()["elu_alpha"] == 1.0
    assert torch.equal(nn.functional.gelu(torch.tensor(1.3)), nn.functional.gelu(torch.tensor(1.3), approximate="none"))
    assert values()["gelu_gap"] == pytest.approx(4.7e-4, rel=0.01)


def test_clipping_by_norm_returns_the_norm_before_and_stays_a_little_below_the_threshold():
    assert values()["clip_norm_before"] == 5.0
    assert values()["clip_norm_gap"] == pytest.approx(1 - 5 / (5 + 1e-6))
    ours = clip_by_norm(torch.tensor([3.0, 4.0], dtype=torch.float64), 1.0)
    assert ours.norm().item() == pytest.approx(1.0)


def test_clipping_takes_the_norm_of_all_parameters_together_and_clips_values_one_by_one():
    together = [nn.Parameter(torch.zeros(1)), nn.Parameter(torch.zeros(1))]
    for parameter, gradient in zip(together, (3.0, 4.0), strict=True):
        parameter.grad = torch.tensor([gradient])
    assert nn.utils.clip_grad_norm_(together, 10.0).item() == 5.0
    nn.utils.clip_grad_value_(together, 3.5)
    assert [parameter.grad.item() for parameter in together] == [3.0, 3.5]


def test_weight_decay_defaults():
    assert values()["adam_decay"] == 0.0
    assert values()["adamw_decay"] == 0.01
    assert values()["adam_eps"] == 1e-8


def test_scikit_learns_scaler_is_biased_and_its_whitening_is_not():
    assert values()["standard_scaler"] == pytest.approx(2 / 3)  # three rows: n - 1 over n
    assert values()["pca_whiten"] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("formula", "parameter", "library", "default"),
    [
        (adam_step, "eps", torch.optim.Adam, "eps"),
        (adamw_step, "eps", torch.optim.AdamW, "eps"),
        (elu, "alpha", nn.ELU, "alpha"),
        (elu_derivative, "alpha", nn.ELU, "alpha"),
        (he_bound, "slope", nn.init.kaiming_uniform_, "a"),
        (he_std, "slope", nn.init.kaiming_normal_, "a"),
        (leaky_relu, "a", nn.LeakyReLU, "negative_slope"),
        (leaky_relu_derivative, "a", nn.LeakyReLU, "negative_slope"),
        (max_step, "momentum", torch.optim.SGD, "momentum"),
        (xavier_bound, "gain", nn.init.xavier_uniform_, "gain"),
        (xavier_std, "gain", nn.init.xavier_normal_, "gain"),
    ],
)
def test_defaults_are_those_of_torch(formula, parameter, library, default):
    assert argument(formula, parameter) == argument(library, default)


@pytest.mark.parametrize(("formula", "library"), [(adam_step, torch.optim.Adam), (adamw_step, torch.optim.AdamW)])
def test_default_decays_of_adam_are_those_of_torch(formula, library):
    assert (argument(formula, "beta1"), argument(formula, "beta2")) == argument(library, "betas")


def argument(function, name):
    """Default value of an argument."""
    return inspect.signature(function).parameters[name].default
