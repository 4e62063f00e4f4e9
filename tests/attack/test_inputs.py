"""Questions 39 and 40: what outputs and activations allow, and what a change of the inputs does."""

import math

import numpy as np
import pytest
import torch
from sklearn.datasets import load_wine
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from optnotes.activations import elu, gelu, selu, swish
from optnotes.features import fit_standardizer
from optnotes.gradients import variance_step
from tests.attack.search import SEED, Choice, Interval, Statement, whole
from tests.laws import normal


def second_largest(seed, classes, spread, output):
    """Room of the second largest output below one half."""
    logits = spread * normal(seed, classes)
    found = logits.softmax(0) if output == "softmax" else logits.sigmoid()
    return (0.5 + 1e-12 - found.sort().values[-2]).item()


SOFTMAX_NAMES_ONE_CLASS = Statement(
    "softmax gives no two classes more than one half, so it is for classes that exclude each other",
    {
        "seed": SEED,
        "classes": whole(2, 50),
        "spread": Interval(0.01, 100.0, log=True),
        "output": Choice(("softmax",)),
    },
    second_largest,
)


def unstable(seed, width, name):
    """How far the exponent of deviations exceeds one at the fixed point, and that a finite layer does deviate."""
    function = {"gelu": gelu, "silu": swish, "tanh": torch.tanh, "selu": selu}[name]
    one = torch.ones((), dtype=torch.float64)
    scale = 1 / variance_step(one, function, 1.0, 0.0).item()
    up, down = (variance_step(one * math.exp(at), function, scale, 0.0).log().item() for at in (1e-4, -1e-4))
    x, weights = normal(seed, width), normal(seed + 1, width, width) * (scale / width) ** 0.5
    deviation = (weights @ function(x / x.square().mean().sqrt())).square().mean().log().abs().item()
    return min((up - down) / 2e-4 - 1.02, deviation - 1e-9)


DEVIATIONS_GROW = Statement(
    "in GELU and SiLU nets a layer multiplies deviations of the log mean square by more than one; each width has some",
    {"seed": SEED, "width": whole(4, 256), "name": Choice(("gelu", "silu"))},
    unstable,
)


def stays_finite(size, dtype, alpha, code):
    x = torch.tensor([-size, size], dtype=torch.float64).to(dtype).requires_grad_()
    out = elu(x, alpha) if code == "ours" else torch.where(x > 0, x, alpha * (x.exp() - 1))
    (grad,) = torch.autograd.grad(out.sum(), x)
    right = out.detach()[1] == x.detach()[1] and grad[1] == 1
    return float(torch.isfinite(out).all() and torch.isfinite(grad).all() and right) - 0.5


ELU_STAYS_FINITE = Statement(
    "however large the input, ELU and its gradient are finite, on the right the input itself and one",
    {
        "size": Interval(1e-3, 6e4, log=True),
        "dtype": Choice((torch.float16, torch.float32, torch.float64)),
        "alpha": Interval(0.1, 3.0),
        "code": Choice(("ours",)),
    },
    stays_finite,
)


def same_function(seed, d, spread, model, singular):
    """How far predictions change where a fixed invertible map is taken into the first layer."""
    X, W, v, b = normal(seed, 12, d), normal(seed + 1, 7, d), normal(seed + 2, 7), normal(seed + 3, d)
    A = torch.linalg.qr(normal(seed + 4, d, d)).Q * torch.exp(spread * normal(seed + 5, d).clamp(-2, 2))
    if singular:
        A[:, 0] = 0
    unit = torch.tanh if model == "net" else (lambda z: z)
    mapped = X @ A + b
    inside = W @ torch.linalg.pinv(A).T
    gap = unit(mapped @ inside.T - inside @ b) @ v - unit(X @ W.T) @ v
    return 1e-6 - gap.abs().max().item()


INVERTIBLE_MAPS_TAKE_NOTHING = Statement(
    "a fixed invertible affine map of the inputs takes no function from a linear model or a network",
    {
        "seed": SEED,
        "d": whole(1, 12),
        "spread": Interval(0.0, 3.0),
        "model": Choice(("linear", "net")),
        "singular": Choice((False,)),
    },
    same_function,
)


def conditioned(seed, n, power, mean):
    """Condition number of one feature beside a bias against the one that mean and variance give."""
    x = normal(seed, n).abs() ** power * normal(seed + 1, n).sign()
    x = 5 + (x - x.mean()) / x.var(correction=0).sqrt() if mean == "sample" else 5 + x
    A = torch.stack([torch.ones(n, dtype=torch.float64), x], 1)
    return 1 - abs(torch.linalg.cond(A.T @ A).item() - 727)


OFFSET_ALONE = Statement(
    "one feature of mean 5 and variance 1 beside a bias has a condition number of about 727, whatever its distribution",
    {"seed": SEED, "n": whole(3, 200), "power": Interval(0.2, 4.0), "mean": Choice(("sample",))},
    conditioned,
)


