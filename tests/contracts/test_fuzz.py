"""No argument of any formula crashes it, makes it hang, or comes back as a silent NaN."""

import time
import warnings
from itertools import combinations, product

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import optnotes
from tests.contracts.fuzz import HangError, limit, odd, parts, within
from tests.formula_docs import ends, kinds
from tests.laws import FEW
from tests.points import Draw, all_points

FORMULAS = optnotes.formulas()
POINTS = all_points()
SECONDS = 5
LARGE = (0, 1, 70_000, 2**53, 1e38, 1e75)
DTYPES = (torch.float16, torch.bfloat16, torch.float32, torch.float64)


def called(name, arguments):
    """What the formula returns, or None where it refuses; NaN and anything but a ValueError is a failure."""
    try:
        with limit(SECONDS), warnings.catch_warnings(action="error"):
            result = FORMULAS[name](**arguments)
    except ValueError:
        return None
    assert not any(part.isnan().any() for part in parts(result)), "a silent NaN"
    return result


@pytest.mark.parametrize("name", FORMULAS)
@FEW
@given(data=st.data())
def test_whatever_the_arguments_the_formula_returns_or_refuses(name, data):
    arguments = POINTS[name](Draw(data.draw(st.integers(0, 3), label="seed")))
    for parameter in data.draw(st.lists(st.sampled_from(sorted(arguments)), min_size=1, max_size=2, unique=True)):
        arguments[parameter] = data.draw(odd(arguments[parameter]), label=parameter)
    called(name, arguments)


@pytest.mark.parametrize("name", FORMULAS)
def test_large_numbers_are_computed_with_or_refused_in_every_dtype(name):
    arguments = POINTS[name](Draw(0))
    tensors = {key: value for key, value in arguments.items() if isinstance(value, torch.Tensor)}
    numbers = [key for key, value in arguments.items() if type(value) in (int, float)]
    tried = []
    for dtype, pair in product(DTYPES, combinations(numbers, min(2, len(numbers)))):
        largest = torch.finfo(dtype).max
        typed = {key: value.to(dtype) for key, value in tensors.items()}
        filled = {key: torch.full_like(value, largest) for key, value in typed.items()}
        for values in product((*LARGE, largest), repeat=len(pair)):
            tried += [kept | dict(zip(pair, values, strict=True)) for kept in (typed, filled)]
    # A square or a sum of such entries is infinite; zero times infinity, or less infinity, is undefined.
    for number, value, factor in product(numbers, (0, 0.25, 1, 1e75), (-1e308, 1e160, 1e200, 1e308)):
        for keys in (*combinations(tensors, 1), *combinations(tensors, 2)):
            for large in (lambda tensor, by: tensor.sign() * abs(by), torch.full_like):
                tried.append({number: value} | {key: large(tensors[key], factor) for key in keys})
    assert tried
    for changed in tried:
        called(name, arguments | changed)


@pytest.mark.parametrize("name", FORMULAS)
@FEW
@given(data=st.data())
def test_moderate_arguments_in_their_ranges_give_finite_results(name, data):
    drawn, of = Draw(data.draw(st.integers(0, 99), label="seed")), kinds(FORMULAS[name])
    arguments = POINTS[name](drawn)
    for parameter, value in arguments.items():
        interval = of[parameter].interval or "(-inf, inf)"
        if of[parameter].base == "float":
            arguments[parameter] = data.draw(within(interval), label=parameter)
        elif of[parameter].base == "int":  # depths and counts: what grows exponentially with them must not overflow
            low = int(ends(interval)[0]) + (interval[0] == "(")
            arguments[parameter] = data.draw(st.integers(low, low + 30), label=parameter)
        elif of[parameter].base == "Tensor":
            entry = data.draw(within(interval), label=parameter)
            arguments[parameter] = torch.where(drawn.uniform(0, 1, *value.shape) < 0.3, entry, value)
    result = called(name, arguments)
    assert result is None or all(part.isfinite().all() for part in parts(result)), "an infinite result"


def test_a_hang_is_noticed():
    with pytest.raises(HangError), limit(0.01):
        time.sleep(1)
