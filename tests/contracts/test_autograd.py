"""Automatic differentiation through every formula: between the kinks, at them, and where two forms of code join."""

import ast
import inspect
import re

import pytest
import torch
from torch import Tensor

from tests.contracts.arguments import FORMULAS, POINTS, WITH_TENSORS, converted, tensors
from tests.points import Draw

EYE = [[1.0, 0.0], [0.0, 1.0]]
# Formula, arguments at a kink, the argument that moves, and the gradient of the sum of the results.
# The table of kinks on the conventions page says the same in words.
KINKS = [
    ("gradients.chain_lower_bound", {"weights": [EYE], "slopes": [[1.0, -1.0]]}, "slopes", [[0.5, -0.5]]),
    ("gradients.chain_lower_bound", {"weights": [EYE], "slopes": [[0.0, -1.0]]}, "slopes", [[0.0, 0.0]]),
    ("gradients.chain_upper_bound", {"weights": [EYE], "slopes": [[1.0, -1.0]]}, "slopes", [[0.5, -0.5]]),
    ("gradients.chain_upper_bound", {"weights": [EYE], "slopes": [[0.0, 0.0]]}, "slopes", [[0.0, 0.0]]),
    ("gradients.clip_by_norm", {"g": [3.0, 4.0], "c": 5.0}, "g", [1.0, 1.0]),
    ("gradients.clip_by_norm", {"g": [0.0, 0.0], "c": 5.0}, "g", [1.0, 1.0]),
    ("gradients.clip_by_value", {"g": [3.0, -3.0, 4.0], "c": 3.0}, "g", [0.0, 0.0, 0.0]),
    ("descent.contraction_rate", {"H": [[1.0, 0.0], [0.0, 3.0]], "lr": 0.5}, "H", [[-0.25, 0.0], [0.0, 0.25]]),
    ("descent.contraction_rate", {"H": EYE, "lr": 1.0}, "H", [[0.0, 0.0], [0.0, 0.0]]),
    (
        "generalization.patience_step",
        {"loss": 0.5, "best": 1.0, "waited": 0.0, "patience": 2, "min_delta": 0.5},
        "loss",
        0.0,
    ),
    ("activations.elu", {"x": [0.0, -0.0], "alpha": 0.5}, "x", [0.5, 0.5]),
    ("activations.elu_derivative", {"x": [0.0, -0.0], "alpha": 0.5}, "x", [0.5, 0.5]),
    ("activations.selu", {"x": [0.0, -0.0]}, "x", [1.7580993408473766] * 2),
    ("activations.selu_derivative", {"x": [0.0, -0.0]}, "x", [1.7580993408473766] * 2),
    ("descent.gd_step_bound", {"lams": [2.0, 2.0, 1.0]}, "lams", [-0.25, -0.25, 0.0]),
    ("penalties.grouping_bound", {"y": [0.0, 0.0], "l2": 1.0, "correlation": 0.5}, "y", [0.0, 0.0]),
    ("penalties.kkt_violation", {"X": EYE, "y": [2.0, 0.0], "w": [0.0, 0.0], "l1": 1.0, "l2": 0.0}, "y", [0.0, 0.0]),
    (
        "penalties.kkt_violation",
        {"X": EYE, "y": [2.0, 0.0], "w": [0.0, 1.0], "l1": 1.0, "l2": 0.0},
        "w",
        [0.0, 0.5],
    ),
    ("penalties.lambda_max", {"X": EYE, "y": [1.0, -1.0]}, "y", [0.25, -0.25]),
    ("penalties.lambda_max", {"X": EYE, "y": [0.0, 0.0]}, "y", [0.0, 0.0]),
    ("activations.active_fraction", {"X": [[0.0, 0.0]], "w": [1.0, 1.0], "b": 0.0}, "X", [[0.0, 0.0]]),
    (
        "activations.relu_unit_gradient",
        {"X": [[0.0, 0.0]], "w": [1.0, 1.0], "b": 0.0, "grad": [1.0]},
        "grad",
        [0.0],
    ),
    ("gradients.mean_field_ratio", {"chi": [0.0, 0.0, 3.0]}, "chi", [0.0, 0.0, 0.0]),
    ("gradients.mean_field_ratio", {"chi": [0.0, 2.0, 3.0]}, "chi", [0.0, 0.0, 0.0]),
    ("penalties.lasso_orthonormal", {"w_ols": [1.0, -1.0, 0.0], "lam": 1.0}, "w_ols", [0.0, 0.0, 0.0]),
    ("penalties.elastic_net_loss", {"loss": 0.0, "w": [0.0, -0.0], "l1": 1.0, "l2": 0.5}, "w", [0.0, 0.0]),
    ("penalties.l1_loss", {"loss": 0.0, "w": [0.0, -0.0], "lam": 1.0}, "w", [0.0, 0.0]),
    ("activations.prelu", {"x": [[0.0, -0.0]], "a": [0.2, 0.3]}, "x", [[0.2, 0.3]]),
    ("activations.prelu", {"x": [[0.0, -0.0]], "a": [0.2, 0.3]}, "a", [0.0, 0.0]),
    ("activations.prelu_derivative", {"x": [[0.0, -0.0]], "a": [0.2, 0.3]}, "a", [1.0, 1.0]),
    ("activations.prelu_slope_gradient", {"x": [[0.0, -0.0]], "grad": [[1.0, 2.0]]}, "x", [[0.0, 0.0]]),
    ("penalties.elastic_net_prox", {"v": [1.0, -1.0, 0.0], "lr": 1.0, "l1": 1.0, "l2": 1.0}, "v", [0.0, 0.0, 0.0]),
    (
        "penalties.proximal_gradient_step",
        {"X": EYE, "y": [0.0, 0.0], "w": [2.0, -2.0], "lr": 1.0, "l1": 1.0, "l2": 1.0},
        "w",
        [0.0, 0.0],
    ),
    ("penalties.soft_threshold", {"v": [1.0, -1.0, 0.0], "threshold": 1.0}, "v", [0.0, 0.0, 0.0]),
    ("penalties.soft_threshold", {"v": [0.0], "threshold": 0.0}, "v", [0.0]),
    ("activations.leaky_relu", {"x": [0.0, -0.0], "a": 0.2}, "x", [0.2, 0.2]),
    ("activations.leaky_relu_derivative", {"x": [0.0, -0.0], "a": 0.2}, "x", [0.0, 0.0]),
    ("activations.relu", {"x": [0.0, -0.0]}, "x", [0.0, 0.0]),
    ("activations.relu_derivative", {"x": [0.0, -0.0]}, "x", [0.0, 0.0]),
    ("gradients.rnn_jacobian_bound", {"W": EYE, "slope": 1.0, "steps": 2}, "W", EYE),
    ("gradients.residual_gain_bounds", {"jacobian": EYE}, "jacobian", [[0.5, 0.0], [0.0, 0.5]]),
    (
        "penalties.ridge_condition_number",
        {"lams": [2.0, 2.0, 1.0, 1.0], "alpha": 1.0},
        "lams",
        [0.25, 0.25, -0.375, -0.375],
    ),
    ("penalties.ridge_noise_gain", {"s": [0.5, 2.0], "alpha": 1.0}, "s", [0.24, -0.06]),
    ("features.fit_minmax", {"X": [[1.0, 1.0], [1.0, 0.0], [0.0, 0.0]]}, "X", [[0.5, 1.0], [0.5, 0.5], [1.0, 0.5]]),
    ("features.fit_standardizer", {"X": [[1.0], [1.0]]}, "X", [[0.5], [0.5]]),
    ("penalties.elastic_net_subgradient", {"grad": [0.0], "w": [0.0], "l1": 1.0, "l2": 0.5}, "w", [0.5]),
    ("penalties.l1_subdifferential", {"w": [0.0, -0.0], "lam": 1.0}, "w", [0.0, 0.0]),
    ("penalties.l1_subgradient", {"w": [0.0, -0.0], "lam": 1.0}, "w", [0.0, 0.0]),
]
# Smooth formulas whose code has a kink inside: it cancels, or two forms of one function meet there.
JOINS = [
    (
        "normalization.batch_norm_backward",
        {"grad": [[1.0], [2.0]], "x": [[1.0], [-1.0]], "gamma": [2.0], "eps": 1.0},
    ),
    ("descent.best_step", {"H": [[2.0, 0.0], [0.0, 5.0]]}),
    ("descent.condition_number", {"H": [[2.0, 0.0], [0.0, 5.0]]}),
    ("features.pearson", {"x": [1.0, -1.0, 0.0], "y": [2.0, -2.0, 1.0]}),
    ("dropout.dropout_ridge", {"X": [[1.0, 2.0], [-1.0, 1.0]], "y": [1.0, 2.0], "p": 0.2}),
    ("generalization.gd_filter", {"lams": [0.5, 1.0], "lr": 1.0, "steps": 5}),
    ("activations.gelu_derivative", {"x": [-40.0, 40.0]}),
    ("activations.gelu_tanh", {"x": [-40.0, 40.0]}),
    ("activations.gelu_tanh_derivative", {"x": [-40.0, 40.0]}),
    ("generalization.min_norm_interpolant", {"X": [[1.0, -1.0, 0.5], [0.5, 1.0, -1.0]], "y": [1.0, 2.0]}),
    ("normalization.batch_norm", {"x": [[1.0], [-1.0]], "gamma": [2.0], "beta": [1.0], "eps": 1.0}),
    ("normalization.layer_norm", {"x": [[1.0, -1.0]], "gamma": [2.0, 3.0], "beta": [1.0, 2.0], "eps": 1.0}),
    ("normalization.rms_norm", {"x": [[1.0, -1.0]], "gamma": [2.0, 3.0], "eps": 1.0}),
    ("outputs.softmax", {"z": [1.0, 1.0, 0.0]}),
    ("outputs.softmax_jacobian", {"z": [1.0, 1.0, 0.0]}),
    ("gradients.residual_growth", {"gain": [1.0], "scale": 1.0, "depth": 5}),
    ("penalties.ridge_solution", {"X": [[1.0, 0.5], [-1.0, 1.0]], "y": [1.0, 2.0], "alpha": 1.0}),
]
CHOOSES = re.compile(
    r"\b(where|clamp|at_least|up_to|hardtanh|abs|sign|max|min|amax|amin|maximum|norm|over_root_mean_square|matrix_norm|_spectrum|_near"
    r"|soft_threshold|elastic_net_prox)\(|[<>]|[=!]= 0"
)


