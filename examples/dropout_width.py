"""
Where dropout pays: the same data, nets from narrow to wide, and drop probabilities from none to nearly all.

A hundred digits, a fifth of them with a random label, one hidden layer, Adam, many seeds. Prediction: a wide net learns
the false labels, and dropout holds it back; a narrow net cannot spare units, and dropout hurts it even when both are
stopped at their best step. Over the drop probability the test loss has its minimum inside. The training loss with units
dropped lies above the one without. Measured: these losses at the end, and the test loss at its best step.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.descent import adam_step
from optnotes.dropout import inverted_dropout
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, N, N_TEST, FALSE, STEPS, EVERY, LR = 20, 100, 200, 0.2, 52, 4, 0.04
WIDTHS, WIDE, NARROW = (4, 8, 16, 64), 64, 8
PROBABILITIES, P = (0.0, 0.2, 0.5, 0.65, 0.95), 0.5

Losses = dict[tuple[int, float], Tensor]


@dataclass(frozen=True)
class Result:
    """Losses by (width, p), each of shape (seeds,): training with and without units dropped, test, best test."""

    train_mode: Losses
    eval_mode: Losses
    test: Losses
    best: Losses


def data(generator: torch.Generator) -> tuple[Tensor, ...]:
    """Pixels and labels for training, a part of them false, and for the test; one draw per seed."""
    pixels, labels = load_digits()
    pixels = pixels.float() / 16
    order = torch.stack([torch.randperm(len(labels), generator=generator) for _ in range(SEEDS)])
    train, test = order[:, :N], order[:, N : N + N_TEST]
    random = torch.randint(0, 10, (SEEDS, N), generator=generator)
    false = torch.rand(SEEDS, N, generator=generator) < FALSE
    return pixels[train], torch.where(false, random, labels[train]), pixels[test], labels[test]


def losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean cross-entropy of each seed."""
    return cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none").view(labels.shape).mean(1)


def fit(sets: tuple[Tensor, ...], width: int, p: float) -> tuple[Tensor, ...]:
    """Train one net per seed; the same masks' random numbers serve every p."""
    X, y, X_test, y_test = sets
    generator = torch.Generator().manual_seed(39)
    stds = torch.tensor([he_std(64), 0.0, he_std(width), 0.0]).repeat_interleave(torch.tensor(sizes(width)))
    w = stds * torch.randn(SEEDS, len(stds), generator=generator)
    m = v = torch.zeros_like(w)
    best = torch.full((SEEDS,), torch.inf)
    for step in range(1, STEPS + 1):
        (slope,) = torch.autograd.grad(losses(logits(X, w.requires_grad_(), p, generator), y).sum(), w)
        with torch.no_grad():
            w, m, v = adam_step(w, slope, m, v, step, LR, 0.0)
            if step % EVERY == 0:
                test = losses(logits(X_test, w, 0.0, generator), y_test)
                best = best.minimum(test)
    with torch.no_grad():
        dropped = torch.stack([losses(logits(X, w, p, generator), y) for _ in range(8 if p > 0 else 1)]).mean(0)
        return dropped, losses(logits(X, w, 0.0, generator), y), test, best


def sizes(width: int) -> list[int]:
    """Numbers of weights and biases of both layers; each seed keeps them in one row."""
    return [64 * width, width, 10 * width, 10]


def logits(X: Tensor, w: Tensor, p: float, generator: torch.Generator) -> Tensor:
    """Outputs of all nets, with hidden units dropped."""
    width = (w.shape[1] - 10) // 75
    W, b, V, c = torch.split(w, sizes(width), 1)
    hidden = torch.baddbmm(b[:, None], X, W.reshape(SEEDS, 64, width)).relu()
    if p > 0:
        hidden = inverted_dropout(hidden, (torch.rand(hidden.shape, generator=generator) >= p).float(), p)
    return torch.baddbmm(c[:, None], hidden, V.reshape(SEEDS, width, 10))


def compute() -> Result:
    """Train every width without and with dropout, and the widest with every probability."""
    cases = [(width, p) for width in WIDTHS for p in (0.0, P)] + [(WIDE, p) for p in PROBABILITIES if p not in (0.0, P)]
    sets = data(torch.Generator().manual_seed(38))
    columns = zip(*(fit(sets, *case) for case in cases), strict=True)
    return Result(*(dict(zip(cases, column, strict=True)) for column in columns))


def numbers(result: Result) -> dict[str, float | int]:
    """Means over seeds for the widest and the narrow net, and the best probability."""
    found: dict[str, float | int] = {"seeds": SEEDS, "n": N, "wide": WIDE, "narrow": NARROW, "false": FALSE, "p": P}
    for size, width in (("wide", WIDE), ("narrow", NARROW)):
        for key, p in (("without", 0.0), ("with", P)):
            found |= {f"{name}_{size}_{key}": vars(result)[name][width, p].mean().item() for name in vars(result)}
            found[f"gap_{size}_{key}"] = found[f"test_{size}_{key}"] - found[f"eval_mode_{size}_{key}"]
    test = {p: result.test[WIDE, p].mean().item() for p in PROBABILITIES}
    found |= {"best_p": min(test, key=lambda p: test[p]), "test_best_p": min(test.values())}
    return found | {"largest_p": PROBABILITIES[-1], "test_largest_p": test[PROBABILITIES[-1]]}


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Best test loss against width, and the three losses of the widest net against the drop probability."""
    drawn, (upper, lower) = new_figure(nrows=2, figsize=(5.6, 6.4))
    tenths = torch.tensor([0.1, 0.9])
    for p, key, colour, style, marker in ((0.0, "without", "orange", "--", "s"), (P, "with", "blue", "-", "o")):
        values = torch.stack([result.best[width, p] for width in WIDTHS], 1)
        upper.fill_between(
            WIDTHS, *values.quantile(tenths, dim=0), color=getattr(theme, colour), alpha=0.2, linewidth=0
        )
        label = text(key, p=P)
        upper.plot(WIDTHS, values.mean(0), color=getattr(theme, colour), linestyle=style, marker=marker, label=label)
    looks = (("test", "violet", "-", "o"), ("train_mode", "blue", "--", "^"), ("eval_mode", "green", "-.", "s"))
    for key, colour, style, marker in looks:
        values = torch.stack([getattr(result, key)[WIDE, p] for p in PROBABILITIES], 1)
        look = {"color": getattr(theme, colour), "linestyle": style, "marker": marker}
        lower.plot(PROBABILITIES, values.mean(0), label=text(key), **look)
        lower.fill_between(PROBABILITIES, *values.quantile(tenths, dim=0), color=look["color"], alpha=0.2, linewidth=0)
    upper.set(xscale="log", xticks=WIDTHS, xticklabels=WIDTHS, xlabel=text("width"), title=text("title.width"))
    upper.minorticks_off()
    lower.set(xlabel=text("p"), title=text("title.p"))
    upper.legend(fontsize=9)
    lower.legend(fontsize=9)
    return drawn
