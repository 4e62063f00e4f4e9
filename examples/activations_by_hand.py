"""
Activations with a pencil: one step too long kills a ReLU unit, and a softmax over three classes.

A unit with one weight and a bias sees two examples; its error is half the mean square. A step of a tenth is harmless, a
step of one makes the unit silent on both. A leaky unit in its place walks back, slowly. Then the loss of a wrong answer
of softmax, its gradient, and what a second softmax leaves of a perfect answer.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.activations import leaky_relu, leaky_relu_derivative, relu, relu_unit_gradient
from optnotes.outputs import cross_entropy, cross_entropy_gradient, double_softmax_floor, softmax

INPUTS, TARGETS, WEIGHT, SHORT, LONG, SLOPE = (1.0, 3.0), (0.0, 1.0), 1.0, 0.1, 1.0, 0.01
ODDS = (1.0, 3.0, 6.0)


@dataclass(frozen=True)
class Result:
    """Weight and bias after the short and the long step, and the steps that a leaky unit needs to wake."""

    short: Tensor
    long: Tensor
    slope: Tensor
    leaky_steps: int


def pushed(parameters: Tensor) -> Tensor:
    """Gradient of half the mean squared error of a ReLU unit, by weight and bias."""
    X, y = torch.tensor(INPUTS, dtype=torch.float64)[:, None], torch.tensor(TARGETS, dtype=torch.float64)
    w, b = parameters[:1], parameters[1]
    delta = (relu(X @ w + b) - y) / len(y)
    return torch.cat([part.reshape(1) for part in relu_unit_gradient(delta, X, w, b)])


def wakes(parameters: Tensor) -> int:
    """Steps of the long rate until a leaky unit is positive on an example."""
    x, y, steps = torch.tensor(INPUTS, dtype=torch.float64), torch.tensor(TARGETS, dtype=torch.float64), 0
    w, b = parameters
    while (w * x + b).max() <= 0:
        z = w * x + b
        delta = (leaky_relu(z, SLOPE) - y) / len(y) * leaky_relu_derivative(z, SLOPE)
        w, b, steps = w - LONG * (delta * x).sum(), b - LONG * delta.sum(), steps + 1
    return steps


def compute() -> Result:
    """Take both steps from the same weights."""
    start = torch.tensor([WEIGHT, 0.0], dtype=torch.float64)
    slope = pushed(start)
    long = start - LONG * slope
    return Result(start - SHORT * slope, long, slope, wakes(long))


def numbers(result: Result) -> dict[str, float | int]:
    """Errors, gradient, both steps with the inputs of the activation, and the case of softmax."""
    (x1, x2), (y1, y2) = INPUTS, TARGETS
    found: dict[str, float | int] = {"x1": x1, "x2": x2, "y1": y1, "y2": y2, "weight": WEIGHT}
    found |= {"error1": WEIGHT * x1 - y1, "error2": WEIGHT * x2 - y2}
    found |= {"slope_w": result.slope[0].item(), "slope_b": result.slope[1].item(), "short": SHORT, "long": LONG}
    for name, (w, b) in (("short", result.short.tolist()), ("long", result.long.tolist())):
        found |= {f"{name}_w": w, f"{name}_b": b, f"{name}_z1": w * x1 + b, f"{name}_z2": w * x2 + b}
    found |= {"after": pushed(result.long).abs().max().item(), "leaky": SLOPE, "leaky_steps": result.leaky_steps}
    odds = torch.tensor(ODDS, dtype=torch.float64)
    z, y = odds.log(), torch.tensor([1.0, 0.0, 0.0], dtype=torch.float64)
    for rank, (odd, p, gradient) in enumerate(
        zip(ODDS, softmax(z).tolist(), cross_entropy_gradient(z, y).tolist(), strict=True), 1
    ):
        found |= {f"odd{rank}": odd, f"p{rank}": p, f"gradient{rank}": gradient}
    return found | {"loss": cross_entropy(z, y).item(), "floor": double_softmax_floor(len(ODDS)), "classes": len(ODDS)}
