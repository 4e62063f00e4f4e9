"""Conditions that sentences of the pages carry: each sentence is searched where they hold, its twin where they fail."""

import itertools
import math
import warnings

import numpy as np
import pytest
import torch
from scipy.stats import skew
from sklearn.linear_model import HuberRegressor, Lasso, LinearRegression, Ridge
from sklearn.model_selection import KFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, OneHotEncoder, PowerTransformer, StandardScaler
from sklearn.svm import SVC
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from optnotes.descent import saddle_gradient
from optnotes.penalties import lambda_max, shrinkage_factor
from tests.attack.search import SEED, Choice, Interval, Statement, whole


def reaches_its_weights(seed, unit, bias, shortcut):
    """Gradient of the weights of a layer, against the least that the gradient at its input allows, in decades."""
    torch.manual_seed(seed)
    linear, x = nn.Linear(16, 16).double(), torch.randn(16, dtype=torch.float64, requires_grad=True)
    nn.init.constant_(linear.bias, bias)
    out = getattr(torch, unit)(linear(x)) + (x if shortcut else 0)
    out.backward(torch.randn(16, dtype=torch.float64))
    least = x.grad.norm() * x.detach().norm() / torch.linalg.matrix_norm(linear.weight.detach(), 2)
    return math.log10((linear.weight.grad.norm() / least).item() + 1e-300) + 1e-9 if least > 0 else 1.0


A_PLAIN_LAYER_PASSES_TO_ITS_WEIGHTS = Statement(
    "in a plain net a gradient that has passed a layer has reached its weights as well",
    {
        "seed": SEED,
        "unit": Choice(("tanh", "relu")),
        "bias": Interval(0.0, 20.0),
        "shortcut": Choice((False,)),
    },
    reaches_its_weights,
)


def stretch(seed, channels, side, kind, bound):
    """How far below the bound a convolution stretches whose kernel, as a matrix, has norm one."""
    generator = torch.Generator().manual_seed(seed)
    kernel = torch.randn(channels, channels, 3, 3, generator=generator).double()
    kernel = kernel.abs() if kind == "positive" else kernel
    kernel = kernel / torch.linalg.matrix_norm(kernel.flatten(1), 2)
    images = torch.eye(channels * side**2, dtype=torch.float64).view(-1, channels, side, side)
    matrix = torch.nn.functional.conv2d(images, kernel, padding=1).flatten(1)
    return bound - torch.linalg.matrix_norm(matrix, 2).item()


KERNELS_STRETCH_THREEFOLD_AT_MOST = Statement(
    "a convolution of 3 by 3 whose kernel has norm one as a matrix stretches threefold at most",
    {
        "seed": SEED,
        "channels": whole(1, 3),
        "side": whole(3, 8),
        "kind": Choice(("normal", "positive")),
        "bound": Choice((3.0,)),
    },
    stretch,
    draws=20,
    steps=10,
)


def all_move(seed, unit, layers, fill):
    """The least gradient of a weight matrix in a net whose weights are equal and whose biases are zero."""
    generator = torch.Generator().manual_seed(seed)
    widths = [5] + [6] * layers + [1]
    weights = [torch.full((b, a), fill).double().requires_grad_() for a, b in itertools.pairwise(widths)]
    h = torch.randn(30, 5, generator=generator).double()
    target = h[:, :1].sin()
    for w in weights[:-1]:
        h = getattr(torch, unit)(h @ w.T)
    grads = torch.autograd.grad((h @ weights[-1].T - target).square().mean(), weights)
    return min(grad.norm().item() for grad in grads) - 1e-12


EQUAL_POSITIVE_WEIGHTS_LEARN = Statement(
    "with equal positive weights and zero biases every weight of a ReLU or tanh net gets a gradient",
    {"seed": SEED, "unit": Choice(("relu", "tanh")), "layers": whole(1, 4), "fill": Interval(0.05, 0.5)},
    all_move,
)


