"""
Dead units against the learning rate: who dies, and who comes back.

A unit is silent when no training example makes it positive; a silent ReLU unit has no gradient. With one hidden layer
its inputs never change. Prediction: no silent ReLU unit ever comes back, while a leaky one can; centred pixels bear a
larger learning rate than raw ones, whose common mean makes the largest eigenvalue of the Gram matrix large. Measured on
digits: silent units halfway and at the end, those that came back, and the share of training examples that are right.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import leaky_relu, relu
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, RATES = 20, tuple(0.4 * 2 ** (k / 2) for k in range(10))
HIDDEN, BATCH, STEPS, TRAIN, FEW, MANY = 24, 24, 100, 500, 0.1, 0.4
RUNS = {"raw": (relu, False), "centred": (relu, True), "leaky": (leaky_relu, True)}
LOOKS = {"raw": ("orange", "s", "--"), "centred": ("blue", "o", "-"), "leaky": ("green", "^", "-.")}
PLACES = {"raw": (8.8, 1.03), "centred": (5.8, 0.6), "leaky": (4.3, 0.12)}  # where the lines are named


@dataclass(frozen=True)
class Result:
    """Silent units by run, of shape (seeds, rates, units), and share of right answers, of shape (seeds, rates)."""

    start: dict[str, Tensor]
    halfway: dict[str, Tensor]
    end: dict[str, Tensor]
    accuracy: dict[str, Tensor]


def train(phi: Callable[[Tensor], Tensor], centred: bool) -> tuple[Tensor, ...]:
    """Minibatch steps on digits; every seed has its own examples, weights and order, every rate starts alike."""
    generator = torch.Generator().manual_seed(39)
    pixels, digits = load_digits()
    rows = torch.stack([torch.randperm(len(pixels), generator=generator)[:TRAIN] for _ in range(SEEDS)])
    X, y = pixels[rows].float() / 16, digits[rows]
    X = X - X.mean(1, keepdim=True) if centred else X
    d, rates, seeds = X.shape[2], len(RATES), torch.arange(SEEDS)[:, None]
    normal = [torch.randn(SEEDS, *shape, generator=generator) for shape in ((d, HIDDEN), (HIDDEN, 10))]
    W1 = (he_std(d) * normal[0]).repeat(1, 1, rates).requires_grad_()
    W2 = (normal[1] / math.sqrt(HIDDEN)).repeat_interleave(rates, 0).requires_grad_()
    b1, b2 = torch.zeros_like(W1[:, :1]).requires_grad_(), torch.zeros_like(W2[:, :1]).requires_grad_()
    columns, networks = torch.tensor(RATES).repeat_interleave(HIDDEN), torch.tensor(RATES).repeat(SEEDS)[:, None, None]

    def forward(inputs: Tensor) -> tuple[Tensor, Tensor]:
        z = torch.baddbmm(b1, inputs, W1)
        hidden = phi(z).reshape(SEEDS, -1, rates, HIDDEN).transpose(1, 2).flatten(0, 1)
        return z, torch.baddbmm(b2, hidden, W2)

    silent = []
    for step in range(STEPS + 1):
        if step in (0, STEPS // 2, STEPS):
            with torch.no_grad():
                z, logits = forward(X)
                silent.append((z <= 0).all(1).reshape(SEEDS, rates, HIDDEN))
                right = (logits.argmax(2) == y.repeat_interleave(rates, 0)).float().mean(1)
        batch = torch.randint(TRAIN, (SEEDS, BATCH), generator=generator)
        logits, targets = forward(X[seeds, batch])[1], y[seeds, batch].repeat_interleave(rates, 0)
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum") / BATCH
        slopes = torch.autograd.grad(loss, (W1, b1, W2, b2))
        with torch.no_grad():
            for w, slope, rate in zip((W1, b1, W2, b2), slopes, (columns, columns, networks, networks), strict=True):
                w -= rate * slope
    return *silent, right.reshape(SEEDS, rates)


def compute() -> Result:
    """Train every run."""
    runs = {name: train(*run) for name, run in RUNS.items()}
    return Result(*({name: run[part] for name, run in runs.items()} for part in range(4)))


def numbers(result: Result) -> dict[str, float | int]:
    """Silent units and returns over all rates; the largest harmless and the smallest deadly rate; accuracies."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS, "few": FEW, "units": SEEDS * len(RATES) * HIDDEN}
    for name in RUNS:
        before, after = result.halfway[name], result.end[name]
        share, right = after.double().mean((0, 2)).tolist(), result.accuracy[name].double().mean(0).tolist()
        found |= {
            f"{name}_start": result.start[name].double().mean().item(),
            f"{name}_halfway": int(before.sum()),
            f"{name}_silent": int(before.sum()) // 100 * 100,  # large rates are chaotic: whole hundreds hold
            f"{name}_back": int((before & ~after).sum()),
            f"{name}_harmless": max(rate for rate, dead in zip(RATES, share, strict=True) if dead < FEW),
            f"{name}_largest": share[-1],
            f"{name}_right": max(right),
            f"{name}_right_largest": right[-1],
        }
    found["leaky_woken"] = found["leaky_back"] // 100 * 100
    deadly = {name: result.end[name].double().mean((0, 2)) > MANY for name in ("raw", "centred")}
    return found | {f"{name}_deadly": RATES[int(over.double().argmax())] for name, over in deadly.items()}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Share of silent units and of right answers against the learning rate; the runs are named at their lines."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 5.4), sharex=True)
    for name, (look, marker, style) in LOOKS.items():
        colour = getattr(theme, look)
        for axes, values in ((upper, result.end[name].double().mean(2)), (lower, result.accuracy[name].double())):
            low, high = values.quantile(torch.tensor([0.1, 0.9]).double(), dim=0)
            axes.fill_between(RATES, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(RATES, values.mean(0), color=colour, marker=marker, markersize=4, linestyle=style)
        upper.text(*PLACES[name], text(name), color=colour, fontsize=9, ha="right")
    ticks = (0.4, 0.8, 1.6, 3.2, 6.4)
    for axes, title in ((upper, "title.silent"), (lower, "title.right")):
        axes.set(title=text(title), ylim=(-0.03, 1.12), xscale="log")
        axes.set_xticks(ticks, [text("tick", value=rate) for rate in ticks], minor=False)
        axes.set_xticks([], minor=True)
    lower.set(xlabel=text("rate"))
    return drawn
