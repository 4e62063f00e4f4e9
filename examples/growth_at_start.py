"""
How gradients grow with depth before the first step, in plain and in residual networks.

Stacks of fifty ReLU blocks with the weights of He; the gradient is followed from the output back to every block.
Prediction: a plain network keeps its norm, and batch normalisation multiplies it by the root of pi/(pi - 1) per block.
Residual branches without normalisation multiply it by the root of two, branches divided by the root of the depth stay
below the root of e, normalised ones grow as a power of the depth. Measured: ratio of the norms.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.gradients import he_std, normalised_residual_growth, residual_growth
from optnotes.normalization import bn_relu_growth
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, WIDTH, BATCH, DEPTH = 20, 64, 64, 50


@dataclass(frozen=True)
class Result:
    """Norm of the gradient at the input of each block over that at the output, of shape (depth + 1, seeds)."""

    ratios: dict[str, Tensor]


def normalise(z: Tensor, dim: int) -> Tensor:
    """Centre and scale, over the batch for dimension one and over the units for dimension two."""
    centred = z - z.mean(dim, keepdim=True)
    return centred * (centred.square().mean(dim, keepdim=True) + 1e-5).rsqrt()


BLOCKS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "plain": lambda h, w: torch.bmm(h, w).relu(),
    "norm": lambda h, w: normalise(torch.bmm(h, w), 1).relu(),
    "residual": lambda h, w: torch.baddbmm(h, h.relu(), w),
    "scaled": lambda h, w: torch.baddbmm(h, h.relu(), w, alpha=1 / math.sqrt(DEPTH)),
    "layer": lambda h, w: torch.baddbmm(h, normalise(h, 2).relu(), w),
    "batch": lambda h, w: torch.baddbmm(h, normalise(h, 1).relu(), w),
}


def ratios(block: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """Follow a random gradient back through the stack."""
    # In double precision: what multiplies a gradient multiplies a rounding error as well.
    normal = partial(torch.randn, generator=torch.Generator().manual_seed(32), dtype=torch.float64)
    states = [normal(SEEDS, BATCH, WIDTH).requires_grad_()]
    for _ in range(DEPTH):
        states.append(block(states[-1], he_std(WIDTH) * normal(SEEDS, WIDTH, WIDTH)))
    grads = torch.autograd.grad((states[-1] * normal(*states[-1].shape)).sum(), states)
    norms = torch.stack([grad.flatten(1).norm(dim=1) for grad in grads])
    return norms / norms[-1]


def compute() -> Result:
    """Follow the gradient through every kind of stack."""
    return Result({kind: ratios(block) for kind, block in BLOCKS.items()})


def predicted(kind: str, passed: int) -> float:
    """Growth over the given number of blocks, counted from the output."""
    if kind == "plain":
        return 1.0
    if kind == "norm":
        return math.sqrt(bn_relu_growth(passed))
    if kind in ("residual", "scaled"):
        scale = 1.0 if kind == "residual" else 1 / math.sqrt(DEPTH)
        return residual_growth(torch.tensor(1.0, dtype=torch.float64), scale, passed).item()
    if kind == "layer":
        return normalised_residual_growth(DEPTH) / normalised_residual_growth(DEPTH - passed)
    # The mean of a ReLU is one over pi of its mean square; the next normalisation removes it: less variance is added.
    added = 1 / bn_relu_growth(1)
    return math.sqrt(math.prod(1 + 1 / (1 + added * below) for below in range(DEPTH - passed, DEPTH)))


def numbers(result: Result) -> dict[str, float | int]:
    """Growth over all blocks with its prediction, typical over the seeds."""
    found: dict[str, float | int] = {"seeds": SEEDS, "depth": DEPTH, "width": WIDTH}
    for kind, ratio in result.ratios.items():
        found |= {kind: ratio[0].median().item(), f"{kind}_predicted": predicted(kind, DEPTH)}
    found["norm_per_block"] = (result.ratios["norm"][5] / result.ratios["norm"][-6]).median().item() ** (
        1 / (DEPTH - 10)
    )
    found["norm_per_block_predicted"] = predicted("norm", 1)
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Growth against the number of blocks passed: plain networks above, residual ones below."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.2), sharex=True, height_ratios=(2, 3))
    passed, nudge = torch.arange(DEPTH + 1), {"batch": 1.9, "layer": 0.8, "scaled": 0.5}
    places = (upper, upper, lower, lower, lower, lower)
    looks = zip(result.ratios.items(), places, ("blue", "red", "red", "green", "blue", "violet"), strict=True)
    for (kind, ratio), axes, look in looks:
        low, middle, high = ratio.flip(0).quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
        style = "--" if kind in ("plain", "layer") else "-." if kind in ("scaled", "batch") else "-"
        axes.fill_between(passed, low, high, color=getattr(theme, look), alpha=0.25, linewidth=0)
        axes.plot(passed, middle, color=getattr(theme, look), linestyle=style)
        dots = [predicted(kind, k) for k in passed[5::5].tolist()]
        axes.plot(passed[5::5], dots, color=theme.ink, marker="o", markersize=3.5, linestyle="none")
        height = middle[-1] * nudge.get(kind, 1.0)
        axes.text(DEPTH + 1, height, text(kind), color=getattr(theme, look), va="center", fontsize=9)
    for axes, key in ((upper, "title.plain"), (lower, "title.residual")):
        axes.plot([], [], color=theme.ink, marker="o", markersize=3.5, linestyle="none", label=text("theory"))
        axes.set(title=text(key), yscale="log", xlim=(0, DEPTH * 1.55))
        axes.set_xticks(range(0, DEPTH + 1, DEPTH // 5))
        axes.legend(fontsize=9, loc="upper left")
    lower.set_xlabel(text("passed"))
    return drawn
