"""What formulas share: checks refuse undefined results and dtypes without decompositions; norms keep their scale."""

import pytest
import torch

from optnotes import _check, _norm
from optnotes.chain_bounds import chain_lower_bound, chain_upper_bound, scalar_chain
from optnotes.conditioning import condition_number
from optnotes.dropout_ridge import dropout_expected_loss, dropout_ridge
from optnotes.generalization import min_norm_interpolant
from optnotes.gradient_flow import backprop, output_delta
from optnotes.mean_field import gradient_gain, variance_step
from optnotes.recurrent import rnn_jacobian, rnn_jacobian_bound
from optnotes.residual import residual_gain_bounds
from optnotes.ridge import ridge_solution

SQUARE, HALF = torch.eye(3, dtype=torch.float16), torch.ones(3, dtype=torch.float16)
DECOMPOSED = [
    ("weights", chain_lower_bound, (SQUARE[None], HALF[None])),
    ("weights", chain_upper_bound, (SQUARE[None], HALF[None])),
    ("H", condition_number, (SQUARE,)),
    ("X", dropout_expected_loss, (SQUARE, HALF, HALF, 0.25)),
    ("X", dropout_ridge, (SQUARE, HALF, 0.25)),
    ("X", min_norm_interpolant, (SQUARE, HALF)),
    ("weight", rnn_jacobian_bound, (SQUARE, 0.5, 2)),
    ("jacobian", residual_gain_bounds, (SQUARE,)),
    ("X", ridge_solution, (SQUARE, HALF, 0.5)),
]


def test_only_undefined_entries_are_refused():
    infinite = torch.tensor([float("inf"), -float("inf")])
    assert _check.defined(infinite) is infinite  # their sum is not a number, they are numbers
    with pytest.raises(ValueError, match="not a number"):
        _check.defined(torch.tensor([1.0, float("nan")]))


@pytest.mark.parametrize(("name", "formula", "arguments"), DECOMPOSED, ids=lambda value: getattr(value, "__name__", ""))
def test_half_precision_is_refused_where_torch_has_no_decomposition(name, formula, arguments):
    with pytest.raises(ValueError, match=f"^{name} must be torch.float32 or torch.float64, got torch.float16$"):
        formula(*arguments)


@pytest.mark.parametrize(
    ("dphi", "expected"),
    [
        (3, r"^dphi must be callable, got int: 3$"),
        (lambda z: 3, r"^dphi\(z\) must be a torch.Tensor, got int: 3$"),
        (lambda z: z[:1], r"^dphi\(z\) must have shape \(2\), got \(1,\)$"),
        (lambda z: z.double(), r"^dphi\(z\) must be torch.float32 on cpu as its neighbours, got torch.float64 on cpu$"),
    ],
)
def test_values_of_a_function_are_checked_as_an_argument_is(dphi, expected):
    with pytest.raises(ValueError, match=expected):
        scalar_chain(torch.ones(2), torch.ones(2), dphi)


ROW = torch.ones(2)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("dphi", lambda function: scalar_chain(ROW, ROW, function)),
        ("dphi", lambda function: output_delta(ROW, ROW, function)),
        ("dphi", lambda function: backprop(ROW, torch.ones(2, 2), ROW, function)),
        ("dphi", lambda function: rnn_jacobian(torch.ones(2, 2), ROW[None], function)),
        ("phi", lambda function: variance_step(torch.tensor(1.0), function, 1.5, 0.1)),
        ("dphi", lambda function: gradient_gain(torch.tensor(1.0), function, 1.5)),
    ],
)
def test_every_function_that_a_formula_takes_is_checked_by_its_name(name, call):
    with pytest.raises(ValueError, match=rf"^{name} must be callable, got float: 0.5$"):
        call(0.5)
    with pytest.raises(ValueError, match=rf"^{name}\(z\) must have shape"):
        call(lambda z: z[..., :1])


def test_each_norm_keeps_its_own_scale():
    tiny, huge = 1e-30, 1e30
    found = _norm.norm(torch.tensor([[3 * tiny, 3 * huge], [4 * tiny, 4 * huge]]), dim=0)
    torch.testing.assert_close(found, torch.tensor([[5 * tiny, 5 * huge]]), rtol=1e-6, atol=0)
