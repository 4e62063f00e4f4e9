"""Every formula in float64 against its own equation, read and computed to fifty digits, over the whole of its range."""

import mpmath as mp
import numpy as np
import pytest
import torch

from optnotes.site.records.records import load_worst
from tests.contracts.arguments import FORMULAS, POINTS, converted, tensors
from tests.contracts.highprecision import DIGITS, high, reader
from tests.contracts.test_numerics import BOUND, WITH_TENSORS, groups, scaled, sensitivity, unbounded
from tests.formula_docs import bindings, read, symbols
from tests.points import Draw

READER = reader()
EPS = torch.finfo(torch.float64).eps
WORST = load_worst()
POWERS = (0, 2, 3, 4, 5, 10, -10, 33, -33, 100, -100)  # tails begin between 4 and 32


def bound(value):
    """What the equation meets in place of an argument; functions give the values that the formula meets."""
    if callable(value):
        return lambda z: high(value(torch.as_tensor(np.asarray(z).astype(float))))
    return converted(value, high)


def exact(name, arguments):
    """The values of the equation to fifty digits, as flat lists."""
    with mp.workdps(DIGITS):
        values = {key: bound(value) for key, value in bindings(FORMULAS[name], arguments).items()}
        results = READER.evaluate(read(FORMULAS[name]).tex, values)
        found = []
        for symbol in symbols(FORMULAS[name]):
            ends = results[symbol] if isinstance(results[symbol], tuple) else (results[symbol],)
            found += [np.asarray(end).flatten().tolist() for end in ends]
        return found


def errors(name, arguments, limit):
    """
    Largest error of the formula, in the units of the conventions page; None where it refuses or overflows.

    What the rounding of the arguments does is asked only of results beyond ``limit``: it takes most of the time.
    """
    function = FORMULAS[name]
    try:
        result = function(**arguments)
    except ValueError:
        return None
    parts = [
        torch.as_tensor(part, dtype=torch.float64) for part in (result if isinstance(result, tuple) else (result,))
    ]
    if not all(part.isfinite().all() for part in parts):
        return None
    try:
        true = exact(name, arguments)
    except READER.TexMismatch:  # two forms of the equation, one of which cancels to nothing even in fifty digits
        return None
    gaps = [
        torch.tensor(
            [float(abs(mp.mpf(a) - b)) for a, b in zip(part.flatten().tolist(), wanted, strict=True)],
            dtype=torch.float64,
        )
        for part, wanted in zip(parts, true, strict=True)
    ]
    units = [EPS * part.abs().flatten() for part in parts]
    if name in WITH_TENSORS and any((gap > limit * unit).any() for gap, unit in zip(gaps, units, strict=True)):
        moved = sensitivity(function, arguments, tensors(result))
        units = [unit + EPS * change.flatten() for unit, change in zip(units, moved, strict=True)]
    tiny = torch.finfo(torch.float64).tiny
    return max((gap / unit.clamp(min=tiny)).max().item() for gap, unit in zip(gaps, units, strict=True))


def worst(name, limit):
    """Largest error over several draws and magnitudes, and where it is; below ``limit`` an upper bound of it."""
    found = {}
    for power in POWERS:
        arguments = POINTS[name](Draw(abs(power)))
        growing = list(groups(name)) if name in WITH_TENSORS else [[key] for key in unbounded(name, "float")]
        for keys in growing or [[]]:
            error = errors(name, scaled(arguments, keys, 2.0**power), limit)
            if error is not None:
                found[(*keys, power)] = error
    where = max(found, key=found.__getitem__)
    return found[where], where


# The reader's own mean over a normal variable is no better; test_mean_field.py has one that is.
MEANS = dict.fromkeys(("optnotes.gradients.gradient_gain", "optnotes.gradients.variance_step"), 4500)


@pytest.mark.parametrize("name", sorted(set(FORMULAS) - set(MEANS)))
def test_float64_is_as_exact_as_the_page_for_builders_says(name):
    error, where = worst(name, WORST[name])
    assert error <= WORST[name] <= BOUND, where


def test_each_formula_has_its_worst_error():
    assert set(WORST) == set(FORMULAS)
    assert {name: WORST[name] for name in MEANS} == MEANS
