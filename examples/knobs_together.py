"""
Weight decay and dropout in one net, with batch normalisation and without: which of them gains, and what both do.

Digits, few examples, a fifth of the labels wrong, two hidden layers, AdamW for a fixed number of steps, dropout behind
each activation; a grid of learning rates, decays and dropout rates, and for each split the setting that is best on its
validation data. Prediction: in front of batch normalisation decay changes the size of the steps and not the function,
so it gains less than without normalisation; and both together gain about as much as the better one alone, since wrong
labels that one of them keeps out are not there for the other.
"""

import math
from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor
from torch.nn.functional import batch_norm, cross_entropy

from optnotes.site.figures.digits import load_digits

SEEDS, TRAIN, VALID, TEST, HIDDEN, NOISE, STEPS = 16, 150, 200, 500, 32, 0.2, 40
RATES, DECAYS, DROPS = (0.01, 0.03), (0.0, 1.0, 4.0), (0.0, 0.3)
T95 = 2.131  # the quantile of Student's distribution for 16 seeds


@dataclass(frozen=True)
class Result:
    """Accuracies of shape (rates, decays, drops, seeds) on given labels of validation and true ones of test data."""

    valid: dict[str, Tensor]
    test: dict[str, Tensor]


def data(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Images in columns, given labels and true labels, one random order per seed."""
    pixels, truth = load_digits()
    rows = torch.stack([torch.randperm(len(truth), generator=generator)[: TRAIN + VALID + TEST] for _ in range(SEEDS)])
    X, true = pixels[rows].float() / 6 - 0.8, truth[rows]
    other = (true + torch.randint(1, 10, true.shape, generator=generator)) % 10
    return X.mT, torch.where(torch.rand(true.shape, generator=generator) < NOISE, other, true), true


def train(normed: bool) -> tuple[Tensor, Tensor]:
    """All settings and seeds at once, each seed from the same start; biases do not decay."""
    generator = torch.Generator().manual_seed(35)
    X, given, true = data(generator)
    lr, lam, _ = torch.tensor(list(product(RATES, DECAYS, DROPS))).T[..., None, None, None]
    p = torch.tensor(DROPS)[:, None, None, None]
    sizes = ((HIDDEN, 64), (HIDDEN, HIDDEN), (10, HIDDEN))
    starts = [math.sqrt(2 / i) * torch.randn(SEEDS, o, i, generator=generator) for o, i in sizes]
    layers = [start.expand(len(lr), -1, -1, -1) for start in starts]
    layers += [torch.zeros(len(lr), SEEDS, o, 1) for o, _ in sizes]
    first, second = ([torch.zeros_like(layer) for layer in layers] for _ in range(2))
    units = len(lr) * SEEDS * HIDDEN
    running = [(torch.zeros(units), torch.ones(units)) for _ in range(2)]

    def network(h: Tensor, training: bool) -> Tensor:
        for W, b, moments in zip(layers[:2], layers[3:5], running, strict=True):
            # No bias in front of the norm, which takes it out: its slope would be rounding, and Adam would follow that.
            h = W @ h
            flat = h.reshape(1, units, -1)
            h = batch_norm(flat, *moments, training=training).reshape(h.shape) if normed else h + b
            h = h.relu()
            if training:
                kept = (torch.rand(h.shape[1:], generator=generator) >= p).float()
                h = (h.reshape(-1, len(DROPS), *h.shape[1:]) * kept / (1 - p)).flatten(0, 1)
        return layers[2] @ h + layers[5]

    labels = given[:, :TRAIN].expand(len(lr), -1, -1).flatten(0, 1)
    for step in range(1, STEPS + 1):
        layers = [layer.requires_grad_() for layer in layers]
        loss = cross_entropy(network(X[..., :TRAIN], True).flatten(0, 1), labels, reduction="sum") / TRAIN
        slopes = torch.autograd.grad(loss, layers, materialize_grads=True)
        with torch.no_grad():
            for at, slope in enumerate(slopes):
                first[at] = 0.9 * first[at] + 0.1 * slope
                second[at] = 0.999 * second[at] + 0.001 * slope.square()
                move = first[at] / (1 - 0.9**step) / ((second[at] / (1 - 0.999**step)).sqrt() + 1e-8)
                layers[at] = layers[at] - lr * (move + lam * layers[at] if at < 3 else move)
    with torch.no_grad():
        answers = network(X, False).argmax(2)
    right = (answers == given)[..., TRAIN : TRAIN + VALID], (answers == true)[..., -TEST:]
    valid, test = (each.float().mean(-1).reshape(len(RATES), len(DECAYS), len(DROPS), SEEDS) for each in right)
    return valid, test


def compute() -> Result:
    """Train every setting with batch normalisation and without."""
    found = {arm: train(arm == "normed") for arm in ("normed", "bare")}
    return Result(*({arm: each[at] for arm, each in found.items()} for at in range(2)))


def tuned(result: Result, arm: str, decay: bool, dropout: bool) -> Tensor:
    """Test accuracy of the setting that is best on validation data, per seed; a knob that is off stays at zero."""
    within = slice(None), slice(None if decay else 1), slice(None if dropout else 1)
    valid, test = (each[arm][within].flatten(0, 2) for each in (result.valid, result.test))
    return test.gather(0, valid.argmax(0, keepdim=True))[0]


def interval(gain: Tensor) -> tuple[float, float]:
    """Mean over seeds and half the 95% interval, in percentage points."""
    return 100 * gain.mean().item(), 100 * T95 * gain.std().item() / math.sqrt(SEEDS)


def numbers(result: Result) -> dict[str, float | int]:
    """Accuracy of the plain nets, paired gains in percentage points with half their 95% intervals, and bounds."""
    found: dict[str, float | int] = {"seeds": SEEDS, "noise": NOISE, "examples": TRAIN}
    second = []
    for arm in result.test:
        plain, dropout, decay, both = (tuned(result, arm, *on) for on in product((False, True), repeat=2))
        found[f"plain_{arm}"] = plain.mean().item()
        for name, gain in {"decay": decay - plain, "dropout": dropout - plain, "both": both - plain}.items():
            found[f"{name}_{arm}"], found[f"{name}_{arm}_half"] = interval(gain)
        second.append(interval(both - (dropout if arm == "normed" else decay)))
    found["decay_normed_most"] = math.ceil(found["decay_normed"] + found["decay_normed_half"])
    # In steps of a few points: single ones would differ between processors.
    half_most = 3 * math.ceil(max(value for name, value in found.items() if name.endswith("_half")) / 3)
    second_most = 2 * math.ceil(max(abs(mean) + half for mean, half in second) / 2)
    return found | {"half_most": half_most, "second_most": second_most}
