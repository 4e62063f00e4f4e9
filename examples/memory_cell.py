"""
The memory of an LSTM whose candidate and output go through tanh, through ReLU, and one that cannot forget.

Prediction: tanh adds at most one in a step, and a gate that forgets keeps the sum bounded; with ReLU the memory feeds
back into its own candidate without a bound; where every forget gate is one the additions pile up, and the tanh at the
output saturates. Measured: random cells with random inputs, one per seed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

SEEDS, WIDTH, BATCH, STEPS, BIAS = 20, 64, 32, 200, 2.0


@dataclass(frozen=True)
class Result:
    """Memory after the last step, of shape (seeds, width, batch)."""

    tanh: Tensor
    relu: Tensor
    unforgetting: Tensor


def memory(phi: Callable[[Tensor], Tensor], bias: float) -> Tensor:
    """Memory of cells with independent normal weights; a bias of the forget gate that is infinite forgets nothing."""
    generator = torch.Generator().manual_seed(39)
    shape = (SEEDS, 4 * WIDTH, WIDTH)
    W, U = (torch.randn(shape, generator=generator).double() / math.sqrt(WIDTH) for _ in range(2))
    x = torch.randn(STEPS, SEEDS, WIDTH, BATCH, generator=generator).double()
    h, c = (torch.zeros(SEEDS, WIDTH, BATCH, dtype=torch.float64) for _ in range(2))
    for step in range(STEPS):
        i, f, g, o = (W @ x[step] + U @ h).chunk(4, dim=1)
        c = torch.sigmoid(f + bias) * c + torch.sigmoid(i) * phi(g)
        h = torch.sigmoid(o) * phi(c)
    return c


def compute() -> Result:
    """Run the three kinds of cells on the same inputs."""
    return Result(memory(torch.tanh, BIAS), memory(torch.relu, BIAS), memory(torch.tanh, math.inf))


def numbers(result: Result) -> dict[str, float | int]:
    """Bounds of the largest entry over the seeds, in steps that hold on any processor, and the saturated share."""
    tanh, relu = (c.abs().amax(dim=(1, 2)) for c in (result.tanh, result.relu))
    saturated = (torch.tanh(result.unforgetting).abs() > 0.99).double().mean(dim=(1, 2))
    return {
        "steps": STEPS,
        "bias": BIAS,
        "seeds": SEEDS,
        "tanh_most": math.ceil(tanh.max().item()),
        "relu_least": 1000 ** math.floor(math.log10(relu.min().item()) / 3),
        "saturated_least": math.floor(20 * saturated.min().item()) / 20,
    }