def no_error_on_new(seed, d, more):
    """The shortest weights that fit data without noise, against the true ones."""
    rng = np.random.default_rng(seed)
    X, w = rng.normal(size=(d + more, d)), rng.normal(size=d)
    return 1e-6 - np.abs(np.linalg.pinv(X) @ (X @ w) - w).max()


ENOUGH_EXAMPLES = Statement(
    "without noise and with no fewer examples than features a right linear model has no error on new data",
    {"seed": SEED, "d": whole(5, 30), "more": whole(3, 10)},
    no_error_on_new,
)


def slopes(net, x, y, scale):
    """Gradient of each example's squared error, one row per example, with the branch multiplied by a number."""
    branch, head = net
    parameters = {name: each.detach() for name, each in nn.ModuleList(net).named_parameters()}

    def loss(parameters, x, y):
        parts = [
            {name[2:]: each for name, each in parameters.items() if name.startswith(part)} for part in ("0.", "1.")
        ]
        h = x + scale * torch.func.functional_call(branch, parts[0], (x,))
        return (torch.func.functional_call(head, parts[1], (h,))[0] - y).square()

    each = torch.func.vmap(torch.func.grad(loss), in_dims=(None, 0, 0))(parameters, x, y)
    return torch.cat([rows.flatten(1) for rows in each.values()], dim=1)


def less_noise_per_example(seed, batch, p, trained, nets=8):
    """Logarithm of the noise with one mask for the batch over that with a mask for each example, mean over the nets."""
    torch.manual_seed(seed)
    found = []
    for _ in range(nets):
        x = torch.randn(batch, 6, dtype=torch.float64)
        y = (x @ torch.randn(6, dtype=torch.float64)).sin() + x[:, 0]
        net = [nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 6)).double(), nn.Linear(6, 1).double()]
        optimizer = torch.optim.Adam([each for part in net for each in part.parameters()], lr=0.02)
        for _ in range(trained):
            branch, head = net[0](x), net[1]
            kept, dropped = (head(x + branch / (1 - p))[:, 0] - y), (head(x)[:, 0] - y)
            optimizer.zero_grad()
            ((1 - p) * kept.square() + p * dropped.square()).mean().backward()
            optimizer.step()
        # A mask has two values, so what it changes is known: once for the sum, or for each term on its own.
        change = slopes(net, x, y, 1 / (1 - p)) - slopes(net, x, y, 0.0)
        found.append((change.sum(0).square().sum() / change.square().sum()).log().item())
    return sum(found) / nets


MASKS_OF_EXAMPLES_ARE_LESS_NOISY = Statement(
    "before training a mask for each example brings on average less noise into the gradient than one for the batch",
    {"seed": SEED, "batch": whole(16, 64), "p": Interval(0.1, 0.7), "trained": Choice((0,))},
    less_noise_per_example,
    draws=15,
    steps=10,
)


def test_a_single_net_may_have_less_noise_with_one_mask_for_the_batch():
    assert less_noise_per_example(seed=2828, batch=22, p=0.12444177785536152, trained=0, nets=1) < -0.05


def ends_of_the_grid(seed, d, spread, times):
    """What is lost at the weak end and left at the strong one, below a hundredth."""
    values = torch.rand(d, generator=torch.Generator().manual_seed(seed)).double()
    values = 10 ** (spread * (values - values.min()) / (values.max() - values.min()))
    weak, strong = (shrinkage_factor(values, end) for end in (values.min().item() / times, values.max().item() * times))
    return 0.01 - max((1 - weak).max().item(), strong.max().item())


GRID_HOLDS_WHAT_MATTERS = Statement(
    "a hundred times beyond the eigenvalues nothing but a hundredth is lost at one end and left at the other",
    {"seed": SEED, "d": whole(2, 20), "spread": Interval(0.0, 6.0), "times": Choice((100.0,))},
    ends_of_the_grid,
)


