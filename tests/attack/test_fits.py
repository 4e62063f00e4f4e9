"""Questions 34 to 38: what errors cost, what penalties see, what masks and noise do."""

import math

import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso
from torch import nn

from optnotes.descent import tilted_double_well
from optnotes.dropout import dropout_ridge
from optnotes.penalties import ridge_solution
from tests.attack.search import SEED, Choice, Interval, Statement, whole
from tests.laws import normal


def growing_cost(seed, classes, sure, spread, factor):
    """What a wrong answer of that certainty costs more where all logits are multiplied by a factor above one."""
    rest = (spread * normal(seed, classes - 1)).softmax(0)
    logits = torch.cat([torch.tensor([sure], dtype=torch.float64), (1 - sure) * rest]).log()
    right = 1 + torch.randint(0, classes - 1, (), generator=torch.Generator().manual_seed(seed)).item()
    return ((-(factor * logits).log_softmax(0) + logits.log_softmax(0))[right]).item()


CONFIDENT_ERRORS_COST_MORE = Statement(
    "as all logits grow a confident error costs more",
    {
        "seed": SEED,
        "classes": whole(2, 10),
        "sure": Interval(0.8, 0.9999),
        "spread": Interval(0.0, 5.0),
        "factor": Interval(1.001, 10.0, log=True),
    },
    growing_cost,
    draws=300,
    steps=200,
)


def above_the_entropy(seed, classes, spread, sees):
    """Mean loss over labels drawn from known chances, above their entropy, of a prediction made before they are."""
    chances = (spread * normal(seed, classes)).softmax(0)
    predicted = (spread * normal(seed + 1, classes)).softmax(0)
    loss = -(chances @ predicted.log()) if not sees else -(chances @ torch.maximum(predicted, chances).log()) / 2
    return (loss + chances @ chances.log()).item() + 1e-12


ENTROPY_IS_THE_FLOOR = Statement(
    "a prediction that does not know the labels has on average at least their entropy as its loss",
    {"seed": SEED, "classes": whole(2, 20), "spread": Interval(0.0, 5.0), "sees": Choice((False,))},
    above_the_entropy,
)


