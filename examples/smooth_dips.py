"""
The numbers behind the folklore about GELU and SiLU: how deep they dip, how steep they get, how good approximations are.

Prediction: the derivative of GELU is extreme at plus and minus the square root of two; the minimum of SiLU follows from
Lambert's function at one over e. Measured: minima, extreme slopes and the errors of two approximations of GELU, found
on a fine grid and refined by Newton steps.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import gelu, gelu_derivative, gelu_tanh, relu, swish, swish_derivative
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

Function = Callable[[Tensor], Tensor]
QUICK = 1.702  # the steepness of the sigmoid in Hendrycks and Gimpel's second approximation
AXIS = torch.linspace(-8, 8, 16001, dtype=torch.float64)


@dataclass(frozen=True)
class Result:
    """Place and value of each extreme point."""

    found: dict[str, tuple[float, float]]


def tanh_error(x: Tensor) -> Tensor:
    """Error of the approximation by tanh."""
    return gelu_tanh(x) - gelu(x)


def sigmoid_error(x: Tensor) -> Tensor:
    """Error of the approximation by the sigmoid: a Swish."""
    return swish(x, QUICK) - gelu(x)


def lowest(function: Function) -> tuple[float, float]:
    """Lowest point on the axis: best point of the grid, then Newton steps on the slope."""
    x = AXIS[function(AXIS).argmin()].clone().requires_grad_()
    for _ in range(4):
        (slope,) = torch.autograd.grad(function(x), x, create_graph=True)
        (bend,) = torch.autograd.grad(slope, x)
        x = (x - slope / bend).detach().requires_grad_()
    return x.item(), function(x).item()


def highest(function: Function) -> tuple[float, float]:
    """Highest point on the axis."""
    x, value = lowest(lambda z: -function(z))
    return x, -value


def compute() -> Result:
    """Find every extreme point."""
    found = {
        "gelu": lowest(gelu),
        "silu": lowest(swish),
        "gelu_flattest": lowest(gelu_derivative),
        "gelu_steepest": highest(gelu_derivative),
        "silu_flattest": lowest(swish_derivative),
        "silu_steepest": highest(swish_derivative),
        "tanh_error": highest(lambda x: tanh_error(x) ** 2),
        "sigmoid_error": highest(lambda x: sigmoid_error(x) ** 2),
    }
    return Result({name: (x, math.sqrt(y) if "error" in name else y) for name, (x, y) in found.items()})


def numbers(result: Result) -> dict[str, float | int]:
    """Every extreme point, and the two predictions."""
    lambert = 0.0
    for _ in range(40):
        lambert = math.exp(-1 - lambert)  # its equation at one over e, solved by repetition
    root = torch.tensor(math.sqrt(2), dtype=torch.float64)
    return (
        {f"{name}_at": abs(x) if "error" in name else x for name, (x, _) in result.found.items()}
        | {f"{name}_value": value for name, (_, value) in result.found.items()}
        | {
            "gelu_steepest_at_predicted": root.item(),
            "gelu_steepest_predicted": gelu_derivative(root).item(),
            "silu_at_predicted": -1 - lambert,
            "silu_predicted": -lambert,
            "quick": QUICK,
            "error_ratio": result.found["sigmoid_error"][1] / result.found["tanh_error"][1],
        }
    )


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Dips of GELU and SiLU below ReLU, and the errors of the approximations."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    x = AXIS[(AXIS >= -5) & (AXIS <= 5)]
    upper.plot(x, relu(x), color=theme.blue, linestyle="--", label=text("relu"))
    for name, phi, colour, style, marker in (
        ("gelu", gelu, theme.orange, "-", "o"),
        ("silu", swish, theme.green, "-.", "s"),
    ):
        upper.plot(x, phi(x), color=colour, linestyle=style, label=text(name))
        upper.plot(*result.found[name], color=colour, marker=marker)
    upper.set(ylim=(-0.45, 1.5), title=text("title.dips"))
    upper.legend(fontsize=9, loc="upper left")
    for key, error, colour, style in (
        ("tanh", tanh_error, theme.violet, "-"),
        ("sigmoid", sigmoid_error, theme.red, "--"),
    ):
        lower.plot(x, error(x).abs(), color=colour, linestyle=style, label=text(key))
    lower.set(yscale="log", ylim=(1e-6, 0.5), xlabel=text("input"), title=text("title.errors"))
    lower.legend(fontsize=9, loc="upper center", ncols=2)
    return drawn
