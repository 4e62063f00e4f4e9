"""
A coordinate check: how far one step of Adam moves the numbers inside a net, width by width and depth by depth.

Prediction: Adam moves every weight by the learning rate, all in step with the inputs, so a sum over n of them moves by
about n times the rate; with the rate of the hidden and output matrices divided by the width, as in the maximal update
parametrisation, it moves alike at all widths. With residual branches over the root of the depth L every block moves
the stream by one over that root, all in step, which makes the root of L; a rate over the root of L makes up for it.
Measured: change of the second hidden layer, or of the stream behind the last block, and of the output.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from optnotes.descent import adam_step
from optnotes.gradients import he_std, xavier_std

SEEDS, INPUTS, BATCH, LR = 6, 32, 16, 0.001
WIDTHS, DEPTHS = (64, 256, 1024), (4, 16, 64)
WIDE = {"same": False, "divided": True}  # by rule: rate and output made to fit the width
DEEP = {"bare": (False, False), "scaled": (True, False), "level": (True, True)}  # branch, then rate, over the root

Net = Callable[..., tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Result:
    """Root mean square change by rule, of shape (widths or depths, 2): hidden layer or stream, and output."""

    moved: dict[str, Tensor]
    deep: dict[str, Tensor]


def forward(x: Tensor, first: Tensor, hidden: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
    """Second hidden layer in front of its ReLU, and the output."""
    z = torch.relu(x @ first) @ hidden
    return z, torch.relu(z) @ out


def change(width: int, divided: bool, seed: int) -> Tensor:
    """What one step does to hidden layer and output of one net."""
    normal = partial(torch.randn, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    x, target = normal(BATCH, INPUTS), normal(BATCH, 1)
    ratio = width / WIDTHS[0] if divided else 1.0
    weights = [
        he_std(INPUTS) * normal(INPUTS, width),
        he_std(width) * normal(width, width),
        he_std(width) * normal(width, 1) / math.sqrt(ratio),
    ]
    return shift(partial(forward, x), weights, target, (LR, LR / ratio, LR / ratio))


def shift(net: Net, weights: list[Tensor], target: Tensor, rates: tuple[float, ...]) -> Tensor:
    """Root mean square change of what the net returns, in one step of Adam on the squared error."""
    weights = [each.requires_grad_() for each in weights]
    before = net(*weights)
    gradient = torch.autograd.grad((before[1] - target).square().mean(), weights)
    moved = []
    for weight, each, lr in zip(weights, gradient, rates, strict=True):
        zero = torch.zeros_like(each)
        moved.append(adam_step(weight.detach(), each, zero, zero, 1, lr, 0.0)[0])
    after = net(*moved)
    return torch.stack([(b - a).square().mean().sqrt().detach() for a, b in zip(before, after, strict=True)])


def residual(x: Tensor, branch: float, first: Tensor, blocks: Tensor, out: Tensor) -> tuple[Tensor, Tensor]:
    """Stream behind the last block, and the output."""
    h = x @ first
    for block in blocks:
        h = h + branch * (torch.relu(h) @ block)
    return h, torch.relu(h) @ out


def change_deep(depth: int, scaled: bool, divided: bool, seed: int) -> Tensor:
    """What one step does to stream and output of one residual net."""
    normal = partial(torch.randn, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    width, x, target = WIDTHS[0], normal(BATCH, INPUTS), normal(BATCH, 1)
    blocks = he_std(width) * normal(depth, width, width)
    weights = [xavier_std(INPUTS, INPUTS) * normal(INPUTS, width), blocks, he_std(width) * normal(width, 1)]
    ratio = math.sqrt(depth / DEPTHS[0]) if divided else 1.0
    net = partial(residual, x, 1 / math.sqrt(depth) if scaled else 1.0)
    return shift(net, weights, target, (LR, LR / ratio, LR))


def over_seeds(one: Callable[[int], Tensor]) -> Tensor:
    """Mean over the seeds."""
    return torch.stack([one(seed) for seed in range(SEEDS)]).mean(0)


def compute() -> Result:
    """All widths with the same rate and with a rate over the width; all depths with each rule."""
    wide = {
        name: torch.stack([over_seeds(partial(change, width, divided)) for width in WIDTHS])
        for name, divided in WIDE.items()
    }
    deep = {
        name: torch.stack([over_seeds(partial(change_deep, depth, *rule)) for depth in DEPTHS])
        for name, rule in DEEP.items()
    }
    return Result(wide, deep)


def numbers(result: Result) -> dict[str, float | int]:
    """How many times farther the widest net moves than the narrowest, and the deepest than the shallowest."""
    narrow, *_, wide = WIDTHS
    shallow, *_, deep = DEPTHS
    found: dict[str, float | int] = {"narrow": narrow, "wide": wide, "times": wide // narrow}
    found |= {"shallow": shallow, "deep": deep, "deeper": deep // shallow, "root": math.sqrt(deep / shallow)}
    for moved, inside in ((result.moved, "hidden"), (result.deep, "stream")):
        for name, by_size in moved.items():
            for index, part in enumerate((inside, "output")):
                found[f"{name}_{part}"] = (by_size[-1, index] / by_size[0, index]).item()
    return found
