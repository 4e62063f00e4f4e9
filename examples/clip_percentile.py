"""
The threshold of clipping from the logged percentiles of the gradient norm.

Recurrent networks read digits, four pixels per time step, at a moderate and at a large learning rate. The norms of an
unclipped run are logged; their percentiles become thresholds of new runs. Prediction: a threshold at a percentile
clips the rest of the steps, if clipping leaves the course of training alone. Measured: the share of clipped steps and
the final loss.
"""

import math
from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor

from optnotes.gradients import xavier_std
from optnotes.site.figures.bounds import ranges
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, STEPS, BATCH, UNITS, TIME, SCALE = 20, 100, 12, 20, 16, 1.5
RATES = {"moderate": 0.1, "large": 0.4}
LEVELS = (0.1, 0.5, 0.9)
STATED = {
    "share_moderate_90": (0.05, 0.2),
    "share_large_90": (0.08, 0.3),
    "share_large_10": (0.95, 1.0),
    "free_moderate": (1.1, 1.6),
    "free_large": (1.8, 2.6),
    "loss_large_90": (1.7, 2.3),
    "loss_large_10": (1.1, 1.6),
    "change_moderate_90": (-0.25, 0.25),
    "spike_large": (3.0, 10.0),
}


@dataclass(frozen=True)
class Result:
    """Norms and losses of shape (steps, rates, seeds) unclipped, and (steps, rates, percentiles, seeds) clipped."""

    logged: Tensor
    free: Tensor
    thresholds: Tensor
    norms: Tensor
    clipped: Tensor


def train(rates: Tensor, thresholds: Tensor) -> tuple[Tensor, Tensor]:
    """Train a batch of networks, one per entry of rates; seeds come last and share starts and examples."""
    generator = torch.Generator().manual_seed(32)
    pixels, y = load_digits()
    X, runs = (pixels - pixels.mean(0)).float() / 16, len(rates) // SEEDS

    def normal(*shape: int) -> Tensor:
        return torch.randn(SEEDS, *shape, generator=generator).repeat(runs, 1, 1)

    into, within = 0.5 * normal(64 // TIME, UNITS), SCALE / math.sqrt(UNITS) * normal(UNITS, UNITS)
    out, bias = xavier_std(UNITS, 10) * normal(UNITS, 10), torch.zeros(len(rates), 1, UNITS)
    parameters = [each.requires_grad_() for each in (into, within, out, bias)]
    norms, losses = [], []
    for _ in range(STEPS):
        chosen = torch.randint(len(X), (SEEDS, BATCH), generator=generator)
        images, targets = X[chosen].repeat(runs, 1, 1), y[chosen].repeat(runs, 1)
        inputs = torch.bmm(images.view(len(rates), BATCH * TIME, -1), into).view(len(rates), BATCH, TIME, UNITS)
        h = torch.zeros(len(rates), BATCH, UNITS)
        for t in range(TIME):
            h = torch.tanh(torch.baddbmm(inputs[:, :, t] + bias, h, within))
        logits = torch.bmm(h, out).transpose(1, 2)
        loss = torch.nn.functional.cross_entropy(logits, targets, reduction="none").mean(1)
        grads = torch.autograd.grad(loss.sum(), parameters)
        norm = torch.stack([grad.flatten(1).square().sum(1) for grad in grads]).sum(0).sqrt()
        step = rates / (norm / thresholds).clamp(min=1)
        parameters = [
            (p - step[:, None, None] * grad).detach().requires_grad_()
            for p, grad in zip(parameters, grads, strict=True)
        ]
        norms.append(norm)
        losses.append(loss.detach())
        into, within, out, bias = parameters
    return torch.stack(norms), torch.stack(losses)


def compute() -> Result:
    """Log the unclipped runs, take percentiles for each network, and train again with them."""
    rates = torch.tensor(list(RATES.values()))[:, None].expand(-1, SEEDS)
    logged, free = (each.view(STEPS, *rates.shape) for each in train(rates.flatten(), torch.tensor(math.inf)))
    thresholds = logged.quantile(torch.tensor(LEVELS), dim=0).movedim(0, 1)
    again = train(rates[:, None].expand_as(thresholds).flatten(), thresholds.flatten())
    norms, clipped = (each.view(STEPS, *thresholds.shape) for each in again)
    return Result(logged, free, thresholds, norms, clipped)


def numbers(result: Result) -> dict[str, float | int]:
    """Shares of clipped steps and mean losses over the last steps, by rate and percentile."""
    share = (result.norms > result.thresholds).double().mean(0).median(-1).values
    free, clipped = (each[-20:].mean(0).median(-1).values for each in (result.free, result.clipped))
    found: dict[str, float | int] = {"seeds": SEEDS, "steps": STEPS}
    for i, (key, rate) in enumerate(RATES.items()):
        found |= {f"rate_{key}": rate, f"free_{key}": free[i].item()}
        found[f"spike_{key}"] = (
            (result.logged[:, i].max(0).values / result.logged[:, i].median(0).values).median().item()
        )
        for j, level in enumerate(LEVELS):
            found[f"share_{key}_{100 * level:.0f}"] = share[i, j].item()
            found[f"loss_{key}_{100 * level:.0f}"] = clipped[i, j].item()
    found["change_moderate_90"] = found["loss_moderate_90"] - found["free_moderate"]
    return found | ranges(found, STATED)


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Share of clipped steps and final loss against the percentile that became the threshold."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.0), sharex=True)
    places, quantiles = [*range(len(LEVELS) + 1)], torch.tensor([0.1, 0.5, 0.9])
    upper.plot(places, [*(1 - level for level in LEVELS), 0], color=theme.ink, linestyle=":", label=text("theory"))
    shares = torch.nn.functional.pad((result.norms > result.thresholds[None]).float().mean(0), (0, 0, 0, 1))
    ends = torch.cat([result.clipped[-20:].mean(0), result.free[-20:].mean(0)[:, None]], dim=1)
    looks = zip(RATES.items(), ("blue", "orange"), "os", ("-", "--"), strict=True)
    for i, ((key, rate), look, marker, style) in enumerate(looks):
        for axes, values in ((upper, shares[i]), (lower, ends[i])):
            low, middle, high = values.quantile(quantiles, dim=1)
            axes.fill_between(places, low, high, color=getattr(theme, look), alpha=0.25, linewidth=0)
            axes.plot(
                places, middle, color=getattr(theme, look), marker=marker, linestyle=style, label=text(key, rate=rate)
            )
    upper.set(title=text("title.share"), ylim=(-0.04, 1.04))
    lower.set(title=text("title.loss"), xlabel=text("threshold"), ylim=(0, None))
    lower.set_xticks(places, [*(text("level", level=level) for level in LEVELS), text("none")])
    upper.legend(fontsize=9, loc="upper right")
    lower.legend(fontsize=9, loc="lower right")
    return drawn
