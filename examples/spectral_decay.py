"""
Spectral normalisation against exploding and vanishing: every matrix divided by its largest singular value.

Prediction: no layer can lengthen a gradient any more, and a random one shortens it: the singular values of a square
Gaussian matrix reach from zero to twice their root mean square, so after the division the norm is halved by a matrix
and, with half of the units of ReLU silent, multiplied by one over the root of eight. Measured: the gradient norm at the
input over that at the output, in nets whose weights explode and in the same nets normalised.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.gradients import he_std

SEEDS, DEPTH, WIDTH, BATCH, FACTOR = 6, 20, 128, 16, 3.0


@dataclass(frozen=True)
class Result:
    """Ratio of gradient norms over the whole net, one per seed: as drawn, and normalised."""

    drawn: Tensor
    normalised: Tensor
    largest: float  # the largest singular value after the division


def ratio(weights: Tensor, x: Tensor, grad: Tensor) -> Tensor:
    """Gradient norm at the input over that at the output of a ReLU net, by seed."""
    h = x.clone().requires_grad_()
    out = h
    for W in weights:
        out = torch.relu(out) @ W
    (below,) = torch.autograd.grad((out * grad).sum(), h)
    found: Tensor = torch.linalg.vector_norm(below, dim=(1, 2)) / torch.linalg.vector_norm(grad, dim=(1, 2))
    return found


def compute() -> Result:
    """Send the same gradients through both nets."""
    generator = torch.Generator().manual_seed(33)
    weights = torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator, dtype=torch.float64)
    weights *= FACTOR * he_std(WIDTH)
    x, grad = torch.randn(2, SEEDS, BATCH, WIDTH, generator=generator, dtype=torch.float64)
    normalised = weights / torch.linalg.matrix_norm(weights, 2)[..., None, None]
    largest = torch.linalg.matrix_norm(normalised, 2).max().item()
    return Result(ratio(weights, x, grad), ratio(normalised, x, grad), largest)


def numbers(result: Result) -> dict[str, float | int]:
    """Medians over the whole net, and per layer."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "factor": FACTOR, "predicted": math.sqrt(1 / 8)}
    for name, over in (("drawn", result.drawn), ("normalised", result.normalised)):
        middle = over.median().item()
        found |= {name: middle, f"{name}_layer": middle ** (1 / DEPTH)}
    return found | {"largest": result.largest}
