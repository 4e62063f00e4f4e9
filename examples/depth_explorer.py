"""
Gradient norm of every layer, for every activation, scale of the weights and depth of a small grid.

Prediction: the variance of the signal, followed layer by layer, gives the gain of each layer, and the gains multiply
into the norm of the error signal in every layer, relative to the last. Measured: that norm in random networks without
biases, for a random direction at the output. One set of weights serves all scales and depths.
"""

import math
from dataclasses import dataclass
from functools import partial

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import relu, relu_derivative, sigmoid, sigmoid_derivative, tanh, tanh_derivative
from optnotes.gradients import backprop, gradient_gain, mean_field_ratio, output_delta, variance_step
from optnotes.site.figures.explore import Axis, Explorer, Frame, panels
from optnotes.site.figures.style import Theme
from optnotes.site.words.text import Label

WIDTH, SEEDS = 48, 24
PAIRS = ((sigmoid, sigmoid_derivative), (tanh, tanh_derivative), (relu, relu_derivative))
ACTIVATIONS = dict(zip(("sigmoid", "tanh", "relu"), PAIRS, strict=True))
SCALES, DEPTHS = (0.5, 0.7, 0.85, 1.0, 1.2, 1.41, 1.7, 2.0, 3.0, 4.0), (5, 10, 20, 40)
TICKS = [10.0**k for k in range(-12, 7, 3)]
Key = tuple[str, float, int]


@dataclass(frozen=True)
class Result:
    """By setting, relative to the last layer: norms of shape (seeds, layers), and their prediction per layer."""

    norms: dict[Key, Tensor]
    predicted: dict[Key, Tensor]


def gains(activation: str, scale: float) -> Tensor:
    """Predicted gain of the squared norm on the way back through each layer but the last of the deepest network."""
    phi, dphi = ACTIVATIONS[activation]
    q = [torch.tensor(scale**2, dtype=torch.float64)]
    while len(q) < DEPTHS[-1] - 1:
        q.append(variance_step(q[-1], phi, scale**2, 0.0))
    return torch.stack([gradient_gain(each, dphi, scale**2) for each in q])


def measure(W: Tensor, x: Tensor, direction: Tensor, activation: str) -> Tensor:
    """Norms of shape (depths, scales and seeds, layers); W holds the scaled weights of one layer after the other."""
    phi, dphi = ACTIVATIONS[activation]
    first, back = torch.func.vmap(partial(output_delta, dphi=dphi)), torch.func.vmap(partial(backprop, dphi=dphi))
    z = [(W[0] @ x[..., None])[..., 0]]
    for weight in W[1:]:
        z.append((weight @ phi(z[-1])[..., None])[..., 0])
    norms = torch.full((len(DEPTHS), len(x), len(W)), math.nan, dtype=x.dtype)
    for row, depth in zip(norms, DEPTHS, strict=True):
        delta = first(direction, z[depth - 1])
        row[:, depth - 1] = delta.norm(dim=1)
        for layer in reversed(range(depth - 1)):
            delta = back(delta, W[layer + 1], z[layer])
            row[:, layer] = delta.norm(dim=1)
    return norms


def compute() -> Result:
    """All scales at once; the same weights, inputs and directions for every setting."""
    generator = torch.Generator().manual_seed(31)
    # Drawn in float64: the last digit of a weight in float32 grows into a tenth of a decade over forty layers.
    draw = partial(torch.randn, generator=generator, dtype=torch.float64)
    base = draw(DEPTHS[-1], 1, SEEDS, WIDTH, WIDTH) / WIDTH**0.5
    W = (torch.tensor(SCALES, dtype=torch.float64)[:, None, None, None] * base).flatten(1, 2)
    x, direction = draw(2, SEEDS, WIDTH).repeat(1, len(SCALES), 1)
    norms, predicted = {}, {}
    for activation in ACTIVATIONS:
        measured = measure(W, x, direction, activation).reshape(len(DEPTHS), len(SCALES), SEEDS, -1)
        for i, scale in enumerate(SCALES):
            chi = gains(activation, scale)
            for size, depth in zip(measured[:, i], DEPTHS, strict=True):
                norms[activation, scale, depth] = size[:, :depth] / size[:, depth - 1 : depth]
                parts = [mean_field_ratio(chi[layer : depth - 1]) for layer in range(depth - 1)]
                predicted[activation, scale, depth] = torch.stack([*parts, torch.ones_like(chi[0])])
    return Result(norms, predicted)


def summary(result: Result, key: Key) -> dict[str, float | int]:
    """Decades gained or lost between the last and the first layer."""
    decades = result.norms[key][:, 0].log10()
    low, middle, high = decades.quantile(torch.tensor([0.1, 0.5, 0.9]).double()).tolist()
    predicted = result.predicted[key][0].log10().item()
    gain = 10 ** (predicted / (key[2] - 1))
    return {"predicted": predicted, "measured": middle, "low": low, "high": high, "layers": key[2], "gain": gain}


def explore(result: Result) -> Explorer:
    """Norm against the layer: prediction, median and band of the random networks."""
    frames, layers = {}, torch.arange(1, DEPTHS[-1] + 1).double()
    for key, norms in result.norms.items():
        low, middle, high = norms.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=0)
        layer = layers[: key[2]]
        band = torch.cat([torch.stack([layer, low], 1), torch.stack([layer, high], 1).flip(0)])
        curves = {"median": middle, "theory": result.predicted[key]}
        marks = {"band": band} | {name: torch.stack([layer, curve], 1) for name, curve in curves.items()}
        frames[key] = Frame(marks, summary(result, key))
    controls: dict[str, tuple[float | str, ...]] = {"activation": tuple(ACTIVATIONS), "scale": SCALES, "depth": DEPTHS}
    x, y = Axis("layer", 1, DEPTHS[-1], (1, 10, 20, 30, 40)), Axis("norm", 1e-12, 1e6, TICKS, log=True)
    looks = {"band": "area orange plain", "median": "line orange solid", "theory": "line ink dotted"}
    return Explorer(controls, ("sigmoid", 1.0, 20), x, y, looks, frames)


def numbers(result: Result) -> dict[str, float | int]:
    """Sizes, the largest gap to the prediction in decades per layer, and the scales that ought to be level."""
    found = [summary(result, key) for key in result.norms]
    gap = max(abs(each["predicted"] - each["measured"]) / (each["layers"] - 1) for each in found)
    depth = DEPTHS[-1]
    level = {a: min(SCALES, key=lambda s: abs(summary(result, (a, s, depth))["predicted"])) for a in ("tanh", "relu")}
    end, start = (summary(result, key) for key in (("tanh", level["tanh"], depth), ("sigmoid", 1.0, 20)))
    return (
        {"width": WIDTH, "seeds": SEEDS, "settings": len(found), "gap": gap, "deepest": depth}
        | {f"level_{activation}": scale for activation, scale in level.items()}
        | {"level_predicted": end["predicted"], "level_measured": end["measured"]}
        | {"level_gain": gains("tanh", level["tanh"])[-1].item(), "start_gain": start["gain"]}
        | {f"start_{name}": 10 ** start[name] for name in ("predicted", "measured")}
    )


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One setting that vanishes and one that explodes."""
    return panels(explore(result), [("sigmoid", 1.0, 20), ("tanh", 2.0, 40)], text, theme)
