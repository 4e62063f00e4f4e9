"""Every formula in float32 and at magnitudes from 1e-30 to 1e30: as exact as the conventions page promises."""

import math
import re
from pathlib import Path
from unittest import mock

import pytest
import torch
import torch._dynamo  # loaded later, it would meet the patches of the test of devices
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from optnotes import _check
from tests.contracts.arguments import FORMULAS, POINTS, WITH_TENSORS, converted, tensors
from tests.formula_docs import ends, kinds, tex_values
from tests.points import Draw

PAGES = Path(__file__).parents[2] / "docs"
SINGLE = torch.finfo(torch.float32)
POWERS = [sign * power for power in (1, 2, 3, 4, 5, 7, 10, 20, 33, 66, 100) for sign in (1, -1)]
# Together, weights times inputs leave the range of float32 before a gate or a sign turns them into a plain number.
PRODUCTS_OVERFLOW = [
    "optnotes.gradients.backprop",
    "optnotes.activations.active_fraction",
    "optnotes.activations.relu_unit_gradient",
    "optnotes.gradients.lstm_step",
]
ORTHONORMAL = {("optnotes.features.pca_whiten", "V"), ("optnotes.features.zca_whiten", "V")}


def promised(language):
    """Units of error that the conventions page allows."""
    page = (PAGES / language / "conventions.md").read_text(encoding="utf-8")
    section = page.split("(conventions-precision)=")[1].split("\n(")[0]
    (bound,) = re.findall(r"\*\*(\d+)\*\*", section)
    return int(bound)


BOUND = promised("en")


def test_both_pages_promise_the_same():
    assert promised("ru") == BOUND


def sensitivity(function, arguments, results):
    """To first order, the change of every result when every number among the arguments changes by its own size."""
    keys = [key for key in arguments if tensors(arguments[key])]
    fixed = {key: value for key, value in arguments.items() if key not in keys}
    moving = {key: arguments[key] for key in keys}
    slopes = torch.func.jacrev(lambda mapped: tuple(tensors(function(**mapped, **fixed))))(moving)
    total = [torch.zeros_like(result) for result in results]
    for i, (result, of) in enumerate(zip(results, slopes, strict=True)):
        for slope, tensor in zip(tensors(of), tensors(moving), strict=True):
            total[i] += (slope * tensor).abs().reshape(*result.shape, -1).sum(-1)
    for key, value in fixed.items():
        if isinstance(value, float):
            ahead, behind = (tensors(function(**{**arguments, key: value * (1 + h)})) for h in (1e-6, -1e-6))
            total = [t + (a - b).abs() / 2e-6 for t, a, b in zip(total, ahead, behind, strict=True)]
    return total


def float32_error(function, arguments, lazy=True):
    """
    Largest error in float32 in the units of the conventions page; None where the result leaves the range of float32.

    With ``lazy`` the sensitivity, which takes most of the time, is left out where the rounding of the result is enough.
    """
    single = converted(arguments, Tensor.float)
    double = converted(single, Tensor.double)
    exact = tensors(function(**double))
    if not all(result.isfinite().all() for result in exact):
        return math.inf
    if any((result.abs() > SINGLE.max / 1000).any() for result in exact):
        return None
    try:
        actual = tensors(function(**single))
    except ValueError:  # accepted in float64
        return math.inf
    if not all(result.isfinite().all() for result in actual):
        return math.inf
    # Below the smallest normal number digits are lost whatever the code does.
    errors = [((a.double() - e).abs() - BOUND * SINGLE.tiny).clamp(min=0) for a, e in zip(actual, exact, strict=True)]
    units = [SINGLE.eps * result.abs() for result in exact]
    if lazy and all((error <= BOUND * unit).all() for error, unit in zip(errors, units, strict=True)):
        return 0.0
    moved = sensitivity(function, double, exact)
    units = [unit + SINGLE.eps * change for unit, change in zip(units, moved, strict=True)]
    return max((error / unit.clamp(min=SINGLE.tiny)).max().item() for error, unit in zip(errors, units, strict=True))


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_float32_is_as_exact_as_promised(name):
    assert max(float32_error(FORMULAS[name], POINTS[name](Draw(seed))) for seed in range(20)) <= BOUND


def test_the_promise_is_not_too_loose():
    worst = max(
        float32_error(FORMULAS[name], POINTS[name](Draw(seed)), lazy=False)
        for name in ("optnotes.penalties.ridge_solution", "optnotes.activations.gelu_tanh_derivative")
        for seed in range(40)
    )
    assert worst >= BOUND / 4


def scaled(arguments, keys, factor):
    """The arguments with some of them multiplied."""
    changed = {key: converted(value, lambda tensor: tensor * factor) for key, value in arguments.items() if key in keys}
    return arguments | {key: value * factor if isinstance(value, float) else value for key, value in changed.items()}


