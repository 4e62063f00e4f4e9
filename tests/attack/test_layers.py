"""Question 33: what single layers do to any input; each sentence beside a wider one that the search refutes."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.attack.search import SEED, Choice, Interval, Statement, whole
from tests.laws import normal

ROUNDING = 1e-9


def alone(seed, kind, examples, groups):
    """Whether an example comes out the same with its batch and without."""
    x = 3 * normal(seed, examples, 4 * groups, 3, 3) + 1
    layer = {
        "layer": nn.LayerNorm(x.shape[1:]),
        "group": nn.GroupNorm(groups, 4 * groups),
        "instance": nn.InstanceNorm2d(4 * groups),
        "rms": nn.RMSNorm(x.shape[1:]),
        "batch": nn.BatchNorm2d(4 * groups),
    }[kind].double()
    return ROUNDING - (layer(x)[:1] - layer(x[:1])).abs().max().item()


ONE_EXAMPLE = {"seed": SEED, "examples": whole(2, 8), "groups": whole(1, 4)}
THE_BATCH_DOES_NOT_MATTER = Statement(
    "layer, group, instance and RMS normalisation give an example the same result whatever else is in the batch",
    ONE_EXAMPLE | {"kind": Choice(("layer", "group", "instance", "rms"))},
    alone,
)


def contrast(seed, kind, gain, shift):
    """How far a positive gain and a shift of every channel of an image come through."""
    x = normal(seed, 2, 4, 5, 5)
    layer = {"instance": nn.InstanceNorm2d(4, eps=1e-12), "layer": nn.LayerNorm(x.shape[1:], eps=1e-12)}[kind].double()
    scale = torch.linspace(1, gain, 8, dtype=torch.float64).view(2, 4, 1, 1)
    return 1e-6 - (layer(x) - layer(scale * x + shift)).abs().max().item()


CONTRAST = {"seed": SEED, "gain": Interval(0.1, 10.0, log=True), "shift": Interval(-5.0, 5.0)}
CONTRAST_IS_REMOVED = Statement(
    "instance normalisation removes gain and shift of every channel of an image",
    CONTRAST | {"kind": Choice(("instance",))},
    contrast,
)


def two_examples(seed, spread, offset):
    """Of two examples batch normalisation lets through which is larger, and nothing else."""
    x = normal(seed, 2, 6)
    x = offset + spread * (x.sign() * (0.2 + x.abs()))
    x = x[:, (x[0] - x[1]).abs() > 0.2 * spread]
    out = nn.BatchNorm1d(x.shape[1]).double()(x) if x.shape[1] else torch.ones(1)
    return 0.02 - (out.abs() - 1).abs().max().item()


TWO_EXAMPLES = Statement(
    "batch normalisation gives two examples that differ by far more than eps plus and minus one, whatever they are",
    {"seed": SEED, "spread": Interval(0.2, 100.0, log=True), "offset": Interval(-10.0, 10.0)},
    two_examples,
)


def bias_in_front(seed, size, examples, training):
    """What a bias in front of batch normalisation changes."""
    norm, x = nn.BatchNorm1d(5).double().train(training), normal(seed, examples, 5)
    return 1e-6 - (norm(x + size * normal(seed + 1, 5)) - norm(x)).abs().max().item()


BIAS = {"seed": SEED, "size": Interval(0.1, 100.0, log=True), "examples": whole(2, 40)}
BIAS_DOES_NOTHING = Statement(
    "a bias in front of batch normalisation does nothing in training",
    BIAS | {"training": Choice((True,))},
    bias_in_front,
)


def grown(seed, times, normalised):
    """Logits of attention once queries and keys have grown."""
    q, k = normal(seed, 2, 6, 8)

    def logits(q, k):
        q, k = (functional.normalize(each, dim=1) for each in (q, k)) if normalised else (q, k)
        return q @ k.T

    return 1e-6 - (logits(times * q, times * k) - logits(q, k)).abs().max().item()


GROWTH = {"seed": SEED, "times": Interval(0.1, 100.0, log=True)}
QK_NORM = Statement(
    "with queries and keys normalised their growth is without effect", GROWTH | {"normalised": Choice((True,))}, grown
)

STATEMENTS = (THE_BATCH_DOES_NOT_MATTER, CONTRAST_IS_REMOVED, TWO_EXAMPLES, BIAS_DOES_NOTHING, QK_NORM)


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda each: each.words)
def test_the_search_finds_no_counter_example(statement):
    statement.check()
