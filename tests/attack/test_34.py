"""Question 34: what tells overfitting, and what helps against it."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import nnls

from optnotes.generalization import min_norm_error
from tests.attack.search import SEED, Interval, Statement, whole


def regression(seed, n, d, noise, fresh=1000):
    """Independent normal features with weights of length one; the second half of the rows is new."""
    generator = torch.Generator().manual_seed(seed)
    X, w, e = (torch.randn(shape, generator=generator).double() for shape in ((n + fresh, d), (d,), (n + fresh,)))
    return X[:n], X[:n] @ (w / w.norm()) + noise * e[:n], X[n:], X[n:] @ (w / w.norm()) + noise * e[n:]


def fit(X, y, alpha=0.0):
    if not alpha:
        return torch.linalg.pinv(X) @ y
    return torch.linalg.solve(X.T @ X + alpha * torch.eye(X.shape[1], dtype=X.dtype), X.T @ y)


def error_on_new(n, d, noise, alpha, seeds=30):
    errors = []
    for seed in range(seeds):
        X, y, new, targets = regression(seed, n, d, noise)
        errors.append((targets - new @ fit(X, y, alpha)).square().mean())
    return torch.stack(errors).mean().item()


def data_help(d, share, noise, seeds=100):
    """With the penalty that fits noise and weights, twice the data predict better; relative gain."""
    n, alpha, errors = max(4, round(share * d)), noise**2 * d, torch.zeros(2, dtype=torch.float64)
    for seed in range(seeds):
        generator = torch.Generator().manual_seed(seed)
        X, w, e = (torch.randn(shape, generator=generator).double() for shape in ((2 * n, d), (d,), (2 * n,)))
        y = X @ (w / w.norm()) + noise * e
        # For independent features the expected error on new data is exact, and few rows are half of the many.
        for which, rows in enumerate((n, 2 * n)):
            errors[which] += (fit(X[:rows], y[:rows], alpha) - w / w.norm()).square().sum() + noise**2
    return 1 - (errors[1] / errors[0]).item()


MORE_DATA_WITH_A_PENALTY = Statement(
    "with a suitable penalty more data lower the error on new data",
    {"d": whole(10, 60), "share": Interval(0.3, 3.0), "noise": Interval(0.3, 1.5)},
    data_help,
    draws=25,
    steps=15,
)


def winner_flatters(seed, models, spread, apart=False):
    """Mean measured quality of the model chosen by it, less its true quality; the noise of one measurement is one."""
    generator = torch.Generator().manual_seed(seed)
    true = spread * torch.randn(2000, models, generator=generator)
    measured, again = true + torch.randn(2, 2000, models, generator=generator)
    chosen = measured.argmax(1, keepdim=True)
    return ((again if apart else measured) - true).gather(1, chosen).mean().item()


THE_CHOSEN_FLATTERS = Statement(
    "the number by which the best of several models was chosen is too good on average",
    {"seed": SEED, "models": whole(2, 100), "spread": Interval(0.0, 2.0)},
    winner_flatters,
)


def untouched(seed, n, d, shrink, steps, everything=False):
    """Descent with decay from a random start: the part that the data do not touch against its power law."""
    generator = torch.Generator().manual_seed(seed)
    X, start = torch.randn(n, n + d, generator=generator).double(), torch.randn(n + d, generator=generator).double()
    y = torch.randn(n, generator=generator).double()
    lr = 1 / torch.linalg.matrix_norm(X, 2).square()
    w = start
    for _ in range(steps):
        w = w - lr * (X.mT @ (X @ w - y)) - shrink * w
    null = torch.eye(n + d).double() - (0 if everything else torch.linalg.pinv(X) @ X)
    return 1e-9 - (null @ w - (1 - shrink) ** steps * (null @ start)).abs().max().item()


UNTOUCHED_ONLY_DECAYS = Statement(
    "the part of the weights that the data do not touch only decays, as a power",
    {
        "seed": SEED,
        "n": whole(1, 10),
        "d": whole(1, 10),
        "shrink": Interval(1e-4, 0.2, log=True),
        "steps": whole(1, 40),
    },
    untouched,
)


def angle(seed, points, d, steps=2000, grow=True):
    """Degrees between the largest margin and what descent finds on separable points."""
    generator = torch.Generator().manual_seed(seed)
    Z = torch.randn(points, d, generator=generator).double()
    Z = Z + (0.3 - Z[:, 0]).clamp(min=0)[:, None] * torch.eye(d, dtype=torch.float64)[0]
    # The point of the hull next to the origin: least squares without negative shares, which then add up to a constant.
    shares, _ = nnls(np.vstack([Z.T, np.ones(points)]), np.append(np.zeros(d), 1.0))
    best = Z.T @ torch.tensor(shares)
    lr, w = 2 / Z.square().sum(1).mean(), torch.zeros(d, dtype=torch.float64)
    for _ in range(steps):
        pull = torch.sigmoid(-Z @ w)
        # Equal steps need e to the hundredth for what these do in a hundred: the same limit, in sight.
        w = w + lr * (pull @ Z) / (pull.sum() if grow else points)
    return math.degrees(math.acos(min(1.0, (w @ best / w.norm() / best.norm()).item())))


def turns_to_the_largest_margin(seed, points, d):
    return 5 - angle(seed, points, d)


TO_THE_LARGEST_MARGIN = Statement(
    "on separable classes descent tends to the largest margin: with steps that grow it comes within 5°",
    {"seed": SEED, "points": whole(3, 30), "d": whole(2, 5)},
    turns_to_the_largest_margin,
    draws=15,
    steps=10,
)


def sharper(seed, hidden, factor, unit=torch.relu):
    """Two layers scaled against each other: the function stays, the largest curvature grows."""
    generator = torch.Generator().manual_seed(seed)
    X, y = (torch.randn(20, *k, generator=generator).double() for k in ((3,), ()))
    w = torch.randn(4 * hidden, generator=generator).double()
    scale = torch.tensor([factor] * 3 * hidden + [1 / factor] * hidden, dtype=torch.float64)

    def outputs(w):
        return unit(X @ w[: 3 * hidden].view(3, hidden)) @ w[3 * hidden :]

    hessian = torch.func.jacrev(torch.func.grad(lambda w: (outputs(w) - y).square().mean() / 2))
    before, after = (torch.linalg.eigvalsh(hessian(each))[-1].item() for each in (w, scale * w))
    return min(1e-9 - (outputs(scale * w) - outputs(w)).abs().max().item(), after / before - 1)


SHARPNESS_IS_A_MATTER_OF_SCALE = Statement(
    "a ReLU layer ten times as large or more and the next as much smaller: the same function, a larger curvature",
    {"seed": SEED, "hidden": whole(1, 8), "factor": Interval(10.0, 100.0, log=True)},
    sharper,
)


@pytest.mark.parametrize(
    "statement",
    [
        MORE_DATA_WITH_A_PENALTY,
        THE_CHOSEN_FLATTERS,
        UNTOUCHED_ONLY_DECAYS,
        TO_THE_LARGEST_MARGIN,
        SHARPNESS_IS_A_MATTER_OF_SCALE,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_advice_more_data():
    """Symptom: error on new data far above the noise. Twice the data alone raise it; with a penalty they lower it."""
    d, noise = 60, 1.0
    few, double = error_on_new(30, d, noise, 0.0), error_on_new(60, d, noise, 0.0)
    assert double > 2 * few  # the old advice
    assert few / min_norm_error(used=1.0, hidden=0.0, sigma=noise, d=d, n=30) < 1.5
    penalised = error_on_new(30, d, noise, noise**2 * d)
    assert error_on_new(60, d, noise, noise**2 * d) < penalised < few


def errors(d, noise=1.0, useful=10, n=60, seeds=60):
    """Errors of least squares on the first of several useful features: on its targets, and on fresh ones."""
    found = []
    for seed in range(seeds):
        X, y, _, _ = regression(seed, n, useful, 0.0)
        first, second = noise * torch.randn(2, n, generator=torch.Generator().manual_seed(seed + 999)).double()
        fitted = X[:, :d] @ fit(X[:, :d], 4 * y + first)
        found.append(torch.stack([(4 * y + e - fitted).square().mean() for e in (first, second)]))
    return torch.stack(found).mean(0).tolist()


def test_old_a_growing_gap_is_the_sign():
    """Refuted: with every useful feature the gap grows while the held-out error falls."""
    pairs = [errors(d) for d in (2, 6, 10)]
    gaps, held_out = [late - early for early, late in pairs], [late for _, late in pairs]
    assert gaps == sorted(gaps)
    assert held_out == sorted(held_out, reverse=True)


def test_advice_high_losses_at_the_noise_floor():
    """Symptom: both losses high and close. The model is right; one that is larger predicts far worse."""
    training, held_out, larger = [], [], []
    for seed in range(12):
        X, y, new, targets = regression(seed, 100, 5, 3.0)
        useless = torch.randn(len(X) + len(new), 45, generator=torch.Generator().manual_seed(seed + 99)).double()
        X, new = torch.cat([X, useless[: len(X)]], 1), torch.cat([new, useless[len(X) :]], 1)
        w, more = fit(X[:, :5], y), fit(X, y)
        training.append((y - X[:, :5] @ w).square().mean())
        held_out.append((targets - new[:, :5] @ w).square().mean())
        larger.append((targets - new @ more).square().mean())
    training, held_out, larger = (torch.stack(each).mean().item() for each in (training, held_out, larger))
    assert 0.8 < training / held_out < 1
    assert larger > 1.5 * held_out


@pytest.mark.parametrize("share", [0.2, 0.4])
def test_old_the_validation_loss_cannot_fall_below_the_entropy(share):
    """Refuted on a sample: the true model is below it about half of the time, and equal to it on average."""
    generator = torch.Generator().manual_seed(3)
    wrong = (torch.rand(2000, 300, generator=generator) < share).double().mean(1)
    entropy = -share * math.log(share) - (1 - share) * math.log(1 - share)
    losses = -wrong * math.log(share) - (1 - wrong) * math.log(1 - share)
    assert 0.4 < (losses < entropy).double().mean() < 0.6
    assert abs(losses.mean() - entropy) < 0.01
