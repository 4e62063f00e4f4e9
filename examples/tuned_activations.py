"""
Six activations on digits, each with the learning rate that suits it, and all with the rate that suits ReLU.

A network with two hidden layers; each activation starts from the weight variance that keeps the mean square of its
signal. Rates are chosen on validation examples, losses reported on test examples. Prediction: with a common rate the
ranking says how well the rate fits; with tuned rates the gaps shrink, and between ReLU and its smooth relatives little
is left. Measured: test loss per activation, rate and seed, paired by seed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from optnotes.gradients import variance_step
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import STYLES, Theme, new_figure
from optnotes.site.words.text import Label

Function = Callable[[Tensor], Tensor]
SEEDS, HIDDEN, BATCH, STEPS, TRAIN, VALID = 20, 20, 32, 120, 500, 400
RATES, LIMIT = tuple(0.2 * 2**k for k in range(6)), 1000.0
ACTIVATIONS: dict[str, tuple[Function, str, str]] = {
    "sigmoid": (torch.sigmoid, "violet", "v"),
    "tanh": (torch.tanh, "green", "^"),
    "relu": (torch.relu, "blue", "o"),
    "elu": (nn.functional.elu, "red", "D"),
    "silu": (nn.functional.silu, "ink", "x"),
    "gelu": (nn.functional.gelu, "orange", "s"),
}
NAMED = {"sigmoid": (0.22, 2.2), "tanh": (2.5, 0.9), "relu": (0.83, 0.42)}  # where their lines are named


@dataclass(frozen=True)
class Result:
    """Losses by activation; shape (seeds, rates)."""

    valid: dict[str, Tensor]
    test: dict[str, Tensor]


def train(phi: Function) -> tuple[Tensor, Tensor]:
    """Minibatch steps of falling length; split, weights and order depend on the seed, not on the activation."""
    generator = torch.Generator().manual_seed(39)
    pixels, digits = load_digits()
    rows = torch.stack([torch.randperm(len(pixels), generator=generator) for _ in range(SEEDS)])
    X, y = pixels[rows].float(), digits[rows]
    X = (X - X[:, :TRAIN].mean((1, 2), keepdim=True)) / X[:, :TRAIN].std((1, 2), keepdim=True)
    seeds, rates, d = torch.arange(SEEDS)[:, None], len(RATES), X.shape[2]
    gain = variance_step(torch.tensor(1.0), phi, 1.0, 0.0).rsqrt().item()
    sizes = ((1.0, d, HIDDEN), (gain, HIDDEN, HIDDEN), (gain, HIDDEN, 10))
    normal = [scale / math.sqrt(n) * torch.randn(SEEDS, n, m, generator=generator) for scale, n, m in sizes]
    start = normal[0].repeat(1, 1, rates), *(W.repeat_interleave(rates, 0) for W in normal[1:])
    weights = [w.requires_grad_() for W in start for w in (W, torch.zeros_like(W[:, :1]))]
    columns, networks = torch.tensor(RATES).repeat_interleave(HIDDEN), torch.tensor(RATES).repeat(SEEDS)[:, None, None]

    def losses(inputs: Tensor, targets: Tensor) -> Tensor:
        W1, b1, W2, b2, W3, b3 = weights
        hidden = phi(torch.baddbmm(b1, inputs, W1)).reshape(SEEDS, -1, rates, HIDDEN).transpose(1, 2).flatten(0, 1)
        logits = torch.baddbmm(b3, phi(torch.baddbmm(b2, hidden, W2)), W3)
        return nn.functional.cross_entropy(logits.mT, targets.repeat_interleave(rates, 0), reduction="none").mean(1)

    for step in range(STEPS):
        batch = torch.randint(TRAIN, (SEEDS, BATCH), generator=generator)
        slopes = torch.autograd.grad(losses(X[seeds, batch], y[seeds, batch]).sum(), weights)
        with torch.no_grad():
            for w, slope, rate in zip(weights, slopes, [columns] * 2 + [networks] * 4, strict=True):
                w.sub_((1 - step / STEPS) * rate * slope).clamp_(
                    -LIMIT, LIMIT
                )  # the cut keeps diverged networks finite
    with torch.no_grad():
        left = slice(TRAIN, TRAIN + VALID), slice(TRAIN + VALID, None)
        valid, test = (losses(X[:, part], y[:, part]).reshape(SEEDS, rates) for part in left)
    return valid, test


def compute() -> Result:
    """Train every activation with every rate."""
    runs = {name: train(phi) for name, (phi, _, _) in ACTIVATIONS.items()}
    return Result({name: valid for name, (valid, _) in runs.items()}, {name: test for name, (_, test) in runs.items()})


def numbers(result: Result) -> dict[str, float | int]:
    """Tuned rate and test loss; relative difference from ReLU, paired by seed, with two standard errors."""
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS}
    common = int(result.valid["relu"].mean(0).argmin())
    reference = result.test["relu"][:, common]
    for name, test in result.test.items():
        at = int(result.valid[name].mean(0).argmin())
        gap = (test[:, at] - reference) / reference.mean()
        found |= {f"{name}_rate": RATES[at], f"{name}_test": test[:, at].mean().item()}
        found |= {f"{name}_common": test[:, common].mean().item(), f"{name}_gap": gap.mean().item()}
        found[f"{name}_error"] = 2 * gap.std().item() / math.sqrt(SEEDS)
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Test loss against the rate; beside it, the difference from ReLU once each rate is tuned."""
    (drawn, (upper, lower)), found = new_figure(nrows=2, figsize=(5.6, 5.6), height_ratios=(3, 2)), numbers(result)
    for row, (name, (_, look, marker)) in enumerate(ACTIVATIONS.items()):
        colour, middle = getattr(theme, look), result.test[name].median(0).values
        if name in NAMED:
            upper.plot(RATES, middle, color=colour, marker=marker, markersize=4, linestyle=STYLES[row % 4])
            upper.text(*NAMED[name], text(name), color=colour, fontsize=9)
        else:
            upper.plot(RATES, middle, color=theme.muted, linestyle="-", linewidth=0.9)
        lower.errorbar(
            100 * found[f"{name}_gap"], row, xerr=100 * found[f"{name}_error"], capsize=3, color=colour, marker=marker
        )
    upper.text(2.3, 6, text("others"), color=theme.muted, fontsize=9)
    upper.set_xscale("log", base=2)
    upper.set(yscale="log", ylim=(0.15, 12), title=text("title.rates"), xlabel=text("rate"))
    upper.set_yticks([], minor=True)
    for axis, ticks in ((upper.xaxis, RATES), (upper.yaxis, (0.2, 0.5, 1, 2, 5))):
        axis.set_ticks(ticks, labels=[text("tick", value=value) for value in ticks])
    lower.axvline(0, color=theme.ink, linestyle=":", linewidth=1.2)
    lower.set(title=text("title.gap"), xlabel=text("gap"), ylim=(len(ACTIVATIONS) - 0.5, -0.5))
    lower.set_yticks(range(len(ACTIVATIONS)), [text(name) for name in ACTIVATIONS])
    return drawn
