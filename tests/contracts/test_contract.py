"""The decorator that reads the type lines of a docstring: what it checks, and what it refuses to read."""

import inspect
import math
import re
import subprocess
import sys
from typing import get_type_hints

import pytest
import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula
from optnotes._typelines import Kind, kinds, read, with_imports
from tests.contracts.arguments import FORMULAS


def documented(*lines, parameters="w, X, c=2.0", body="w"):
    """A formula with these type lines."""
    scope = {}
    section = "\n".join(f"    {line}" for line in ("Summary.", "", "Parameters", "----------", *lines, "", "Returns"))
    exec(
        f'def made({parameters}):\n    """\n{section}\n    -------\n    x : nonsense\n    """\n    return {body}', scope
    )
    scope["made"].__module__ = "tests"
    return scope["made"]


GOOD = ("w : Tensor of the shape of X with entries in [0, 1]", "X : Tensor of shape (n, n)", "c : float in (1, 3]")


def test_the_type_lines_are_the_checks():
    made = formula(documented(*GOOD))
    square, wide = torch.full((2, 2), 0.5), torch.full((2, 3), 0.5)
    assert made(square, X=square, c=3) is square
    refusals = [
        ((square, square, 1.0), "c must be a number in (1, 3], got 1.0"),
        ((square + 1, square), "w must have entries in [0, 1], got an entry 1.5"),
        ((wide, square), "w must have shape (2, 2), got (2, 3)"),
        ((square, wide), "X must have shape (2, 2), got (2, 3)"),
        ((square, square[0]), "X must have shape (any, any), got (2,)"),
        ((square.double(), square), "w must be torch.float32 on cpu as its neighbours, got torch.float64 on cpu"),
    ]
    for arguments, message in refusals:
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            made(*arguments)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (torch.ones(3, 1), "y must have shape (3), got (3, 1)"),
        (torch.ones(2), "y must have shape (3), got (2,)"),
        (torch.ones(3).double(), "y must be torch.float32 on cpu as its neighbours, got torch.float64 on cpu"),
    ],
)
def test_a_tensor_has_the_sizes_and_the_dtype_of_the_first(bad, message):
    made = formula(documented("X : Tensor of shape (n, d)", "y : Tensor of shape (n,)", parameters="X, y", body="y"))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        made(torch.ones(3, 2), bad)


@pytest.mark.parametrize(
    ("examples", "imports"),
    [
        (">>> made(len)", [">>> from tests.a import made"]),
        (">>> made(torch.ones(2))", [">>> import torch", ">>> from tests.a import made"]),
        (">>> from tests.laws import made\n    >>> made(torchless)", []),
        (">>> from tests.laws import made\n    >>> made(torch.ones(2))", [">>> import torch"]),
        ("Of a torch.Tensor.\n\n    >>> made(len)", [">>> from tests.a import made"]),
    ],
)
def test_the_examples_of_a_formula_import_what_they_need(examples, imports):
    """Before the first example, as far in as the section, and nothing that no example names."""

    def made():
        pass

    made.__module__ = "tests.a.made"
    words, _, first = examples.rpartition("    >>> made(len)") if examples.startswith("Of") else ("", "", examples)
    first = "    >>> made(len)" if words else f"    {first}"
    made.__doc__ = f"Summary.\n\n    Examples\n    --------\n    {words}".rstrip(" ") + f"{first}\n    "
    lines = "".join(f"    {line}\n" for line in imports)
    assert with_imports(made) == made.__doc__.removesuffix(f"{first}\n    ") + f"{lines}{first}\n    "


def test_a_docstring_without_examples_stays():
    assert with_imports(documented(*GOOD)) == documented(*GOOD).__doc__


def test_a_formula_has_its_examples_imported():
    made = documented("w : callable", parameters="w")
    made.__doc__ += "\n    Examples\n    --------\n    >>> made(len)\n"
    assert ">>> from tests.a import made" not in made.__doc__
    made.__module__ = "tests.a.made"
    assert str(formula(made).__doc__).endswith(">>> from tests.a import made\n    >>> made(len)\n")


def test_all_arguments_without_a_type_line_are_named():
    with pytest.raises(ValueError, match=r"^tests\.made: the docstring has type lines of v, not of w, X, c$"):
        kinds(documented("v : callable"))


def test_what_has_no_arguments_has_no_type_lines():
    assert kinds(documented(parameters="")) == {}
    nothing = documented(parameters="")
    nothing.__doc__ = "Summary."
    assert kinds(nothing) == {}
    nothing.__doc__ = None
    with pytest.raises(ImportError, match=r"^tests\.made: has no docstring, .*; run Python without -OO$"):
        kinds(nothing)


def test_an_interval_may_hold_a_single_number():
    made = formula(documented("c : float in [2, 2]", parameters="c", body="c"))
    assert made(2.0) == 2.0
    with pytest.raises(ValueError, match=r"^c must be a number in \[2, 2\], got 2\.5$"):
        made(2.5)


