"""Small promises of every formula: fresh results, floats from integers, defaults, tolerances, dense tensors only."""

import inspect
import math

import mpmath as mp
import pytest
import torch

from optnotes import _check
from optnotes._numeric import distribution
from optnotes.activations.exponential_units import SELU_ALPHA, SELU_SCALE
from optnotes.descent import condition_number
from optnotes.features import pca_whiten
from optnotes.gradients import residual_growth
from tests.contracts.arguments import FORMULAS, POINTS, WITH_TENSORS, converted, tensors
from tests.formula_docs import inside, kind, kinds, read
from tests.points import Draw


@pytest.mark.parametrize("name", WITH_TENSORS)
@pytest.mark.parametrize("change", [lambda x: x, torch.zeros_like, torch.ones_like, torch.abs])
def test_no_result_shares_memory_with_an_argument(name, change):
    """Not where nothing is left to do, either: a later change in place of one would change the other."""
    arguments = converted(POINTS[name](Draw(0)), change)
    try:
        results = tensors(FORMULAS[name](**arguments))
    except ValueError:
        return
    places = {tensor.untyped_storage().data_ptr() for tensor in tensors(arguments)}
    assert not places & {result.untyped_storage().data_ptr() for result in results}
    assert len({result.untyped_storage().data_ptr() for result in results}) == len(results)


@pytest.mark.parametrize("name", FORMULAS)
def test_integers_in_place_of_numbers_give_the_same(name):
    of, returned = kinds(FORMULAS[name]), [kind(entry).base for entry in read(FORMULAS[name]).returns]
    base = POINTS[name](Draw(0))
    for whole in (0, 1, 2):
        numbers = {key: whole for key in base if of[key].base == "float" and inside(whole, of[key].interval)}
        for given in [{key: whole} for key in numbers] + [numbers]:
            try:
                result = FORMULAS[name](**base | given)
            except ValueError:  # ends of an interval in the wrong order, say
                continue
            expected = FORMULAS[name](**base | {key: float(value) for key, value in given.items()})
            torch.testing.assert_close(result, expected, rtol=0, atol=0)
            parts = result if isinstance(result, tuple) else (result,)
            assert {isinstance(part, float) for part in parts} == {base == "float" for base in returned}


# All defaults; those that torch has as well are held against it in test_library_conventions.py.
DEFAULTS = {
    "descent.adam_step": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "descent.adamw_step": {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    "descent.momentum_step": {"beta": 0.9},
    "gradients.clip_by_norm": {"eps": 0.0},
    "gradients.max_step": {"momentum": 0.0},
    "generalization.patience_step": {"min_delta": 0.0},
    "activations.elu": {"alpha": 1.0},
    "activations.elu_derivative": {"alpha": 1.0},
    "gradients.he_bound": {"slope": 0.0},
    "gradients.he_std": {"slope": 0.0},
    "gradients.xavier_bound": {"gain": 1.0},
    "gradients.xavier_std": {"gain": 1.0},
    "descent.tilted_double_well": {"tilt": 0.2},
    "descent.tilted_double_well_gradient": {"tilt": 0.2},
    "activations.leaky_relu": {"a": 0.01},
    "activations.leaky_relu_derivative": {"a": 0.01},
    "activations.swish": {"beta": 1.0},
    "activations.swish_derivative": {"beta": 1.0},
}


def test_the_defaults_are_these():
    found = {}
    for name, function in FORMULAS.items():
        defaults = {
            key: p.default for key, p in inspect.signature(function).parameters.items() if p.default is not p.empty
        }
        if defaults:
            found[name.removeprefix("optnotes.")] = defaults
    assert found == DEFAULTS


@pytest.mark.parametrize(("name", "defaults"), DEFAULTS.items())
def test_a_default_is_what_the_formula_uses(name, defaults):
    function, arguments = FORMULAS[f"optnotes.{name}"], POINTS[f"optnotes.{name}"](Draw(0))
    without = {key: value for key, value in arguments.items() if key not in defaults}
    torch.testing.assert_close(function(**without), function(**without, **defaults), rtol=0, atol=0)


def whiten(excess):
    X, V = Draw(0).normal(4, 2), torch.eye(2, dtype=torch.float64)
    V[0, 0] = math.sqrt(1 + excess)
    return pca_whiten(X, X[0], torch.ones(2, dtype=torch.float64), V)


def spectrum(asymmetry=0.0, smallest=0.5):
    return condition_number(torch.tensor([[1.0, asymmetry], [0.0, smallest]], dtype=torch.float64))


ROUNDING = 2 * torch.finfo(torch.float64).eps
TOLERANCES = [
    ("sum to 1", 1e-5, lambda error: distribution("p", torch.tensor([0.25, 0.75 + error]).double())),
    ("sum to 1", 1e-5, lambda error: distribution("p", torch.tensor([0.25, 0.75 - error]).double())),
    ("V.T @ V - I must", 1e-3, whiten),
    ("V.T @ V - I must", 1e-3, lambda excess: whiten(-excess)),
    ("H - H.T over the largest entry must", 1e-5, lambda entry: spectrum(asymmetry=entry)),
    ("eigenvalues of H over the largest must", 1 / ROUNDING, lambda kappa: spectrum(smallest=1 / kappa)),
]


@pytest.mark.parametrize(("message", "tolerance", "call"), TOLERANCES)
def test_a_tolerance_is_as_wide_as_it_says(message, tolerance, call):
    call(0.99 * tolerance)
    with pytest.raises(ValueError, match=message.replace("(", r"\(")):
        call(1.01 * tolerance)


def nested(layout):
    return torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=layout)


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors is in prototype stage")
@pytest.mark.parametrize("layout", [torch.strided, torch.jagged])
def test_nested_tensors_are_refused(layout):
    with pytest.raises(
        ValueError, match=r"^v must be a dense tensor that holds its values, got one with layout torch\."
    ):
        _check.tensor("v", nested(layout))


def test_growth_over_very_many_layers_keeps_the_digits_of_a_small_gain():
    """One and a gain of 1e-17 would be one."""
    depth, gain = 2**53, 1e-17
    with mp.workdps(50):
        expected = float((1 + mp.mpf(gain)) ** (mp.mpf(depth) / 2))
    actual = residual_growth(torch.tensor(gain, dtype=torch.float64), 1.0, depth).item()
    assert actual == pytest.approx(expected, rel=1e-14)
    assert actual != pytest.approx(1, rel=1e-3)


def test_the_constants_of_selu_are_those_of_its_fixed_point():
    """Mean zero and variance one go into mean zero and variance one: two equations, to all digits."""
    with mp.workdps(50):
        half = mp.erfc(1 / mp.sqrt(2)) * mp.exp(mp.mpf(1) / 2)
        alpha = -mp.sqrt(2 / mp.pi) / (half - 1)
        second = mp.mpf(1) / 2 + alpha**2 * (mp.erfc(mp.sqrt(2)) * mp.exp(2) - 2 * half + 1) / 2
        assert float(alpha) == SELU_ALPHA
        assert float(1 / mp.sqrt(second)) == SELU_SCALE
