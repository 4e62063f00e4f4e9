"""
At what depth a gradient turns into zero: the range of the number format against the decay per layer.

A sigmoid network with the library's default weights. Prediction: the gain gives the decades lost per layer, and the
smallest positive number of a format gives the decades available; their quotient is the number of layers a gradient
survives. A loss scale adds its own decades. Measured: the number of layers with a gradient that is not exactly zero,
when signal, weights and gradient are stored in float16, bfloat16 or float32 and the sums are taken in float32.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import sigmoid, sigmoid_derivative
from optnotes.gradients import gradient_decades, gradient_gain, linear_default, variance_step
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

LAYERS, WIDTH, SEEDS, BATCH = 64, 64, 20, 64
LOSS_SCALE = 2.0**16  # where torch.amp.GradScaler starts
FORMATS = {
    "float16": (torch.float16, 1.0),
    "float16_scaled": (torch.float16, LOSS_SCALE),
    "bfloat16": (torch.bfloat16, 1.0),
    "float32": (torch.float32, 1.0),
    "float64": (torch.float64, 1.0),
}


@dataclass(frozen=True)
class Result:
    """Root mean square of the gradient's components by format, of shape (layers passed, seeds), and the gain."""

    size: dict[str, Tensor]
    gain: float


def smallest(dtype: torch.dtype) -> float:
    """Smallest positive number of a format, subnormal numbers included."""
    return torch.finfo(dtype).tiny * torch.finfo(dtype).eps


def predicted_layers(gain: float, start: float, name: str) -> float:
    """Layers that hold a gradient above the smallest number, the last one included."""
    dtype, scale = FORMATS[name]
    per_layer = gradient_decades(torch.tensor(math.sqrt(gain)), 1).item()
    return 1 + math.log10(smallest(dtype) / scale / start) / per_layer


def backward(W: Tensor, x: Tensor, direction: Tensor, dtype: torch.dtype, scale: float) -> Tensor:
    """Sizes of the gradient from the last layer to the first, every intermediate value rounded to the format."""
    wide = torch.float64 if dtype == torch.float64 else torch.float32
    W, h, delta = W.to(dtype).to(wide), x.to(dtype).to(wide), (scale * direction).to(dtype).to(wide)
    z = []
    for layer in W:
        z.append((layer @ h).to(dtype).to(wide))
        h = sigmoid(z[-1]).to(dtype).to(wide)
    sizes = []
    for layer in reversed(range(LAYERS)):
        delta = (sigmoid_derivative(z[layer]) * delta).to(dtype).to(wide)
        sizes.append(delta.double().square().mean(dim=(1, 2)).sqrt() / scale)
        delta = (W[layer].mT @ delta).to(dtype).to(wide)
    return torch.stack(sizes)


def compute() -> Result:
    """The same networks, inputs and output directions in every format; a mean over a batch shrinks the direction."""
    generator = torch.Generator().manual_seed(31)
    bound, std = linear_default(WIDTH)
    W = torch.empty(LAYERS, SEEDS, WIDTH, WIDTH, dtype=torch.float64).uniform_(-bound, bound, generator=generator)
    x, direction = torch.randn(2, SEEDS, WIDTH, 1, generator=generator, dtype=torch.float64)
    q = torch.tensor(1.0, dtype=torch.float64)
    for _ in range(LAYERS):
        q = variance_step(q, sigmoid, WIDTH * std**2, 0.0)
    gain = gradient_gain(q, sigmoid_derivative, WIDTH * std**2).item()
    sizes = {name: backward(W, x, direction / BATCH, *FORMATS[name]) for name in FORMATS}
    return Result(sizes, gain)


def numbers(result: Result) -> dict[str, float | int]:
    """Layers with a gradient, predicted and measured, and the size at the first layer in float64."""
    start = result.size["float64"][0].mean().item()
    found: dict[str, float | int] = {
        "layers": LAYERS,
        "seeds": SEEDS,
        "decades_per_layer": -gradient_decades(torch.tensor(math.sqrt(result.gain)), 1).item(),
        "scale_decades": math.log10(LOSS_SCALE),
        "start": start,
        "first_layer": result.size["float64"][-1].median().item(),
    }
    for name in list(FORMATS)[:-1]:
        found[f"predicted_{name}"] = predicted_layers(result.gain, start, name)
        found[f"alive_{name}"] = (result.size[name] > 0).sum(0).double().mean().item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Size of a component against layers passed, with the smallest number of each format."""
    drawn, axes = new_figure(figsize=(5.6, 4.6))
    looks = zip(list(FORMATS)[:-1], (theme.red, theme.orange, theme.green, theme.blue), "osD^", strict=True)
    start = result.size["float64"][0].mean()
    decay = start * result.gain ** (torch.arange(LAYERS).double() / 2)
    axes.plot(decay, color=theme.ink, linestyle=":", label=text("predicted"))
    low, middle, high = result.size["float64"].quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
    axes.fill_between(range(len(middle)), low, high, color=theme.muted, alpha=0.25, linewidth=0)
    axes.plot(middle, color=theme.muted, linestyle="-", label=text("float64"))
    for name, colour, marker in looks:
        size = result.size[name].median(1).values
        held, height = int((size > 0).sum()), smallest(FORMATS[name][0]) / FORMATS[name][1]
        axes.axhline(height, color=colour, linestyle="--", linewidth=1)
        axes.plot(held - 1, size[held - 1], color=colour, marker=marker, linestyle="none", markersize=8)
        place, side = (LAYERS, "right") if name.startswith("float16") else (0, "left")
        axes.text(place, height * 3, text(name), color=colour, ha=side, va="bottom", fontsize=9)
    axes.plot([], color=theme.ink, linestyle="none", marker="o", label=text("last"))
    axes.set(yscale="log", xlabel=text("passed"), title=text("title"), ylim=(1e-56, 10))
    axes.legend(loc="upper right", fontsize=9, bbox_to_anchor=(1, 0.73))
    return drawn
