"""
Why the validation accuracy jumps from epoch to epoch, and what calms it.

Digits, a fifth of the training labels wrong, small batches, one learning rate throughout. Prediction: only examples
whose answer changes between right and wrong move the accuracy. On a random part of m examples the mean square of a jump
is the square of the jump on all held-out examples plus the variance of a mean of m such changes; so a small part jumps
more, and averaged weights, which hardly change any answers, jump less. Measured: the jumps on parts of m examples, on
all, and with averaged weights.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, TRAIN, HIDDEN, CLASSES, NOISE, SMALL = 10, 300, 50, 10, 0.2, 50
BATCH, EPOCHS, FIRST, LR, KEPT = 10, 14, 4, 0.1, 0.98


@dataclass(frozen=True)
class Result:
    """Whether each held-out example is right after each epoch, (epochs, seeds, examples), by weights."""

    right: dict[str, Tensor]


def outputs(X: Tensor, layers: list[Tensor]) -> Tensor:
    """Logits of one hidden layer, a network per seed."""
    return (X @ layers[0] + layers[1]).relu() @ layers[2] + layers[3]


def start(generator: torch.Generator) -> list[Tensor]:
    """He's initialisation, zero biases."""
    layers = []
    for rows, columns in ((64, HIDDEN), (HIDDEN, CLASSES)):
        layers.append(he_std(rows) * torch.randn(SEEDS, rows, columns, generator=generator, dtype=torch.float64))
        layers.append(torch.zeros(SEEDS, 1, columns, dtype=torch.float64))
    return layers


def compute() -> Result:
    """Train every seed on a split of its own, and judge the last weights and the averaged ones after each epoch."""
    generator = torch.Generator().manual_seed(34)
    pixels, truth = load_digits()
    rows = torch.stack([torch.randperm(len(truth), generator=generator) for _ in range(SEEDS)])
    X, true = pixels[rows].double() / 6 - 0.8, truth[rows]
    other = (true + torch.randint(1, CLASSES, true.shape, generator=generator)) % CLASSES
    given = torch.where(torch.rand(true.shape, generator=generator) < NOISE, other, true)
    layers = start(generator)
    averaged = layers
    right: dict[str, list[Tensor]] = {"last": [], "averaged": []}
    for _ in range(EPOCHS):
        for batch in torch.split(torch.randperm(TRAIN, generator=generator), BATCH):
            layers = [each.detach().requires_grad_() for each in layers]
            loss = cross_entropy(outputs(X[:, batch], layers).flatten(0, 1), given[:, batch].flatten()) * SEEDS
            slopes = torch.autograd.grad(loss, layers)
            layers = [layer.detach() - LR * slope for layer, slope in zip(layers, slopes, strict=True)]
            averaged = [KEPT * mean + (1 - KEPT) * layer for mean, layer in zip(averaged, layers, strict=True)]
        for name, weights in (("last", layers), ("averaged", averaged)):
            right[name].append(outputs(X[:, TRAIN:], weights).argmax(-1) == true[:, TRAIN:])
    return Result({name: torch.stack(each).double() for name, each in right.items()})


def predicted(changes: Tensor, size: int) -> float:
    """Root mean square of the jump on a random part, from the changes of all held-out examples."""
    whole, jump = changes.shape[-1], changes.mean(-1)
    spread = (changes.square().mean(-1) - jump.square()) / size * (whole - size) / (whole - 1)
    return (jump.square() + spread).mean().sqrt().item()


def measured(changes: Tensor, size: int) -> float:
    """The same over disjoint parts."""
    kept = changes[..., : changes.shape[-1] // size * size]
    parts = kept.reshape(*kept.shape[:-1], -1, size)
    return parts.mean(-1).square().mean().sqrt().item()


def numbers(result: Result) -> dict[str, float | int]:
    """Jumps in percentage points after the first epochs, the share of answers that change, and accuracies."""
    last, averaged = (result.right[name][FIRST:] for name in ("last", "averaged"))
    changes, calm = last.diff(dim=0), averaged.diff(dim=0)
    accuracy = last.mean().item()
    return {
        "small": SMALL,
        "whole": changes.shape[-1],
        "noise": NOISE,
        "changed": changes.abs().mean().item(),
        "jump_small": 100 * measured(changes, SMALL),
        "jump_predicted": 100 * predicted(changes, SMALL),
        "jump_whole": 100 * changes.mean(-1).square().mean().sqrt().item(),
        "jump_averaged": 100 * measured(calm, SMALL),
        "accuracy": accuracy,
        "accuracy_averaged": averaged.mean().item(),
        "error_small": 100 * (accuracy * (1 - accuracy) / SMALL) ** 0.5,
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """One run: the accuracy on a few examples and on all, with the last weights and with averaged ones."""
    drawn, axes = new_figure(figsize=(5.6, 3.6))
    epochs = range(1, EPOCHS + 1)
    for name, size, look, style in (
        ("last", SMALL, "orange", "--"),
        ("last", None, "blue", "-"),
        ("averaged", None, "green", "-."),
    ):
        label = text(f"{name}.small" if size else name, size=SMALL)
        curve = result.right[name][:, 0, :size].mean(-1)
        axes.plot(epochs, curve, color=getattr(theme, look), linestyle=style, marker=".", label=label)
    axes.set(xlabel=text("epoch"), title=text("title"), ylim=(0.5, 1.0))
    axes.legend(fontsize=9, loc="lower right")
    return drawn
