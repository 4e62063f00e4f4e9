"""
How fast the gradient vanishes with depth: the gain predicted from two numbers against thirty real layers.

Three activations, three initialisations. Prediction: the variance of the signal, followed layer by layer, gives the
gain of each layer, and their product gives the norm of the error signal at every depth. Measured: that norm in random
networks, for a random direction at the output, as decades per layer; and the gain layer by layer for tanh.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid, sigmoid_derivative, tanh, tanh_derivative
from optnotes.gradient_flow import backprop, output_delta
from optnotes.initialization import he_std, linear_default, xavier_std
from optnotes.mean_field import gradient_gain, mean_field_ratio, variance_step
from optnotes.rectifiers import relu, relu_derivative
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

LAYERS, WIDTH, SEEDS = 30, 128, 20
ACTIVATIONS = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
}
STD = {"xavier": xavier_std(WIDTH, WIDTH), "he": he_std(WIDTH), "default": linear_default(WIDTH)[1]}
BIAS_VARIANCE = {"xavier": 0.0, "he": 0.0, "default": linear_default(WIDTH)[1] ** 2}
NETWORKS = [f"{activation}_{init}" for activation in ACTIVATIONS for init in STD]


@dataclass(frozen=True)
class Result:
    """By network: norms of the error signal (seeds, layers passed), and predicted gains (layers passed)."""

    norms: dict[str, Tensor]
    gains: dict[str, Tensor]


def network(init: str, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Weights and biases of all layers; the library default is uniform, biases included."""
    weight, bias = (torch.empty(LAYERS, WIDTH, k, dtype=torch.float64) for k in (WIDTH, 1))
    if init == "default":
        bound = linear_default(WIDTH)[0]
        return weight.uniform_(-bound, bound, generator=generator), bias.uniform_(-bound, bound, generator=generator)
    return weight.normal_(0, STD[init], generator=generator), bias.zero_()


def predict(activation: str, init: str) -> Tensor:
    """Gains from the layer below the last one down to the first."""
    phi, dphi = ACTIVATIONS[activation]
    variance = WIDTH * STD[init] ** 2
    q = [torch.tensor(variance + BIAS_VARIANCE[init], dtype=torch.float64)]
    while len(q) < LAYERS - 1:
        q.append(variance_step(q[-1], phi, variance, BIAS_VARIANCE[init]))
    return torch.stack([gradient_gain(each, dphi, variance) for each in reversed(q)])


def compute() -> Result:
    """One random input and one random output direction per seed and initialisation."""
    generator = torch.Generator().manual_seed(31)
    norms: dict[str, list[Tensor]] = {name: [] for name in NETWORKS}
    for init in (init for init in STD for _ in range(SEEDS)):
        W, b = network(init, generator)
        x, direction = torch.randn(2, WIDTH, generator=generator, dtype=torch.float64)
        for activation, (phi, dphi) in ACTIVATIONS.items():
            z = [W[0] @ x + b[0, :, 0]]
            for layer in range(1, LAYERS):
                z.append(W[layer] @ phi(z[-1]) + b[layer, :, 0])
            delta = [output_delta(direction, z[-1], dphi)]
            for layer in reversed(range(LAYERS - 1)):
                delta.append(backprop(delta[-1], W[layer + 1], z[layer], dphi))
            norms[f"{activation}_{init}"].append(torch.stack(delta).norm(dim=1))
    gains = {name: predict(*name.split("_")) for name in NETWORKS}
    return Result({name: torch.stack(rows) for name, rows in norms.items()}, gains)


def numbers(result: Result) -> dict[str, float | int]:
    """Decades per layer, predicted and measured, and the gains they stand for."""
    found: dict[str, float | int] = {"layers": LAYERS, "width": WIDTH, "seeds": SEEDS}
    for name in NETWORKS:
        slopes = (result.norms[name][:, -1] / result.norms[name][:, 0]).log10() / (LAYERS - 1)
        predicted = mean_field_ratio(result.gains[name]).log10().item() / (LAYERS - 1)
        found[f"predicted_{name}"], found[f"measured_{name}"] = predicted, slopes.mean().item()
        found[f"spread_{name}"] = slopes.std().item()
        found[f"chi_predicted_{name}"], found[f"chi_measured_{name}"] = 100**predicted, 100 ** slopes.mean().item()
    found["worst_gap"] = max(abs(found[f"predicted_{name}"] - found[f"measured_{name}"]) for name in NETWORKS)
    squares = result.norms["tanh_xavier"][:, -2:].square()
    found["gain_first"] = (squares[:, 1] / squares[:, 0]).mean().item()
    found["ratio_sigmoid_xavier"] = 10 ** (found["measured_sigmoid_xavier"] * (LAYERS - 1))
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Decades lost against layers passed, and the gain of tanh layer by layer."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(6.4, 7.2), height_ratios=(3, 2))
    colours = dict(zip(ACTIVATIONS, (theme.orange, theme.green, theme.blue), strict=True))
    styles = dict(zip(STD, ("-", "--", "-."), strict=True))
    places = {"tanh_he": 1.5, "relu_he": 0.1, "tanh_xavier": -1.3}
    for name in NETWORKS:
        activation, init = name.split("_")
        decades = (result.norms[name] / result.norms[name][:, :1]).log10()
        low, middle, high = decades.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=0)
        upper.fill_between(range(LAYERS), low, high, color=colours[activation], alpha=0.25, linewidth=0)
        upper.plot(middle, color=colours[activation], linestyle=styles[init])
        theory = result.gains[name].log10().cumsum(0) / 2
        upper.plot(range(4, LAYERS, 5), theory[3::5], color=theme.ink, marker="o", markersize=3.5, linestyle="none")
        height = places.get(name, theory[-1].item())
        upper.text(LAYERS, height, f"{text(activation)}, {text(init)}", color=colours[activation], va="center")
    upper.set(xlabel=text("passed"), title=text("title.decades"), xlim=(-0.5, LAYERS + 11))
    upper.plot([], color=theme.ink, marker="o", markersize=3.5, linestyle="none", label=text("theory"))
    upper.legend(loc="lower left")

    measured = result.norms["tanh_xavier"].square()
    ratio = (measured[:, 1:] / measured[:, :-1]).flip(1)
    error = 2 * ratio.std(0) / math.sqrt(SEEDS)
    layers = range(1, LAYERS)
    lower.axhline(1, color=theme.violet, linestyle="--", label=text("fixed"))
    lower.plot(layers, result.gains["tanh_xavier"].flip(0), color=theme.ink, linestyle=":", label=text("predicted"))
    lower.errorbar(layers, ratio.mean(0), error, color=theme.green, linestyle="none", marker="o", label=text("mean"))
    lower.set(xlabel=text("layer"), title=text("title.gain"))
    lower.legend(loc="lower right")
    return drawn
