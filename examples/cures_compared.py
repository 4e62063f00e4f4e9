"""
One net of fifty layers, every cure: the predicted gain of a layer against the measured one.

All methods share the same random matrices and differ in activation, scale, normalisation or shortcut. Prediction:
mean-field theory gives the gain of the squared gradient norm layer by layer; a normalisation divides it by the variance
of the signal, a shortcut adds its square. Measured: the ratio of gradient norms across all layers at initialisation.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn import functional

from optnotes.activations import (
    leaky_relu,
    leaky_relu_derivative,
    relu,
    relu_derivative,
    selu,
    selu_derivative,
    sigmoid,
    sigmoid_derivative,
    tanh,
    tanh_derivative,
)
from optnotes.gradients import gradient_gain, he_std, linear_default, mean_field_ratio, variance_step, xavier_std
from optnotes.normalization import batch_norm
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, DEPTH, WIDTH, BATCH, EPS, SLOPE = 20, 50, 128, 32, 1e-5, 0.2
SCALE = 1e8  # of the gradient at the output: far from the smallest numbers, where arithmetic is slow
Unit = Callable[[Tensor], Tensor]
UNITS: dict[str, tuple[Unit, Unit, Unit]] = {  # as PyTorch runs it; for the prediction: itself and its derivative
    "sigmoid": (torch.sigmoid, sigmoid, sigmoid_derivative),
    "tanh": (torch.tanh, tanh, tanh_derivative),
    "relu": (torch.relu, relu, relu_derivative),
    "leaky": (
        partial(functional.leaky_relu, negative_slope=SLOPE),
        partial(leaky_relu, a=SLOPE),
        partial(leaky_relu_derivative, a=SLOPE),
    ),
    "selu": (torch.selu, selu, selu_derivative),
}
NORMS: dict[str, Unit] = {
    "": lambda z: z,
    "batch": torch.func.vmap(lambda z: batch_norm(z, torch.ones(WIDTH).double(), torch.zeros(WIDTH).double(), EPS)),
    "layer": lambda z: functional.layer_norm(z, (WIDTH,)),
    "rms": lambda z: functional.rms_norm(z, (WIDTH,)),
}


@dataclass(frozen=True)
class Method:
    """A block returns ``shortcut * z + branch * weights @ unit(norm(z))``, with norm and unit swapped if behind."""

    unit: str
    std: float
    norm: str = ""
    shortcut: float = 0.0
    branch: float = 1.0
    orthogonal: bool = False
    behind: bool = False


XAVIER, HE, HALF = xavier_std(WIDTH, WIDTH), he_std(WIDTH), math.sqrt(0.5)
METHODS = {
    "sigmoid": Method("sigmoid", XAVIER),
    "sigmoid_layer": Method("sigmoid", XAVIER, "layer"),
    "sigmoid_behind": Method("sigmoid", XAVIER, "layer", behind=True),
    "sigmoid_batch": Method("sigmoid", XAVIER, "batch"),
    "tanh": Method("tanh", XAVIER),
    "default": Method("relu", linear_default(WIDTH)[1]),
    "xavier": Method("relu", XAVIER),
    "he": Method("relu", HE),
    "orthogonal": Method("relu", HE, orthogonal=True),
    "leaky": Method("leaky", he_std(WIDTH, SLOPE)),
    "selu": Method("selu", he_std(WIDTH, 1.0)),
    "batch": Method("relu", HE, "batch"),
    "layer": Method("relu", HE, "layer"),
    "relu_behind": Method("relu", HE, "layer", behind=True),
    "rms": Method("relu", HE, "rms"),
    "residual": Method("relu", HE, shortcut=1.0),
    "halved": Method("relu", HE, shortcut=HALF, branch=HALF),
    "scaled": Method("relu", HE, shortcut=1.0, branch=1 / math.sqrt(DEPTH)),
    "zero": Method("relu", HE, shortcut=1.0, branch=0.0),
    "prenorm": Method("relu", HE, "layer", shortcut=1.0),
}


@dataclass(frozen=True)
class Result:
    """By method: predicted gains, one per layer, and measured ratios of gradient norms, one per seed."""

    gains: dict[str, Tensor]
    ratio: dict[str, Tensor]


def second_moment(phi: Unit, q: Tensor, centred: bool) -> Tensor:
    """Mean square or variance of an activation; E(1 + f)^2 gives its mean."""
    square = variance_step(q, phi, 1.0, 0.0)
    mean = (variance_step(q, lambda z: 1 + phi(z), 1.0, 0.0) - square - 1) / 2
    return square - mean**2 if centred else square


def predict(method: Method) -> Tensor:
    """Gain of the squared gradient norm in every layer of a wide net."""
    (_, phi, dphi), variance, gains = UNITS[method.unit], method.std**2 * WIDTH, []
    q = one = torch.ones((), dtype=torch.float64)
    centred, in_front = method.norm == "batch" or method.behind, bool(method.norm) and not method.behind
    for _ in range(DEPTH):
        inside = one if in_front else q
        signal = second_moment(phi, inside, centred)
        divisor = q if in_front else signal if method.behind else one
        gains.append(method.shortcut**2 + method.branch**2 * gradient_gain(inside, dphi, variance) / divisor)
        q = method.shortcut**2 * q + method.branch**2 * variance * (one if method.behind else signal)
    return torch.stack(gains)


def measure(method: Method, weights: Tensor, z: Tensor, grad: Tensor) -> Tensor:
    """Ratio of the gradient norm at the input to that at the output, by automatic differentiation."""
    phi, out = UNITS[method.unit][0], z
    norm = NORMS.get(method.norm, torch.Tensor.clone)
    for W in weights:
        norm = NORMS[method.norm]
        inside = norm(phi(out)) if method.behind else phi(norm(out))
        out = torch.baddbmm(out, inside, W, beta=method.shortcut, alpha=method.branch * method.std * math.sqrt(WIDTH))
    (below,) = torch.autograd.grad((out * (SCALE * grad)).sum(), z)
    squares = [each.double().square().sum((1, 2)) for each in (below, SCALE * grad)]
    return torch.sqrt(squares[0] / squares[1])


def compute() -> Result:
    """Send the same random gradients through all nets."""
    generator = torch.Generator().manual_seed(33)
    # Batch normalisation multiplies a rounding error layer by layer as it does the gradient: single precision is short.
    gaussian = torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator, dtype=torch.float64)
    z, grad = (torch.randn(SEEDS, BATCH, WIDTH, generator=generator, dtype=torch.float64) for _ in range(2))
    orthogonal, gaussian = torch.linalg.qr(gaussian).Q, gaussian / math.sqrt(WIDTH)
    ratio = {
        name: measure(method, orthogonal if method.orthogonal else gaussian, z.requires_grad_(), grad)
        for name, method in METHODS.items()
    }
    return Result({name: predict(method) for name, method in METHODS.items()}, ratio)


def per_layer(ratio: Tensor) -> float:
    """Geometric mean of the gains that multiply up to a ratio of norms."""
    return (ratio ** (2 / DEPTH)).item()


def numbers(result: Result) -> dict[str, float | int]:
    """Per method: gain per layer and ratio over the net, predicted and measured (median over seeds)."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "width": WIDTH, "batch_size": BATCH}
    for name in METHODS:
        predicted, measured = mean_field_ratio(result.gains[name]), result.ratio[name].median()
        found |= {f"{name}_predicted": predicted.item(), f"{name}_ratio": measured.item()}
        found |= {f"{name}_chi": per_layer(predicted), f"{name}_chi_measured": per_layer(measured)}
        found[f"{name}_last"] = result.gains[name][-1].item()
    gaps = (abs(found[f"{name}_chi_measured"] / found[f"{name}_chi"] - 1) for name in METHODS)
    return found | {"largest_gap": max(gaps)}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Ratio of gradient norms over the net for every method, measured on predicted."""
    drawn, axes = new_figure(figsize=(4.4, 6.8))  # narrow, so that a telephone shows its words at their size
    places = torch.arange(len(METHODS)).neg()
    axes.axvline(0, color=theme.muted, linewidth=1)
    predicted = torch.stack([mean_field_ratio(result.gains[name]) for name in METHODS]).log10()
    axes.scatter(predicted, places, s=60, marker="D", facecolors="none", edgecolors=theme.ink, label=text("predicted"))
    looks = (("weights", theme.blue, "o"), ("norms", theme.orange, "s"), ("shortcuts", theme.green, "^"))
    group = {name: bool(method.norm) + 2 * bool(method.shortcut) for name, method in METHODS.items()}
    low, middle, high = (
        torch.stack(list(result.ratio.values()), 1).log10().quantile(torch.tensor([0.1, 0.5, 0.9]).double(), 0)
    )
    for index, (key, colour, marker) in enumerate(looks):
        chosen = torch.tensor([min(group[name], 2) == index for name in METHODS])
        axes.hlines(places[chosen], low[chosen], high[chosen], color=colour, linewidth=3)
        axes.plot(middle[chosen], places[chosen], marker, color=colour, markersize=5, label=text(key))
    axes.set_xscale("symlog", linthresh=1, linscale=0.8)
    powers = (-30, -10, -3, -1, 0, 1, 3, 10)
    axes.set_xticks(powers, [f"$10^{{{power}}}$" for power in powers])
    axes.set_xticks([], minor=True)
    axes.set_yticks(places, [])
    box = {"facecolor": theme.paper, "edgecolor": "none", "pad": 0}
    for place, name in zip(places, METHODS, strict=True):
        axes.text(0.01, place + 0.47, text(name), transform=axes.get_yaxis_transform(), va="center", bbox=box)
    axes.set(title=text("title"), xlim=(-50, 15), ylim=(-len(METHODS) + 0.6, 0.85))
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.05), ncols=2)
    return drawn
