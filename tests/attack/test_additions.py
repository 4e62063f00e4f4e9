"""What the pages say beyond their first screens: accumulation, clipping by value, logits, ranks and units."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import QuantileTransformer
from torch import nn
from torch.nn import functional

from optnotes.gradients import clip_by_value
from tests.attack.search import SEED, Choice, Interval, Statement, whole
from tests.laws import normal

ROUNDING = 1e-9


def accumulated(seed, parts, length, uneven, norm):
    """Gradient of a whole batch against that of its parts, each loss divided by their number."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        between = {"layer": nn.LayerNorm(6), "group": nn.GroupNorm(2, 6), "batch": nn.BatchNorm1d(6)}[norm]
        net = nn.Sequential(nn.Linear(4, 6), between, nn.Tanh(), nn.Linear(6, 1)).double()
    x, y = normal(seed, parts * length + uneven, 4), normal(seed + 1, parts * length + uneven, 1)
    sizes = [length + uneven] + [length] * (parts - 1)

    def gradient(losses):
        return torch.cat([each.flatten() for each in torch.autograd.grad(sum(losses), net.parameters())])

    whole_batch = gradient([functional.mse_loss(net(x), y)])
    pieces = zip(x.split(sizes), y.split(sizes), strict=True)
    return ROUNDING - (gradient([functional.mse_loss(net(a), b) / parts for a, b in pieces]) - whole_batch).abs().max()


ACCUMULATION = Statement(
    "with equal parts, a mean loss and each loss divided by their number accumulation is the gradient of the batch",
    {
        "seed": SEED,
        "parts": whole(2, 6),
        "length": whole(2, 8),
        "uneven": Choice((0,)),
        "norm": Choice(("layer", "group")),
    },
    accumulated,
)


def signs_of(seed, size, share):
    """The gradient clipped by value at a share of its least component, against its signs."""
    g = normal(seed, size) * 10.0 ** normal(seed + 1, size)
    threshold = share * g.abs().min().item()
    return ROUNDING - (clip_by_value(g, threshold) / threshold - g.sign()).abs().max().item()


NOTHING_BUT_SIGNS = Statement(
    "clipped by value below its least component a gradient keeps nothing but its signs",
    {"seed": SEED, "size": whole(2, 50), "share": Interval(1e-6, 1.0, log=True)},
    signs_of,
)


def capped(seed, size, cap, bend):
    z = size * normal(seed, 20)
    return cap + ROUNDING - (cap * getattr(torch, bend)(z / cap)).abs().max().item()


CAP_BOUNDS_EVERY_LOGIT = Statement(
    "soft-capping bounds every logit by the cap",
    {
        "seed": SEED,
        "size": Interval(0.1, 1e6, log=True),
        "cap": Interval(0.1, 100.0, log=True),
        "bend": Choice(("tanh",)),
    },
    capped,
)


def decided_alike(seed, classes, size, temperature, each):
    """Whether the decision stays when the logits are divided by one number, or by another one for each class."""
    z = size * normal(seed, 30, classes)
    divisor = temperature * torch.exp(normal(seed + 1, classes)) if each else temperature
    return 0.5 - ((z / divisor).argmax(1) != z.argmax(1)).sum().item()


ONE_TEMPERATURE_KEEPS_DECISIONS = Statement(
    "dividing all logits by one positive number changes no decision",
    {
        "seed": SEED,
        "classes": whole(2, 20),
        "size": Interval(0.1, 100.0, log=True),
        "temperature": Interval(0.01, 100.0, log=True),
        "each": Choice((False,)),
    },
    decided_alike,
)


def larger_is_better(seed, n, d, length, wrong):
    """How much of the logistic loss a doubled distance along a separating direction takes away, from any weights."""
    X, w = normal(seed, n, d), normal(seed + 1, d)
    y = (X @ w).sign()
    if wrong:
        y[0] = -y[0] if n > 1 else y[0]
    start = length * normal(seed + 2, d)
    step = w / (X @ w).abs().max()

    def loss(v):
        return functional.softplus(-y * (X @ v)).mean()

    return ((loss(start) - loss(start + step)) / loss(start)).item()


SEPARABLE_HAS_NO_MINIMUM = Statement(
    "where a plane separates the classes the logistic loss can be lowered from any weights",
    {"seed": SEED, "n": whole(2, 40), "d": whole(2, 10), "length": Interval(0.0, 20.0), "wrong": Choice((False,))},
    larger_is_better,
)