def at(name, arguments, dtype):
    """The arguments with tensors in place of numbers where the formula takes tensors."""
    like = POINTS[f"optnotes.{name}"](Draw(0))
    return {key: torch.tensor(v, dtype=dtype) if isinstance(like[key], Tensor) else v for key, v in arguments.items()}


def total(function, arguments, key):
    """The sum of all results as a function of one argument."""
    return lambda moving: sum(result.sum() for result in tensors(function(**{**arguments, key: moving})))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(("name", "arguments", "key", "expected"), KINKS)
def test_the_slope_at_a_kink_is_the_documented_one(name, arguments, key, expected, dtype):
    arguments = at(name, arguments, dtype)
    function = total(FORMULAS[f"optnotes.{name}"], arguments, key)
    torch.testing.assert_close(torch.func.grad(function)(arguments[key]), torch.tensor(expected, dtype=dtype))


def gradcheck(name, arguments):
    """The check of torch over every entry of every tensor among the arguments, for all results."""

    def function(*moving):
        if FORMULAS[name].__module__.endswith(".conditioning"):
            moving = [(H + H.mT) / 2 for H in moving]  # only symmetric matrices are accepted
        entries = iter(moving)
        return tuple(tensors(FORMULAS[name](**converted(arguments, lambda _: next(entries)))))

    return torch.autograd.gradcheck(function, [tensor.clone().requires_grad_() for tensor in tensors(arguments)])