def new_extreme(seed, n, beyond, low, clip):
    """How far a new extreme leaves the interval of MinMaxScaler."""
    x = normal(seed, n, 1).numpy()
    scaler = MinMaxScaler((low, low + 1), clip=clip).fit(x)
    spread = x.max() - x.min()
    ends = scaler.transform(np.array([[x.max() + beyond * spread], [x.min() - beyond * spread]]))
    return min(ends[0, 0] - low - 1, low - ends[1, 0]) - 1e-9


NEW_EXTREMES_LEAVE = Statement(
    "any new maximum or minimum lies outside the interval of MinMaxScaler",
    {
        "seed": SEED,
        "n": whole(2, 50),
        "beyond": Interval(1e-6, 100.0, log=True),
        "low": Choice((0, -1)),
        "clip": Choice((False,)),
    },
    new_extreme,
)


def common_factor_only(seed, factor, columns, norm):
    """Change of what leaves a normalisation behind the first layer, where inputs are multiplied by a factor."""
    x, layer = normal(seed, 32, 6), nn.Linear(6, 16, bias=False).double()
    with torch.no_grad():
        layer.weight.copy_(normal(seed + 1, 16, 6))
    behind = nn.BatchNorm1d(16, 1e-30, affine=False) if norm == "batch" else nn.LayerNorm(16, 1e-30, False)
    scaled = x.clone()
    scaled[:, :columns] *= factor
    return 1e-8 - (behind.double()(layer(scaled)) - behind(layer(x))).abs().max().item()


INNER_NORMS_SEE_A_SUM = Statement(
    "behind the first layer a normalisation divides out a factor that all features share, and no other",
    {
        "seed": SEED,
        "factor": Interval(0.01, 100.0, log=True),
        "columns": Choice((6,)),
        "norm": Choice(("batch", "layer")),
    },
    common_factor_only,
)


def forgets(q, scale, unit):
    """How near the variance of the signal is, ten layers on, to that from inputs of variance one."""
    function = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}[unit]
    found = []
    for start in (q, 1.0):
        variance = torch.tensor(start, dtype=torch.float64)
        for _ in range(10):
            variance = variance_step(variance, function, scale**2, 0.1)
        found.append(variance.item())
    return 0.02 - abs(found[0] / found[1] - 1)


SATURATING_NETS_FORGET_THE_SCALE = Statement(
    "ten layers of sigmoid or tanh on, the scale of the inputs is forgotten",
    {
        "q": Interval(1e-2, 1e2, log=True),
        "scale": Interval(0.3, 3.0),
        "unit": Choice(("sigmoid", "tanh")),
    },
    forgets,
)


def scale_one(seed, n, level, spread, scaler):
    """Whether a column gets scale one exactly where all its values are equal."""
    x = 10.0**level + 10.0 ** (level + spread) * normal(seed, n, 1) * (seed % 3 > 0)
    found = fit_standardizer(x)[1].item() if scaler == "ours" else StandardScaler().fit(x.numpy()).scale_.item()
    return float((found == 1) == bool((x == x[0]).all())) - 0.5


ONLY_EXACTLY_CONSTANT_COLUMNS = Statement(
    "fit_standardizer gives scale one to exactly constant columns only",
    {
        "seed": SEED,
        "n": whole(2, 60),
        "level": Interval(-100.0, 100.0),
        "spread": Interval(-17.0, 3.0),
        "scaler": Choice(("ours",)),
    },
    scale_one,
)


@pytest.mark.parametrize(
    "statement",
    [
        SOFTMAX_NAMES_ONE_CLASS,
        DEVIATIONS_GROW,
        ELU_STAYS_FINITE,
        INVERTIBLE_MAPS_TAKE_NOTHING,
        OFFSET_ALONE,
        NEW_EXTREMES_LEAVE,
        INNER_NORMS_SEE_A_SUM,
        SATURATING_NETS_FORGET_THE_SCALE,
        ONLY_EXACTLY_CONSTANT_COLUMNS,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_old_the_logarithm_of_two_means_that_nothing_is_learned():
    """Refuted: nine answers of ten right and one confidently wrong have the same mean loss."""
    right, wrong = torch.full((9,), 6.0, dtype=torch.float64), torch.tensor([-10 * math.log(2)], dtype=torch.float64)
    loss = nn.functional.softplus(-torch.cat([right, wrong])).mean()
    assert loss > 0.99 * math.log(2)


def test_old_proper_scaling_helps_where_the_scale_carries_nothing():
    """Refuted: a tree sees the order only, and scaled by the statistics of training it answers as before."""
    X, y = load_wine(return_X_y=True)
    chosen = np.arange(len(y)) % 3 > 0
    raw, scaled = (
        make_pipeline(*steps, DecisionTreeClassifier(random_state=0))
        .fit(X[chosen], y[chosen])
        .score(X[~chosen], y[~chosen])
        for steps in ((), (StandardScaler(),))
    )
    assert raw == scaled < 1
