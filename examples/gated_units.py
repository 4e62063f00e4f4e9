"""
Two products inside a transformer: the gate of SwiGLU, and the dot products of attention.

Prediction: a gated unit multiplies two independent signals, so the mean squares multiply, the mean is zero, and three
matrices of two thirds of the width cost what two of the full width do; a dot product of d independent pairs has the
variance d, and unscaled it drives softmax into saturation. Measured: one random layer, and many random queries.
"""

import math
from dataclasses import dataclass

import torch

from optnotes.activations import swish
from optnotes.gradients import variance_step
from optnotes.outputs import softmax_jacobian

WIDTH, INPUTS, MODEL, EXPANSION = 1024, 256, 768, 4
DIMENSION, KEYS, QUERIES = 64, 16, 400


@dataclass(frozen=True)
class Result:
    """Everything is a plain number."""

    values: dict[str, float]


def gate() -> dict[str, float]:
    """Mean and mean square of a gated layer at inputs of mean square one."""
    generator = torch.Generator().manual_seed(39)
    x = torch.randn(64, INPUTS, generator=generator).double()
    W, V = (torch.randn(INPUTS, WIDTH, generator=generator).double() / math.sqrt(INPUTS) for _ in range(2))
    h = swish(x @ W) * (x @ V)
    return {"mean": h.mean().item(), "square": h.square().mean().item()}


def attention() -> dict[str, float]:
    """Spread of the dot products, largest probability and size of the Jacobian of softmax, raw and scaled."""
    generator = torch.Generator().manual_seed(39)
    queries = torch.randn(QUERIES, DIMENSION, generator=generator).double()
    keys = torch.randn(QUERIES, KEYS, DIMENSION, generator=generator).double()
    raw = torch.einsum("qd,qkd->qk", queries, keys)
    found: dict[str, float] = {}
    for name, logits in (("raw", raw), ("scaled", raw / math.sqrt(DIMENSION))):
        jacobian = torch.func.vmap(softmax_jacobian)(logits)
        found |= {
            f"{name}_std": logits.std().item(),
            f"{name}_largest": logits.softmax(1).amax(1).mean().item(),
            f"{name}_jacobian": torch.linalg.matrix_norm(jacobian).median().item(),
        }
    return found


def compute() -> Result:
    """Measure both products."""
    return Result(gate() | attention())


def numbers(result: Result) -> dict[str, float | int]:
    """Measurements, predicted mean square, and the numbers of weights of both kinds of block."""
    square = variance_step(torch.tensor(1.0, dtype=torch.float64), swish, 1.0, 0.0).item()
    hidden = round(2 / 3 * EXPANSION * MODEL)
    plain, gated = 2 * MODEL * EXPANSION * MODEL, 3 * MODEL * hidden
    return {
        "predicted": square,
        "model": MODEL,
        "wide": EXPANSION * MODEL,
        "hidden": hidden,
        "plain": plain,
        "gated": gated,
        "dimension": DIMENSION,
        "keys": KEYS,
        "std_predicted": math.sqrt(DIMENSION),
    } | result.values
