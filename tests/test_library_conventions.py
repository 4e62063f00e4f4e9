"""Each row of the conventions page, held against the libraries as installed: a changed default fails here."""

import functools
import inspect
import math

import pytest
import torch
from torch import nn

from examples import library_defaults
from optnotes.clipping import clip_by_norm
from optnotes.initialization import he_std, linear_default
from optnotes.layer_conventions import keep_probability, running_momentum
from tests.arguments import FORMULAS, POINTS
from tests.examples import assert_deterministic, assert_plain
from tests.points import Draw

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


def default(function, name):
    """Default value of an argument."""
    return inspect.signature(function).parameters[name].default


@pytest.mark.parametrize(
    ("formula", "parameter", "expected"),
    [
        ("adam.adam_step", "beta1", default(torch.optim.Adam, "betas")[0]),
        ("adam.adam_step", "beta2", default(torch.optim.Adam, "betas")[1]),
        ("adam.adam_step", "eps", default(torch.optim.Adam, "eps")),
        ("adam.adamw_step", "beta1", default(torch.optim.AdamW, "betas")[0]),
        ("adam.adamw_step", "beta2", default(torch.optim.AdamW, "betas")[1]),
        ("adam.adamw_step", "eps", default(torch.optim.AdamW, "eps")),
        ("exponential_units.elu", "alpha", default(nn.ELU, "alpha")),
        ("exponential_units.elu_derivative", "alpha", default(nn.ELU, "alpha")),
        ("initialization.he_bound", "slope", default(nn.init.kaiming_uniform_, "a")),
        ("initialization.he_std", "slope", default(nn.init.kaiming_normal_, "a")),
        ("initialization.xavier_bound", "gain", default(nn.init.xavier_uniform_, "gain")),
        ("initialization.xavier_std", "gain", default(nn.init.xavier_normal_, "gain")),
        ("clipping.max_step", "momentum", default(torch.optim.SGD, "momentum")),
        ("rectifiers.leaky_relu", "a", default(nn.LeakyReLU, "negative_slope")),
        ("rectifiers.leaky_relu_derivative", "a", default(nn.LeakyReLU, "negative_slope")),
    ],
)
def test_defaults_are_those_of_torch(formula, parameter, expected):
    function, arguments = FORMULAS[f"optnotes.{formula}"], POINTS[f"optnotes.{formula}"](Draw(0))
    result = function(**arguments | {parameter: expected})
    del arguments[parameter]
    torch.testing.assert_close(function(**arguments), result, rtol=0, atol=0)
