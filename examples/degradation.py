"""
Degradation is not vanishing: the gradient arrives, and the deeper net still fits its training data worse.

ReLU nets with He's weights, a shallow one, a deep one and a deep one with scaled shortcuts, take the same steps on
digits. Prediction: the gain of a layer is one in the plain nets, so the ratio of gradient norms across all of them
stays of order one; if a small gradient were what spoils training, the deep net would therefore fit as well as the
shallow one. Measured at every step: training loss and ratio of gradient norms.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from torch import Tensor

from optnotes.clipping import clip_by_norm
from optnotes.cross_entropy import cross_entropy
from optnotes.initialization import he_std
from optnotes.residual import residual_growth
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, WIDTH, BATCH, STEPS, LAST, CLASSES = 20, 40, 48, 50, 10, 10
LR, MOMENTUM, CLIP = 0.03, 0.9, 1.0
NETS = {"shallow": (4, 0.0), "deep": (30, 0.0), "residual": (30, 1.0)}  # depth, shortcut


@dataclass(frozen=True)
class Result:
    """By net: training loss, and gradient norm below all layers over that above, of shape (steps, seeds)."""

    loss: dict[str, Tensor]
    ratio: dict[str, Tensor]


def data(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Digits, centred and of norm one, sent through random directions into the width of the nets; one-hot labels."""
    digits = load_digits()
    X = torch.tensor(digits.data, dtype=torch.float32)
    X = (X - X.mean(0)) @ torch.randn(X.shape[1], WIDTH, generator=generator)
    return X / X.norm(dim=1, keepdim=True) * math.sqrt(WIDTH), torch.eye(CLASSES)[torch.tensor(digits.target)]


def train(depth: int, shortcut: float, lr: float = LR, steps: int = STEPS) -> tuple[Tensor, Tensor]:
    """Loss and gradient ratio at every step of momentum SGD with clipping, all seeds at once."""
    generator = torch.Generator().manual_seed(33)
    X, y = data(generator)
    size = depth * WIDTH**2
    theta = he_std(WIDTH) * torch.randn(SEEDS, size + WIDTH * CLASSES, generator=generator)
    velocity, branch = torch.zeros_like(theta), 1 / math.sqrt(depth) if shortcut else 1.0
    clip = torch.func.vmap(lambda g: clip_by_norm(g, CLIP))
    entropy = torch.func.vmap(torch.func.vmap(cross_entropy), in_dims=(0, None))
    losses, ratios = [], []
    for _ in range(steps):
        chosen = torch.randint(len(X), (BATCH,), generator=generator)
        theta.requires_grad_()
        below = above = X[chosen].expand(SEEDS, -1, -1).clone().requires_grad_()
        for W in theta[:, :size].view(SEEDS, depth, WIDTH, WIDTH).unbind(1):
            above = torch.baddbmm(shortcut * above, torch.relu(above), branch * W)
        scores = torch.relu(above) @ theta[:, size:].view(SEEDS, WIDTH, CLASSES)
        loss = entropy(scores, y[chosen]).mean(-1)
        gradient, *signals = torch.autograd.grad(loss.sum(), (theta, below, above))
        norm_below, norm_above = (torch.linalg.vector_norm(signal, dim=(1, 2)) for signal in signals)
        velocity = MOMENTUM * velocity + clip(gradient)
        theta = theta.detach() - lr * velocity
        losses.append(loss.detach())
        ratios.append(norm_below / norm_above)
    return torch.stack(losses), torch.stack(ratios)


def compute() -> Result:
    """Train all nets."""
    trained = {name: train(*shape) for name, shape in NETS.items()}
    return Result({name: loss for name, (loss, _) in trained.items()}, {name: ratio for name, (_, ratio) in trained.items()})


def numbers(result: Result) -> dict[str, float | int]:
    """Median loss of the last steps, and the gradient ratio: at the start, smallest of all, median over all steps."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS, "shallow_depth": NETS["shallow"][0], "deep_depth": NETS["deep"][0]}
    for name in NETS:
        found[f"{name}_loss"] = result.loss[name][-LAST:].mean(0).median().item()
        found[f"{name}_ratio"] = result.ratio[name].median().item()
        found[f"{name}_start"] = result.ratio[name][0].median().item()
        found[f"{name}_smallest"] = result.ratio[name].min().item()
        found[f"{name}_low"] = result.ratio[name].flatten().quantile(0.1).item()
    return found
