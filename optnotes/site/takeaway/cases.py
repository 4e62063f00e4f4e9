"""Numbers that hold a reader's function to its formula: arguments from the tests, and what the library gives there."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from optnotes.site.formulas.typelines import kinds
from optnotes.site.formulas.witnesses import arguments

SEEDS = (1, 2, 3)
PLACES, DIGITS = 3, 6
ROW = f"\n{' ' * 16}"
RTOL, ATOL = 1e-4, 1e-6  # what the digits leave room for


def drawn(function: Callable[..., Any], seed: int) -> dict[str, Any]:
    """Return arguments that the tests of a formula draw, rounded so that they can be typed."""
    of = kinds(function)
    return {name: rounded(value, total=of[name].total) for name, value in arguments(function, seed).items()}


def rounded(value: Any, *, total: bool) -> Any:
    """Return a number or a tensor with few decimals; parts of a whole still sum to one."""
    if isinstance(value, float):
        return round(value, PLACES)
    if not isinstance(value, Tensor):
        return value
    short = value.round(decimals=PLACES)
    if total:
        short[short.argmax()] += 1 - short.sum()
        short = short.round(decimals=PLACES)
    return short


def literal(value: Any) -> str:
    """Write a value as Python; a function by its name."""
    if isinstance(value, Tensor):
        return f"tensor({numbers(value.tolist())})"
    if isinstance(value, tuple):
        return f"({', '.join(map(literal, value))})"
    return value.__name__ if callable(value) else numbers(value)


def numbers(value: Any) -> str:
    """Write nested lists of numbers with the digits that any processor gives."""
    if isinstance(value, list):
        nested = bool(value) and isinstance(value[0], list)
        return f"[{f',{ROW}'.join(map(numbers, value))}]" if nested else f"[{', '.join(map(numbers, value))}]"
    if isinstance(value, int):
        return repr(value)
    return repr(float(f"{value:.{DIGITS}g}") + 0.0)  # minus zero would be a digit that does not hold


def case(function: Callable[..., Any], seed: int) -> str:
    """Write one witness: arguments by name, and the value."""
    given = drawn(function, seed)
    named = "\n".join(f'            "{name}": {literal(value)},' for name, value in given.items())
    value = literal(function(**given))
    return f"    (\n        {{\n{named}\n        }},\n        {value},\n    ),"


def cell_of_cases(function: Callable[..., Any], asked: str) -> str:
    """Write the cell that holds the function of a reader to the formula."""
    cases = "\n".join(case(function, seed) for seed in SEEDS)
    return f"""from functools import partial

from torch.testing import assert_close

tensor = partial(torch.tensor, dtype=torch.float64)
cases = [
{cases}
]
for arguments, expected in cases:
    assert_close({asked}(**arguments), expected, rtol={RTOL}, atol={ATOL}, check_dtype=False)"""
