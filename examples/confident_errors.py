"""
The validation loss rises while the decisions do not get worse: overfitting of confidence.

A small network is trained for long on few examples of the breast cancer data. Once every training example is right, the
loss can still be lowered by scaling the logits up, and each remaining error on new data then costs more. Prediction:
one temperature, by which the logits are divided, leaves every decision as it is; if it undoes the rise, the rise was
confidence and no decision was lost. Measured: loss and accuracy on new data along the training path, and the loss
after dividing by the temperature that is best on a validation set.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import relu
from optnotes.descent import adam_step
from optnotes.features import fit_standardizer, standardize
from optnotes.gradients import he_std
from optnotes.outputs import bce_with_logits
from optnotes.site.figures.datasets import load_breast_cancer
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, TRAIN, VALID, HIDDEN, STEPS, LR = 24, 100, 200, 32, 100, 0.02
TEMPERATURES = torch.logspace(-0.5, 1.5, 30)


@dataclass(frozen=True)
class Result:
    """Curves of shape (steps, seeds); the first row is the start."""

    train: Tensor
    test: Tensor
    calibrated: Tensor
    temperature: Tensor
    accuracy: Tensor


def data(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """One random order of the examples per seed, standardised with the statistics of its training part."""
    X, y = (part.float() for part in load_breast_cancer())
    order = torch.stack([torch.randperm(len(y), generator=generator) for _ in range(SEEDS)])
    return torch.func.vmap(lambda rows: standardize(rows, *fit_standardizer(rows[:TRAIN])))(X[order]), y[order]


def network(X: Tensor, W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> Tensor:
    """Logits of one hidden layer, for all seeds."""
    return torch.baddbmm(b2, relu(torch.baddbmm(b1, X, W1)), W2)[..., 0]


def best_temperature(logits: Tensor, labels: Tensor) -> Tensor:
    """Temperature of least loss, for each seed."""
    scaled = logits / TEMPERATURES[:, None, None]
    return TEMPERATURES[bce_with_logits(scaled, labels.expand_as(scaled)).mean(-1).argmin(0)]


def compute() -> Result:
    """Train all seeds at once, full batch, and measure before every step."""
    generator = torch.Generator().manual_seed(34)
    X, y = data(generator)
    weights = []
    for rows, columns in ((X.shape[-1], HIDDEN), (HIDDEN, 1)):
        weights.append(he_std(rows) * torch.randn(SEEDS, rows, columns, generator=generator))
        weights.append(torch.zeros(SEEDS, 1, columns))
    moments = [[torch.zeros_like(w), torch.zeros_like(w)] for w in weights]
    curves = []
    for step in range(1, STEPS + 1):
        W1, b1, W2, b2 = (w.requires_grad_() for w in weights)
        loss = bce_with_logits(network(X[:, :TRAIN], W1, b1, W2, b2), y[:, :TRAIN]).mean(1)
        gradients = torch.autograd.grad(loss.sum(), weights)
        with torch.no_grad():
            logits, truth = network(X[:, TRAIN:], W1, b1, W2, b2), y[:, TRAIN + VALID :]
            T, test = best_temperature(logits[:, :VALID], y[:, TRAIN:][:, :VALID]), logits[:, VALID:]
            risks = [bce_with_logits(z, truth).mean(1) for z in (test, test / T[:, None])]
            curves.append((loss, *risks, T, ((test > 0) == (truth == 1)).float().mean(1)))
            for i, (m, v) in enumerate(moments):
                weights[i], *moments[i] = adam_step(weights[i], gradients[i], m, v, step, LR, 0.0)
    return Result(*(torch.stack(curve).detach() for curve in zip(*curves, strict=True)))


def numbers(result: Result) -> dict[str, float | int]:
    """Means over seeds at the step where the mean test loss is least, and at the end; extremes of the rise."""
    mean = {name: getattr(result, name).mean(1) for name in ("train", "test", "calibrated", "temperature", "accuracy")}
    at = int(mean["test"].argmin())
    found = {f"{name}_best": curve[at].item() for name, curve in mean.items()}
    found |= {f"{name}_last": curve[-1].item() for name, curve in mean.items()}
    lost = result.accuracy[at] - result.accuracy[-1]
    error = lost.std().item() / SEEDS**0.5
    return found | {"seeds": SEEDS, "examples": TRAIN, "step_best": at, "lost": lost.mean().item(), "lost_error": error}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Losses, with and without the temperature, above the accuracy."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    for axes, name, colour, style in (
        (upper, "test", theme.orange, "--"),
        (upper, "calibrated", theme.green, "-."),
        (upper, "train", theme.blue, "-"),
        (lower, "accuracy", theme.violet, "-"),
    ):
        low, high = getattr(result, name).quantile(torch.tensor([0.1, 0.9]), dim=1)
        axes.fill_between(range(STEPS), low, high, color=colour, alpha=0.25, linewidth=0)
        label = text(name) if axes is upper else None
        axes.plot(range(STEPS), getattr(result, name).mean(1), color=colour, linestyle=style, label=label)
    for axes in (upper, lower):
        axes.axvline(numbers(result)["step_best"], color=theme.muted, linewidth=1)
    upper.set(title=text("title.loss"), ylim=(0, 0.55))
    lower.set(title=text("title.accuracy"), xlabel=text("step"), ylim=(0.88, 1))
    lower.text(numbers(result)["step_best"] + 1.5, 0.885, text("least"), fontsize=9)
    upper.legend(fontsize=9, loc="upper right")
    return drawn
