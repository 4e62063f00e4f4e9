"""
Cures of vanishing gradients with a pencil: four numbers through one layer of ReLU, and three blocks of one unit.

The four pre-activations have as much square left of zero as right of it, so ReLU takes half of their mean square; the
variance of the weights then decides what the next layer sees. The three blocks multiply, with shortcuts and without.
Beyond the pencil: what He's weights leave of a gradient behind many layers of GELU.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.activations import gelu, gelu_derivative, relu
from optnotes.gradients import (
    gradient_gain,
    he_std,
    linear_default,
    mean_field_ratio,
    residual_growth,
    residual_jacobian,
    variance_step,
    xavier_std,
)

DEPTH = 50


@dataclass(frozen=True)
class Result:
    """Pre-activations of a layer, and slopes of the branches of three blocks."""

    z: Tensor
    slopes: Tensor


def compute() -> Result:
    """Write the numbers down."""
    return Result(torch.tensor([7.0, 1.0, -5.0, -5.0]).double(), torch.tensor([0.1, -0.2, 0.3]).double())


def gelu_with_he_weights() -> float:
    """Ratio of gradient norms over many wide layers of GELU, for inputs of variance one."""
    q, gains = torch.tensor(2.0).double(), []
    for _ in range(DEPTH):
        gains.append(gradient_gain(q, gelu_derivative, 2.0))
        q = variance_step(q, gelu, 2.0, 0.0)
    return mean_field_ratio(torch.stack(gains)).item()


def numbers(result: Result) -> dict[str, float | int]:
    """Mean squares before and behind a layer by initialisation; products of the blocks; growth over many."""
    z, (a, b, c) = result.z, result.slopes.tolist()
    n, kept = len(z), relu(z).square()
    found: dict[str, float | int] = {"fan_in": n, "depth": DEPTH, "square": z.square().mean().item()}
    found |= {"kept": kept.mean().item(), "kept_sum": kept.sum().item()}
    stds = {"xavier": xavier_std(n, n), "he": he_std(n), "default": linear_default(n)[1]}
    for name, std in stds.items():
        after = std**2 * kept.sum().item()
        gain = after / found["square"]
        found |= {f"{name}_variance": std**2, f"{name}_inverse": 1 / std**2, f"{name}_after": after}
        found |= {f"{name}_gain": gain, f"{name}_left": gain ** (DEPTH / 2)}
    found |= {"slope_1": a, "slope_2": b, "slope_3": c, "chain": a * b * c}
    found |= {"single": a + b + c, "double": a * b + a * c + b * c, "paths": 2 ** len(result.slopes)}
    found["residual"] = residual_jacobian(result.slopes[:, None, None]).item()
    one = torch.ones((), dtype=torch.float64)
    found["shortcut_growth"] = residual_growth(one, 1.0, DEPTH).item()
    found["scaled_growth"] = residual_growth(one, 1 / math.sqrt(DEPTH), DEPTH).item()
    return found | {"gelu_left": gelu_with_he_weights()}
