"""Question 35: what a penalty does to the error of training and of new data."""

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression, RidgeCV
from torch import nn

from examples import regularisers_compared
from optnotes.dropout import dropout_ridge
from optnotes.penalties import ridge_solution
from optnotes.site.figures.digits import load_digits
from tests.attack.search import SEED, Interval, Statement, whole
from tests.examples import numbers_of


def minimum_rises(seed, n, d, alpha, factor):
    """Whether a stronger penalty leaves at least the training error of the weaker one, at the minimum."""
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.randn(n, d, generator=generator).double(), torch.randn(n, generator=generator).double()
    weak, strong = (
        (X @ ridge_solution(X, y, alpha=strength) - y).square().sum() for strength in (alpha, factor * alpha)
    )
    return (strong / weak - 1).item() + 1e-9


AT_THE_MINIMUM = Statement(
    "at the minimum a stronger penalty never lowers the training error",
    {
        "seed": SEED,
        "n": whole(5, 40),
        "d": whole(1, 60),
        "alpha": Interval(1e-3, 1e3, log=True),
        "factor": Interval(1.01, 100.0, log=True),
    },
    minimum_rises,
    draws=150,
    steps=100,
)


def some_strength_helps(seed, n, d, noise):
    """Expected error of the weights under a small penalty, against none; exact, over the noise."""
    generator = torch.Generator().manual_seed(seed)
    X, w = torch.randn(n + d, d, generator=generator).double(), torch.randn(d, generator=generator).double()
    values, vectors = torch.linalg.eigh(X.T @ X)
    along = (vectors.T @ w).square()
    alpha = noise**2 / w.square().max().item()

    def error(alpha):
        return ((alpha**2 * along + noise**2 * values) / (values + alpha) ** 2).sum()

    return (1 - error(alpha) / error(0.0)).item()


SOME_STRENGTH_HELPS = Statement(
    "for least squares with a single solution some penalty lowers the expected error of the weights",
    {"seed": SEED, "n": whole(1, 60), "d": whole(1, 20), "noise": Interval(0.01, 10.0, log=True)},
    some_strength_helps,
    draws=150,
    steps=100,
)


def risk_of_stopping(seed, d, time, noise, bound=1.69):
    """Expected error of the weights of gradient flow over that of ridge regression of strength one over the time."""
    generator = torch.Generator().manual_seed(seed)
    values = (3 * torch.randn(d, generator=generator)).exp().double() / time
    along = torch.randn(d, generator=generator).double().square()

    def risk(kept):
        return ((1 - kept).square() * along + noise**2 * kept.square() / values).sum()

    return bound - (risk(1 - torch.exp(-values * time)) / risk(values / (values + 1 / time))).item()


STOPPING_COSTS_LITTLE = Statement(
    "with infinitely small steps the risk of stopped descent is at most 1.69 times that of its ridge regression",
    {"seed": SEED, "d": whole(1, 12), "time": Interval(0.01, 100.0, log=True), "noise": Interval(0.01, 10.0, log=True)},
    risk_of_stopping,
    draws=200,
    steps=200,
)


def filters_apart(small, reach):
    """How far the two filters are apart at an eigenvalue, by the step times it, and by the time times it."""
    steps = max(1, round(reach / small))
    descent, ridge = 1 - (1 - small) ** steps, small * steps / (1 + small * steps)
    return 0.204 - abs(descent - ridge)


FILTERS_STAY_CLOSE = Statement(
    "for small steps the shares of stopping and of ridge regression are less than 0.204 apart",
    {"small": Interval(1e-6, 5e-4, log=True), "reach": Interval(1e-3, 1e3, log=True)},
    filters_apart,
    draws=300,
    steps=200,
)


