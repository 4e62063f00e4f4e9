"""
The same regularisers with wrong labels, where they help, and with clean labels, where there is little to cure.

Digits, few examples, one small network trained with Adam for a fixed number of epochs. Every method changes one thing:
decoupled weight decay, proximal L1 steps, dropout, shifts by one pixel, early stopping with patience, label smoothing,
mixup, CutMix, a running average of the weights, a decay three times as strong, and a half-turn of every second image,
which breaks labels. Prediction: with a fifth of them wrong the first nine help; with clean labels they gain little,
and the last two hurt. Measured: accuracy on clean test
data as a paired difference from plain training, with intervals over splits, and the share of wrong labels fitted.
"""

from dataclasses import dataclass
from functools import cache

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn.functional import one_hot, pad

from optnotes.activations import relu
from optnotes.descent import adamw_step
from optnotes.dropout import inverted_dropout
from optnotes.generalization import patience_step
from optnotes.gradients import he_std
from optnotes.outputs import cross_entropy
from optnotes.penalties import soft_threshold
from optnotes.site.figures.style import Theme, new_figure
from optnotes.site.words.text import Label

SEEDS, TRAIN, VALID, TEST, HIDDEN, NOISE, EPOCHS, LR, PATIENCE = 20, 150, 200, 300, 40, 0.2, 40, 0.02, 8
METHODS = {"decay": 4.0, "l1": 0.5, "dropout": 0.5, "shifts": 1.0, "strong": 12.0, "turns": 0.5}
METHODS |= {"smoothing": 0.3, "mixup": 1.0, "cutmix": 4, "average": 0.9}
BACKGROUND, T95 = -0.8, 2.093  # the quantile of Student's distribution for 20 seeds
losses = torch.func.vmap(torch.func.vmap(cross_entropy))


@dataclass(frozen=True)
class Result:
    """By method, one entry per seed: test accuracy with noisy and clean labels; wrong labels fitted, test loss."""

    noisy: dict[str, Tensor]
    clean: dict[str, Tensor]
    wrong: dict[str, Tensor]
    loss: dict[str, Tensor]


def network(X: Tensor, w: Tensor, b: Tensor, drop: torch.Generator | None = None) -> Tensor:
    """Logits of one hidden layer; a row of weights and one of biases per seed; a generator switches dropout on."""
    W, V = torch.split(w, [64 * HIDDEN, HIDDEN * 10], 1)
    b, c = torch.split(b[:, None], [HIDDEN, 10], 2)
    hidden = relu(torch.baddbmm(b, X, W.reshape(SEEDS, 64, HIDDEN)))
    if drop is not None:
        kept = torch.rand(hidden.shape, generator=drop) >= METHODS["dropout"]
        hidden = inverted_dropout(hidden, kept.double(), METHODS["dropout"])
    return torch.baddbmm(c, hidden, V.reshape(SEEDS, HIDDEN, 10))


def shifted(X: Tensor, generator: torch.Generator) -> Tensor:
    """Leave each image or move it by one pixel in one of four directions; what enters is background."""
    images = pad(X.reshape(*X.shape[:-1], 8, 8), (1, 1, 1, 1), value=BACKGROUND)
    moves = torch.stack([images[..., i : i + 8, j : j + 8] for i, j in ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2))])
    chosen = torch.randint(len(moves), (1, *X.shape[:-1], 1, 1), generator=generator)
    return moves.gather(0, chosen.expand(1, *images.shape[:-2], 8, 8))[0].flatten(-2)


def turned(X: Tensor, generator: torch.Generator) -> Tensor:
    """Turn every second image upside down."""
    return torch.where(torch.rand(*X.shape[:-1], 1, generator=generator) < METHODS["turns"], X.flip(-1), X)


