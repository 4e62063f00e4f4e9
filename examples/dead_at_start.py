"""
Units that are dead before training begins: the price of a negative initial bias.

A ReLU unit with normal weights sees standard normal inputs and has a common initial bias. Prediction: given the length
of its weights its pre-activations are independent and normal, so the chance that no example reaches it is a power of
the normal distribution function, averaged over the lengths. Measured: the share of units without an active example.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.activations import active_fraction
from optnotes.gradients import he_std
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, INPUTS, UNITS, SIZES, LOOKS = 24, 16, 200, (100, 1000), (("blue", "o"), ("orange", "s"))
BIASES, QUOTED = tuple(-0.5 * k for k in range(15)), -3.0


@dataclass(frozen=True)
class Result:
    """Share of dead units; shape (numbers of examples, biases, seeds)."""

    share: Tensor


def predicted(bias: float, examples: int) -> float:
    """Chance that a unit is dead: over the lengths of its weights, no example reaches it."""
    length = torch.linspace(0, 5, 5001, dtype=torch.float64)[1:]
    density = length ** (INPUTS - 1) * torch.exp(-((length / he_std(INPUTS)) ** 2) / 2)
    silent = torch.special.ndtr(-bias / length) ** examples
    return float((density * silent).sum() / density.sum())


def compute() -> Result:
    """Draw inputs and units once per seed and number of examples, and give the units every bias."""
    generator = torch.Generator().manual_seed(39)
    active = torch.func.vmap(torch.func.vmap(active_fraction, in_dims=(None, 0, None)), in_dims=(0, 0, None))
    shares = []
    for examples in SIZES:
        X = torch.randn(SEEDS, examples, INPUTS, generator=generator)
        w = he_std(INPUTS) * torch.randn(SEEDS, UNITS, INPUTS, generator=generator)
        alive = torch.stack([active(X, w, torch.tensor(bias)) for bias in BIASES])
        shares.append((alive == 0).double().mean(2))
    return Result(torch.stack(shares))


def numbers(result: Result) -> dict[str, float | int]:
    """Shares at the quoted bias and without one, and the largest gap to the prediction."""
    mean, at = result.share.mean(2), BIASES.index(QUOTED)
    theory = torch.tensor([[predicted(bias, n) for bias in BIASES] for n in SIZES], dtype=torch.float64)
    return (
        {"seeds": SEEDS, "bias": QUOTED, "unbiased": mean[:, 0].max().item()}
        | {
            f"{key}_{n}": value
            for i, n in enumerate(SIZES)
            for key, value in (("share", mean[i, at].item()), ("predicted", theory[i, at].item()))
        }
        | {"gap": (mean - theory).abs().max().item()}
    )


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Share of dead units against the initial bias."""
    drawn, axes = new_figure(figsize=(5.6, 3.6))
    fine = [BIASES[-1] * k / 100 for k in range(101)]
    for shares, examples, (look, marker) in zip(result.share, SIZES, LOOKS, strict=True):
        colour, middle = getattr(theme, look), shares.mean(1)
        low, high = shares.quantile(torch.tensor([0.1, 0.9]).double(), dim=1)
        style = "-" if marker == "o" else "--"
        axes.plot(fine, [predicted(bias, examples) for bias in fine], color=colour, linestyle=style, linewidth=1.2)
        spread = torch.stack([middle - low, high - middle]).clamp(min=0)
        name = text("measured", examples=examples)
        axes.errorbar(BIASES, middle, spread, color=colour, marker=marker, linestyle="none", capsize=2, label=name)
    axes.set(title=text("title"), xlabel=text("bias"), ylim=(-0.03, 1.03))
    axes.legend(fontsize=9, loc="upper right")
    return drawn