def wanders(seed, lr, lam, optimizer):
    """How far useless weights wander with the penalty in the loss: over the band of SGD, and below five rates."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(80, 12, generator=generator).double()
    y = X[:, :3].sum(1) + 0.1 * torch.randn(80, generator=generator).double()
    w, farthest = nn.Parameter(torch.zeros(12).double()), 0.0
    step = getattr(torch.optim, optimizer)([w], lr=lr)
    for at in range(2000):
        w.grad = X.T @ (X @ w.detach() - y) / 80 + lam * w.detach().sign()
        step.step()
        farthest = max(farthest, w.detach()[3:].abs().max().item() * (at >= 1500))
    return min(math.log(farthest / (2 * lr * lam)), math.log(5 * lr / farthest))


ADAM_WANDERS_FARTHER = Statement(
    "under Adam weights wander farther than twice rate times strength, and within a few rates",
    {"seed": SEED, "lr": Choice((0.01,)), "lam": Interval(0.01, 0.2, log=True), "optimizer": Choice(("Adam",))},
    wanders,
    draws=4,
    steps=2,
)


def begins_at_lambda_max(seed, offset, centred):
    """Whether the path of a lasso with an intercept begins at the formula, to a per cent."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(40, 4, generator=generator).double() + offset
    y = X[:, 0] + torch.randn(40, generator=generator).double() + offset
    lam = lambda_max(X - X.mean(0), y - y.mean()) if centred else lambda_max(X, y)
    above, below = (np.abs(Lasso(alpha=share * lam.item(), tol=1e-10).fit(X, y).coef_).max() for share in (1.01, 0.99))
    return min(1e-9 - above, below - 1e-9)


PATH_BEGINS_CENTRED = Statement(
    "with an intercept the path of the lasso begins at the formula for centred columns and targets",
    {"seed": SEED, "offset": Interval(-10.0, 10.0), "centred": Choice((True,))},
    begins_at_lambda_max,
)


def becomes_symmetric(seed, unit, shift, way):
    """Skewness that is left of a log-normal column in any unit and at any distance from zero."""
    column = unit * (shift + np.random.default_rng(seed).lognormal(size=(400, 1)))
    steps = {"both": [StandardScaler(), PowerTransformer()], "power": [PowerTransformer()]}[way]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return 0.8 - abs(skew(make_pipeline(*steps).fit_transform(column))[0])


POWER_AFTER_STANDARDISING = Statement(
    "after standardising a power transform evens out a log-normal column in any unit, wherever it lies",
    {
        "seed": SEED,
        "unit": Interval(1e-4, 1e4, log=True),
        "shift": Interval(0.0, 1e4),
        "way": Choice(("both",)),
    },
    becomes_symmetric,
    draws=30,
    steps=15,
)


def log_evens_out(seed, unit, log):
    column = unit * np.random.default_rng(seed).lognormal(size=1000)
    return 0.5 - abs(skew(getattr(np, log)(column)))


LOGARITHM_IN_ANY_UNIT = Statement(
    "a logarithm evens out a log-normal column in any unit",
    {"seed": SEED, "unit": Interval(1e-6, 1e6, log=True), "log": Choice(("log",))},
    log_evens_out,
)


def same_predictions(seed, categories, intercept):
    rng = np.random.default_rng(seed)
    X = OneHotEncoder(sparse_output=False, drop="first").fit_transform(rng.integers(0, categories, (80, 1)))
    y = 3 + X @ rng.normal(size=X.shape[1]) + rng.normal(size=80)
    fits = [
        LinearRegression(fit_intercept=intercept).fit(Z, y).predict(Z) for Z in (X, StandardScaler().fit_transform(X))
    ]
    return 1e-6 - np.abs(fits[0] - fits[1]).max()


