"""
What an activation does to a normal signal: moments, weights that keep the signal or the gradient, slope, smoothness.

Moments of a standard normal input by quadrature. Prediction: where weights keep the mean square of the signal, the
gradient changes in every layer by a known factor; chance deviations of the signal fade where the quoted exponent is
below one and grow where it is above, to a known size. Measured: signal and gradient in deep random networks.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

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
    selu,
    selu_derivative,
    sigmoid,
    sigmoid_derivative,
    swish,
    swish_derivative,
    tanh,
    tanh_derivative,
)
from optnotes.gradients import gradient_gain, variance_step
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

Function = Callable[[Tensor], Tensor]
SEEDS, WIDTH, DEPTH = 24, 160, 20
ACTIVATIONS: dict[str, tuple[Function, Function]] = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
    "leaky_relu": (leaky_relu, leaky_relu_derivative),
    "elu": (elu, elu_derivative),
    "selu": (selu, selu_derivative),
    "silu": (swish, swish_derivative),
    "gelu": (gelu, gelu_derivative),
}
DRAWN = {"sigmoid": ("violet", "v"), "tanh": ("green", "^"), "relu": ("blue", "o"), "gelu": ("orange", "s")}
AROUND_ONE = ("sigmoid", "tanh")
PLACES = (  # where the lines are named: panel, activation, place
    (0, "relu", (9, 0.12)),
    (0, "gelu", (9, 0.006)),
    (1, "tanh", (20, 6)),
    (1, "relu", (20, 0.02)),
    (1, "gelu", (9, 0.02)),
    (1, "sigmoid", (20, 1e-5)),
)
ONE, AXIS = torch.tensor(1.0, dtype=torch.float64), torch.linspace(-12, 12, 48001, dtype=torch.float64)


@dataclass(frozen=True)
class Result:
    """Mean square of the pre-activations and norm of the gradient, by activation; shape (layers, seeds)."""

    signal: dict[str, Tensor]
    gradient: dict[str, Tensor]


def derivative(function: Function, x: Tensor) -> Tensor:
    """Slope of a function of each entry; the added zero ties functions without slope to their input."""
    x = x.clone().requires_grad_()
    return torch.autograd.grad((function(x) + 0 * x).sum(), x)[0]


def constants(phi: Function, dphi: Function) -> dict[str, float]:
    """Moments under a standard normal input, and the shape of one activation."""
    square, shifted = (variance_step(ONE, f, 1.0, 0.0) for f in (phi, lambda z: phi(z) + 1))
    slope_square, keeps_signal = gradient_gain(ONE, dphi, 1.0).item(), 1 / square.item()
    exponent = derivative(lambda q: variance_step(q, phi, keeps_signal, 0.0), ONE).item()
    tails = (variance_step(ONE, lambda z: phi(z) ** 2, 1.0, 0.0) / square**2 - 1).item()
    return {
        "mean": round((shifted - square - 1).item() / 2, 12) + 0.0,
        "square": square.item(),
        "slope_square": slope_square,
        "keeps_signal": keeps_signal,
        "keeps_gradient": 1 / slope_square,
        "factor": math.sqrt(keeps_signal * slope_square),
        "exponent": exponent,
        "spread_predicted": math.sqrt(2 / WIDTH + tails / WIDTH * sum(exponent ** (2 * k) for k in range(DEPTH - 1))),
        "lipschitz": dphi(AXIS).abs().max().item(),
        "least_slope": dphi(AXIS).min().item(),
        "jump": dphi(torch.tensor([-1e-9, 1e-9]).double()).diff().abs().item(),
    }


def compute() -> Result:
    """Send one signal up and one gradient down through random networks; all activations share the random numbers."""
    generator = torch.Generator().manual_seed(39)
    W = torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator) / math.sqrt(WIDTH)
    x, top = (torch.randn(SEEDS, WIDTH, 1, generator=generator) for _ in range(2))
    found = Result({}, {})
    for name, (phi, dphi) in ACTIVATIONS.items():
        scale = math.sqrt(constants(phi, dphi)["keeps_signal"])
        z, delta = [torch.bmm(W[0], x)], [top / top.norm(dim=1, keepdim=True)]
        for weights in W[1:]:
            z.append(scale * torch.bmm(weights, phi(z[-1])))
        for weights, below in zip(W.flip(0)[:-1], z[-2::-1], strict=True):
            delta.append(scale * torch.bmm(weights.mT, delta[-1]) * dphi(below))
        found.signal[name] = torch.stack(z).square().mean(2)[..., 0]
        found.gradient[name] = torch.stack(delta[::-1]).norm(dim=2)[..., 0]
    return found


def numbers(result: Result) -> dict[str, float | int]:
    """Constants of every activation; geometric mean of the gradient and spread of the signal's log over networks."""
    found: dict[str, float | int] = {"seeds": SEEDS, "width": WIDTH, "depth": DEPTH}
    for name, functions in ACTIVATIONS.items():
        found |= {f"{name}_{key}": value for key, value in constants(*functions).items()}
        found[f"{name}_predicted"] = found[f"{name}_factor"] ** (DEPTH - 1)
        found[f"{name}_gradient"] = result.gradient[name][0].log().mean().exp().item()
        found[f"{name}_spread"] = result.signal[name][-1].log().std().item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Signal and gradient against the layer; each line is named at its end."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 5.4), sharex=True)
    layers = range(1, DEPTH + 1)
    for name, (look, marker) in DRAWN.items():
        colour, factor = getattr(theme, look), constants(*ACTIVATIONS[name])["factor"]
        for axes, values in ((upper, result.signal[name]), (lower, result.gradient[name])):
            if axes is upper and name in AROUND_ONE:
                continue
            low, middle, high = values.quantile(torch.tensor([0.1, 0.5, 0.9]), dim=1)
            axes.fill_between(layers, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(layers, middle, color=colour, linestyle="none", marker=marker, markersize=3)
        lower.plot(layers, [factor ** (DEPTH - layer) for layer in layers], color=colour, linestyle="-", linewidth=1.2)
    for axes, name, place in PLACES:
        colour = getattr(theme, DRAWN[name][0])
        (upper, lower)[axes].text(*place, text(name), color=colour, fontsize=9, ha="right" if axes else "left")
    upper.text(2, 18, text("around"), color=theme.muted, fontsize=9)
    upper.set(yscale="log", title=text("title.signal"), ylim=(4e-4, 40))
    lower.set(yscale="log", title=text("title.gradient"), ylim=(4e-9, 60))
    lower.set(xlabel=text("layer"), xticks=range(2, DEPTH + 1, 6))
    return drawn
