"""
An activation, its slope, and where the examples of a unit fall on it: saturated, silent, dead.

The pre-activations of a unit over the examples are normal, with a mean that its bias sets and a spread that its weights
set. Prediction: the share of examples on a flat part follows from the normal distribution function, and a ReLU unit is
dead with the power of it that counts the examples. Measured: many drawn units, their slopes and those without any.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import (
    elu,
    elu_derivative,
    gelu,
    gelu_derivative,
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    sigmoid,
    sigmoid_derivative,
    swish,
    swish_derivative,
    tanh,
    tanh_derivative,
)
from optnotes.site.figures.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

Function = Callable[[Tensor], Tensor]
UNITS, EXAMPLES, FLAT, REACH = 500, 48, 0.05, 8.0
MEANS, SPREADS = (-4.0, -2.0, 0.0, 2.0, 4.0), (0.5, 1.0, 2.0, 5.0)
ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
    "leaky_relu": (leaky_relu, leaky_relu_derivative),
    "elu": (elu, elu_derivative),
    "silu": (swish, swish_derivative),
    "gelu": (gelu, gelu_derivative),
}
START, SATURATED = ("relu", -2.0, 1.0), ("sigmoid", 0.0, 5.0)
Key = tuple[str, float, float]


@dataclass(frozen=True)
class Result:
    """Standard normal numbers, a row for each unit, a column for each example."""

    normal: Tensor


def compute() -> Result:
    """Draw the examples of all units once; mean and spread move them."""
    generator = torch.Generator().manual_seed(39)
    return Result(torch.randn(UNITS, EXAMPLES, generator=generator, dtype=torch.float64))


def slopes(result: Result, key: Key) -> Tensor:
    """Slope of every unit on every example."""
    name, mean, spread = key
    return ACTIVATIONS[name][1](mean + spread * result.normal)


def summary(result: Result, key: Key) -> dict[str, float | int]:
    """Share of examples on a flat part, root mean square of the slope, and share of units without a steep example."""
    found = slopes(result, key)
    flat = found.abs() < FLAT
    values = {"flat": flat.double().mean(), "rms": found.square().mean().sqrt(), "stuck": flat.all(1).double().mean()}
    return {"examples": EXAMPLES, "limit": FLAT} | {name: value.item() for name, value in values.items()}


def explore(result: Result) -> Explorer:
    """Curve and slope, with the examples of the first unit on the curve."""
    x, frames = torch.linspace(-REACH, REACH, 129, dtype=torch.float64), {}
    for key in product(ACTIVATIONS, MEANS, SPREADS):
        phi, dphi = ACTIVATIONS[key[0]]
        z = key[1] + key[2] * result.normal[0]
        points, flat = torch.stack([z, phi(z)], 1), slopes(result, key)[0].abs() < FLAT
        inside = z.abs() <= REACH
        marks = {"curve": torch.stack([x, phi(x)], 1), "slope": torch.stack([x, dphi(x)], 1)}
        marks |= {"steep": points[~flat & inside], "level": points[flat & inside]}
        values = summary(result, key)
        readout = "readout" if not values["stuck"] else "dead" if key[0] == "relu" else "slow"
        frames[key] = Frame(marks, values, readout)
    looks = {"curve": "line blue solid", "slope": "line orange dashed"}
    looks |= {"steep": "dots blue round", "level": "dots red square"}
    across, up = Axis("input", -REACH, REACH, (-8, -4, 0, 4, 8)), Axis("value", -1.5, 4, (-1, 0, 1, 2, 3, 4))
    controls: dict[str, tuple[float | str, ...]] = {"activation": tuple(ACTIVATIONS), "mean": MEANS, "spread": SPREADS}
    return Explorer(controls, START, across, up, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """The setting at the start, and a sigmoid whose weights are too large."""
    dead, saturated = summary(result, START), summary(result, SATURATED)
    predicted = torch.special.ndtr(torch.tensor(-START[1] / START[2], dtype=torch.float64)) ** EXAMPLES
    return (
        {"units": UNITS, "predicted": predicted.item()}
        | {f"dead_{name}": value for name, value in dead.items()}
        | {f"saturated_{name}": value for name, value in saturated.items()}
    )


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """A ReLU that mostly keeps silent, and a sigmoid that saturates."""
    return panels(explore(result), [START, SATURATED], text, theme)
