"""
How fast the gradient vanishes with depth: the gain predicted from two numbers against thirty real layers.

Three activations, three initialisations. Prediction: the variance of the signal, followed layer by layer, gives the
gain of each layer, and their product gives the norm of the error signal at every depth. Measured: that norm in random
networks, for a random direction at the output, as decades per layer; and the gain layer by layer for tanh.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import relu, relu_derivative, sigmoid, sigmoid_derivative, tanh, tanh_derivative
from optnotes.gradients import (
    backprop,
    gradient_gain,
    he_std,
    linear_default,
    mean_field_ratio,
    output_delta,
    variance_step,
    xavier_std,
)
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

LAYERS, WIDTH, SEEDS = 30, 128, 20
ACTIVATIONS = {
    "sigmoid": (sigmoid, sigmoid_derivative),
    "tanh": (tanh, tanh_derivative),
    "relu": (relu, relu_derivative),
}
STD = {"xavier": xavier_std(WIDTH, WIDTH), "he": he_std(WIDTH), "default": linear_default(WIDTH)[1]}
BIAS_VARIANCE = {"xavier": 0.0, "he": 0.0, "default": linear_default(WIDTH)[1] ** 2}
NETWORKS = [f"{activation}_{init}" for init in STD for activation in ACTIVATIONS]


@dataclass(frozen=True)
class Result:
    """By network: norms of the error signal (seeds, layers passed), and predicted gains (layers passed)."""

    norms: dict[str, Tensor]
    gains: dict[str, Tensor]


def networks(init: str, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Weights and biases of all layers and seeds; the library default is uniform, biases included."""
    weight, bias = torch.empty(LAYERS, SEEDS, WIDTH, WIDTH), torch.zeros(LAYERS, SEEDS, WIDTH, 1)
    if init == "default":
        bound = linear_default(WIDTH)[0]
        return weight.uniform_(-bound, bound, generator=generator), bias.uniform_(-bound, bound, generator=generator)
    return weight.normal_(0, STD[init], generator=generator), bias


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
    generator, norms = torch.Generator().manual_seed(31), {}
    first, back = torch.func.vmap(output_delta, (0, 0, None)), torch.func.vmap(backprop, (0, 0, 0, None))
    for init in STD:
        W, b = networks(init, generator)
        x, direction = torch.randn(2, SEEDS, WIDTH, 1, generator=generator)
        for activation, (phi, dphi) in ACTIVATIONS.items():
            z = [torch.baddbmm(b[0], W[0], x)]
            for layer in range(1, LAYERS):
                z.append(torch.baddbmm(b[layer], W[layer], phi(z[-1])))
            delta = [first(direction[..., 0], z[-1][..., 0], dphi)]
            for layer in reversed(range(LAYERS - 1)):
                delta.append(back(delta[-1], W[layer + 1], z[layer][..., 0], dphi))
            norms[f"{activation}_{init}"] = torch.stack(delta, 1).double().norm(dim=2)
    return Result(norms, {name: predict(*name.split("_")) for name in NETWORKS})


def numbers(result: Result) -> dict[str, float | int]:
    """Decades per layer, predicted and measured, and the gains they stand for."""
    found: dict[str, float | int] = {"layers": LAYERS, "width": WIDTH, "seeds": SEEDS}
    for name, norms in result.norms.items():
        slopes = (norms[:, -1] / norms[:, 0]).log10() / (LAYERS - 1)
        predicted = mean_field_ratio(result.gains[name]).log10().item() / (LAYERS - 1)
        measured, spread = slopes.mean().item(), slopes.std().item()
        found |= {f"predicted_{name}": predicted, f"measured_{name}": measured, f"spread_{name}": spread}
        found |= {f"chi_predicted_{name}": 100**predicted, f"chi_measured_{name}": 100**measured}
    found["worst_gap"] = max(abs(found[f"predicted_{name}"] - found[f"measured_{name}"]) for name in NETWORKS)
    last = result.norms["tanh_xavier"][:, -2:]
    found["gain_first"] = (last[:, 1] / last[:, 0]).square().mean().item()
    return found | {"ratio_sigmoid_xavier": 10 ** (found["measured_sigmoid_xavier"] * (LAYERS - 1))}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Decades lost against layers passed, and the gain of tanh layer by layer."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 7.2), height_ratios=(3, 2))
    colours = {"sigmoid": theme.orange, "tanh": theme.green, "relu": theme.blue}
    styles, places = {"xavier": "-", "he": "--", "default": "-."}, {"tanh_he": 1.5, "relu_he": 0.1, "tanh_xavier": -1.3}
    for name in NETWORKS:
        activation, init = name.split("_")
        decades = (result.norms[name] / result.norms[name][:, :1]).log10()
        low, middle, high = decades.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=0)
        upper.fill_between(range(LAYERS), low, high, color=colours[activation], alpha=0.25, linewidth=0)
        upper.plot(middle, color=colours[activation], linestyle=styles[init])
        theory = result.gains[name].log10().cumsum(0) / 2
        upper.plot(range(4, LAYERS, 5), theory[3::5], color=theme.ink, marker="o", markersize=3.5, linestyle="none")
        height = places.get(name, theory[-1])
        upper.text(LAYERS, height, f"{text(activation)}, {text(init)}", color=colours[activation], va="center")
    upper.plot([], color=theme.ink, marker="o", markersize=3.5, linestyle="none", label=text("theory"))
    upper.set(xlabel=text("passed"), title=text("title.decades"), xlim=(-0.5, LAYERS + 11))
    measured, layers = result.norms["tanh_xavier"].square().flip(1), range(1, LAYERS)
    ratio = measured[:, :-1] / measured[:, 1:]
    lower.axhline(1, color=theme.violet, linestyle="--", label=text("fixed"))
    lower.plot(layers, result.gains["tanh_xavier"].flip(0), color=theme.ink, linestyle=":", label=text("predicted"))
    mean, error = ratio.mean(0), 2 * ratio.std(0) / SEEDS**0.5
    lower.errorbar(layers, mean, error, color=theme.green, linestyle="none", marker="o", label=text("mean"))
    lower.set(xlabel=text("layer"), title=text("title.gain"))
    upper.legend(loc="lower left")
    lower.legend(loc="lower right")
    return drawn
