"""What formulas share: checks refuse undefined results and dtypes without decompositions; norms keep their scale."""

import re

import pytest
import torch
from torch.fx.experimental.proxy_tensor import make_fx

from optnotes import _check, _numeric
from optnotes.activations import elu
from optnotes.descent import condition_number, weight_decay_step
from optnotes.dropout import dropout_expected_loss, dropout_ridge
from optnotes.generalization import gd_filter, min_norm_interpolant
from optnotes.gradients import (
    backprop,
    chain_lower_bound,
    chain_upper_bound,
    clip_by_norm,
    clip_by_value,
    geometric_gradient,
    gradient_gain,
    output_delta,
    residual_gain_bounds,
    rnn_jacobian,
    rnn_jacobian_bound,
    scalar_chain,
    variance_step,
)
from optnotes.penalties import elastic_net_subgradient, ridge_condition_number, ridge_solution

SQUARE, HALF = torch.eye(3, dtype=torch.float16), torch.ones(3, dtype=torch.float16)
ROW = torch.ones(2)
DECOMPOSED = [
    ("weights", chain_lower_bound, (SQUARE[None], HALF[None])),
    ("weights", chain_upper_bound, (SQUARE[None], HALF[None])),
    ("H", condition_number, (SQUARE,)),
    ("X", dropout_expected_loss, (SQUARE, HALF, HALF, 0.25)),
    ("X", dropout_ridge, (SQUARE, HALF, 0.25)),
    ("X", min_norm_interpolant, (SQUARE, HALF)),
    ("W", rnn_jacobian_bound, (SQUARE, 0.5, 2)),
    ("jacobian", residual_gain_bounds, (SQUARE,)),
    ("X", ridge_solution, (SQUARE, HALF, 0.5)),
]


def test_only_undefined_entries_are_refused():
    infinite = torch.tensor([float("inf"), -float("inf")])
    _check.defined(infinite)  # their sum is not a number, they are numbers
    with pytest.raises(ValueError, match="not a number"):
        _check.defined(torch.tensor([1.0, float("nan")]))


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("c", lambda number: clip_by_norm(HALF, number)),
        ("eps", lambda number: clip_by_norm(HALF, 1.0, number)),
        ("alpha", lambda number: elu(HALF, number)),
        ("lr", lambda number: gd_filter(HALF, number, 2)),
        ("lr", lambda number: weight_decay_step(HALF, HALF, number, 0.25)),
        ("lam", lambda number: weight_decay_step(HALF, HALF, 0.25, number)),
        ("alpha", lambda number: ridge_condition_number(HALF, number)),
        ("l1", lambda number: elastic_net_subgradient(HALF, HALF, number, 0.25)),
        ("l2", lambda number: elastic_net_subgradient(HALF, HALF, 0.25, number)),
    ],
)
def test_a_number_too_large_for_half_precision_is_refused_by_its_name(name, call):
    with pytest.raises(ValueError, match=rf"^{name} must be at most 65504 for torch.float16, got 70000.0$"):
        call(7e4)
    call(6e4)


@pytest.mark.parametrize(
    ("call", "refused"),
    [
        (lambda c: clip_by_value(HALF, c), 65505.0),
        (lambda depth: geometric_gradient(HALF, depth), 65505),
        (lambda c: clip_by_value(ROW, c), 3.5e38),
        (lambda depth: geometric_gradient(ROW, depth), 2**53 + 1),
    ],
)
def test_a_number_must_fit_the_numbers_it_meets(call, refused):
    expected = (
        r"must be at most (65504 for torch.float16|3.40282e\+38 for torch.float32), got|of 54 bits|at most 2\*\*53"
    )
    with pytest.raises(ValueError, match=expected):
        call(refused)
    assert call(type(refused)(65504)).isfinite().all()


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
    with pytest.raises(ValueError, match=rf"^{name}\(z\) must be finite, got an entry inf$"):
        call(lambda z: torch.full_like(z, torch.inf))


def test_each_norm_keeps_its_own_scale():
    tiny, huge = 1e-30, 1e30
    columns, norms = torch.tensor([[3 * tiny, 3 * huge], [4 * tiny, 4 * huge]]), torch.tensor([[5 * tiny, 5 * huge]])
    torch.testing.assert_close(_numeric.norm(columns, dim=0), norms, rtol=1e-6, atol=0)
    torch.testing.assert_close(_numeric.norm(columns.mT, dim=1), norms.mT, rtol=1e-6, atol=0)


def test_a_vector_of_zeros_has_the_norm_zero():
    assert torch.equal(_numeric.norm(torch.zeros(2, 3), dim=1), torch.zeros(2, 1))


@pytest.mark.parametrize("scale", [1e-17, 0.3, 1e25])
@pytest.mark.parametrize("share", [0, 0.02, 3])
def test_elements_over_their_root_mean_square_keep_their_digits_at_every_scale(scale, share):
    x = scale * torch.tensor([[3.0, -4.0, 12.0], [-1.0, 2.0, 0.5]])
    eps = share * scale**2
    elements, root = _numeric.over_root_mean_square(x, 1, eps)
    exact = torch.sqrt((x.double() / scale).square().mean(1, keepdim=True) + share)
    torch.testing.assert_close(root.double() / scale, exact, rtol=1e-6, atol=0)
    torch.testing.assert_close(elements.double(), x.double() / scale / exact, rtol=1e-6, atol=0)


