"""
A network learns the pattern first and the wrong labels later; early stopping fits in between.

Digits with a fifth of the labels replaced by wrong ones, and the same network on clean labels. Prediction: labels that
are wrong at random have an entropy, and a model that uses the pattern alone cannot push its mean training loss below
it; from there on the loss falls by memorising, and the validation loss turns. With clean labels the entropy is zero,
and a vanishing training loss does no harm. Measured: both losses, the shares of right and of wrong labels fitted, the
accuracy on a clean test set, and what early stopping on the noisy validation set restores.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.descent import adam_step
from optnotes.generalization import patience_step
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, TRAIN, VALID, TEST, HIDDEN, CLASSES = 20, 300, 150, 200, 50, 10
NOISE, EPOCHS, LR, PATIENCE = 0.2, 70, 0.016, 10
ENTROPY = -(1 - NOISE) * math.log(1 - NOISE) - NOISE * math.log(NOISE / (CLASSES - 1))


@dataclass(frozen=True)
class Result:
    """Curves of shape (epochs, seeds) by name, with noisy and with clean labels; the first row is the start."""

    noisy: dict[str, Tensor]
    clean: dict[str, Tensor]


def network(X: Tensor, w: Tensor) -> Tensor:
    """Logits of one hidden layer for all seeds; each seed's weights of both layers stand in one row."""
    W1, b1, W2, b2 = torch.split(w, [64 * HIDDEN, HIDDEN, HIDDEN * CLASSES, CLASSES], 1)
    hidden = torch.baddbmm(b1[:, None], X, W1.view(SEEDS, 64, HIDDEN)).relu()
    return torch.baddbmm(b2[:, None], hidden, W2.reshape(SEEDS, HIDDEN, CLASSES))


def losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of every example of every seed."""
    return cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape)


def train(noise: float, n: int = TRAIN, epochs: int = EPOCHS) -> dict[str, Tensor]:
    """Train all seeds at once, full batch, and record every epoch; wrong labels are spread over the other classes."""
    generator = torch.Generator().manual_seed(34)
    pixels, truth = load_digits()
    drawn = torch.stack([torch.randperm(len(truth), generator=generator)[: n + VALID + TEST] for _ in range(SEEDS)])
    X, true = pixels.float()[drawn] / 6 - 0.8, truth[drawn]
    other = (true + torch.randint(1, CLASSES, true.shape, generator=generator)) % CLASSES
    given = torch.where(torch.rand(true.shape, generator=generator) < noise, other, true)
    given[:, -TEST:], wrong = true[:, -TEST:], (given != true)[:, :n]
    parts = []
    for rows, columns in ((64, HIDDEN), (HIDDEN, CLASSES)):
        parts += [he_std(rows) * torch.randn(SEEDS, rows * columns, generator=generator), torch.zeros(SEEDS, columns)]
    w = torch.cat(parts, 1)
    m = v = torch.zeros_like(w)
    curves: dict[str, list[Tensor]] = {name: [] for name in ("train", "valid", "test", "right", "wrong", "accuracy")}
    for epoch in range(1, epochs + 1):
        seen = network(X[:, :n], w.requires_grad_())
        loss = losses(seen, given[:, :n]).mean(1)
        (slope,) = torch.autograd.grad(loss.sum(), w)
        with torch.no_grad():
            unseen = network(X[:, n:], w)
            valid, test = torch.split(losses(unseen, given[:, n:]), [VALID, TEST], 1)
            fitted = torch.cat([seen, unseen], 1).argmax(-1) == given
            shares = [((fitted[:, :n] & kind).sum(1) / kind.sum(1)).nan_to_num() for kind in (~wrong, wrong)]
            row = (loss.detach(), valid.mean(1), test.mean(1), *shares, fitted[:, -TEST:].float().mean(1))
            for curve, value in zip(curves.values(), row, strict=True):
                curve.append(value)
            w, m, v = adam_step(w, slope, m, v, epoch, LR, 0.0)
    return {name: torch.stack(curve) for name, curve in curves.items()}


def restored(valid: Tensor) -> Tensor:
    """Epoch, for each seed, to which early stopping with patience returns."""
    step = torch.func.vmap(lambda loss, best, waited: patience_step(loss, best, waited, PATIENCE))
    best, waited, running, epoch = valid[0], torch.zeros(SEEDS), torch.ones(SEEDS), torch.zeros(SEEDS)
    for index, loss in enumerate(valid[1:], 1):
        best, waited, stop = step(loss, best, waited)
        epoch = torch.where((waited == 0) & (running == 1), index, epoch)
        running = running * (1 - stop)
    return epoch


def compute() -> Result:
    """Train with and without wrong labels."""
    return Result(train(NOISE), train(0.0))


def numbers(result: Result) -> dict[str, float | int]:
    """Means over seeds at the restored epoch and at the end, the first epoch of each share, the least rise."""
    at = restored(result.noisy["valid"])
    found: dict[str, float | int] = {"seeds": SEEDS, "noise": NOISE, "entropy": ENTROPY, "stop": at.mean().item()}
    for name, curve in result.noisy.items():
        found[f"{name}_stop"] = curve.gather(0, at.long()[None]).mean().item()
        found[f"{name}_last"] = curve[-1].mean().item()
        found[f"clean_{name}_last"] = result.clean[name][-1].mean().item()
    for name in ("right", "wrong"):
        found[f"{name}_half"] = (result.noisy[name] < 0.5).sum(0).double().mean().item()
    least, clean_least = (curves["valid"].amin(0) for curves in (result.noisy, result.clean))
    found["clean_valid_least"] = clean_least.mean().item()
    return found | {"rise": (result.noisy["valid"][-1] / least).min().item()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Losses with the entropy of the labels, and what is fitted when; the mean early-stopping epoch as a mark."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    for axes, curves, name, look, style in (
        (upper, result.noisy, "valid", "orange", "--"),
        (upper, result.noisy, "train", "blue", "-"),
        (upper, result.clean, "valid", "green", "-."),
        (lower, result.noisy, "right", "blue", "-"),
        (lower, result.noisy, "accuracy", "green", "-."),
        (lower, result.noisy, "wrong", "red", "--"),
    ):
        low, middle, high = curves[name].quantile(torch.tensor([0.1, 0.5, 0.9]), dim=1)
        label, colour = text("clean" if curves is result.clean else name), getattr(theme, look)
        axes.fill_between(range(EPOCHS), low, high, color=colour, alpha=0.25, linewidth=0)
        axes.plot(range(EPOCHS), middle, color=colour, linestyle=style, label=label)
    upper.axhline(ENTROPY, color=theme.ink, linestyle=":", label=text("entropy"))
    at = restored(result.noisy["valid"]).mean().item()
    for axes in (upper, lower):
        axes.axvline(at, color=theme.muted, linewidth=1)
    lower.text(at + 1, 0.5, text("stop"), fontsize=9)
    upper.set(title=text("title.losses"), ylim=(0, 3.9))
    lower.set(title=text("title.fitted"), xlabel=text("epoch"), ylim=(-0.03, 1.05))
    upper.legend(fontsize=9, ncols=2, loc="upper right")
    lower.legend(fontsize=9, loc="lower right", bbox_to_anchor=(1, 0.05))
    return drawn
