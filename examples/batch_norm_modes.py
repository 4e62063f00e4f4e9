"""
Batch normalisation that was meant to be frozen, and batches of two.

Prediction: ``requires_grad_(False)`` stops gain and shift, and not the running averages, which follow the new data as
long as the layer is in training mode; ``eval()`` stops them. With two examples a unit can only say which is larger: it
gives plus and minus one, whatever the inputs, and a net that has to learn from this does worse in ``eval`` mode than
with a normalisation that looks at one example. Measured: accuracy on digits after as many steps with batches of two.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from optnotes.gradients import he_std
from optnotes.site.bounds import ranges
from optnotes.site.digits import spread_digits

UNITS, BATCH, BATCHES, SHIFT = 16, 32, 100, 2.0
NORMS, PAIR, SEEDS, DEPTH = ("batch", "group", "layer"), 2, 3, 3
WIDTH, CLASSES, STEPS, RATE, KEPT = 40, 10, 500, 0.05, 0.1
STATED = {"batch_most": (0.1, 0.6), "group_least": (0.75, 0.97), "layer_least": (0.75, 0.97)}


@dataclass(frozen=True)
class Result:
    """Running means by mode; outputs for two batches of two, one far wider; accuracy of each seed, by norm."""

    means: dict[str, Tensor]
    pair: Tensor
    wide: Tensor
    accuracy: dict[str, Tensor]


def fine_tuned(frozen: bool, normal: torch.Generator) -> Tensor:
    """Running mean of a layer without gradients that saw new, shifted data."""
    layer = nn.BatchNorm1d(UNITS).double().requires_grad_(False)
    layer.train(not frozen)
    for _ in range(BATCHES):
        layer(SHIFT + torch.randn(BATCH, UNITS, generator=normal, dtype=torch.float64))
    return torch.as_tensor(layer.running_mean).clone()


def normalised(norm: str, h: Tensor, running: Tensor, training: bool) -> Tensor:
    """One normalisation as it starts, for several nets at once; ``running`` holds mean and variance."""
    if norm == "layer":
        return functional.layer_norm(h, (WIDTH,))
    if norm == "group":
        return functional.group_norm(h.flatten(0, 1), 4).view_as(h)
    if training:
        mean, variance = h.mean(1, keepdim=True), h.var(1, correction=0, keepdim=True)
        new = torch.stack([mean, variance * h.shape[1] / (h.shape[1] - 1)]).detach()
        running.lerp_(new, KEPT)
    else:
        mean, variance = running
    return (h - mean) / torch.sqrt(variance + 1e-5)


def right(norm: str, batch: int = PAIR) -> Tensor:
    """Accuracy on digits in evaluation after training with tiny batches, for all seeds."""
    generator = torch.Generator().manual_seed(33)
    X, y = spread_digits(WIDTH, generator)
    W = he_std(WIDTH) * torch.randn(DEPTH, SEEDS, WIDTH, WIDTH, generator=generator)
    V = torch.randn(SEEDS, WIDTH, CLASSES, generator=generator) / WIDTH**0.5
    running = [torch.stack([torch.zeros(SEEDS, 1, WIDTH), torch.ones(SEEDS, 1, WIDTH)]) for _ in range(DEPTH)]

    def scores(h: Tensor, training: bool) -> Tensor:
        for layer, kept in zip(W, running, strict=True):
            h = torch.relu(normalised(norm, h @ layer, kept, training))
        out: Tensor = h @ V
        return out

    for _ in range(STEPS):
        chosen = torch.randint(len(X), (SEEDS, batch), generator=generator)
        W, V = W.requires_grad_(), V.requires_grad_()
        loss = functional.cross_entropy(scores(X[chosen], True).flatten(0, 1), y[chosen].flatten(), reduction="sum")
        by_W, by_V = torch.autograd.grad(loss / batch, (W, V))
        W, V = W.detach() - RATE * by_W, V.detach() - RATE * by_V
    hit: Tensor = scores(X.expand(SEEDS, -1, -1), False).argmax(-1) == y
    return hit.double().mean(1)


def compute() -> Result:
    """Show shifted data to the layer in both modes; then batches of two, and nets that learn from such."""
    generator = torch.Generator().manual_seed(33)
    means = {"train": fine_tuned(False, generator), "eval": fine_tuned(True, generator)}
    layer, pair = nn.BatchNorm1d(UNITS).double(), torch.randn(2, UNITS, generator=generator, dtype=torch.float64)
    return Result(means, layer(pair).detach(), layer(100 * pair).detach(), {norm: right(norm) for norm in NORMS})


def numbers(result: Result) -> dict[str, float | int]:
    """Drift of the means in standard deviations; distance of a pair from plus or minus one; worst and best accuracy."""
    found: dict[str, float | int] = {"batches": BATCHES, "shift": SHIFT, "batch_size": BATCH}
    found |= {f"drift_{mode}": means.mean().item() for mode, means in result.means.items()}
    off = (result.wide.abs() - 1).abs()
    for norm, accuracy in result.accuracy.items():
        found |= {f"{norm}_least": accuracy.min().item(), f"{norm}_most": accuracy.max().item()}
    found |= ranges(found, STATED)
    return found | {"pair_off": off.median().item(), "changed": (result.wide - result.pair).abs().median().item()}