@pytest.mark.parametrize(("name", "arguments"), JOINS)
def test_smooth_formulas_have_no_kink_where_their_code_has_one(name, arguments):
    assert gradcheck(f"optnotes.{name}", at(name, arguments, torch.float64))


def test_every_formula_whose_code_chooses_is_listed():
    choosing = set()
    for name in WITH_TENSORS:
        body = ast.parse(inspect.getsource(FORMULAS[name])).body[0].body
        code = [ast.unparse(node) for node in body[1:] if not isinstance(node, ast.If)]  # an if refuses arguments
        if any(CHOOSES.search(line) for line in code if not line.startswith("_check")):
            choosing.add(name.removeprefix("optnotes."))
    assert choosing - {row[0] for row in KINKS + JOINS} == set()


def direction(name):
    """A way from the arguments of one draw to those of another, on which symmetry and sums stay as they are."""
    start, end = POINTS[name](Draw(0)), POINTS[name](Draw(1))
    tangent = {}
    for key in start:
        if key != "V" and tensors(start[key]):  # orthonormal columns have no straight way
            pairs = iter([b - a for a, b in zip(tensors(start[key]), tensors(end[key]), strict=True)])
            tangent[key] = converted(start[key], lambda tensor, pairs=pairs: next(pairs))
    return start, tangent


def along(start, tangent, t):
    """The tensors that move, a part of the way from the start."""
    steps = iter([t * step for step in tensors(tangent)])
    return converted({key: start[key] for key in tangent}, lambda tensor: tensor + next(steps))


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_gradcheck(name):
    start, tangent = direction(name)
    arguments = start | along(start, tangent, 0.3)
    # Entries that are zero, where kinks lie, or one, the end of the interval of a mask, in both draws move as well.
    assert gradcheck(name, converted(arguments, lambda x: x + 0.1 * (x == 0) - 0.1 * (x == 1)))


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_gradient(name):
    """torch.func.grad is autograd.grad, and along a way it is the difference quotient."""
    start, tangent = direction(name)
    weights = [Draw(2).normal(*result.shape) for result in tensors(FORMULAS[name](**start))]

    def loss(moving):
        results = tensors(FORMULAS[name](**{**start, **moving}))
        return sum((weight * result).sum() for weight, result in zip(weights, results, strict=True))

    def slope(t):
        gradient = torch.func.grad(loss)(along(start, tangent, t))
        return sum((g * step).sum() for g, step in zip(tensors(gradient), tensors(tangent), strict=True))

    moving = converted(along(start, tangent, 0.3), lambda tensor: tensor.detach().requires_grad_())
    value = loss(moving) + 0 * sum(tensor.sum() for tensor in tensors(moving))  # a step function has no graph
    autograd = torch.autograd.grad(value, tensors(moving))
    torch.testing.assert_close(tensors(torch.func.grad(loss)(moving)), list(autograd), rtol=1e-12, atol=1e-12)
    h = 1e-4
    ahead, behind = ([loss(along(start, tangent, 0.3 + k * s)) for k in (1, 2)] for s in (h, -h))
    quotients = [(a - b) / (2 * k * h) for k, a, b in zip((1, 2), ahead, behind, strict=True)]
    torch.testing.assert_close(slope(0.3), (4 * quotients[0] - quotients[1]) / 3, rtol=1e-6, atol=1e-8)
