"""
What Adam ignores, the scale of the loss, and what it does not, the scale of the features.

Linear regression whose features have scales spread evenly between 1/S and S on a logarithmic axis. Adam takes steps of
equal size along all weights, so raw features act like standardised ones with a learning rate per weight proportional to
the scale; for gradient descent it is the square. Prediction: Adam needs a learning rate of at least the farthest weight
over the number of steps, and suffers from S less than gradient descent, but suffers. Measured: the loss after a fixed
number of steps for a grid of learning rates; the effect of a thousandfold loss on the path.
"""

from dataclasses import dataclass
from typing import Any

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.descent import adam_step
from optnotes.features import fit_standardizer, standardize
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, D, STEPS = 20, 100, 5, 1000
SPREADS = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
RATES, QUOTED, LOW = tuple(10 ** (k / 2) for k in range(-8, 5)), (1.0, 30.0, 1000.0), 0.01
FACTOR, EARLY, FLOOR, ENOUGH = 1000.0, 100, 1e-16, 0.05


@dataclass(frozen=True)
class Result:
    """Relative losses: of Adam (spreads, rates, seeds), of gradient descent (spreads, seeds)."""

    adam: Tensor
    descent: Tensor
    farthest: Tensor
    moved: float


def problems() -> tuple[Tensor, Tensor]:
    """Hessians of shape (spreads, seeds, D, D) and minima of shape (spreads, seeds, D)."""
    generator = torch.Generator().manual_seed(40)
    X = torch.randn(SEEDS, N, D, generator=generator, dtype=torch.float64)
    X = torch.stack([standardize(each, *fit_standardizer(each)) for each in X])
    effect = torch.randn(SEEDS, D, generator=generator, dtype=torch.float64)
    s = torch.stack([torch.logspace(-1, 1, D, base=spread, dtype=torch.float64) for spread in SPREADS])[:, None]
    return s[..., None] * (X.mT @ X / N) * s[..., None, :], effect / s


def loss(H: Tensor, distance: Tensor) -> Tensor:
    """Half the mean squared error for a distance to the minimum."""
    return torch.einsum("...i,...ij,...j->...", distance, H, distance) / 2


def run_adam(H: Tensor, minimum: Tensor, lr: Tensor, steps: int, factor: float = 1.0) -> Tensor:
    """Distance to the minimum after some steps from zero; one learning rate per row, the loss times a factor."""
    u = m = v = torch.zeros_like(lr * minimum)  # weights in units of the learning rate, whose step is then one
    for t in range(1, steps + 1):
        grad = factor * torch.einsum("...ij,...j->...i", H, lr * u - minimum)
        u, m, v = adam_step(u, grad, m, v, t, 1.0, 0.0)
    return lr * u - minimum


def compute() -> Result:
    """Run Adam for every learning rate, and gradient descent with its best constant step."""
    H, minimum = problems()
    start, rates = loss(H, minimum), torch.tensor(RATES, dtype=torch.float64)[:, None, None, None]
    values, vectors = torch.linalg.eigh(H)
    step = 2 / (values[..., :1] + values[..., -1:])
    left = (1 - step * values) ** STEPS * torch.einsum("...ij,...i->...j", vectors, minimum)
    chosen = rates[RATES.index(LOW)]
    plain, louder = (run_adam(H[0], minimum[0], chosen, EARLY, factor) for factor in (1.0, FACTOR))
    return Result(
        adam=loss(H, run_adam(H, minimum, rates, STEPS)) / start,
        descent=(values * left.square()).sum(-1) / 2 / start,
        farthest=minimum.abs().amax(-1).median(-1).values,
        moved=((plain - louder).abs().max() / minimum[0].abs().max()).item(),
    )


def numbers(result: Result) -> dict[str, float | int]:
    """Median relative losses at the ends and in the middle of the range, and the learning rates that gave them."""
    low = RATES.index(LOW)
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS, "factor": FACTOR, "early": EARLY, "low": LOW}
    found |= {"moved": result.moved, "largest_spread": SPREADS[-1]}
    for spread in QUOTED:
        at = SPREADS.index(spread)
        typical = result.adam[:, at].median(-1).values
        found |= {
            f"adam_{spread:.0f}": typical.min().item(),
            f"adam_low_{spread:.0f}": typical[low].item(),
            f"descent_{spread:.0f}": result.descent[at].median().item(),
            f"needed_{spread:.0f}": result.farthest[at].item() / STEPS,
            f"enough_{spread:.0f}": RATES[int((typical < ENOUGH).int().argmax())],
        }
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Adam's loss against its learning rate for three spreads, and the losses against the spread."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharey=True)
    levels = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64)

    def band(axes: Any, x: tuple[float, ...], values: Tensor, name: str, colour: str, style: str) -> None:
        low, middle, high = values.clamp(min=FLOOR).quantile(levels, dim=-1)
        axes.vlines(x, low, high, color=colour, linewidth=1)
        axes.plot(x, middle, color=colour, marker=style, markersize=5, label=name)

    for spread, colour, style in zip(QUOTED, (theme.blue, theme.green, theme.red), ("o", "^", "s"), strict=True):
        at = SPREADS.index(spread)
        band(upper, RATES, result.adam[:, at], text("spread", spread=spread), colour, style)
        upper.axvline(result.farthest[at] / STEPS, ymax=0.7, color=colour, linestyle=":")
    upper.plot([], [], color=theme.muted, linestyle=":", label=text("needed"))
    band(lower, SPREADS, result.descent, text("descent"), theme.violet, "s")
    band(lower, SPREADS, result.adam[RATES.index(LOW)], text("low", low=LOW), theme.orange, "^")
    band(lower, SPREADS, result.adam.amin(0), text("best"), theme.blue, "o")
    upper.set(xscale="log", yscale="log", xlabel=text("rate"), title=text("title.rate"), ylim=(FLOOR / 3, 1e7))
    lower.set(xscale="log", xlabel=text("scale"), title=text("title.scale"))
    upper.legend(fontsize=9, loc="upper left", ncols=2)
    lower.legend(fontsize=9, loc="upper left")
    return drawn
