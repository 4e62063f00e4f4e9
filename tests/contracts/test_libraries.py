"""Each row of the conventions page, held against the libraries as installed: a changed default fails here."""

import functools
import inspect
import itertools
import math
from pathlib import Path

import pytest
import torch
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from torch import nn

from examples import library_defaults
from optnotes.descent import adam_step
from optnotes.dropout import keep_probability
from optnotes.features import fit_minmax, fit_standardizer, minmax
from optnotes.gradients import clip_by_norm, he_std, linear_default
from optnotes.normalization import batch_norm_running, running_momentum
from tests.contracts.arguments import FORMULAS, POINTS
from tests.examples import assert_deterministic, assert_plain
from tests.points import Draw

SEVERAL_THOUSAND_WEIGHTS = 0.03  # a variance over some 10^5 uniform draws is this exact with room to spare


# First cell of each row of the conventions page, and the tests, of this file or another one, that hold it.
ROWS = {
    "Data loss of regression": [
        "penalties.test_conventions::test_ridge_alpha_gives_the_same_minimum",
        "penalties.test_conventions::test_elastic_net_to_sklearn_gives_the_same_minimum",
    ],
    "L2 strength": [
        "penalties.test_losses::test_l2_gradient_matches_weight_decay_of_torch_sgd",
        "penalties.test_conventions::test_logistic_c_gives_the_same_minimum",
        "penalties.test_conventions::test_keras_l2_gives_the_same_loss",
        "peers.check_peers::test_the_l2_regulariser_of_keras_has_no_half",
    ],
    "L1 strength": ["penalties.test_orthonormal::test_lasso_orthonormal_matches_scikit_learn"],
    "Elastic Net": [
        "penalties.test_conventions::test_elastic_net_to_sklearn_gives_the_same_minimum",
        "penalties.test_conventions::test_elastic_net_to_sklearn_gives_the_documented_loss_of_glmnet",
    ],
    "`SGDClassifier`, `SGDRegressor`": [
        "penalties.test_conventions::test_sgd_classifier_takes_the_parameters_of_elastic_net"
    ],
    "Subgradient of the absolute value at zero": [
        "penalties.test_subgradients::test_l1_subgradient_matches_autograd_also_at_zero"
    ],
    "What is penalised": ["test_weight_decay_of_torch_shrinks_biases_and_gains_as_well"],
    "`torch.nn.Dropout(0.2)`": ["test_torch_dropout_takes_the_drop_probability_and_scales_in_training"],
    "`momentum` of `BatchNorm1d`": [
        "test_batch_norm_weighs_the_new_batch_and_keeps_the_unbiased_variance",
        "normalization.test_passes::test_running_momentum_is_the_weight_of_the_old_value_in_torch",
    ],
    "Variance in `BatchNorm1d`": [
        "test_batch_norm_weighs_the_new_batch_and_keeps_the_unbiased_variance",
        "normalization.test_layers::test_norms_match_torch",
    ],
    "Default weights of `Linear`, `Conv2d`, `RNN`, `LSTM`": [
        "test_default_initialisation_has_a_third_of_one_over_the_fan",
        "test_default_parameters_are_uniform_between_plus_and_minus_the_bound",
    ],
    "Gains": ["test_gains"],
    "Slopes and alphas": ["test_default_slopes_and_alphas"],
    "`GELU`": ["test_default_slopes_and_alphas"],
    "`clip_grad_norm_`": ["test_clipping_by_norm_returns_the_norm_before_and_stays_a_little_below_the_threshold"],
    "`clip_grad_norm_` for each tensor": [
        "test_clipping_each_tensor_turns_the_direction",
        "peers.check_peers::test_clipnorm_of_keras_cuts_each_tensor_and_global_clipnorm_all",
    ],
    "`clip_grad_value_`": ["test_clipping_takes_the_norm_of_all_parameters_together_and_clips_values_one_by_one"],
    "`weight_decay` of `Adam` and `AdamW`": [
        "test_weight_decay_defaults",
        "descent.test_adam::test_steps_match_torch",
    ],
    "Start of the running statistics of `BatchNorm1d`": [
        "contracts.test_known_errors::test_running_statistics_start_at_mean_zero_and_variance_one"
    ],
    "Running variance of Keras and flax": [
        "test_a_biased_running_variance_needs_more_than_another_momentum",
        "peers.check_peers::test_the_running_variance_of_keras_and_flax_is_biased_and_their_momentum_weighs_the_old_value",
    ],
    "`epsilon` of Keras' `Adam` and `AdamW`": [
        "test_epsilon_before_the_correction_is_a_larger_one_behind_it",
        "peers.check_peers::test_epsilon_of_keras_stands_before_the_correction",
        "peers.check_peers::test_epsilon_of_optax_stands_after_the_correction_and_decay_is_multiplied_by_the_rate",
    ],
    "`epsilon` of norms in Keras and flax": [
        "peers.check_peers::test_defaults_of_batch_and_layer_norm_are_those_of_the_page"
    ],
    "Decay of AdamW in Keras and optax": ["peers.check_peers::test_decay_of_adamw_differs_by_default"],
    "`clip_by_global_norm` of optax": ["peers.check_peers::test_optax_clips_by_the_norm_of_all_and_adds_nothing_to_it"],
    "`StandardScaler`": ["test_scikit_learns_scaler_is_biased_and_its_whitening_is_not"],
    "`PCA(whiten=True)`": ["test_scikit_learns_scaler_is_biased_and_its_whitening_is_not"],
    "Nearly constant columns in `StandardScaler`": ["test_scikit_learn_takes_nearly_constant_columns_for_constant"],
    "Constant columns in `MinMaxScaler`": ["test_scikit_learn_scales_constant_columns_to_the_lower_end"],
}


