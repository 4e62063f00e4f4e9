"""
Weight decay in front of batch normalisation is a schedule of the learning rate.

The first layer of a small network learns handwritten digits; behind it stand batch normalisation, ReLU and a fixed
output layer, so that the scale of its weights does not change the function. Prediction: training with decay and a
constant learning rate equals training without decay and a rate that grows by (1 - ηλ) to the power -2 per step; with
decay each step ends up turning a unit's weights by the angle √(2ηλ), without decay by ever less. Measured: losses,
turns and norms of all three runs over seeds. Then a deeper network is trained as practitioners do it, with decay of all
parameters and of the matrices only: the gains of the normalisation hold the scale, so their decay fades the signal.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from torch import Tensor, nn

from optnotes.descent import weight_decay_step
from optnotes.normalization import batch_norm
from optnotes.outputs import cross_entropy
from optnotes.site.figures.bounds import bound
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, UNITS, BATCH, STEPS, TRAIN, LATE = 20, 16, 32, 240, 1200, 80
LR, LAM, EPS, FACTOR = 0.5, 0.02, 1e-12, 7.0
DEPTH, DEEP_UNITS, DEEP_STEPS, DEEP_SEEDS, DEEP_LR = 3, 32, 500, 2, 0.1
RUNS = {"plain": (0.0, False), "decay": (LAM, False), "schedule": (0.0, True)}


@dataclass(frozen=True)
class Result:
    """Batch loss, mean squared turn and norm (runs, steps, seeds); directions and test losses (runs, seeds, ...).

    Of the deep network the mean absolute gain and the signal before the output, with decay of all parameters and of
    the matrices only.
    """

    loss: Tensor
    turn: Tensor
    norm: Tensor
    direction: Tensor
    test: Tensor
    scaled_weights: float
    scaled_gains: float
    deep: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Pixels from zero to one without the constant ones, and one-hot labels."""
    X, y = (torch.tensor(part) for part in load_digits(return_X_y=True))
    return X[:, X.std(0) > 0].double() / 16, torch.nn.functional.one_hot(y).double()


def logits(W: Tensor, out: Tensor, X: Tensor, gain: float = 1.0) -> Tensor:
    """Batch normalisation removes the scale of the first layer; its gain passes on."""
    ones = torch.ones(UNITS, dtype=X.dtype)
    return torch.relu(batch_norm(X @ W, gain * ones, 0 * ones, EPS)) @ out


def losses(W: Tensor, out: Tensor, X: Tensor, y: Tensor) -> Tensor:
    """Mean cross-entropy of every net, each with its own batch or all with the same."""
    z = torch.func.vmap(logits, (0, 0, 0 if X.ndim > 2 else None))(W, out, X)
    return torch.func.vmap(torch.func.vmap(cross_entropy))(z, y.expand(len(W), *y.shape[-2:])).mean(1)


def train(start: Tensor, out: Tensor, batches: Tensor) -> tuple[Tensor, ...]:
    """Train all runs on the same batches, side by side: final weights, batch losses, squared turns and norms."""
    X, y = data()
    heads, W, rows = out.repeat(len(RUNS), 1, 1), start.repeat(len(RUNS), 1, 1), []
    for t, batch in enumerate(batches):
        drawn, before = batch.repeat(len(RUNS), 1), W.requires_grad_()
        value = losses(before, heads, X[drawn], y[drawn])
        (grad,) = torch.autograd.grad(value.sum(), before)
        growing = LR * (1 - LR * LAM) ** -(2 * t + 1)
        with torch.no_grad():
            parts = zip(torch.split(before, len(start)), torch.split(grad, len(start)), RUNS.values(), strict=True)
            W = torch.cat([weight_decay_step(w, g, growing if grows else LR, lam) for w, g, (lam, grows) in parts])
            cosine = (before * W).sum(1) / (before.norm(dim=1) * W.norm(dim=1))
            rows.append((value.detach(), torch.acos(cosine.clamp(-1, 1)).square().mean(1), W.norm(dim=1).mean(1)))
    shape = (len(batches), len(RUNS), len(start))
    curves = (torch.stack(column).view(shape).transpose(0, 1) for column in zip(*rows, strict=True))
    return W.view(len(RUNS), *start.shape), *curves


def parameters(model: nn.Module, spare: bool) -> list[dict[str, object]]:
    """The advice: decay for the matrices, none for gains and intercepts."""
    if not spare:
        return [{"params": list(model.parameters())}]
    matrices = [p for p in model.parameters() if p.ndim > 1]
    return [{"params": matrices}, {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0}]