def pulls_apart(seed, n, classes, wrong):
    """Length of the sum of gradients over the sum of their lengths, below three roots of one over n."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, classes, (n,), generator=generator)
    x = torch.randn(n, 8, generator=generator, dtype=torch.float64) + 3 * torch.eye(classes, 8).double()[labels]
    given = torch.randint(0, classes, (n,), generator=generator) if wrong else labels
    pull = (nn.functional.one_hot(given, classes).double() - 1 / classes)[:, :, None] * x[:, None, :]
    share = pull.sum(0).norm() / pull.flatten(1).norm(dim=1).sum()
    return (3 / n**0.5 - share).item()


WRONG_LABELS_PULL_APART = Statement(
    "labels independent of the inputs pull each its own way: of their gradients only the root of the number adds up",
    {"seed": SEED, "n": whole(100, 400), "classes": whole(2, 8), "wrong": Choice((True,))},
    pulls_apart,
)


def part_of_the_constant(seed, n, d, lam, offset, penalised):
    """Share of a constant added to the targets that the mean prediction follows, strictly between zero and one."""
    X, y = normal(seed, n, d) + offset, normal(seed + 1, n)
    A, penalty = torch.column_stack([torch.ones(n).double(), X]), lam * torch.eye(d + 1).double()
    penalty[0, 0] *= penalised
    means = [(A @ torch.linalg.solve(A.T @ A / n + penalty, A.T @ (y + c) / n)).mean() for c in (0.0, 1.0)]
    share = (means[1] - means[0]).item()
    return min(share, 1 - share - 1e-9)


PENALISED_INTERCEPT_FOLLOWS_A_PART = Statement(
    "with a penalised intercept a model reproduces only a part of a constant added to the targets",
    {
        "seed": SEED,
        "n": whole(5, 60),
        "d": whole(1, 20),
        "lam": Interval(1e-4, 10.0, log=True),
        "offset": Interval(-3.0, 3.0),
        "penalised": Choice((1.0,)),
    },
    part_of_the_constant,
)


def numbers_only(seed, n, d, unit, power):
    """Predictions of ridge in another unit, and with the strength divided by the square of it instead."""
    X, y = normal(seed, n, d), normal(seed + 1, n)
    lam = 0.3
    other = unit * X @ ridge_solution(unit * X, y, lam)
    return 1e-8 - (other - X @ ridge_solution(X, y, lam / unit**power)).abs().max().item()


PENALTY_SEES_NUMBERS = Statement(
    "the penalty sees numbers only: another unit is another strength",
    {
        "seed": SEED,
        "n": whole(4, 40),
        "d": whole(1, 10),
        "unit": Interval(0.01, 100.0, log=True),
        "power": Choice((2,)),
    },
    numbers_only,
)


def one_step(seed, steps, lr, lam, name, momentum):
    """How far the penalty in the gradient and decay of the weights end apart, over the length of the weights."""
    grads, start, found = normal(seed, steps, 5), normal(seed + 1, 5), []
    more = {"momentum": momentum} if name == "SGD" else {}
    for decoupled in (True, False):
        w = nn.Parameter(start.clone())
        optimizer = getattr(torch.optim, name)([w], lr=lr, **more)
        for grad in grads:
            w.grad = grad + (0 if decoupled else lam * w.detach())
            before = w.detach().clone()
            optimizer.step()
            with torch.no_grad():
                w -= lr * lam * before * decoupled
        found.append(w.detach())
    return 1e-9 - ((found[0] - found[1]).norm() / start.norm()).item()


DECAY_IS_THE_PENALTY_WITHOUT_MOMENTUM = Statement(
    "without momentum and without an adaptive scale penalty and decay are the same step",
    {
        "seed": SEED,
        "steps": whole(2, 20),
        "lr": Interval(1e-3, 0.5, log=True),
        "lam": Interval(1e-3, 1.0, log=True),
        "name": Choice(("SGD",)),
        "momentum": Choice((0.0,)),
    },
    one_step,
)


def turned_away(angle, away, p):
    """What the ball allows beyond the point, along a direction that is not its normal there."""
    point = torch.tensor([math.cos(angle), math.sin(angle)], dtype=torch.float64)
    point /= torch.linalg.vector_norm(point, p)
    normal_there = point.abs() ** (p - 1) * point.sign()
    direction = torch.atan2(normal_there[1], normal_there[0]) + away
    u = torch.stack([direction.cos(), direction.sin()])
    farthest = torch.linalg.vector_norm(u, math.inf if p == 1 else p / (p - 1))  # the dual norm
    return (farthest - u @ point).item() - 1e-9


DISC_HAS_ONE_NORMAL = Statement(
    "on the disc no other direction than the radius is a normal",
    {"angle": Interval(0.0, 2 * math.pi), "away": Interval(0.01, math.pi), "p": Choice((2,))},
    turned_away,
)


def set_to_zero(threshold, below, keep):
    v = torch.tensor([threshold - below], dtype=torch.float64)
    shrunk = torch.relu(v - threshold) if keep == "positive" else nn.functional.softshrink(v, threshold)
    return 1e-12 - shrunk.abs().item()


RELU_DROPS_ALL_BELOW = Statement(
    "relu(v - t) sets to zero whatever is below the threshold, large negative numbers included",
    {
        "threshold": Interval(1e-6, 100.0, log=True),
        "below": Interval(1e-6, 1e6, log=True),
        "keep": Choice(("positive",)),
    },
    set_to_zero,
)


def fitted_levels(seed, levels, rows, alpha):
    """Fitted levels of a lasso on one-hot columns, and its intercept."""
    rng = np.random.default_rng(seed)
    code = np.repeat(np.arange(levels), rng.integers(rows, 3 * rows, levels))
    y = rng.normal(size=levels)[code] + 0.1 * rng.normal(size=len(code))
    model = Lasso(alpha=alpha, tol=1e-12, max_iter=100_000).fit(np.eye(levels)[code], y)
    return model.intercept_ + model.coef_, model.intercept_


def between_the_middle_levels(seed, levels, rows, alpha):
    fitted, intercept = fitted_levels(seed, levels, rows, alpha)
    fitted = np.sort(fitted)
    return 1e-6 + min(intercept - fitted[(levels - 1) // 2], fitted[levels // 2] - intercept)


REFERENCE_IS_A_MEDIAN = Statement(
    "with one-hot columns and no reference level the lasso compares with a median of the fitted levels",
    {"seed": SEED, "levels": whole(2, 9), "rows": whole(5, 20), "alpha": Interval(1e-4, 0.05, log=True)},
    between_the_middle_levels,
    draws=40,
    steps=20,
)


def zeros_among(seed, p, noise):
    """Share of units that a mask of the mean and variance of dropout removes, below half of one unit."""
    generator = torch.Generator().manual_seed(seed)
    mask = 1 + (p / (1 - p)) ** 0.5 * torch.randn(2000, generator=generator)
    if noise == "bernoulli":
        mask = (torch.rand(2000, generator=generator) >= p) / (1 - p)
    return 0.5 - (mask == 0).sum().item()


GAUSSIAN_NOISE_REMOVES_NOTHING = Statement(
    "multiplicative Gaussian noise of the variance of dropout sets no unit to zero",
    {"seed": SEED, "p": Interval(0.01, 0.95), "noise": Choice(("gaussian",))},
    zeros_among,
)


def depends(seed, n, rho, p):
    """How far a weight under dropout moves where the target follows another, correlated feature more."""
    X = normal(seed, n, 3)
    X[:, 1] = rho * X[:, 0] + (1 - rho**2) ** 0.5 * X[:, 1]
    X -= X.mean(0)
    X[:, 2] -= X[:, :2] @ torch.linalg.lstsq(X[:, :2], X[:, 2], driver="gelsd").solution
    X[:, 1] += (rho - (X[:, 0] @ X[:, 1]) / X[:, 0].square().sum()) * X[:, 0]  # the correlation of the sample
    first, second = (dropout_ridge(X, y, p)[0] for y in (X[:, 0], X[:, 0] + X[:, 1]))
    alone = X[:, 0] @ X[:, 1] / X[:, 0].square().sum() * (1 - p)  # what one feature by itself takes over
    return abs((second - first - alone).item()) - 1e-6


WEIGHTS_DEPEND_ON_EACH_OTHER = Statement(
    "under dropout short of one a weight of linear regression depends on a correlated feature",
    {"seed": SEED, "n": whole(20, 60), "rho": Interval(0.1, 0.9), "p": Interval(0.01, 0.95)},
    depends,
)


def escape_time(noise, tilt):
    """Mean time to the top of the barrier from the bottom of the shallow well, by quadrature, in units of 1/U''."""
    y = torch.linspace(-2.5, 2.5, 20_001, dtype=torch.float64)
    U = tilted_double_well(y, tilt)
    slope = torch.gradient(U, spacing=(y[1] - y[0]).item())[0]
    turns = y[1:][slope[1:].sign() != slope[:-1].sign()]
    bottoms = (turns[0], turns[2])
    shallow = max(bottoms, key=lambda at: tilted_double_well(at, tilt).item())
    top, side = turns[1], -1 if shallow < turns[1] else 1
    barrier = (tilted_double_well(top, tilt) - tilted_double_well(shallow, tilt)).item()
    T = noise * barrier
    # From the far wall to the top: double integral of exp((U(x) - U(z)) / T).
    inside = (y <= top) if side < 0 else (y >= top)
    x, u = (v[inside] if side < 0 else v[inside].flip(0) for v in (y, U))
    h = (x[1] - x[0]).abs()
    behind = torch.logcumsumexp(-u / T, 0)
    start = (x - shallow).abs().argmin()
    time = torch.exp(torch.logsumexp((u / T + behind)[start:], 0)) * h * h / T
    return (time * 2).item()


def slow(noise, tilt):
    return math.log(escape_time(noise, tilt) / 100)


WEAK_NOISE_WAITS = Statement(
    "noise of a quarter of the barrier or less needs over a hundred units of time to leave the shallow well",
    {"noise": Interval(0.02, 0.25, log=True), "tilt": Interval(0.02, 0.25)},
    slow,
)


def survives(seed, p, steps, mask):
    """Share of a memory that is left where every step has its own mask, below a twentieth."""
    generator = torch.Generator().manual_seed(seed)
    draws = torch.rand(1 if mask == "one" else steps, 4000, generator=generator) >= p
    return 0.05 - draws.all(0).float().mean().item()


NEW_MASKS_FORGET = Statement(
    "with a new mask at every step hardly anything of a memory is left after some steps over p",
    {"seed": SEED, "p": Interval(0.1, 0.9), "steps": whole(35, 200), "mask": Choice(("new",))},
    survives,
)


def normalised(seed, p, kind):
    """Mean and variance behind a mask on SELU's values of normal inputs, from zero and one."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        x = nn.functional.selu(torch.randn(400_000))
        found = getattr(nn, kind)(p)(x)
    return 0.05 - max(abs(found.mean().item()), abs(found.var().item() - 1))