def mixed(X: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Mixup: average each image and its label with those of another example, with a weight of even distribution."""
    other = torch.randperm(X.shape[1], generator=generator)
    weight = torch.rand(*X.shape[:2], 1, generator=generator).double()
    return weight * X + (1 - weight) * X[:, other], weight * labels + (1 - weight) * labels[:, other]


def pasted(X: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """CutMix: put a square of another image in place, and mix the labels by the areas."""
    other, side = torch.randperm(X.shape[1], generator=generator), int(METHODS["cutmix"])
    top, left = torch.randint(9 - side, (2, *X.shape[:2], 1), generator=generator)
    row, column = torch.arange(64) // 8, torch.arange(64) % 8
    inside = (row >= top) & (row < top + side) & (column >= left) & (column < left + side)
    share = side**2 / 64
    return torch.where(inside, X[:, other], X), (1 - share) * labels + share * labels[:, other]


@cache
def digits() -> tuple[Tensor, Tensor]:
    """Pixels and true labels."""
    pixels, truth = load_digits(return_X_y=True)
    return torch.tensor(pixels).double() / 6 + BACKGROUND, torch.tensor(truth)


def data(noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Images, given labels and true labels, one random order per seed."""
    pixels, truth = digits()
    drawn = torch.stack([torch.randperm(len(truth), generator=generator)[: TRAIN + VALID + TEST] for _ in range(SEEDS)])
    X, true = pixels[drawn], truth[drawn]
    other = (true + torch.randint(1, 10, true.shape, generator=generator)) % 10
    return X, torch.where(torch.rand(true.shape, generator=generator) < noise, other, true), true


def train(noise: float, method: str = "plain") -> tuple[Tensor, Tensor, Tensor]:
    """Test loss and accuracy at the end, of plain training also where early stopping ends; wrong labels fitted."""
    generator = torch.Generator().manual_seed(35)
    X, given, true = data(noise, generator)
    labels, path = one_hot(given, 10).double(), []
    layers = [he_std(i) * torch.randn(SEEDS, i * o, generator=generator) for i, o in ((64, HIDDEN), (HIDDEN, 10))]
    w, b = torch.cat(layers, 1).double(), torch.zeros(SEEDS, HIDDEN + 10).double()
    m_w, v_w, m_b, v_b = (torch.zeros_like(x) for x in (w, w, b, b))
    decay = METHODS[method] if method in ("decay", "strong") else 0.0
    change = {"shifts": shifted, "turns": turned}.get(method, lambda X, _: X)
    mix = {"mixup": mixed, "cutmix": pasted}.get(method, lambda X, labels, _: (X, labels))
    soft = labels[:, :TRAIN]
    if method == "smoothing":
        soft = (1 - METHODS[method]) * soft + METHODS[method] / 10
    mean_w, mean_b = w, b
    for epoch in range(1, EPOCHS + 1):
        drop = generator if method == "dropout" else None
        images, targets = mix(change(X[:, :TRAIN], generator), soft, generator)
        seen = network(images, w.requires_grad_(), b.requires_grad_(), drop)
        slope_w, slope_b = torch.autograd.grad(losses(seen, targets).mean(1).sum(), (w, b))
        with torch.no_grad():
            w, m_w, v_w = adamw_step(w, slope_w, m_w, v_w, epoch, LR, decay)
            b, m_b, v_b = adamw_step(b, slope_b, m_b, v_b, epoch, LR, 0.0)
            if method == "l1":
                w = soft_threshold(w, LR * METHODS["l1"])
            mean_w, mean_b = (
                METHODS["average"] * old + (1 - METHODS["average"]) * new for old, new in ((mean_w, w), (mean_b, b))
            )
            if method == "plain":
                valid = losses(network(X[:, TRAIN:-TEST], w, b), labels[:, TRAIN:-TEST]).mean(1)
                path.append((w, b, valid))
    ends = [(mean_w, mean_b) if method == "average" else (w, b)]
    if path:
        ws, bs, valids = (torch.stack(each) for each in zip(*path, strict=True))
        ends += [(ws[epoch, range(SEEDS)], bs[epoch, range(SEEDS)]) for epoch in stopped(valids)]
    logits = torch.stack([network(X, *end) for end in ends])
    right = (logits.argmax(-1) == true)[..., -TEST:].double()
    test = torch.stack([losses(each[:, -TEST:], labels[:, -TEST:]) for each in logits])
    wrong = (given != true)[:, :TRAIN]
    fitted = ((logits[0].argmax(-1) == given)[:, :TRAIN] & wrong).sum(1) / wrong.sum(1)
    return test.mean(-1), right.mean(-1), fitted.nan_to_num()


def stopped(valid: Tensor) -> tuple[Tensor, Tensor]:
    """Best epoch before patience ran out, and the epoch in which it ran out, for each seed."""
    step = torch.func.vmap(lambda loss, best, waited: patience_step(loss, best, waited, PATIENCE))
    best, waited = valid[0], torch.zeros_like(valid[0])
    restored, last = torch.zeros(SEEDS, dtype=torch.long), torch.full((SEEDS,), len(valid) - 1)
    for epoch, loss in enumerate(valid[1:], 1):
        best, waited, stop = step(loss, best, waited)
        running = last == len(valid) - 1
        restored = torch.where(running & (waited == 0), epoch, restored)
        last = torch.where(running & (stop == 1), epoch, last)
    return restored, last


def compute() -> Result:
    """Train plainly and with every method, on noisy and on clean labels."""
    arms: list[dict[str, Tensor]] = []
    for noise in (NOISE, 0.0):
        test, accuracy, fitted = train(noise)
        arm, loss = (dict(zip(("plain", "early", "unrestored"), each, strict=True)) for each in (accuracy, test))
        wrong = {"plain": fitted}
        for method in METHODS:
            _, (arm[method],), wrong[method] = train(noise, method)
        arms += [arm, wrong, loss]
    return Result(noisy=arms[0], clean=arms[3], wrong=arms[1], loss=arms[2])


def gain(accuracy: dict[str, Tensor], method: str) -> tuple[float, float]:
    """Mean paired difference from plain training, to a whole number of images, and half its 95% interval."""
    difference = accuracy[method] - accuracy["plain"]
    return (difference * TEST).sum().round().item() / (TEST * SEEDS), T95 * difference.std().item() / SEEDS**0.5


def numbers(result: Result) -> dict[str, float | int]:
    """Accuracies of plain training, gains and their intervals in percentage points, wrong labels fitted."""
    found: dict[str, float | int] = {"seeds": SEEDS, "examples": TRAIN, "noise": NOISE, "patience": PATIENCE}
    for arm, accuracy in (("noisy", result.noisy), ("clean", result.clean)):
        found[f"{arm}_plain"] = accuracy["plain"].mean().item()
        for method in list(accuracy)[1:]:
            found[f"{arm}_{method}"], found[f"{arm}_{method}_half"] = (100 * part for part in gain(accuracy, method))
    for name, values in (("wrong", result.wrong), ("loss", result.loss)):
        found |= {f"{name}_{method}": value.mean().item() for method, value in values.items()}
    return found


def figure(result: Result, text: Label, theme: Theme) -> Figure:
    """Gains with intervals, one row for each method."""
    drawn, axes = new_figure(figsize=(5.6, 5.2))
    rows = ("decay", "l1", "dropout", "shifts", "early", "smoothing", "mixup", "cutmix", "average", "strong", "turns")
    for accuracy, key, colour, marker, offset in (
        (result.noisy, "noisy", theme.orange, "s", -0.13),
        (result.clean, "clean", theme.blue, "o", 0.13),
    ):
        gains = [[100 * part for part in gain(accuracy, method)] for method in rows]
        middle, half = zip(*gains, strict=True)
        places = [place + offset for place in range(len(rows))]
        axes.errorbar(middle, places, xerr=half, color=colour, marker=marker, linestyle="none", label=text(key))
    axes.axvline(0, color=theme.muted, linewidth=1)
    axes.set_yticks(range(len(rows)), [text(method) for method in rows])
    axes.invert_yaxis()
    axes.set(xlabel=text("gain"))
    axes.legend(fontsize=9, loc="upper left")
    return drawn