def test_a_graph_of_a_norm_keeps_the_digits_of_what_it_was_not_made_for():
    x = torch.tensor([3.0, -4.0, 12.0])
    graph = make_fx(lambda x: _numeric.norm(x))(x)
    torch.testing.assert_close(graph(2.0**-100 * x), torch.tensor([13 * 2.0**-100]), rtol=1e-6, atol=0)


@pytest.mark.parametrize("power", [-100, -56, -40, 0, 40, 56, 100])
def test_a_norm_and_its_derivatives_keep_their_digits_at_every_scale(power):
    x = 2.0**power * torch.tensor([3.0, -4.0, 12.0])
    slope = torch.func.jacrev(_numeric.norm)
    for derivative in (_numeric.norm, slope, torch.func.jacrev(slope)):
        exact = derivative(x.double())
        assert ((derivative(x) - exact).abs().amax() / exact.abs().amax()).item() < 1e-6


LONG = 2**53
REFUSED = [
    (_check.real, (True, "[0, 1)"), "v must be a number in [0, 1), got bool: True"),
    (_check.real, ("2", "[0, 1)"), "v must be a number in [0, 1), got str: '2'"),
    (_check.real, (LONG + 1, "[0, inf)"), "v must be a number in [0, inf), got an integer of 54 bits"),
    (_check.real, (1.0, "[0, 1)"), "v must be a number in [0, 1), got 1.0"),
    (_check.real, (0, "(0, 1]"), "v must be a number in (0, 1], got 0"),
    (_check.real, (float("nan"), "[0, 1)"), "v must be a number in [0, 1), got nan"),
    (_check.real, (float("inf"), "[0, inf]"), "v must be a number in [0, inf], got inf"),
    (_check.real, (1.1e75, "[0, inf)"), "v must be a number in [0, inf), of at most 1e75, got 1.1e+75"),
    (_check.integer, (True, "[1, inf)"), "v must be an integer in [1, inf), got bool: True"),
    (_check.integer, (2.0, "[1, inf)"), "v must be an integer in [1, inf), got float: 2.0"),
    (_check.integer, (LONG + 1, "[1, inf)"), "v must be an integer in [1, inf), at most 2**53, got 54 bits"),
    (_check.integer, (0, "[1, inf)"), "v must be an integer in [1, inf), got 0"),
    (
        _check.integer,
        (65505, "[1, inf)", torch.ones(1, dtype=torch.float16)),
        "v must be at most 65504 for torch.float16, got 65505",
    ),
    (_check.tensor, (2.0,), "v must be a torch.Tensor, got float: 2.0"),
    (_check.tensor, (torch.tensor([1]),), "v must have a floating-point dtype with arithmetic, got torch.int64"),
    (
        _check.tensor,
        (torch.ones(2).to_sparse(),),
        "v must be a dense tensor that holds its values, got one with layout torch.sparse_coo",
    ),
    (
        _check.tensor,
        (torch.ones(2), (2,), torch.ones(1, dtype=torch.float64)),
        "v must be torch.float64 on cpu as its neighbours, got torch.float32 on cpu",
    ),
    (_check.tensor, (torch.ones(2, 3), (None, 2)), "v must have shape (any, 2), got (2, 3)"),
    (_check.tensor, (torch.ones(0, 3),), "v must not be empty, got shape (0, 3)"),
    (_check.tensor, (torch.tensor([1.0, float("nan")]),), "v must be finite, got an entry nan"),
    (_check.entries, (torch.tensor([1.0, 3.0]), "[0, 2]"), "v must have entries in [0, 2], got an entry 3.0"),
    (_check.entries, (torch.tensor([-1.0, 1.0]), "[0, 2]"), "v must have entries in [0, 2], got an entry -1.0"),
]


@pytest.mark.parametrize(("check", "arguments", "message"), REFUSED, ids=[message for *_, message in REFUSED])
def test_what_is_refused_is_named_with_its_range(check, arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        check("v", *arguments)


def test_what_lies_on_the_edge_is_taken():
    _check.real("v", LONG, "[0, inf)")
    _check.real("v", 1e75, "[0, inf)")
    _check.real("v", 1, "(0, 1]")
    _check.integer("v", LONG, "[1, inf)")
    _check.entries("v", torch.tensor([0.0, 2.0]), "[0, 2]")
    _check.tensor("v", torch.tensor([3e38, 3e38]))  # finite, though its sum is not


def test_each_of_both_ways_to_record_a_graph_is_known(monkeypatch):
    assert not _check.traced()
    with monkeypatch.context() as patch:
        patch.setattr(torch.compiler, "is_compiling", lambda: True)
        assert _check.traced()
    monkeypatch.setattr(_check, "get_proxy_mode", object)
    assert _check.traced()