def source(module):
    """The text of a file of tests, read and not imported: libraries of ``tests/peers`` need not be installed here."""
    return Path(__file__).parents[1].joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8")


def test_each_row_of_the_page_is_held_by_a_test():
    page = (Path(__file__).parents[2] / "docs" / "en" / "conventions.md").read_text(encoding="utf-8")
    lines = page.split("(conventions-precision)=")[0].splitlines()
    cells = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    assert [cell for cell in cells if cell not in ("Quantity", "What")] == list(ROWS)
    for test in itertools.chain(*ROWS.values()):
        module, _, name = test.rpartition("::")
        assert callable(globals()[name]) if not module else f"\ndef {name}(" in source(module)


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


@pytest.mark.parametrize("layer", ["linear", "convolution", "rnn", "recurrent"])
def test_default_initialisation_has_a_third_of_one_over_the_fan(layer):
    assert values()[layer] == pytest.approx(1 / 3, rel=SEVERAL_THOUSAND_WEIGHTS)


@pytest.mark.parametrize(
    ("layer", "arguments", "fan"),
    [(nn.Linear, (50, 2000), 50), (nn.Conv2d, (5, 2000, 3), 5 * 9), (nn.RNN, (9, 900), 900), (nn.LSTM, (9, 900), 900)],
)
def test_default_parameters_are_uniform_between_plus_and_minus_the_bound(layer, arguments, fan):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        parameters = list(layer(*arguments).parameters())
    bound, std = linear_default(fan)
    for parameter in parameters:  # weights and biases; at least 900 numbers each
        assert 0.98 * bound < parameter.abs().max().item() <= bound * (1 + 1e-6)
        assert parameter.std().item() == pytest.approx(std, rel=0.05)


def test_default_initialisation_of_a_linear_layer_is_six_times_below_he():
    assert values()["he_over_linear"] == pytest.approx(6, rel=SEVERAL_THOUSAND_WEIGHTS)
    _, std = linear_default(50)
    assert he_std(50) ** 2 / std**2 == pytest.approx(6)


def test_gains():
    assert values()["he"] == pytest.approx(2)
    assert values()["tanh_gain"] == 5 / 3
    assert values()["leaky_gain"] == pytest.approx(math.sqrt(2 / (1 + 0.01**2)))


def test_default_slopes_and_alphas():
    assert values()["leaky_slope"] == 0.01
    assert values()["prelu"] == 0.25
    assert values()["elu_alpha"] == 1.0
    assert values()["selu_scale"] == pytest.approx(1.0507009873554805, rel=1e-12)
    assert values()["selu_alpha"] == pytest.approx(1.6732632423543772, rel=1e-12)
    assert torch.equal(nn.functional.gelu(torch.tensor(1.3)), nn.functional.gelu(torch.tensor(1.3), approximate="none"))
    assert values()["gelu_gap"] == pytest.approx(4.7e-4, rel=0.01)


def test_clipping_by_norm_returns_the_norm_before_and_stays_a_little_below_the_threshold():
    assert values()["clip_norm_before"] == 5.0
    assert values()["clip_norm_gap"] == pytest.approx(1 - 5 / (5 + 1e-6))
    ours = clip_by_norm(torch.tensor([3.0, 4.0], dtype=torch.float64), 1.0)
    assert ours.norm().item() == pytest.approx(1.0)


def test_clipping_each_tensor_turns_the_direction():
    assert values()["clip_each_norm"] == pytest.approx(math.sqrt(2), rel=1e-6)
    g = torch.tensor([3.0, 4.0], dtype=torch.float64)
    each = torch.cat([clip_by_norm(part, 1.0) for part in g.split(1)])
    assert each.norm().item() == pytest.approx(values()["clip_each_norm"], rel=1e-6)
    assert nn.functional.cosine_similarity(each, clip_by_norm(g, 1.0), dim=0).item() == pytest.approx(7 / 50**0.5)


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


def test_weight_decay_of_torch_shrinks_biases_and_gains_as_well():
    net = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    before = [parameter.detach().clone() for parameter in net.parameters()]
    for parameter in net.parameters():
        parameter.grad = torch.zeros_like(parameter)
    torch.optim.SGD(net.parameters(), lr=0.1, weight_decay=0.3).step()
    torch.testing.assert_close([parameter.detach() for parameter in net.parameters()], [0.97 * old for old in before])