def deep(seed: int, spare: bool) -> list[float]:
    """Train a deep net with batch normalisation; its mean absolute gain, and the signal before the output."""
    (X, y), widths = data(), [DEEP_UNITS] * DEPTH
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [
            layer
            for fan_in, fan_out in pairwise([X.shape[1], *widths])
            for layer in (nn.Linear(fan_in, fan_out), nn.BatchNorm1d(fan_out), nn.ReLU())
        ]
        body, head = nn.Sequential(*layers).double(), nn.Linear(DEEP_UNITS, y.shape[1]).double()
        model = nn.Sequential(body, head)
        optimizer = torch.optim.SGD(parameters(model, spare), lr=DEEP_LR, weight_decay=LAM)
        for _ in range(DEEP_STEPS):
            batch = torch.randint(TRAIN, (BATCH,))
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(X[batch]), y[batch]).backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    model.eval()
    with torch.no_grad():
        signal = body(X[TRAIN:])
        gains = torch.cat([layer.weight for layer in body if isinstance(layer, nn.BatchNorm1d)])
    return [gains.abs().mean().item(), signal.square().mean().sqrt().item()]


def compute() -> Result:
    """Train, test, and scale weights and gains of a trained network."""
    X, y = data()
    generator = torch.Generator().manual_seed(36)
    start = torch.randn(SEEDS, X.shape[1], UNITS, generator=generator, dtype=X.dtype) / math.sqrt(X.shape[1])
    out = torch.randn(SEEDS, UNITS, 10, generator=generator, dtype=X.dtype) * math.sqrt(2 / UNITS)
    W, loss, turn, norm = train(start, out, torch.randint(TRAIN, (STEPS, SEEDS, BATCH), generator=generator))
    held, net, head = X[TRAIN:], W[0, 0], out[0]
    plain = logits(net, head, held)
    return Result(
        loss,
        turn,
        norm,
        W / W.norm(dim=2, keepdim=True),
        torch.stack([losses(w, out, held, y[TRAIN:]) for w in W]),
        ((logits(FACTOR * net, head, held) - plain).norm() / plain.norm()).item(),
        ((logits(net, head, held, gain=1 / FACTOR) - plain).norm() / plain.norm()).item(),
        torch.tensor([[deep(seed, spare) for seed in range(DEEP_SEEDS)] for spare in (False, True)]).mean(1),
    )


def numbers(result: Result) -> dict[str, float | int]:
    """Turns and norms at the end, the largest difference of the two equal runs, and the changes of the logits."""
    found: dict[str, float | int] = {
        "seeds": SEEDS,
        "steps": STEPS,
        "late": LATE,
        "predicted": math.sqrt(2 * LR * LAM),
        "factor": FACTOR,
        "same_loss": bound((result.loss[1] - result.loss[2]).abs().max().item(), 1e-8),
        "same_direction": bound((result.direction[1] - result.direction[2]).abs().max().item(), 1e-8),
        "other_loss": (result.loss[1] - result.loss[0]).abs().max().item(),
        "growth": (1 - LR * LAM) ** (-2 * STEPS),
        "scaled_weights": bound(result.scaled_weights, 1e-10),
        "scaled_gains": result.scaled_gains,
        "depth": DEPTH,
    }
    for name, values in zip(("all", "matrices"), result.deep.tolist(), strict=True):
        found |= dict(zip((f"gain_{name}", f"signal_{name}"), values, strict=True))
    for i, name in enumerate(RUNS):
        found[f"turn_{name}"] = result.turn[i, -LATE:].mean().sqrt().item()
        found[f"norm_{name}"] = result.norm[i, -1].mean().item()
        found[f"test_{name}"] = result.test[i].mean().item()
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Norm of a unit's weights and its turn per step, against the step."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4), sharex=True)
    looks = {"plain": {"linestyle": "-."}, "decay": {"linestyle": "-"}, "schedule": {"linestyle": "", "marker": "s"}}
    window = torch.ones(1, 1, 15, dtype=torch.float64) / 15
    for i, (name, colour) in enumerate(zip(RUNS, ("green", "blue", "orange"), strict=True)):
        smooth = torch.conv1d(result.turn[i].T[:, None], window)[:, 0].T.sqrt()
        for axes, values, steps in ((upper, result.norm[i], range(STEPS)), (lower, smooth, range(7, STEPS - 7))):
            low, middle, high = values.quantile(torch.tensor([0.1, 0.5, 0.9]).double(), dim=1)
            axes.fill_between(steps, low, high, color=getattr(theme, colour), alpha=0.2, linewidth=0)
            axes.plot(steps, middle, color=getattr(theme, colour), markevery=20, label=text(name), **looks[name])
    lower.axhline(math.sqrt(2 * LR * LAM), color=theme.ink, linestyle=":", label=text("predicted"))
    upper.set(yscale="log", title=text("title.norm"), ylim=(0.3, 30))
    lower.set(title=text("title.turn"), xlabel=text("step"), ylim=(0, 0.27))
    upper.legend(fontsize=9, loc="upper left")
    lower.legend(fontsize=9, loc="upper right", ncols=2)
    return drawn
