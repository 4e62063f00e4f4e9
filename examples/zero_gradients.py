"""
Gradients that are exactly zero although nothing vanishes, and one that is NaN: cause by cause, with the cure.

Prediction: a parameter has a gradient of exactly zero when another factor of it is exactly zero, whatever the depth.
That factor is the derivative of the activation where inputs far from the origin saturate every unit; the input itself
where a pixel is never lit; the other matrix where a product of two starts at zero, as in a low-rank adapter; a rounded
number where the signal of the forward pass falls below the format. In each case the cure is another.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits

UNITS, EXAMPLES, OFFSET = 400, 256, 1000.0
RANK, SIZE, ADAPTER_STEPS, RATE = 4, 32, 20, 0.1
LAYERS, WIDTH, SEEDS = 40, 128, 8
SMALLEST = torch.finfo(torch.float16).tiny * torch.finfo(torch.float16).eps


@dataclass(frozen=True)
class Result:
    """
    Shares of parameters without gradient, by case; whether outputs move with the inputs; layers in half precision.

    ``alive`` counts layers with a forward signal that is not zero, one entry a network.
    """

    share: dict[str, float]
    spread: dict[str, float]
    alive: Tensor
    pixels: int
    unlit: int


def zero_share(gradient: Tensor) -> float:
    """Share of the rows that are exactly zero throughout."""
    return (gradient == 0).all(dim=1).double().mean().item()


def inputs_far_away(offset: float, generator: torch.Generator) -> tuple[float, float]:
    """Share of tanh units whose weights get no gradient, and how far the output moves between examples."""
    x = torch.randn(EXAMPLES, 2, generator=generator)
    y = (x[:, 0] > x[:, 1]).long()
    W = (torch.rand(UNITS, 2, generator=generator) * 2 - 1).mul(2**-0.5).requires_grad_()
    V = torch.randn(2, UNITS, generator=generator) / UNITS**0.5
    logits = torch.tanh((x + offset) @ W.T) @ V.T
    (gradient,) = torch.autograd.grad(cross_entropy(logits, y), W)
    return zero_share(gradient), logits.detach().std(dim=0).mean().item()


def adapter(zero: str, generator: torch.Generator) -> tuple[float, float]:
    """Share of rows of A without gradient in the first and in the last step; ``zero`` names what starts at zero."""
    X, goal = torch.randn(EXAMPLES, SIZE, generator=generator), torch.randn(SIZE, SIZE, generator=generator) / SIZE
    A, B = torch.randn(RANK, SIZE, generator=generator) / SIZE**0.5, torch.zeros(SIZE, RANK)
    A, B = (A * ("A" not in zero)).requires_grad_(), B.requires_grad_()
    shares = []
    for _ in range(ADAPTER_STEPS):
        grad_A, grad_B = torch.autograd.grad(mse_loss(X @ A.T @ B.T, X @ goal.T, reduction="sum") / EXAMPLES, [A, B])
        shares.append(zero_share(grad_A))
        with torch.no_grad():
            A -= RATE * grad_A
            B -= RATE * grad_B
    return shares[0], shares[-1]


def unlit_pixels() -> tuple[float, int, int]:
    """Share of the first layer's weights without gradient, pixels, and those that are zero in every example."""
    X, y = load_digits()
    X = X.float()
    generator = torch.Generator().manual_seed(31)
    W = (torch.randn(UNITS, X.shape[1], generator=generator) / 80).requires_grad_()
    V = torch.randn(10, UNITS, generator=generator) / UNITS**0.5
    (gradient,) = torch.autograd.grad(cross_entropy(torch.relu(X @ W.T) @ V.T, y), W)
    unlit = (X == 0).all(dim=0)
    return zero_share(gradient.T), X.shape[1], int(unlit.sum())


def forward_in_half(generator: torch.Generator) -> Tensor:
    """Layers whose outputs, rounded to half precision, are not all zero, with half of He's deviation."""
    h = torch.randn(SEEDS, WIDTH, 1, generator=generator, dtype=torch.float64)
    alive = torch.zeros(SEEDS, dtype=torch.int64)
    for _ in range(LAYERS):
        W = he_std(WIDTH) / 2 * torch.randn(SEEDS, WIDTH, WIDTH, generator=generator, dtype=torch.float64)
        h = torch.relu(W @ h).half().double()
        alive += (h != 0).any(dim=1)[:, 0]
    return alive


def compute() -> Result:
    """Every cause, and the same network without it."""
    share, spread = {}, {}
    for name, offset in (("far", OFFSET), ("centred", 0.0)):
        share[name], spread[name] = inputs_far_away(offset, torch.Generator().manual_seed(31))
    for name, zero in (("adapter", "B"), ("both", "AB")):
        share[name], share[f"{name}_later"] = adapter(zero, torch.Generator().manual_seed(31))
    share["pixels"], pixels, unlit = unlit_pixels()
    return Result(share, spread, forward_in_half(torch.Generator().manual_seed(31)), pixels, unlit)


def hidden_branch(safe: bool) -> float:
    """Gradient at zero of a root that is taken only where its argument is positive."""
    x = torch.zeros((), requires_grad=True)
    inner = torch.where(x > 0, x, 1.0) if safe else x
    (gradient,) = torch.autograd.grad(torch.where(x > 0, inner.sqrt(), 0.0), x)
    return gradient.item()


def numbers(result: Result) -> dict[str, float | int]:
    """All shares, spreads of the output, and layers that half precision lets the signal pass."""
    found: dict[str, float | int] = {"units": UNITS, "examples": EXAMPLES, "offset": OFFSET, "layers": LAYERS}
    found |= {f"share_{name}": value for name, value in result.share.items()}
    found |= {f"spread_{name}": value for name, value in result.spread.items()}
    found |= {"pixels": result.pixels, "unlit": result.unlit, "rank": RANK, "later": ADAPTER_STEPS}
    alive = result.alive.double()
    return found | {"alive": alive.mean().item(), "halvings": -math.log2(SMALLEST), "safe": hidden_branch(safe=True)}
