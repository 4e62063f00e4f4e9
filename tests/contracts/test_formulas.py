"""What holds for every formula: pure, dtype kept, mappable over batches, documented."""

import ast
import doctest
import importlib
import inspect
import math
import pkgutil
import re
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

import optnotes
from tests.contracts.arguments import FORMULAS, POINTS, WITH_TENSORS, converted, tensors
from tests.formula_docs import elementwise, elementwise_result, kind, kinds, read, symbols
from tests.laws import FEW
from tests.points import Draw

BIBLIOGRAPHY = Path(__file__).parents[2] / "docs" / "references.bib"
KEYS = set(re.findall(r"^@\w+\{([^,]+),", BIBLIOGRAPHY.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_inputs_are_not_modified(name):
    arguments = POINTS[name](Draw(0))
    before = converted(arguments, torch.clone)
    versions = [tensor._version for tensor in tensors(arguments)]
    FORMULAS[name](**arguments)
    assert versions == [tensor._version for tensor in tensors(arguments)]
    assert all(torch.equal(a, b) for a, b in zip(tensors(before), tensors(arguments), strict=True))


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_the_same_arguments_give_the_same_result(name):
    arguments = POINTS[name](Draw(0))
    torch.manual_seed(0)
    first = FORMULAS[name](**arguments)
    state = torch.get_rng_state()
    torch.manual_seed(1)
    second = FORMULAS[name](**arguments)
    torch.manual_seed(0)
    assert torch.equal(state, torch.get_rng_state()), "the global generator was used"
    torch.testing.assert_close(first, second, rtol=0, atol=0)


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_dtype_is_kept(name):
    arguments = POINTS[name](Draw(0))
    double = FORMULAS[name](**arguments)
    single = FORMULAS[name](**converted(arguments, Tensor.float))
    assert {tensor.dtype for tensor in tensors(double)} == {torch.float64}
    assert {tensor.dtype for tensor in tensors(single)} == {torch.float32}
    torch.testing.assert_close(converted([double], Tensor.float), [single], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("name", WITH_TENSORS)
def test_half_precision_is_kept_or_refused(name, dtype):
    arguments = converted(POINTS[name](Draw(0)), lambda tensor: tensor.to(dtype))
    refusal = ""
    try:
        results = tensors(FORMULAS[name](**arguments))
    except ValueError as error:  # no decomposition in torch, or a sum or a symmetry lost to rounding
        refusal, results = str(error), []
    assert {tensor.dtype for tensor in results} == (set() if refusal else {dtype})
    assert not refusal or re.search(r"must be torch\.float32|must sum to 1|must have entries in", refusal)


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_results_require_grad_only_if_inputs_do(name):
    arguments = POINTS[name](Draw(0))
    assert not any(tensor.requires_grad for tensor in tensors(FORMULAS[name](**arguments)))
    FORMULAS[name](**converted(arguments, lambda tensor: tensor.clone().requires_grad_()))


DTYPES = st.sampled_from([torch.float32, torch.float64])


@pytest.mark.parametrize("name", WITH_TENSORS)
@FEW
@given(seed=st.integers(0, 99), batch=st.lists(st.integers(1, 3), min_size=1, max_size=2), dtype=DTYPES)
def test_vmap_is_the_loop(name, seed, batch, dtype):
    """Over batches of one and two dimensions, in both precisions."""
    function = FORMULAS[name]
    count = math.prod(batch)
    draws = [converted(POINTS[name](Draw(seed + i)), lambda tensor: tensor.to(dtype)) for i in range(count)]
    keys = [key for key in draws[0] if tensors(draws[0][key])]
    fixed = {key: value for key, value in draws[0].items() if key not in keys}

    def call(mapped):
        return function(**mapped, **fixed)

    try:
        mapped = [{key: one[key] for key in keys} for one in draws]
        stacked = stack(mapped)
        expected = [call(one) for one in mapped]
    except (RuntimeError, ValueError):  # the tensors of other seeds have other shapes or do not fit the numbers
        mapped = [{key: draws[0][key] for key in keys}] * count
        stacked = stack(mapped)
        expected = [call(one) for one in mapped]
    nested = call
    for _ in batch:
        nested = torch.func.vmap(nested)
    actual = nested(converted(stacked, lambda tensor: tensor.unflatten(0, batch)))
    tolerance = {"rtol": 1e-3, "atol": 1e-4} if dtype == torch.float32 else {}  # sums are taken in another order
    torch.testing.assert_close(
        [tensor.flatten(0, len(batch) - 1) for tensor in tensors(actual)], tensors(stack(expected)), **tolerance
    )


def stack(values):
    """Equal structures of tensors as one structure of stacked tensors."""
    first = values[0]
    if isinstance(first, dict):
        return {key: stack([value[key] for value in values]) for key in first}
    if isinstance(first, list | tuple):
        return type(first)(stack(list(parts)) for parts in zip(*values, strict=True))
    return torch.stack(values)


def any_shape(name):
    """Arguments that may have any shape."""
    of = kinds(FORMULAS[name])
    return [key for key in of if of[key].base == "Tensor" and elementwise(of, key)]


def shaped(name, arguments, shape):
    """The arguments with these in one shape; their entries are repeated if need be."""

    def resize(tensor):
        return tensor.flatten()[torch.arange(math.prod(shape)) % tensor.numel()].reshape(shape)

    return arguments | {key: resize(arguments[key]) for key in any_shape(name)}


@pytest.mark.parametrize("name", list(filter(any_shape, FORMULAS)))
@FEW
@given(seed=st.integers(0, 99), shape=st.lists(st.integers(1, 4), max_size=3).map(tuple), dtype=DTYPES)
def test_any_shape_means_that_only_the_entries_count(name, seed, shape, dtype):
    """From a single number to three dimensions: the same entries, in the shape of the argument or reduced."""
    function = FORMULAS[name]
    arguments = converted(POINTS[name](Draw(seed)), lambda tensor: tensor.to(dtype))
    flat, result = (tensors(function(**shaped(name, arguments, s))) for s in ((math.prod(shape),), shape))
    assert {part.dtype for part in result} == {dtype}
    if elementwise_result(function):
        assert {part.shape for part in result} == {torch.Size(shape)}
    torch.testing.assert_close([part.flatten() for part in result], [part.flatten() for part in flat])


def refuses(function):
    """Whether a formula refuses what its type lines allow, itself or in a helper of its module."""
    tree = ast.parse(inspect.getsource(inspect.getmodule(inspect.unwrap(function))))
    bodies = {node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)}
    own = bodies[function.__name__]
    helpers = [body for helper, body in bodies.items() if helper.startswith("_") and f"{helper}(" in own]
    return any("_check." in body or "raise ValueError" in body for body in (own, *helpers))


@pytest.mark.parametrize("name", FORMULAS)
def test_documentation(name):
    doc = read(FORMULAS[name])  # refuses anything but one equation and an opening paragraph "Convention:"
    assert doc.summary.endswith(".")
    assert kinds(FORMULAS[name])
    assert symbols(FORMULAS[name])
    assert all(kind(entry) for entry in doc.returns)
    assert [entry.name or entry.kind for entry in doc.raises] == ["ValueError"] * refuses(FORMULAS[name])
    assert doc.references
    assert set(doc.references) <= KEYS
    assert not re.search(r"\\(text|mathrm|mbox|operatorname\*)", doc.tex)


@pytest.mark.parametrize("name", FORMULAS)
def test_the_examples_run_in_a_fresh_interpreter(name):
    fresh = {}
    for example in doctest.DocTestParser().get_examples(inspect.getdoc(FORMULAS[name])):
        exec(example.source, fresh)
    assert fresh[name.rpartition(".")[2]] is FORMULAS[name]


def public(module):
    """Public functions that a module defines."""
    return sorted(
        name
        for name, function in vars(module).items()
        if inspect.isfunction(function) and function.__module__ == module.__name__ and not name.startswith("_")
    )


@pytest.mark.parametrize("family", optnotes.families())
def test_a_family_offers_all_public_functions_of_its_modules_and_nothing_else(family):
    face = importlib.import_module(f"optnotes.{family}")
    offered = {}
    for found in pkgutil.iter_modules(face.__path__):
        module = importlib.import_module(f"{face.__name__}.{found.name}")
        offered |= {name: getattr(module, name) for name in public(module)}
    assert face.__all__ == dir(face) == sorted(offered)
    assert {name: getattr(face, name) for name in face.__all__} == offered  # no module of that name in its place


def test_the_help_of_the_package_lists_every_family_with_its_summary():
    documented = inspect.getdoc(optnotes)
    for family in optnotes.families():
        summary = inspect.getdoc(importlib.import_module(f"optnotes.{family}"))
        assert f"{family:<14}  {summary}" in documented.splitlines()


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("gelu derivative", "activations.gelu_derivative"),
        ("STANDARD normal distribution", "activations.gelu"),
        ("clip norm", "gradients.clip_by_norm"),
        ("penalties solution", "penalties.ridge_solution"),
    ],
)
def test_a_formula_is_found_by_words_of_its_name_and_summary(words, wanted):
    found = optnotes.find(words)
    assert f"optnotes.{wanted}" in found
    assert len(found) <= 6
    assert found == optnotes.find(" ".join(reversed(words.split())))


def test_the_middle_of_a_word_finds_nothing_and_no_word_is_refused():
    assert optnotes.find("elu derivative") != optnotes.find("lu derivative") == {}
    for words in ("", "  ", 3):
        with pytest.raises(ValueError, match="words must be a string with at least one word"):
            optnotes.find(words)
