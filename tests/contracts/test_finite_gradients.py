"""Gradients in float32 wherever values are finite: never NaN, and infinite only where they do not fit."""

import pytest
import torch

from tests.contracts.arguments import FORMULAS, POINTS, WITH_TENSORS, converted, tensors
from tests.contracts.test_autograd import EYE, JOINS, KINKS, at
from tests.contracts.test_numerics import groups, scaled
from tests.points import Draw

LARGEST = torch.finfo(torch.float32).max
PROMISED = 100  # 2 to this power is 1e30, the end of the magnitudes on the conventions page
POWERS = [sign * power for power in (0, 10, 33, 50, 66, 70, 80, 100, 120, 125) for sign in (1, -1)]


def gradients(function, arguments):
    """The gradient of the sum of all results with respect to every tensor, None where a result is not finite."""
    keys = [key for key in arguments if tensors(arguments[key])]

    def total(moving):
        results = tensors(function(**arguments | moving))
        return sum(result.sum() for result in results), results

    try:
        found, results = torch.func.grad(total, has_aux=True)({key: arguments[key] for key in keys})
    except ValueError:
        return None
    return tensors(found) if all(result.isfinite().all() for result in results) else None


def faults(function, arguments):
    """What is wrong with the gradients in float32: NaN, or infinite while that in float64 fits."""
    single = converted(arguments, torch.Tensor.float)
    found = gradients(function, single)
    if found is None:
        return None
    if any(part.isnan().any() for part in found):
        return "nan"
    exact = gradients(function, converted(single, torch.Tensor.double))
    pairs = zip(found, exact, strict=True)
    return "inf" if any((~f.isfinite() & (e.abs() < LARGEST / 1000)).any() for f, e in pairs) else None


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_gradients_are_finite_where_values_are(name):
    found = {}
    for keys in groups(name):
        for power in POWERS:
            arguments = scaled(POINTS[name](Draw(abs(power))), keys, 2.0**power)
            wrong = faults(FORMULAS[name], arguments)
            if wrong and (wrong == "nan" or abs(power) <= PROMISED):
                found[(*keys, power)] = wrong
    assert found == {}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("penalties.ridge_solution", {"X": [[3e22, 0.0], [-4e22, 0.0]], "y": [1.0, 2.0], "alpha": 1.0}),
        ("penalties.ridge_solution", {"X": [[3e22, 0.0, 2e22]], "y": [1.0], "alpha": 1.0}),
        ("activations.gelu_derivative", {"x": [3e38, -3e38]}),
        ("descent.gd_step_bound", {"lams": [1e-20, 3e-21]}),
        ("gradients.mean_field_ratio", {"chi": [0.0, 0.0, 3.0]}),
        ("gradients.mean_field_ratio", {"chi": [0.0, 2.0, 3.0]}),
        ("features.standardize", {"X": [[1.0], [-1.0]], "mean": [0.0], "s": [1e-20]}),
    ],
)
def test_gradients_are_defined_where_entries_differ_much(name, arguments):
    assert faults(FORMULAS[f"optnotes.{name}"], at(name, arguments, torch.float64)) is None


def second(function, arguments, key):
    """All second derivatives of the sum of all results by one argument."""

    def total(moving):
        return sum(result.sum() for result in tensors(function(**arguments | {key: moving})))

    return torch.func.jacrev(torch.func.grad(total))(arguments[key])


# Of several equal eigenvalues or singular values the largest has a kink, and the solver no second derivative.
EQUAL = {"descent.contraction_rate", "gradients.rnn_jacobian_bound", "gradients.residual_gain_bounds"}
CURVED = [(name, arguments, key) for name, arguments, key, _ in KINKS if name not in EQUAL or arguments[key] != EYE] + [
    (name, arguments, key) for name, arguments in JOINS for key in arguments if isinstance(arguments[key], list)
]


@pytest.mark.parametrize(("name", "arguments", "key"), CURVED)
def test_second_derivatives_at_kinks_and_joins_are_finite(name, arguments, key):
    arguments = at(name, arguments, torch.float64)
    assert second(FORMULAS[f"optnotes.{name}"], arguments, key).isfinite().all()