def differences_only(seed, classes, size, shift, output):
    """Softmax, or sigmoids, before and after the same number is added to all logits."""
    z = size * normal(seed, 10, classes)
    out = {"softmax": lambda v: v.softmax(1), "sigmoid": torch.sigmoid}[output]
    return ROUNDING - (out(z + shift) - out(z)).abs().max().item()


ONLY_DIFFERENCES_MATTER = Statement(
    "a number added to all logits changes no probability of softmax",
    {
        "seed": SEED,
        "classes": whole(2, 20),
        "size": Interval(0.1, 50.0, log=True),
        "shift": Interval(-1000.0, 1000.0),
        "output": Choice(("softmax",)),
    },
    differences_only,
)


def last_rank(seed, n, decades, scaler):
    """How the place of the other rows moves, when an outlier moves away by so many decades."""
    x = normal(seed, n, 1).numpy()
    near, far = np.vstack([x, [[10.0]]]), np.vstack([x, [[10.0 ** (1 + decades)]]])
    if scaler == "standard":
        a, b = ((each - each.mean()) / each.std() for each in (near, far))
    else:
        a, b = (QuantileTransformer(n_quantiles=n + 1).fit_transform(each) for each in (near, far))
    # A rank is rounded, and what is rounded off is multiplied by the outlier, up to ten million.
    return 1e-5 - np.abs(a - b).max()


ANY_OUTLIER_IS_THE_LAST_RANK = Statement(
    "to a quantile transform any outlier is the last rank, however far out",
    {"seed": SEED, "n": whole(5, 100), "decades": Interval(0.1, 6.0), "scaler": Choice(("quantile",))},
    last_rank,
)


def follows_the_unit(seed, n, d, factor, shift, intercept):
    """Predictions of least squares for a target in another unit, against those in the old unit, converted."""
    X, y = normal(seed, n, d).numpy(), normal(seed + 1, n).numpy()
    fit = LinearRegression(fit_intercept=intercept).fit
    return 1e-7 - np.abs((fit(X, factor * y + shift).predict(X) - shift) / factor - fit(X, y).predict(X)).max()


LEAST_SQUARES_FOLLOWS_THE_UNIT = Statement(
    "with an intercept the predictions of least squares follow the unit of the target, its factor and its zero",
    {
        "seed": SEED,
        "n": whole(12, 60),
        "d": whole(1, 8),
        "factor": Interval(1e-3, 1e3, log=True),
        "shift": Interval(-100.0, 100.0),
        "intercept": Choice((True,)),
    },
    follows_the_unit,
)


@pytest.mark.parametrize(
    "statement",
    [
        ACCUMULATION,
        NOTHING_BUT_SIGNS,
        CAP_BOUNDS_EVERY_LOGIT,
        ONE_TEMPERATURE_KEEPS_DECISIONS,
        SEPARABLE_HAS_NO_MINIMUM,
        ONLY_DIFFERENCES_MATTER,
        ANY_OUTLIER_IS_THE_LAST_RANK,
        LEAST_SQUARES_FOLLOWS_THE_UNIT,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


@pytest.mark.parametrize("ignored", [-100, 0, 2])
def test_a_batch_of_ignored_labels_has_a_loss_of_nan_and_a_gradient_of_zero(ignored):
    z = normal(ignored % 7, 5, 3).requires_grad_()
    labels = torch.full((5,), ignored)
    functional.cross_entropy(z, labels, ignore_index=ignored).backward()
    assert functional.cross_entropy(z, labels, ignore_index=ignored).isnan()
    assert z.grad.abs().max() == 0
    assert functional.cross_entropy(z, labels, ignore_index=ignored, reduction="sum") == 0


@pytest.mark.parametrize("layer", [nn.Embedding, nn.EmbeddingBag])
def test_an_embedding_starts_standard_normal_without_a_bias(layer):
    with torch.random.fork_rng():
        torch.manual_seed(3)
        ((name, weight),) = layer(400, 500).named_parameters()
    assert name == "weight"
    assert [weight.mean().item(), weight.var().item(), weight.pow(4).mean().item()] == pytest.approx(
        [0, 1, 3], abs=0.05
    )