@pytest.mark.parametrize(
    ("lines", "bad", "message"),
    [
        (["w : int in [1, inf)"], 1.0, "w must be an integer in [1, inf), got float: 1.0"),
        (["w : int in [1, inf)"], 2.5, "w must be an integer in [1, inf), got float: 2.5"),
        (["w : float in [0, inf)"], True, "w must be a number in [0, inf), got bool: True"),
        (["w : int in [1, 3)"], 3, "w must be an integer in [1, 3), got 3"),
        (["w : float in (-inf, inf)"], 1e76, "w must be a number in (-inf, inf), of at most 1e75, got 1e+76"),
        (["w : float in [0, inf)"], -5e-324, "w must be a number in [0, inf), got -5e-324"),
        (["w : callable"], 3, "w must be callable, got int: 3"),
        (["w : Tensor of shape (2,)"], torch.ones(3), "w must have shape (2), got (3,)"),
        (["w : Tensor of any shape"], torch.ones(0), "w must not be empty, got shape (0,)"),
        (["w : Tensor of any shape"], torch.tensor([1.0, math.nan]), "w must be finite, got an entry nan"),
        (
            ["w : Tensor of any shape in float32 or float64"],
            torch.ones(1).half(),
            "w must be torch.float32 or torch.float64, got torch.float16",
        ),
        (
            ["w : Tensor of shape (n,) with entries in [0, 1] that sum to 1"],
            torch.tensor([0.5, 0.25]),
            "w must sum to 1, got a sum of 0.75",
        ),
    ],
)
def test_what_a_type_line_does_not_allow_is_refused(lines, bad, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        formula(documented(*lines, parameters="w"))(bad)


def test_a_number_is_held_by_the_dtype_it_meets():
    made = formula(
        documented("w : Tensor of any shape", "c : float in [0, inf) within the dtype of w", parameters="w, c")
    )
    made(torch.ones(1), 65505.0)
    made(torch.ones(1).half(), 65504.0)
    with pytest.raises(ValueError, match=r"^c must be at most 65504 for torch.float16, got 65505.0$"):
        made(torch.ones(1).half(), 65505.0)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 2, 2), (40,)])
def test_an_undefined_result_is_refused_and_an_infinite_one_is_not(shape):
    line = "w : Tensor of any shape"
    large = torch.full(shape, 3e38)
    infinite = formula(documented(line, parameters="w", body="(w * 2, 1.0)"))(large)
    assert infinite[0].isinf().all()
    with pytest.raises(ValueError, match=r"^the arguments are too large or too small for torch.float32: the result is"):
        formula(documented(line, parameters="w", body="(1.0, w * 2 - w * 2)"))(large)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["w : Tensro of any shape"], "tests.made: w: cannot read the type line 'Tensro of any shape'"),
        (["w : float in [0, inf) or so"], "tests.made: w: cannot read the type line 'float in [0, inf) or so'"),
        (["w : float in [inf, 0)"], "tests.made: w: the type line 'float in [inf, 0)' leaves no number"),
        (["w : float in [zero, 1)"], "tests.made: w: cannot read the type line 'float in [zero, 1)'"),
        (["w : float"], "tests.made: w: the type line 'float' has no interval"),
        (["w : int"], "tests.made: w: the type line 'int' has no interval"),
        (["w : tuple of two Tensors of any shape"], "tests.made: w: no argument is a tuple"),
        (["w : Tensor of the shape of x"], "tests.made: w: the type line 'Tensor of the shape of x' names no argument"),
        (["w : Tensor of the shape of w"], "tests.made: w: the type line 'Tensor of the shape of w' names no argument"),
        (["v : callable"], "tests.made: the docstring has type lines of v, not of w"),
        (["v : callable", "u : callable"], "tests.made: the docstring has type lines of v, u, not of w"),
        ([], "tests.made: the docstring has type lines of nothing, not of w"),
    ],
)
def test_a_type_line_that_cannot_be_read_stops_the_import(lines, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        formula(documented(*lines, parameters="w"))


def test_optnotes_does_not_load_where_docstrings_are_stripped():
    run = subprocess.run(
        [sys.executable, "-OO", "-c", "import optnotes.penalties"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "run Python without -OO" in run.stderr.splitlines()[-1]


def test_too_many_or_missing_arguments_are_left_to_python():
    made = formula(documented("w : callable", parameters="w"))
    for arguments, named in (((), {}), ((len, len), {}), ((len,), {"w": len}), ((len,), {"v": 1})):
        with pytest.raises(TypeError, match=r"^made\(\)"):
            made(*arguments, **named)


@pytest.mark.parametrize("name", FORMULAS)
def test_every_formula_is_checked_and_keeps_its_signature(name):
    function = FORMULAS[name]
    plain = inspect.unwrap(function)
    assert function is not plain, "without @formula"
    assert inspect.signature(function) == inspect.signature(plain)
    assert get_type_hints(function) == get_type_hints(plain)
    assert (function.__doc__, function.__module__) == (plain.__doc__, plain.__module__)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_type_line_says_what_the_annotation_does(name):
    hints = get_type_hints(FORMULAS[name])
    bases = {"float": float, "int": int, "Tensor": Tensor}
    for argument, of in kinds(FORMULAS[name]).items():
        assert hints[argument] is bases[of.base] if of.base in bases else callable(hints[argument])


def test_a_default_is_allowed_by_its_type_line():
    for function in FORMULAS.values():
        for name, parameter in inspect.signature(function).parameters.items():
            if parameter.default is not parameter.empty:
                interval = kinds(function)[name].interval
                _check.real(name, parameter.default, interval)


def test_the_parts_of_a_type_line():
    assert read("Tensor of shape (4, n,) with entries in (-inf, 1]") == Kind("Tensor", "(-inf, 1]", ("4", "n"))
    assert read("Tensor of shape ()").shape == ()
    assert read("Tensor of any shape in float32 or float64") == Kind("Tensor", decomposed=True)
    assert read("int in [1, inf) within the dtype of x") == Kind("int", "[1, inf)", dtype="x")