ALPHA_DROPOUT_KEEPS_BOTH = Statement(
    "alpha dropout keeps the mean and the variance that SELU settles at",
    {"seed": SEED, "p": Interval(0.05, 0.6), "kind": Choice(("AlphaDropout",))},
    normalised,
    draws=15,
    steps=5,
)


@pytest.mark.parametrize(
    "statement",
    [
        CONFIDENT_ERRORS_COST_MORE,
        ENTROPY_IS_THE_FLOOR,
        WRONG_LABELS_PULL_APART,
        PENALISED_INTERCEPT_FOLLOWS_A_PART,
        PENALTY_SEES_NUMBERS,
        DECAY_IS_THE_PENALTY_WITHOUT_MOMENTUM,
        DISC_HAS_ONE_NORMAL,
        RELU_DROPS_ALL_BELOW,
        REFERENCE_IS_A_MEDIAN,
        GAUSSIAN_NOISE_REMOVES_NOTHING,
        WEIGHTS_DEPEND_ON_EACH_OTHER,
        WEAK_NOISE_WAITS,
        NEW_MASKS_FORGET,
        ALPHA_DROPOUT_KEEPS_BOTH,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_old_each_error_costs_more():
    """Refuted with ten classes: where an error is made without confidence larger logits may make it cheaper."""
    logits = torch.tensor([0.1, 0.0] + [-1.0] * 8, dtype=torch.float64)
    assert -(1.5 * logits).log_softmax(0)[1] < -logits.log_softmax(0)[1] - 0.05


def test_old_the_lasso_chooses_what_to_compare_with():
    """Refuted for an even number of levels: the order of the columns decides, and no weight need be zero."""
    zeros, costs = [], []
    for levels in (np.array([-2.0, 0.0, 1.0, 3.0]), np.array([0.0, 1.0, -2.0, 3.0])):
        X, y = np.eye(4).repeat(25, 0), levels.repeat(25)
        model = Lasso(alpha=0.02, tol=1e-12).fit(X, y)
        zeros.append(int((np.abs(model.coef_) < 1e-9).sum()))
        fitted = np.sort(model.intercept_ + model.coef_)
        costs += [np.abs(fitted - at).sum() for at in (model.intercept_, fitted[1], fitted[1:3].mean(), fitted[2])]
    assert zeros == [1, 0]
    assert max(costs) - min(costs) < 1e-9


def test_old_any_split_of_a_weight_between_equal_columns_costs_the_same():
    """Refuted where the parts differ in sign: the same prediction, and a larger penalty."""
    X, y = np.ones((1, 2)), np.ones(1)
    costs = [((y - X @ w) ** 2).mean() / 2 + 0.1 * np.abs(w).sum() for w in ([0.9, 0.0], [0.3, 0.6], [1.9, -1.0])]
    assert costs[1] == pytest.approx(costs[0])
    assert costs[2] > costs[0] + 0.1
    assert Lasso(alpha=0.1, fit_intercept=False, tol=1e-12).fit(X, y).coef_.sum() == pytest.approx(0.9)
