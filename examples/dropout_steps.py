"""
Dropout as gradient noise, and what slows training down: the noise or the changed objective.

Full-batch gradient descent on digits, one hidden layer with dropout, many seeds; the masks are the only randomness.
Prediction: to first order the noise is the derivative of the gradient along a random mask, so its size grows as the
root of p over one minus p. If noise were what slows training, averaging the gradient over several masks at every step
would remove the delay. Measured: the noise relative to the gradient without dropout, and the steps to a given training
loss without dropout, with one mask per step and with several.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from optnotes.dropout import inverted_dropout
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, H, LR, LIMIT, TARGET, MASKS, PROBES, AVERAGED, TINY = 20, 40, 32, 0.5, 400, 0.3, 10, 4, 5, 0.01
PROBABILITIES, TRAINED, P = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65), (0.0, 0.2, 0.35, 0.5, 0.65), 0.5


@dataclass(frozen=True)
class Result:
    """Relative noise and its prediction, of shape (seeds, probabilities); steps, of shape (seeds, trained)."""

    noise: Tensor
    predicted: Tensor
    steps: Tensor
    averaged: Tensor


def data() -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Pixels, labels as unit vectors, and initial weights of both layers; one draw per seed."""
    generator, (pixels, digits) = torch.Generator().manual_seed(38), load_digits()
    pixels, labels = pixels / 16, one_hot(digits, 10).double()
    order = torch.stack([torch.randperm(len(labels), generator=generator)[:N] for _ in range(SEEDS)])
    W, V = (he_std(i) * torch.randn(SEEDS, i, o, generator=generator).double() for i, o in ((64, H), (H, 10)))
    return pixels[order], labels[order], W, V


def gradient(X: Tensor, Y: Tensor, W: Tensor, V: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of each seed's mean cross-entropy, with every hidden activation multiplied by its scale.

    Several masks may stand along a leading dimension of the scale.
    """
    hidden = (X @ W).relu()
    error = (((hidden * scale) @ V).softmax(-1) - Y) / N
    return X.mT @ ((error @ V.mT) * scale * (hidden > 0)), (hidden * scale).mT @ error


def draw(p: float, masks: int, generator: torch.Generator) -> Tensor:
    """Scales of dropout: zero with probability p, otherwise one over the probability of being kept."""
    mask = (torch.rand(masks, SEEDS, N, H, generator=generator) >= p).double()
    return inverted_dropout(torch.ones_like(mask), mask, p)


def noise() -> tuple[Tensor, Tensor]:
    """Standard deviation of the gradient at the start over the gradient without dropout: measured and predicted."""
    X, Y, W, V = data()
    generator, ones = torch.Generator().manual_seed(1), torch.ones(SEEDS, N, H, dtype=torch.float64)

    def flat(scale: Tensor) -> Tensor:
        return torch.cat([part.flatten(-2) for part in gradient(X, Y, W, V, scale)], -1)

    squares = torch.zeros(SEEDS, dtype=torch.float64)
    for _ in range(PROBES):
        sign = 2.0 * torch.randint(0, 2, ones.shape, generator=generator) - 1
        slope = (flat(ones + TINY * sign) - flat(ones - TINY * sign)) / (2 * TINY)
        squares += slope.square().sum(1) / PROBES
    measured = [flat(draw(p, MASKS, generator)).var(0).sum(1) for p in PROBABILITIES]
    predicted = [p / (1 - p) * squares for p in PROBABILITIES]
    size = flat(ones).norm(dim=1, keepdim=True)
    return torch.stack(measured, 1).sqrt() / size, torch.stack(predicted, 1).sqrt() / size


def steps(p: float, masks: int) -> Tensor:
    """Steps of each seed until its training loss without dropout is below the target."""
    X, Y, W, V = data()
    generator, reached = torch.Generator().manual_seed(2), torch.full((SEEDS,), LIMIT)
    for step in range(LIMIT):
        logits = (X @ W).relu() @ V
        loss = cross_entropy(logits.flatten(0, 1), Y.flatten(0, 1), reduction="none").view(SEEDS, N).mean(1)
        reached = torch.where((reached == LIMIT) & (loss < TARGET), step, reached)
        if (reached < LIMIT).all():
            break
        along_w, along_v = gradient(X, Y, W, V, draw(p, masks, generator))
        W, V = W - LR * along_w.mean(0), V - LR * along_v.mean(0)
    return reached


def compute() -> Result:
    """Measure the noise at the start, then train at every probability, with one mask per step and with several."""
    one, several = [steps(p, 1) for p in TRAINED], [steps(p, AVERAGED) for p in TRAINED[-2:]]
    return Result(*noise(), torch.stack(one, 1).double(), torch.stack(several, 1).double())


def numbers(result: Result) -> dict[str, float | int]:
    """Noise and prediction at the quoted and the smallest probability, and mean steps."""
    at = PROBABILITIES.index(P)
    measured, predicted = result.noise.mean(0), result.predicted.mean(0)
    without, one, several = (t.mean().item() for t in (*result.steps.T[[0, -2]], result.averaged[:, -2]))
    return {
        "seeds": SEEDS,
        "p": P,
        "masks": AVERAGED,
        "target": TARGET,
        "noise": measured[at].item(),
        "noise_predicted": predicted[at].item(),
        "noise_excess": (measured / predicted - 1).abs().max().item(),
        "steps_without": without,
        "steps": one,
        "steps_averaged": several,
        "slowdown": one / without,
        "delay_removed": (one - several) / (one - without),
        "slowdown_largest": (result.steps[:, -1].mean() / without).item(),
        "not_reached": int((result.steps == LIMIT).sum() + (result.averaged == LIMIT).sum()),
    }


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Relative noise with its prediction, and steps with one mask and with several, against the drop probability."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    upper.plot(PROBABILITIES, result.predicted.mean(0), color=theme.ink, linestyle=":", label=text("predicted"))
    looks = ((upper, PROBABILITIES, result.noise, "measured", "none"), (lower, TRAINED, result.steps, "one", "--"))
    for axes, at, values, key, style in looks:
        low, middle, high = values.quantile(torch.tensor([0.1, 0.5, 0.9]).to(values), dim=0)
        axes.fill_between(at, low, high, color=theme.orange, alpha=0.2, linewidth=0)
        axes.plot(at, middle, color=theme.orange, linestyle=style, marker="o", label=text(key))
    several = result.averaged.quantile(0.5, dim=0)
    lower.plot(TRAINED[-2:], several, "D", color=theme.blue, label=text("several", masks=AVERAGED))
    upper.set(title=text("title.noise"), ylim=(0, None))
    lower.set(title=text("title.steps"), xlabel=text("p"), ylim=(0, None))
    upper.legend(fontsize=9, loc="upper left")
    lower.legend(fontsize=9, loc="upper left")
    return drawn
