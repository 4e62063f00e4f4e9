"""
Do gradients vanish in AlexNet? Error signals of its eight layers at initialisation.

Five convolutions, in two groups where the paper has them, and three dense layers, a quarter as wide. Prediction: with
ReLU and He's weights the signal keeps its size; the normal weights of 2012, of deviation 0.01, weaken it, but eight
layers are few; sigmoid with Xavier's weights loses decades. The deviation of 2012 is scaled up for the smaller fan-in,
so that every layer has the gain it has at full width; local response normalisation is left out. Measured: norm of the
gradient at each pre-activation against the last, for random images and random output directions.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d

from optnotes.gradients import he_std, xavier_std

SEEDS, BATCH, SHRINK, PIXELS = 6, 2, 4, 224
ORIGINAL_STD = 0.01
# Channels, kernel, stride, padding, groups, whether a pooling follows; then units of the dense layers.
CONVOLUTIONS = (
    (96, 11, 4, 2, 1, True),
    (256, 5, 1, 2, 2, True),
    (384, 3, 1, 1, 1, False),
    (384, 3, 1, 1, 2, False),
    (256, 3, 1, 1, 2, True),
)
DENSE = (4096, 4096, 1000)
BIASED = (1, 3, 4, 5, 6)  # layers whose biases started at one in 2012
LAYERS = len(CONVOLUTIONS) + len(DENSE)
STARTS = ("he", "original", "sigmoid")


@dataclass(frozen=True)
class Result:
    """Gradient norm of each layer over the last layer's, by initialisation, of shape (seeds, layers)."""

    ratio: dict[str, Tensor]


def shapes(shrink: int) -> list[tuple[int, ...]]:
    """Shapes of the eight weights."""
    found: list[tuple[int, ...]] = []
    inputs = 3
    for channels, kernel, _, _, groups, _ in CONVOLUTIONS:
        found.append((channels // shrink, inputs // groups, kernel, kernel))
        inputs = channels // shrink
    inputs *= 6 * 6
    for units in DENSE:
        found.append((units // shrink, inputs))
        inputs = units // shrink
    return found


def scale(start: str, shape: tuple[int, ...], full: tuple[int, ...]) -> float:
    """Standard deviation of a weight; fan-in and fan-out count the window of a convolution."""
    fan_in, fan_out, full_fan_in = math.prod(shape[1:]), shape[0] * math.prod(shape[2:]), math.prod(full[1:])
    if start == "original":
        return ORIGINAL_STD * math.sqrt(full_fan_in / fan_in)
    return he_std(fan_in) if start == "he" else xavier_std(fan_in, fan_out)


def signals(start: str, generator: torch.Generator) -> Tensor:
    """Norms of the gradients with respect to the eight pre-activations."""
    phi = torch.sigmoid if start == "sigmoid" else torch.relu
    h, z = torch.randn(BATCH, 3, PIXELS, PIXELS, generator=generator), []
    for layer, (shape, full) in enumerate(zip(shapes(SHRINK), shapes(1), strict=True)):
        W = scale(start, shape, full) * torch.randn(shape, generator=generator)
        b = torch.full(shape[:1], float(start == "original" and layer in BIASED), requires_grad=True)
        if layer < len(CONVOLUTIONS):
            _, _, stride, padding, groups, pooled = CONVOLUTIONS[layer]
            z.append(conv2d(h, W, b, stride, padding, groups=groups))
            h = max_pool2d(phi(z[-1]), 3, 2) if pooled else phi(z[-1])
        else:
            z.append(h.flatten(1) @ W.T + b)
            h = phi(z[-1])
    loss = (z[-1] * torch.randn(z[-1].shape, generator=generator)).sum()
    return torch.stack([slope.norm() for slope in torch.autograd.grad(loss, z)]).double()


def compute() -> Result:
    """All initialisations, several seeds each."""
    generator = torch.Generator().manual_seed(31)
    ratio = {}
    for start in STARTS:
        norms = torch.stack([signals(start, generator) for _ in range(SEEDS)])
        ratio[start] = norms / norms[:, -1:]
    return Result(ratio)


def numbers(result: Result) -> dict[str, float | int]:
    """Ratio of the first layer to the last as a geometric mean over seeds, and the size of the full network."""
    parameters = sum(math.prod(shape) + shape[0] for shape in shapes(1))
    means = {f"ratio_{start}": ratio[:, 0].log().mean().exp().item() for start, ratio in result.ratio.items()}
    return {"layers": LAYERS, "seeds": SEEDS, "parameters": parameters, **means}
