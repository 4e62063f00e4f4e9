"""
The mean gain is one: how far apart are the singular values of the Jacobian?

Initialisations with the same mean gain differ in the worst and best direction. Prediction for wide nets, from the
moments of free products: every layer adds to the relative variance of the squared singular values, one for a linear
Gaussian layer, two with ReLU, one for orthogonal weights with ReLU, nothing for orthogonal weights alone; a shortcut
with its branch divided by the root of the depth adds two over all layers together. Measured: that variance by depth.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.initialization import he_std
from optnotes.rectifiers import relu, relu_derivative

SEEDS, WIDTH, DEPTH = 20, 96, 20
BRANCH = 1 / math.sqrt(DEPTH)
METHODS = ("he", "linear", "orthogonal_relu", "residual", "orthogonal")


@dataclass(frozen=True)
class Result:
    """Relative variance of the squared singular values, by method, of shape (depth, seeds)."""

    spread: dict[str, Tensor]


def predict(method: str) -> Tensor:
    """Relative variance in a wide net, by depth."""
    block = 1 + BRANCH**2
    added = {"he": 2, "linear": 1, "orthogonal_relu": 1, "residual": (block**2 - 1) / block**2, "orthogonal": 0}
    return added[method] * torch.arange(1, DEPTH + 1, dtype=torch.float64)


def spread(jacobian: Tensor) -> Tensor:
    """Variance of the squared singular values over their squared mean, without a decomposition."""
    gram = jacobian.mT @ jacobian
    mean = gram.diagonal(dim1=-2, dim2=-1).mean(-1)
    return gram.square().sum((-2, -1)) / WIDTH / mean**2 - 1


def measure(method: str, generator: torch.Generator) -> Tensor:
    """Multiply up the Jacobian block by block, along the forward pass of one random input."""
    h = torch.randn(SEEDS, 1, WIDTH, generator=generator)
    jacobian, found = torch.eye(WIDTH).expand(SEEDS, -1, -1), []
    for _ in range(DEPTH):
        W = torch.randn(SEEDS, WIDTH, WIDTH, generator=generator)
        W = torch.linalg.qr(W).Q if method.startswith("orthogonal") else W / math.sqrt(WIDTH)
        if method in ("linear", "orthogonal"):
            h, jacobian = h @ W, jacobian @ W
        else:
            gain = he_std(WIDTH) * math.sqrt(WIDTH)
            branch, inner = gain * relu(h) @ W, gain * (jacobian * relu_derivative(h)) @ W
            h, jacobian = (h + BRANCH * branch, jacobian + BRANCH * inner) if method == "residual" else (branch, inner)
        found.append(spread(jacobian))
    return torch.stack(found)


def compute() -> Result:
    """Measure every method on its own random nets."""
    generator = torch.Generator().manual_seed(33)
    return Result({method: measure(method, generator) for method in METHODS})


def numbers(r):
    out = {}
    for m in METHODS:
        for d in (1, 5, 10, 20):
            if d <= DEPTH:
                out[f"{m}_{d}"] = r.spread[m][d - 1].mean().item()
                out[f"{m}_{d}_p"] = predict(m)[d - 1].item()
    return out
