"""
One net of fifty layers, every cure: the predicted gain of a layer against the measured one.

All methods share the same random matrices and differ in activation, scale, normalisation or shortcut. Prediction:
mean-field theory gives the gain of the squared gradient norm layer by layer; a normalisation divides it by the variance
of the signal, a shortcut adds its square. Measured: the ratio of gradient norms across all layers at initialisation,
and for every combination of the four cures, in smaller nets, the norm at every layer.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

import torch
from matplotlib.figure import Figure
from matplotlib.ticker import ScalarFormatter
from torch import Tensor
from torch.func import vmap
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
from optnotes.site.figures.explore import Axis, Explorer, Frame
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, DEPTH, WIDTH, BATCH, EPS, SLOPE = 12, 50, 128, 32, 1e-5, 0.2
SCALE = 1e8  # of the gradient at the output: far from the smallest numbers, where arithmetic is slow
TICKS, POWERS = (0.1, 0.2, 0.5, 1, 2), [10.0**k for k in range(-36, 13, 12)]
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
    "batch": vmap(vmap(lambda z: batch_norm(z, torch.ones_like(z[0]), torch.zeros_like(z[0]), EPS))),
    "layer": lambda z: functional.layer_norm(z, z.shape[-1:]),
    "rms": lambda z: functional.rms_norm(z, z.shape[-1:]),
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


PLAY_SEEDS, PLAY_WIDTH, LEVEL = 3, 48, 10.0  # a norm within this factor of the one at the output counts as level
WEIGHTS = {"default": linear_default(WIDTH)[1], "xavier": XAVIER, "he": HE}
PLACES = {
    "none": ("", False),
    "batch": ("batch", False),
    "front": ("layer", False),
    "behind": ("layer", True),
}
PATHS = {"none": (0.0, 1.0), "bare": (1.0, 1.0), "scaled": (1.0, 1 / math.sqrt(DEPTH))}
CONTROLS = {"activation": ("sigmoid", "tanh", "relu"), "weights": (*WEIGHTS,), "norm": (*PLACES,), "path": (*PATHS,)}


@dataclass(frozen=True)
class Result:
    """By method: predicted gains, one per layer, and measured ratios of gradient norms, one per seed.

    By combination of cures, relative to the output: predicted norms per layer, and measured ones per seed and layer.
    """

    gains: dict[str, Tensor]
    ratio: dict[str, Tensor]
    predicted: dict[tuple[str, ...], Tensor]
    norms: dict[tuple[str, ...], Tensor]


def predict(methods: Sequence[Method]) -> Tensor:
    """Gain of the squared gradient norm by net and layer, for wide nets with the same activation."""
    _, phi, dphi = UNITS[methods[0].unit]
    step = vmap(lambda q: variance_step(q, phi, 1.0, 0.0))
    shifted = vmap(lambda q: variance_step(q, lambda z: 1 + phi(z), 1.0, 0.0))
    gain = vmap(lambda q: gradient_gain(q, dphi, 1.0))
    columns = [(m.std**2 * WIDTH, m.shortcut**2, m.branch**2) for m in methods]
    variance, shortcut, branch = torch.tensor(columns, dtype=torch.float64).T
    centred = torch.tensor([m.norm == "batch" or m.behind for m in methods])
    behind = torch.tensor([m.behind for m in methods])
    in_front = torch.tensor([bool(m.norm) and not m.behind for m in methods])
    q, gains = torch.ones_like(variance), []
    for _ in range(DEPTH):
        inside = torch.where(in_front, 1, q)
        square = step(inside)
        mean = (shifted(inside) - square - 1) / 2  # from E(1 + f)^2
        signal = torch.where(centred, square - mean**2, square)
        divisor = torch.where(in_front, q, torch.where(behind, signal, 1))
        gains.append(shortcut + branch * variance * gain(inside) / divisor)
        q = shortcut * q + branch * variance * torch.where(behind, 1, signal)
    return torch.stack(gains, 1)


def signals(methods: Sequence[Method], weights: Tensor, z: Tensor) -> list[Tensor]:
    """What every block returns, of shape (seeds, nets, batch, width), the input first.

    All nets have the same weights, of variance one over the width, activation and normalisation; scale and path are
    their own.
    """
    columns = [(m.shortcut, m.branch * m.std * math.sqrt(WIDTH)) for m in methods]
    shortcut, scale = torch.tensor(columns, dtype=z.dtype).T[..., None, None]
    phi, norm = UNITS[methods[0].unit][0], NORMS[methods[0].norm]
    outs = [z[:, None].expand(-1, len(methods), -1, -1)]
    for W in weights:
        inside = norm(phi(outs[-1])) if methods[0].behind else phi(norm(outs[-1]))
        branch = ((scale * inside).flatten(1, 2) @ W).view_as(inside)
        outs.append(branch + shortcut * outs[-1] if shortcut.any() else branch)
    return outs


def layers(methods: Sequence[Method], weights: Tensor, z: Tensor, grad: Tensor) -> Tensor:
    """Gradient norm at the input and behind every layer, relative to the last, of shape (nets, seeds, layers + 1)."""
    outs = signals(methods, weights, z.requires_grad_())
    below = torch.autograd.grad((outs[-1] * (SCALE * grad[:, None])).sum(), outs)
    norms = torch.stack([torch.linalg.vector_norm(each, dim=(2, 3), dtype=torch.float64) for each in below], -1)
    return (norms / norms[..., -1:]).transpose(0, 1)


def measure(method: Method, weights: Tensor, z: Tensor, grad: Tensor) -> Tensor:
    """Ratio of the gradient norm at the input to that at the output, by automatic differentiation."""
    return layers([method], weights, z, grad)[0, :, 0]


def combined(key: tuple[str, ...]) -> Method:
    """Activation, weights, normalisation and shortcut, each chosen by name."""
    unit, weights, place, path = key
    (norm, behind), (shortcut, branch) = PLACES[place], PATHS[path]
    return Method(unit, WEIGHTS[weights], norm, shortcut, branch, behind=behind)


def play() -> tuple[dict[tuple[str, ...], Tensor], dict[tuple[str, ...], Tensor]]:
    """Prediction and measurement for every combination of cures."""
    generator = torch.Generator().manual_seed(33)
    shape = (DEPTH, PLAY_SEEDS, PLAY_WIDTH, PLAY_WIDTH)
    weights = torch.randn(shape, generator=generator, dtype=torch.float64) / math.sqrt(PLAY_WIDTH)
    z, grad = torch.randn(2, PLAY_SEEDS, BATCH, PLAY_WIDTH, generator=generator, dtype=torch.float64)
    predicted: dict[tuple[str, ...], Tensor] = {}
    norms: dict[tuple[str, ...], Tensor] = {}
    for unit in CONTROLS["activation"]:
        keys = [key for key in product(*CONTROLS.values()) if key[0] == unit]
        for key, gains in zip(keys, predict([combined(key) for key in keys]), strict=True):
            parts = torch.exp(gains.log().flip(0).cumsum(0).flip(0) / 2)  # the product of the gains from here up
            predicted[key] = torch.cat([parts, torch.ones_like(parts[:1])])
        for place in PLACES:
            here = [key for key in keys if key[2] == place]
            norms |= dict(zip(here, layers([combined(key) for key in here], weights, z, grad), strict=True))
    return predicted, norms


def compute() -> Result:
    """Send the same random gradients through all nets."""
    generator = torch.Generator().manual_seed(33)
    gaussian = torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator, dtype=torch.float64)
    z, grad = torch.randn(2, SEEDS, BATCH, WIDTH, generator=generator, dtype=torch.float64)
    matrices = {True: torch.linalg.qr(gaussian).Q, False: gaussian / math.sqrt(WIDTH)}
    ratio = {}
    for name, method in METHODS.items():
        # Subtracting a mean multiplies a rounding error layer by layer as it does the gradient: there single is short.
        kind = torch.float64 if method.norm == "batch" or method.behind else torch.float32
        ratio[name] = measure(method, *(each.to(kind) for each in (matrices[method.orthogonal], z, grad)))
    gains: dict[str, Tensor] = {}
    for unit in UNITS:
        chosen = [name for name, method in METHODS.items() if method.unit == unit]
        gains |= dict(zip(chosen, predict([METHODS[name] for name in chosen]), strict=True))
    return Result({name: gains[name] for name in METHODS}, ratio, *play())


def per_layer(ratio: Tensor) -> float:
    """Geometric mean of the gains that multiply up to a ratio of norms."""
    return (ratio ** (2 / DEPTH)).item()


def explore(result: Result) -> Explorer:
    """Norm against the layer: prediction, median and band of the random networks."""
    frames, layer = {}, torch.arange(DEPTH + 1).double()
    for key, norms in result.norms.items():
        low, middle, high = norms.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=0)
        band = torch.cat([torch.stack([layer, low], 1), torch.stack([layer, high], 1).flip(0)])
        curves = {"median": middle, "theory": result.predicted[key]}
        marks = {"band": band} | {name: torch.stack([layer, curve], 1) for name, curve in curves.items()}
        left, theory = middle[0].item(), result.predicted[key][0].item()
        verdict = "vanishes" if left < 1 / LEVEL else "grows" if left > LEVEL else "level"
        frames[key] = Frame(marks, {"left": left, "theory": theory}, f"readout.{verdict}")
    x, y = Axis("layer", 0, DEPTH, (*range(0, DEPTH + 1, 10),)), Axis("size", 1e-36, 1e12, POWERS, log=True)
    looks = {"band": "area orange plain", "median": "line orange solid", "theory": "line ink dotted"}
    return Explorer(CONTROLS, ("sigmoid", "xavier", "none", "none"), x, y, looks, frames)


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
    """Gain of a layer for every method, measured beside predicted."""
    drawn, axes = new_figure(figsize=(5.6, 5.4))
    places = torch.arange(len(METHODS)).neg()
    axes.axvspan(0.03, 1, color=theme.blue, alpha=0.06, linewidth=0)
    axes.axvspan(1, 3, color=theme.orange, alpha=0.08, linewidth=0)
    axes.axvline(1, color=theme.ink, linewidth=1)
    predicted = torch.tensor([per_layer(mean_field_ratio(result.gains[name])) for name in METHODS])
    axes.scatter(predicted, places, s=60, marker="D", facecolors="none", edgecolors=theme.ink, label=text("predicted"))
    low, middle, high = (torch.stack(list(result.ratio.values()), 1) ** (2 / DEPTH)).quantile(
        torch.tensor([0.1, 0.5, 0.9]).double(), 0
    )
    axes.hlines(places, low, high, color=theme.blue, linewidth=3)
    axes.plot(middle, places, "o", color=theme.blue, markersize=4.5, linestyle="none", label=text("measured"))
    axes.set_xscale("log")
    axes.set_xticks(TICKS)
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.set_xticks([], minor=True)
    axes.set_yticks(places, [text(f"method.{name}") for name in METHODS])
    axes.set(title=text("title"), xlim=(0.03, 2.6), ylim=(-len(METHODS) + 0.4, 1.4))
    for x, key, side in ((0.94, "vanishes", "right"), (1.06, "explodes", "left")):
        axes.text(x, 0.9, text(key), ha=side, va="center", fontsize=9)
    axes.legend(loc="center left", fontsize=9)
    return drawn