DUMMIES_WITH_AN_INTERCEPT = Statement(
    "without a penalty a linear model with an intercept predicts the same from dummies, standardised or not",
    {"seed": SEED, "categories": whole(2, 6), "intercept": Choice((True,))},
    same_predictions,
)


def runs_into_the_saddle(start, rate):
    x, y = torch.tensor([start], dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    for _ in range(300):
        along_x, along_y = saddle_gradient(x, y)
        x, y = x - rate * along_x, y - rate * along_y
    return 1e-6 - max(x.abs().item(), y.abs().item())


RUNS_INTO_THE_SADDLE = Statement(
    "from its axis descent at a rate below two runs into the saddle",
    {"start": Interval(-3.0, 3.0), "rate": Interval(0.1, 1.9)},
    runs_into_the_saddle,
    draws=20,
    steps=10,
)


def copies_show(seed, copies, common):
    """Accuracy on random labels by a random split, over that of guessing by a fifth."""
    rng = np.random.default_rng(seed)
    X = np.repeat(rng.normal(size=(40, 8)), copies, 0) + 0.05 * rng.normal(size=(40 * copies, 8))
    y = np.repeat(rng.integers(0, 2, 40), copies) if common else rng.integers(0, 2, 40 * copies)
    split = KFold(5, shuffle=True, random_state=seed)
    return cross_val_score(KNeighborsClassifier(1), X, y, cv=split).mean() - 0.7


RANDOM_LABELS_SHOW_COPIES = Statement(
    "with one random label for all copies of an example a model that knows the copies beats guessing",
    {"seed": SEED, "copies": whole(3, 6), "common": Choice((True,))},
    copies_show,
    draws=12,
    steps=6,
)


def rows_make_ridge(seed, alpha, offset, intercept):
    """Least squares on appended rows against ridge regression with an intercept of its own."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(30, 4)) + offset
    y = X @ rng.normal(size=4) + rng.normal(size=30) + offset
    centred = (X, y) if intercept else (X - X.mean(0), y - y.mean())
    rows, targets = np.vstack([centred[0], alpha**0.5 * np.eye(4)]), np.append(centred[1], np.zeros(4))
    found = LinearRegression(fit_intercept=intercept).fit(rows, targets).coef_
    return 1e-6 - np.abs(found - Ridge(alpha=alpha).fit(X, y).coef_).max()


APPENDED_ROWS = Statement(
    "rows appended to centred data make ridge regression of least squares without an intercept",
    {
        "seed": SEED,
        "alpha": Interval(0.1, 100.0, log=True),
        "offset": Interval(1.0, 10.0),
        "intercept": Choice((False,)),
    },
    rows_make_ridge,
)


@pytest.mark.parametrize(
    "statement",
    [
        A_PLAIN_LAYER_PASSES_TO_ITS_WEIGHTS,
        KERNELS_STRETCH_THREEFOLD_AT_MOST,
        EQUAL_POSITIVE_WEIGHTS_LEARN,
        ENOUGH_EXAMPLES,
        MASKS_OF_EXAMPLES_ARE_LESS_NOISY,
        GRID_HOLDS_WHAT_MATTERS,
        ADAM_WANDERS_FARTHER,
        PATH_BEGINS_CENTRED,
        POWER_AFTER_STANDARDISING,
        LOGARITHM_IN_ANY_UNIT,
        DUMMIES_WITH_AN_INTERCEPT,
        RUNS_INTO_THE_SADDLE,
        RANDOM_LABELS_SHOW_COPIES,
        APPENDED_ROWS,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_old_spectral_norm_keeps_a_gradient_from_growing():
    """Refuted: the kernel of ones, normalised by the library, stretches an even image threefold."""
    layer = nn.Conv2d(1, 1, 3, padding=1, bias=False)
    nn.init.ones_(layer.weight)
    out = spectral_norm(layer).eval()(torch.ones(1, 1, 9, 9))
    assert abs(out[0, 0, 4, 4].item() - 3) < 1e-4


def test_old_the_gradients_of_a_converged_network_have_shrunk():
    """Refuted for batches: where little can be explained their gradients stay, and only their mean goes."""
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(4000, 10)), np.full(10, 0.05**0.5 / 10**0.5)
    y = X @ w + 0.95**0.5 * rng.normal(size=4000)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    norms = [
        np.mean([np.linalg.norm(X[k::125].T @ (X[k::125] @ v - y[k::125])) for k in range(125)]) for v in (0 * w, best)
    ]
    assert norms[1] > 0.8 * norms[0]
    assert np.linalg.norm(X.T @ (X @ best - y)) < 1e-9 * np.linalg.norm(X.T @ y)


def test_old_gradients_that_grow_towards_the_input_are_an_explosion():
    """Refuted: with pre-norm they grow as the root of the depth, and the net learns at a common rate."""
    torch.manual_seed(0)
    blocks = [nn.Sequential(nn.LayerNorm(32), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32)) for _ in range(24)]
    for block in blocks:
        for layer in (block[1], block[3]):
            nn.init.kaiming_normal_(layer.weight)
    head = nn.Linear(32, 1)
    x = torch.randn(64, 32, requires_grad=True)
    y = x.detach()[:, :1].sin()

    def stream():
        h = x
        for block in blocks:
            h = h + block(h)
        return h

    h = stream()
    below, above = torch.autograd.grad((head(h) - y).square().mean(), (x, h))
    assert below.norm() > 3 * above.norm()
    optimizer = torch.optim.Adam([each for part in (*blocks, head) for each in part.parameters()], lr=1e-3)
    losses = []
    for _ in range(40):
        loss = (head(stream()) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]


def test_old_descent_ends_at_the_margin_of_a_support_vector_machine():
    """Refuted with a bias: descent charges it like a weight, and far from the origin its direction is another."""
    rng = np.random.default_rng(1)
    y = np.repeat([-1.0, 1.0], 20)
    X = 0.5 * rng.normal(size=(40, 2)) + np.outer(y, [2.0, 0.5]) + np.array([0.0, 6.0])
    machine = SVC(kernel="linear", C=1e6).fit(X, y).coef_[0]
    Z = y[:, None] * np.c_[X, np.ones(40)]
    w = np.zeros(3)
    for _ in range(40000):
        w += 0.05 * Z.T @ (1 / (1 + np.exp(np.minimum(Z @ w, 500)))) / 40
    cosine = w[:2] @ machine / np.linalg.norm(w[:2]) / np.linalg.norm(machine)
    assert math.degrees(math.acos(cosine)) > 10


def learned(seed, shifts, steps=100):
    """Accuracy on new rows after training on twelve, each of which holds one of two shapes at a random place."""
    torch.manual_seed(seed)
    shapes = torch.tensor([[1.0, 2, 3, 2, 1], [3, 1, 0.5, 1, 3]])

    def draw(n):
        y, x = torch.randint(0, 2, (n,)), torch.zeros(n, 24)
        for row, label in zip(x, y, strict=True):
            start = torch.randint(0, 20, ()).item()
            row[start : start + 5] = shapes[label]
        return x, y

    (x, y), (new, answers) = draw(12), draw(400)
    net = nn.Sequential(nn.Linear(24, 64), nn.ReLU(), nn.Linear(64, 2))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(steps):
        turned = (torch.arange(24) + torch.randint(0, 24, (12, 1))) % 24
        seen = x.gather(1, turned) if shifts else x
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(seen), y).backward()
        optimizer.step()
    return (net(new).argmax(1) == answers).double().mean().item()


def test_old_regularisation_hurts_without_noise():
    """Refuted for augmentation: shifts that keep the label help where nothing is noisy."""
    for seed in range(3):
        assert learned(seed, True) > learned(seed, False) + 0.2


def test_old_the_loss_of_huber_bears_outliers():
    """Refuted for outliers of the inputs: one far row turns the line as with squared errors."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(100, 1))
    y = 2 * x[:, 0] + 0.1 * rng.normal(size=100)
    targets = HuberRegressor().fit(np.vstack([x, [[1.0]]]), np.append(y, 1000.0)).coef_[0]
    inputs = HuberRegressor().fit(np.vstack([x, [[100.0]]]), np.append(y, 0.0)).coef_[0]
    assert abs(targets - 2) < 0.1
    assert inputs < 0.2


def test_old_the_peak_of_double_descent_needs_no_noise():
    """Refuted: with a right model and no noise the error is zero exactly where the peak would stand."""
    rng = np.random.default_rng(0)
    X, w = rng.normal(size=(12, 12)), rng.normal(size=12)
    assert np.abs(np.linalg.solve(X, X @ w) - w).max() < 1e-6
    assert np.abs(np.linalg.solve(X, X @ w + rng.normal(size=12)) - w).max() > 0.5


def test_old_a_loss_that_falls_at_a_tenth_of_the_rate_was_held_up_by_noise():
    """Refuted: on log cosh a rate over the bound holds the loss up, without batches."""
    ends = {}
    for rate in (2.2, 0.22):
        x = 3.0
        for _ in range(400):
            x -= rate * math.tanh(x)
        ends[rate] = math.log(math.cosh(x))
    assert ends[2.2] > 0.1
    assert ends[0.22] < 1e-12


def test_old_labels_at_random_show_every_leak():
    """Refuted: a feature made of the answer flatters with the true labels, and not with random ones."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 200)
    X = np.c_[rng.normal(size=(200, 4)), 20 * (y + 0.1 * rng.normal(size=200))]
    split = KFold(5, shuffle=True, random_state=0)

    def right(labels):
        return cross_val_score(KNeighborsClassifier(5), X, labels, cv=split).mean()

    assert right(y) > 0.95
    assert np.mean([right(rng.permutation(y)) for _ in range(5)]) < 0.6


def test_advice_decay_for_matrices_only():
    """Where it does not help: an embedding is a matrix, and under AdamW a row without examples decays."""
    table = nn.Embedding(3, 4)
    before = table.weight.detach().clone()
    optimizer = torch.optim.AdamW(table.parameters(), lr=0.1, weight_decay=0.1)
    for _ in range(50):
        optimizer.zero_grad()
        (table(torch.tensor([0, 1])) - before[:2]).square().sum().backward()
        optimizer.step()
    rare = (table.weight[2] / before[2]).detach()
    torch.testing.assert_close(rare, torch.full((4,), 0.99**50))


def test_advice_scale_sparse_columns():
    """Where it does not help: one outlier sets the scale of all other values."""
    column = np.append(np.random.default_rng(0).normal(size=200), 1000.0)[:, None]
    assert MaxAbsScaler().fit_transform(column)[:-1].std() < 0.01


def chosen_on_halves(seed, twins, halves=40):
    """Share of random halves on which the lasso keeps the useful feature, beside a near copy of it or alone."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(100, 10))
    if twins:
        X[:, 1] = X[:, 0] + 0.05 * X[:, 1]
    y = X[:, 0] + 0.5 * rng.normal(size=100)
    kept = []
    for _ in range(halves):
        rows = rng.permutation(100)[:50]
        part, target = X[rows] - X[rows].mean(0), y[rows] - y[rows].mean()
        kept.append(Lasso(alpha=0.3 * np.abs(part.T @ target).max() / 50).fit(part, target).coef_[0] != 0)
    return np.mean(kept)


def test_advice_stability_on_halves():
    """The feature is kept on every half; where a near copy stands beside it the two share the votes."""
    alone, beside = (np.mean([chosen_on_halves(seed, each) for seed in range(6)]) for each in (False, True))
    assert alone > 0.99
    assert beside < 0.8