def test_scikit_learns_scaler_is_biased_and_its_whitening_is_not():
    assert values()["standard_scaler"] == pytest.approx(2 / 3)  # three rows: n - 1 over n
    assert values()["pca_whiten"] == pytest.approx(1.0)


def test_a_biased_running_variance_needs_more_than_another_momentum():
    """As documented for Keras and flax: old value times momentum, plus the biased variance of the batch."""
    x = torch.tensor([[-4.0], [-1.0], [0.5], [1.5], [3.0], [4.0]], dtype=torch.float64)
    zero, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    theirs = 0.9 * one + 0.1 * x.var(0, correction=0)
    layer = nn.BatchNorm1d(1, momentum=running_momentum(0.9), dtype=torch.float64)
    layer(x)
    _, ours = batch_norm_running(zero, one, x, running_momentum(0.9))
    torch.testing.assert_close(ours, layer.running_var)
    assert not torch.allclose(ours, theirs)
    torch.testing.assert_close(0.9 * one + (ours - 0.9 * one) * 5 / 6, theirs)


@pytest.mark.parametrize("t", [1, 10, 1000])
def test_epsilon_before_the_correction_is_a_larger_one_behind_it(t):
    """As documented for Keras: the corrections go into the learning rate, and epsilon stays beside the bare root."""
    w, grad, m, v = (torch.tensor([x], dtype=torch.float64) for x in (0.0, 2e-7, 1e-7, 3e-14))
    after, m1, v1 = adam_step(w, grad, m, v, t, 0.1, 0.0, eps=1e-7 / math.sqrt(1 - 0.999**t))
    theirs = w - 0.1 * math.sqrt(1 - 0.999**t) / (1 - 0.9**t) * m1 / (v1.sqrt() + 1e-7)
    torch.testing.assert_close(after, theirs)
    assert not torch.allclose(adam_step(w, grad, m, v, t, 0.1, 0.0, eps=1e-7)[0], theirs, rtol=0.05)


def test_scikit_learn_takes_nearly_constant_columns_for_constant():
    X = 1e8 + 1e-6 * torch.randn(50, 1, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert StandardScaler().fit(X.numpy()).scale_.item() == 1.0
    _, s = fit_standardizer(X)
    assert 1e-7 < s.item() < 1e-5
    _, s = fit_standardizer(torch.full((5, 1), 0.1, dtype=torch.float64))
    assert s.item() == 1.0


def test_scikit_learn_scales_constant_columns_to_the_lower_end():
    X = torch.tensor([[2.0], [2.0]], dtype=torch.float64)
    assert MinMaxScaler((-1, 3)).fit_transform(X.numpy()).tolist() == [[-1.0], [-1.0]]
    with pytest.raises(ValueError, match=r"^upper - lower must have entries in \(0, inf\)"):
        minmax(X, *fit_minmax(X), -1.0, 3.0)


def default(function, name):
    """Default value of an argument."""
    return inspect.signature(function).parameters[name].default


@pytest.mark.parametrize(
    ("formula", "parameter", "expected"),
    [
        ("descent.adam_step", "beta1", default(torch.optim.Adam, "betas")[0]),
        ("descent.adam_step", "beta2", default(torch.optim.Adam, "betas")[1]),
        ("descent.adam_step", "eps", default(torch.optim.Adam, "eps")),
        ("descent.adamw_step", "beta1", default(torch.optim.AdamW, "betas")[0]),
        ("descent.adamw_step", "beta2", default(torch.optim.AdamW, "betas")[1]),
        ("descent.adamw_step", "eps", default(torch.optim.AdamW, "eps")),
        ("activations.elu", "alpha", default(nn.ELU, "alpha")),
        ("activations.elu_derivative", "alpha", default(nn.ELU, "alpha")),
        ("gradients.he_bound", "slope", default(nn.init.kaiming_uniform_, "a")),
        ("gradients.he_std", "slope", default(nn.init.kaiming_normal_, "a")),
        ("gradients.xavier_bound", "gain", default(nn.init.xavier_uniform_, "gain")),
        ("gradients.xavier_std", "gain", default(nn.init.xavier_normal_, "gain")),
        ("gradients.max_step", "momentum", default(torch.optim.SGD, "momentum")),
        ("activations.leaky_relu", "a", default(nn.LeakyReLU, "negative_slope")),
        ("activations.leaky_relu_derivative", "a", default(nn.LeakyReLU, "negative_slope")),
    ],
)
def test_defaults_are_those_of_torch(formula, parameter, expected):
    function, arguments = FORMULAS[f"optnotes.{formula}"], POINTS[f"optnotes.{formula}"](Draw(0))
    result = function(**arguments | {parameter: expected})
    del arguments[parameter]
    torch.testing.assert_close(function(**arguments), result, rtol=0, atol=0)