def unbounded(name, *bases):
    """Arguments that may grow without end."""
    of = kinds(FORMULAS[name])
    return [
        key
        for key, k in of.items()
        if k.base in bases and (k.interval is None or math.inf in map(abs, ends(k.interval)))
    ]


def groups(name):
    """Arguments to scale: each one by itself, and all tensors together."""
    together = unbounded(name, "Tensor", "list")
    yield from ([key] for key in unbounded(name, "Tensor", "list", "float") if (name, key) not in ORTHONORMAL)
    if len(together) > 1 and name not in PRODUCTS_OVERFLOW and not ORTHONORMAL & {(name, key) for key in together}:
        yield together


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_extreme_magnitudes(name):
    # Powers of two, so that exact ties stay exact.
    for keys in groups(name):
        errors = {}
        for power in POWERS:
            try:
                errors[power] = float32_error(FORMULAS[name], scaled(POINTS[name](Draw(abs(power))), keys, 2.0**power))
            except ValueError as error:  # ends of an interval that have changed their order, say
                if "must" not in str(error):
                    raise
        assert [error for power, error in errors.items() if error is not None], f"{keys} cannot be scaled"
        assert {power: error for power, error in errors.items() if error and error > BOUND} == {}, keys


# The printed difference of logarithms cancels at a large condition number; test_conditioning.py has the limit.
@pytest.mark.parametrize("name", sorted(set(FORMULAS) - set(WITH_TENSORS) - {"optnotes.descent.gd_iterations"}))
def test_extreme_numbers(name):
    for key in unbounded(name, "float"):
        for power in POWERS:
            arguments = scaled(POINTS[name](Draw(abs(power))), [key], 2.0**power)
            try:
                value = FORMULAS[name](**arguments)
            except ValueError as error:
                if "must" not in str(error):
                    raise
                continue
            expected = tex_values(FORMULAS[name], arguments)
            actual = [torch.tensor(v, dtype=torch.float64) for v in (value if isinstance(value, tuple) else (value,))]
            torch.testing.assert_close(actual, expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize(
    "unstable",
    [
        lambda x: x / x.square().sum().sqrt(),
        lambda x: torch.log(1 + torch.exp(x)),
        lambda x: 1 - torch.tanh(x) ** 2,
        lambda x: torch.exp(x) / (1 + torch.exp(x)),
        lambda x: torch.log(torch.exp(x).sum()),
        lambda x: x / 2 * (1 + torch.erf(x / 2**0.5)),
    ],
)
def test_an_unstable_form_is_noticed(unstable):
    errors = [float32_error(unstable, {"x": 2.0**power * Draw(abs(power)).normal(5)}) for power in POWERS]
    assert max(error for error in errors if error is not None) > BOUND


class OneDevice(TorchDispatchMode):
    """Notes every tensor that an operation reads or makes elsewhere than on the device without values."""

    def __init__(self):
        super().__init__()
        self.elsewhere = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        made = function(*args, **(kwargs or {}))
        read = () if function is torch.ops.aten._to_copy.default else (args, kwargs)  # a constant that comes along
        found = [value for value in tree_leaves((read, made)) if isinstance(value, Tensor)]
        self.elsewhere += [(function, tensor.shape) for tensor in found if tensor.device.type != "meta"]
        return made


def devices(function, arguments):
    """What a formula puts on another device than that of its arguments, and the devices of its results."""
    # The device has no values, so the checks of values, which turn them into Python numbers, are answered for.
    answers = {"__bool__": True, "__int__": 99, "item": 1.0, "tolist": [1.0]}
    patches = [mock.patch.object(Tensor, name, lambda tensor, answer=a: answer) for name, a in answers.items()]
    patches += [mock.patch.object(Tensor, "is_meta", False), mock.patch.object(_check, "_total", return_value=1.0)]
    moved = converted(arguments, lambda t: torch.empty_strided(t.shape, t.stride(), dtype=t.dtype, device="meta"))
    with mock.patch.object(_check, "inside", return_value=True), OneDevice() as mode:
        for patch in patches:
            patch.start()
        try:
            results = tensors(function(**moved))
        finally:
            for patch in patches:
                patch.stop()
    return mode.elsewhere, {tensor.device.type for tensor in results}


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_devices_are_kept(name):
    assert devices(FORMULAS[name], POINTS[name](Draw(0))) == ([], {"meta"})


@pytest.mark.parametrize("foreign", [lambda x: x + torch.ones(5), lambda x: x @ torch.eye(5), lambda x: x.to("cpu")])
def test_another_device_is_noticed(foreign):
    try:
        elsewhere, made = devices(foreign, {"x": Draw(0).normal(5)})
    except (RuntimeError, NotImplementedError):  # torch itself refuses to mix devices or to read values
        return
    assert elsewhere or made != {"meta"}