@pytest.mark.parametrize("statement", [AT_THE_MINIMUM, SOME_STRENGTH_HELPS, STOPPING_COSTS_LITTLE, FILTERS_STAY_CLOSE])
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def training_loss(decay, seed, steps=300, width=24):
    """A net with batch normalisation behind two layers; only the weights in front of it decay."""
    pixels, digits = load_digits()
    X, y = (pixels[:150] / 16 - 0.3).float(), digits[:150]
    torch.manual_seed(seed)
    hidden = [nn.Linear(64, width, bias=False), nn.Linear(width, width, bias=False)]
    norms = [nn.BatchNorm1d(width) for _ in hidden]
    layers = [part for pair in zip(hidden, norms, strict=True) for part in (*pair, nn.ReLU())]
    net = nn.Sequential(*layers, nn.Linear(width, 10))
    decayed = [layer.weight for layer in hidden]
    rest = [p for p in net.parameters() if all(p is not w for w in decayed)]
    optimizer = torch.optim.SGD([{"params": decayed, "weight_decay": decay}, {"params": rest}], lr=0.01)
    for _ in range(steps):
        loss = nn.functional.cross_entropy(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


@pytest.mark.parametrize("seed", range(2))
def test_old_a_penalty_only_raises_the_training_error(seed):
    """Refuted on the way: decay in front of batch normalisation keeps the steps large."""
    assert training_loss(1.0, seed) < 0.8 * training_loss(0.0, seed)


def test_old_noise_is_a_penalty_for_any_loss_of_a_linear_model():
    """Refuted: the log loss charges a confident example far less than an undecided one for the same noise."""
    generator = torch.Generator().manual_seed(1)
    noise = torch.randn(20000, generator=generator).double()
    noise = torch.cat([noise, -noise])
    extra = [
        nn.functional.softplus(-(margin + noise)).mean() - nn.functional.softplus(torch.tensor(-margin).double())
        for margin in (0.0, 2.0, 5.0)
    ]
    assert extra[0] > 1.5 * extra[1] > 1.5 * 5 * extra[2] > 0


def test_old_dropout_holds_back_weak_directions_at_any_scale():
    """Refuted: uncorrelated features of unequal scale shrink alike under dropout, ridge shrinks the small one."""
    X = torch.tensor([[1.0, 10.0], [1.0, -10.0], [-1.0, 10.0], [-1.0, -10.0]]).double()
    w = torch.tensor([1.0, 1.0]).double()
    dropped, ridge = dropout_ridge(X, X @ w, 0.5), ridge_solution(X, X @ w, 4.0)
    torch.testing.assert_close(dropped, dropped[:1].expand(2))
    assert ridge[0] < 0.6 * ridge[1]
    even = X / X.square().mean(dim=0).sqrt()
    torch.testing.assert_close(dropout_ridge(even, X @ w, 0.5), ridge_solution(even, X @ w, 4.0))


def test_old_label_smoothing_for_unreliable_labels():
    """Refuted: on a fifth of wrong labels decay and CutMix gain more than twice as much as smoothing."""
    found = numbers_of(regularisers_compared)
    for better in ("decay", "cutmix"):
        assert found[f"noisy_{better}"] > 1.5 * found["noisy_smoothing"]
        assert found[f"wrong_{better}"] < found["wrong_smoothing"] - 0.2


def test_advice_correlated_features():
    """Symptom: weights of near-copies are large and of opposite sign. RidgeCV ends it and predicts better."""
    calmer, better = 0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        shared = rng.normal(size=(1030, 1))
        X = shared + 0.05 * rng.normal(size=(1030, 5))
        f = X.mean(1)
        y = f + rng.normal(size=1030)
        plain, ridge = (m.fit(X[:30], y[:30]) for m in (LinearRegression(), RidgeCV(alphas=np.logspace(-3, 3, 20))))
        assert plain.coef_.min() < 0 < plain.coef_.max()
        calmer += np.abs(ridge.coef_).max() < 0.5 * np.abs(plain.coef_).max()
        plain_error, ridge_error = (((m.predict(X[30:]) - f[30:]) ** 2).mean() for m in (plain, ridge))
        better += ridge_error < plain_error
    assert calmer >= 8
    assert better >= 8
