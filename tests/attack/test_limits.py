"""Where the advice of the pages does not help: each cell of the tables of costs that holds no number of its own."""

import itertools
import math
import warnings

import numpy as np
import pytest
import torch
from scipy.stats import skew
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import (
    ElasticNetCV,
    Lasso,
    LassoCV,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeCV,
    SGDRegressor,
)
from sklearn.model_selection import GroupKFold, cross_val_predict, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PowerTransformer, QuantileTransformer, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeRegressor
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, dropout

from examples import exact_zeros, nan_triage
from tests.attack.nets import gradient_ratio, plain
from tests.attack.test_37 import LAM, RATE, lasso

HE = (2 / 64) ** 0.5


def trained(net, draw, lr=0.01, steps=200, decay=0.0):
    """Train a classifier on what ``draw`` hands out step by step; the losses."""
    optimizer, losses = torch.optim.AdamW(net.parameters(), lr=lr, weight_decay=decay), []
    for _ in range(steps):
        x, y = draw()
        loss = cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_relu_gates_let_the_memory_grow():
    """31, ReLU in place of the sigmoid: not in gates, whose product keeps the memory of an LSTM."""
    inner = 3 + torch.randn(200, 100, generator=torch.Generator().manual_seed(0)).double()
    assert inner.sigmoid().prod(1).max() < 1
    assert (inner.relu().prod(1) > 1e6).double().mean() > 0.75


@pytest.mark.parametrize("shortcuts", [False, True])
def test_an_even_gradient_does_not_mend_the_labels(shortcuts):
    """31, compare the first and the last layer; 33, shortcuts: here the labels have nothing to do with the inputs."""
    generator = torch.Generator().manual_seed(0)
    net = plain(0, nn.ReLU(), depth=6, width=64, std=HE)
    assert 0.2 < gradient_ratio(net, 0, width=64) < 5

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.branch = nn.Sequential(nn.LayerNorm(64), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64))

        def forward(self, x):
            return x + self.branch(x)

    body = nn.Sequential(*(Block() for _ in range(6))).double() if shortcuts else net
    full = nn.Sequential(body, nn.Linear(64, 2).double())

    def draw():
        x = torch.randn(64, 64, generator=generator, dtype=torch.float64)
        return x, torch.randint(0, 2, (64,), generator=generator)

    assert np.mean(trained(full, draw, lr=1e-3)[-50:]) > math.log(2)


@pytest.mark.parametrize(("bias", "scale"), [(40.0, 1.0), (0.0, 1000.0)])
def test_standardised_inputs_do_not_unsaturate_biases_and_weights(bias, scale):
    """31, standardise the inputs: the units are saturated by what is added, or by what multiplies."""
    torch.manual_seed(0)
    x, layer = torch.randn(64, 32), nn.Linear(32, 32)
    with torch.no_grad():
        layer.weight *= scale
        layer.bias.fill_(bias)
    out = layer(x).sigmoid()
    assert (out * (1 - out) == 0).double().mean() > 0.4
    nn.init.zeros_(layer.bias)
    with torch.no_grad():
        layer.weight /= scale
    out = layer(x).sigmoid()
    assert (out * (1 - out) > 0).all()


def test_a_slope_on_the_left_does_not_save_a_rate_that_is_too_large():
    """31, LeakyReLU: at a rate of a thousand the loss ends far above that of guessing, or is no number."""
    for seed in range(5):
        torch.manual_seed(seed)
        net = nn.Sequential(nn.Linear(10, 32), nn.LeakyReLU(), nn.Linear(32, 2))
        x = torch.randn(200, 10)
        y, optimizer = (x[:, 0] > 0).long(), torch.optim.SGD(net.parameters(), lr=1000.0)
        for _ in range(50):
            optimizer.zero_grad()
            loss = cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
        assert not cross_entropy(net(x), y).item() < 10 * math.log(2)


def test_a_loss_scale_does_not_reach_an_overflow_in_the_forward_pass():
    """31, loss scale: the scaler skips every step and lowers its scale in vain; the weights stay where they were."""
    layer = nn.Linear(4, 1, bias=False)
    before = nn.init.ones_(layer.weight).detach().clone()
    optimizer, scaler = torch.optim.SGD(layer.parameters(), lr=0.1), torch.amp.GradScaler("cpu")
    for _ in range(20):
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.float16):
            out = layer(torch.full((8, 4), 3e4))
        assert out.isinf().all()
        scaler.scale(out.float().square().mean()).backward()
        scaler.step(optimizer)
        scaler.update()
    assert torch.equal(layer.weight, before)
    assert scaler.get_scale() < 1


def test_on_the_logit_wrong_labels_pull_with_full_force():
    """31, the logarithm in place of the square: three far points with wrong labels turn the answer to all others."""
    x = torch.cat([torch.tensor([-1.0, 1.0]).repeat(50), torch.full((3,), 50.0)]).double()
    y = torch.cat([(x[:100] > 0).double(), torch.zeros(3).double()])
    right = {}
    for name in ("square", "logarithm"):
        w = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
        for _ in range(2000):
            z = w * x
            loss = (z.sigmoid() - y).square().mean() if name == "square" else binary_cross_entropy_with_logits(z, y)
            (grad,) = torch.autograd.grad(loss, w)
            w = (w - 0.01 * grad).detach().requires_grad_()
        right[name] = ((w * x[:100] > 0) == (y[:100] > 0)).double().mean().item()
    assert right == {"square": 1, "logarithm": 0}


def test_clipping_does_not_mend_a_rate_that_is_too_large_at_the_minimum():
    """32, clipping by norm: no step is long, and none ever lands; half the rate does."""
    ends = {}
    for rate in (2.5, 1.25):
        w = nn.Parameter(torch.tensor([3.0]))
        optimizer = torch.optim.SGD([w], lr=rate)
        for _ in range(500):
            w.grad = w.detach().clone()
            nn.utils.clip_grad_norm_([w], 1.0)
            optimizer.step()
        ends[rate] = w.abs().item()
    assert ends[2.5] > 0.5
    assert ends[1.25] < 1e-3


@pytest.mark.parametrize("bias", [1.0, 2.0, 4.0])
def test_a_forget_bias_does_not_reach_ten_times_its_steps(bias):
    """32, LSTM with a positive forget bias: a tenth of 1 + exp(b) steps is remembered, ten times as many are not."""
    cell = nn.LSTM(1, 1).double()
    for weights in cell.parameters():
        nn.init.zeros_(weights)
    with torch.no_grad():
        cell.bias_ih_l0[1] = bias
    steps, left = 1 + math.exp(bias), {}
    for times in (0.1, 10.0):
        memory = torch.ones(1, 1, 1).double().requires_grad_()
        inputs = torch.zeros(max(1, round(times * steps)), 1, 1).double()
        _, (_, last) = cell(inputs, (torch.zeros_like(memory), memory))
        left[times] = torch.autograd.grad(last.sum(), memory)[0].item()
    assert left[0.1] > 0.7
    assert left[10.0] < 1e-4


class Both(str):
    """Equal to the names of two faults at once."""

    __hash__ = str.__hash__

    def __eq__(self, other):
        return other in self.split("+")


@pytest.mark.parametrize(("first", "second"), [("data", "layer"), ("precision", "layer")])
def test_of_two_faults_the_questions_name_one(first, second):
    """32, five questions: with two faults at once they name the first, and find the other when it is mended."""
    assert [nan_triage.diagnose(nan_triage.watch(Both(f"{first}+{second}"), seed)) for seed in range(3)] == [first] * 3
    assert [nan_triage.diagnose(nan_triage.watch(second, seed)) for seed in range(3)] == [second] * 3


def test_scaled_branches_grow_in_training():
    """33, branches over the root of the depth: at the start the gradient keeps below 3, after training it does not."""

    def stream(h, branches):
        for branch in branches:
            h = h + branch(h) / len(branches) ** 0.5
        return h

    def ratio(branches, x):
        x = x.clone().requires_grad_()
        out = stream(x, branches)
        grad = torch.randn_like(out)
        return (torch.autograd.grad((out * grad).sum(), x)[0].norm() / grad.norm()).item()

    for seed in range(2):
        torch.manual_seed(seed)
        branches = [nn.Sequential(nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 32)) for _ in range(20)]
        for layer in itertools.chain(*branches):
            if isinstance(layer, nn.Linear):
                nn.init.kaiming_normal_(layer.weight)
                nn.init.zeros_(layer.bias)
        head, x = nn.Linear(32, 1), torch.randn(256, 32)
        y = 100 * (x[:, :1] * x[:, 1:2]).sign()
        assert ratio(branches, x) < 3
        optimizer = torch.optim.Adam([w for part in (*branches, head) for w in part.parameters()], lr=0.01)
        for _ in range(150):
            optimizer.zero_grad()
            (head(stream(x, branches)) - y).square().mean().backward()
            optimizer.step()
        assert ratio(branches, x) > 6


def test_frozen_statistics_do_not_follow_new_data():
    """33, ``.eval()`` on batch norm: on shifted data the old averages answer alike; those of the new data do not."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2000, 1, generator=generator)
    y = x[:, 0] > 0
    norm = nn.BatchNorm1d(1, momentum=None)
    norm(x)
    norm.eval()
    assert ((norm(x + 4)[:, 0] > 0) == y).double().mean() < 0.55
    norm.train().reset_running_stats()
    norm(x + 4)
    assert ((norm.eval()(x + 4)[:, 0] > 0) == y).double().mean() > 0.95


def test_a_temperature_does_not_move_with_the_data():
    """34, a temperature: chosen where it is right; where the answers are less certain the model is too sure again."""
    rng = np.random.default_rng(0)
    margin = rng.normal(scale=3, size=20000)

    def gap(sharpness, temperature):
        y = rng.random(len(margin)) < 1 / (1 + np.exp(-sharpness * margin))
        said = 1 / (1 + np.exp(-np.abs(5 * margin) / temperature))
        return said.mean() - (y == (margin > 0)).mean()

    assert gap(1.0, 1.0) > 0.05
    assert abs(gap(1.0, 5.0)) < 0.02
    assert gap(0.2, 5.0) > 0.1


def test_recomputing_does_not_even_out_an_easier_validation_set():
    """34, recompute both losses; 38, both after ``eval()``: a validation set with less noise keeps the lower loss."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, w = rng.normal(size=(600, 5)), rng.normal(size=5)
        y = X @ w + np.where(np.arange(600) < 300, 1.0, 0.5) * rng.normal(size=600)
        model = LinearRegression().fit(X[:300], y[:300])
        losses = [((model.predict(X[part]) - y[part]) ** 2).mean() for part in (slice(300), slice(300, 600))]
        assert losses[1] < 0.5 * losses[0]


def test_groups_do_not_show_what_all_of_them_share():
    """34, split by groups: a sign that all known groups share flatters, and is gone in new data."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        y, groups = rng.integers(0, 2, 400), np.repeat(np.arange(20), 20)
        X = np.c_[rng.normal(size=(400, 4)) + 0.3 * y[:, None], 3 * y + 0.3 * rng.normal(size=400)]
        model = LogisticRegression()
        assert cross_val_score(model, X, y, groups=groups, cv=GroupKFold(5)).mean() > 0.95
        new = np.c_[X[:, :4], 1.5 + 1.5 * rng.normal(size=400)]
        assert model.fit(X, y).score(new, y) < 0.75


@pytest.mark.parametrize("way", ["plain", "decay", "mixup", "early"])
def test_errors_with_a_system_are_learned_with_the_pattern(way):
    """35, against wrong labels: where all labels of a region are wrong, decay, mixup and early stopping learn them."""
    generator = torch.Generator().manual_seed(0)

    def data(n):
        x = torch.randn(n, 2, generator=generator)
        true = (x[:, 1] > 0).long()
        return x, true, torch.where(x[:, 0] > 1, 1 - true, true)

    x, _, seen = data(400)
    new, true, _ = data(2000)
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))

    def draw():
        if way != "mixup":
            return x, seen
        share, other = torch.distributions.Beta(0.2, 0.2).sample((400, 1)), torch.randperm(400)
        targets = nn.functional.one_hot(seen, 2).float()
        return share * x + (1 - share) * x[other], share * targets + (1 - share) * targets[other]

    trained(net, draw, lr=0.02, steps=200 if way == "early" else 600, decay=0.05 if way == "decay" else 0.0)
    wrong = (new[:, 0] > 1.3) & (new[:, 1].abs() > 0.3)
    assert (net(new[wrong]).argmax(1) == true[wrong]).double().mean() < 0.3


def test_near_the_noise_a_weaker_penalty_gains_nothing():
    """35, regularisation down: the right model on enough data errs as much at a hundredth of the strength."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, w = rng.normal(size=(4000, 5)), rng.normal(size=5)
        y = X @ w + 3 * rng.normal(size=4000)
        errors = [
            ((Ridge(alpha=alpha).fit(X[:2000], y[:2000]).predict(X[2000:]) - y[2000:]) ** 2).mean()
            for alpha in (10.0, 0.1)
        ]
        assert abs(errors[0] / errors[1] - 1) < 0.01


def test_no_strength_mends_a_shift_of_the_data():
    """36, tune the strength: it halves the excess on data of the same kind, and is nothing against shifted targets."""
    gains = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X, w = rng.normal(size=(1040, 30)), rng.normal(size=30) / 30**0.5
        f = X @ w
        y = f + 2 * rng.normal(size=1040)
        plain_fit, tuned = (
            m.fit(X[:40], y[:40]).predict(X[40:]) for m in (LinearRegression(), RidgeCV(np.logspace(-2, 4, 25)))
        )
        gains.append([[((p - f[40:] - shift) ** 2).mean() for p in (plain_fit, tuned)] for shift in (0.0, 20.0)])
    same, shifted = np.mean(gains, 0)
    assert same[1] < 0.5 * same[0]
    assert shifted[1] > 0.9 * shifted[0]


def test_standardising_hides_a_signal_that_the_scale_showed():
    """36, standardise: where the features of large scale hold the signal ridge regression is better on the raw ones."""
    better = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(1050, 40)) * np.where(np.arange(40) < 3, 10.0, 0.1)
        f = X[:, :3].sum(1) / 10
        y = f + 0.5 * rng.normal(size=1050)
        grid = np.logspace(-3, 4, 30)
        errors = [
            ((m.fit(X[:50], y[:50]).predict(X[50:]) - f[50:]) ** 2).mean()
            for m in (RidgeCV(grid), make_pipeline(StandardScaler(), RidgeCV(grid)))
        ]
        better += errors[0] < 0.5 * errors[1]
    assert better >= 8


def test_no_intercept_gets_below_a_relu_at_the_output():
    """36, a free intercept: predictions stay at zero or above, however far below the targets lie."""
    torch.manual_seed(0)
    x = torch.randn(100, 3)
    net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1), nn.ReLU())
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(300):
        optimizer.zero_grad()
        (net(x)[:, 0] - (x[:, 0] - 5)).square().mean().backward()
        optimizer.step()
    assert net(x).min() >= 0
    assert (net(x)[:, 0] - (x[:, 0] - 5)).mean() > 4


def test_a_converted_strength_does_not_finish_a_solver():
    """36, convert the strength: SGDRegressor at that of Ridge is far off after a few passes, near after many."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 5)) @ np.diag([1, 1, 1, 1, 0.1])
    y = X @ np.array([1.0, -1.0, 2.0, 0.0, 10.0]) + 0.1 * rng.normal(size=200)
    exact = Ridge(alpha=0.2, fit_intercept=False).fit(X, y).coef_
    off = {}
    for passes in (5, 20000):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = SGDRegressor(alpha=0.001, max_iter=passes, tol=None, random_state=0, fit_intercept=False)
            off[passes] = np.abs(model.fit(X, y).coef_ - exact).max() / np.abs(exact).max()
    assert off[5] > 0.3
    assert off[20000] < 0.02


def test_small_batches_lift_weights_off_zero_under_adam_too():
    """37, the divided threshold: the zeros of a full batch are lost where five of sixty examples make a step."""
    X, y, start = (part[0] for part in exact_zeros.data())
    exact, share = (lasso(X, y, LAM) == 0).sum().item(), {}
    for size in (len(y), 5):
        generator, w, zeros = torch.Generator().manual_seed(0), start.clone(), []
        m = v = torch.zeros_like(w)
        for step in range(1, 2001):
            rows = torch.randperm(len(y), generator=generator)[:size]
            grad = X[rows].T @ (X[rows] @ w - y[rows]) / size
            m, v = 0.9 * m + 0.1 * grad, 0.999 * v + 0.001 * grad**2
            scale = (v / (1 - 0.999**step)).sqrt() + 1e-8
            w = w - RATE / 5 * m / (1 - 0.9**step) / scale
            threshold = RATE / 5 * LAM / scale
            w = w.sign() * (w.abs() - threshold).clamp(min=0)
            zeros.append((w == 0).sum().item())
        share[size] = np.mean(zeros[1500:]) / exact
    assert share[len(y)] == 1
    assert share[5] < 0.9


def test_without_a_linear_signal_cross_validation_ends_where_all_are_zero():
    """37, search below the strength at which all are zero: for a square of a feature it is mostly chosen again."""
    zero = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(100, 10))
        zero += not LassoCV(cv=5, alphas=30).fit(X, X[:, 0] ** 2).coef_.any()
    assert zero >= 10


@pytest.mark.parametrize("solver", ["lasso", "saga"])
def test_near_copies_stay_slow_when_standardised(solver):
    """37, standardise, then more passes; ``saga``: features that nearly repeat each other take many times as many."""
    passes = []
    for spread in (1.0, 0.03):
        rng = np.random.default_rng(0)
        shared = rng.normal(size=(200, 1)) if spread < 1 else 0
        X = StandardScaler().fit_transform(shared + spread * rng.normal(size=(200, 8)))
        y = X @ rng.normal(size=8) + rng.normal(size=200)
        if solver == "lasso":
            model = Lasso(alpha=1e-3, max_iter=10**6, tol=1e-6).fit(X, y)
        else:
            model = LogisticRegression(C=10.0, l1_ratio=1, solver="saga", max_iter=10**5, random_state=0).fit(X, y > 0)
        passes.append(int(np.max(model.n_iter_)))
    assert passes[1] > 10 * passes[0]


def test_a_weak_elastic_net_may_still_drop_a_twin():
    """37, ElasticNetCV: at the strength that validation chooses one of two twins is still lost at times."""
    dropped = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(60, 10))
        X[:, 1] = X[:, 0] + 0.2 * X[:, 1]
        y = X[:, 0] + X[:, 1] + rng.normal(size=60)
        model = ElasticNetCV(l1_ratio=[0.5, 0.7, 0.9], cv=5, alphas=30, max_iter=20000)
        dropped += (model.fit(X, y).coef_[:2] == 0).any()
    assert 1 <= dropped <= 10


def test_a_refit_does_not_mend_a_wrong_selection():
    """37, refit: with a useful feature dropped its twin carries both weights, and the refit makes it worse."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(400, 2))
    X[:, 1] = 0.95 * X[:, 0] + 0.31 * X[:, 1]
    y = 2 * X[:, 0] + 0.5 * X[:, 1] + 0.5 * rng.normal(size=400)
    alpha = next(a for a in np.linspace(2, 0.01, 400) if (Lasso(alpha=a).fit(X, y).coef_ != 0).any())
    first = Lasso(alpha=0.7 * alpha).fit(X, y).coef_
    assert (first != 0).tolist() == [True, False]
    refit = LinearRegression().fit(X[:, :1], y).coef_[0]
    assert refit > 2.3 > 2.0 > first[0]


def test_few_held_out_examples_leave_the_choice_to_chance():
    """37, compare with ridge regression: ten held-out rows pick the better of the two less often than a thousand."""
    right = {10: 0, 1000: 0}
    for seed in range(30):
        rng = np.random.default_rng(seed)
        X = rng.normal(size=(2100, 40))
        f = X[:, :10].sum(1) / 10**0.5
        y = f + 2 * rng.normal(size=2100)
        models = (LassoCV(cv=5, alphas=20), RidgeCV(np.logspace(-1, 3, 20)))
        fits = [m.fit(X[:100], y[:100]).predict(X) for m in models]
        truth = np.argmin([((p - f)[1100:] ** 2).mean() for p in fits])
        for held in right:
            part = slice(100, 100 + held)
            right[held] += truth == np.argmin([((p - y)[part] ** 2).mean() for p in fits])
    assert right[10] <= 22
    assert right[1000] >= right[10] + 3


def test_eval_does_not_reach_a_function_nor_statistics_that_are_not_kept():
    """38, ``model.eval()``: ``F.dropout`` goes on dropping, and without running statistics the batch still matters."""

    class Net(nn.Module):
        def forward(self, x):
            return dropout(x, 0.5)

    torch.manual_seed(0)
    x = torch.randn(50, 4)
    assert not torch.equal(Net().eval()(x), Net().eval()(x))
    norm = nn.BatchNorm1d(4, track_running_stats=False).eval()
    assert (norm(x)[:10] - norm(x[:10])).abs().max() > 0.1


def test_without_dropout_a_rate_that_is_too_small_is_as_small():
    """38, remove dropout: where the rate holds training up the loss stays at that of guessing with it and without."""
    for p in (0.5, 0.0):
        torch.manual_seed(0)
        x = torch.randn(200, 10)
        y = (x[:, 0] > 0).long()
        net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Dropout(p), nn.Linear(64, 2))
        trained(net, lambda x=x, y=y: (x, y), lr=1e-6, steps=100)
        assert abs(cross_entropy(net.eval()(x), y).item() - math.log(2)) < 0.1


def test_a_right_factor_says_nothing_about_the_shape_of_the_mask():
    """38, check p and the division: masks of channels pass it as well, with many times the noise in a mean."""
    torch.manual_seed(0)
    x, noise = torch.ones(20000, 1, 8, 8), {}
    for layer in (nn.Dropout(0.5), nn.Dropout2d(0.5)):
        means = layer(x).mean((1, 2, 3))
        assert abs(means.mean().item() - 1) < 0.03
        noise[type(layer)] = means.std().item()
    assert noise[nn.Dropout2d] > 6 * noise[nn.Dropout]


def test_alpha_dropout_is_made_for_selu():
    """38, AlphaDropout: behind ReLU it moves the mean by a third, which plain dropout leaves alone."""
    torch.manual_seed(0)
    z = torch.randn(10**6)

    def moved(x, layer):
        return abs((layer(x).mean() - x.mean()) / x.std()).item()

    assert moved(nn.functional.selu(z), nn.AlphaDropout(0.5)) < 0.02
    assert moved(z.relu(), nn.Dropout(0.5)) < 0.02
    assert moved(z.relu(), nn.AlphaDropout(0.5)) > 0.2


def test_nll_loss_wants_logarithms_of_probabilities():
    """39, remove the softmax: ``nn.NLLLoss`` on bare logits has no least value, and falls for ever."""
    torch.manual_seed(0)
    x, y, layer = torch.randn(100, 5), torch.randint(0, 3, (100,)), nn.Linear(5, 3)
    optimizer, losses = torch.optim.SGD(layer.parameters(), lr=0.1), []
    for _ in range(500):
        optimizer.zero_grad()
        loss = nn.NLLLoss()(layer(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < -1
    assert losses[-1] - losses[-100] == pytest.approx(losses[-101] - losses[-200], rel=0.01)


def test_one_logit_knows_two_classes():
    """39, one logit: its threshold gives two answers, so a third of three classes is never right."""
    torch.manual_seed(0)
    y = torch.arange(300) % 3
    x = torch.eye(3)[y] + 0.05 * torch.randn(300, 3)
    net = nn.Linear(3, 1)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    for _ in range(200):
        optimizer.zero_grad()
        binary_cross_entropy_with_logits(net(x)[:, 0], (y > 0).float()).backward()
        optimizer.step()
    assert ((net(x)[:, 0] > 0).long() == y).double().mean().item() == pytest.approx(2 / 3)


def test_logits_that_are_not_finite_give_no_number():
    """39, logits to the loss: infinite ones give NaN all the same."""
    inf = torch.tensor([math.inf])
    assert binary_cross_entropy_with_logits(inf, torch.ones(1)).isnan()
    assert cross_entropy(torch.tensor([[math.inf, 0.0]]), torch.tensor([1])).isnan()
    assert cross_entropy(torch.tensor([[math.inf, math.inf]]), torch.tensor([0])).isnan()


def test_deep_in_a_network_units_are_silent_without_biases():
    """39, zero biases and centred inputs: none is silent in the first layer, some are in the thirtieth."""
    silent = torch.zeros(2)
    for seed in range(5):
        generator = torch.Generator().manual_seed(seed)
        h = torch.randn(100, 100, generator=generator)
        for layer in range(30):
            h = (h @ torch.randn(100, 100, generator=generator) * (2 / 100) ** 0.5).relu()
            if layer in (0, 29):
                silent[int(layer > 0)] += (h == 0).all(0).double().mean() / 5
    assert silent[0] == 0
    assert silent[1] > 0.1


def test_another_eps_or_order_of_axes_is_no_matter_of_gelu():
    """39, the right form of GELU: layers ported with another ``eps`` or order of axes differ far more."""
    torch.manual_seed(0)
    x = torch.randn(8, 6, 6, dtype=torch.float64)
    forms = (nn.functional.gelu(x) - nn.functional.gelu(x, approximate="tanh")).abs().max()
    small = 1e-3 * x
    eps = (nn.LayerNorm(6, eps=1e-3).double()(small) - nn.LayerNorm(6, eps=1e-6).double()(small)).abs().max()
    layer = nn.Linear(36, 1).double()
    axes = (layer(x.flatten(1)) - layer(x.transpose(1, 2).flatten(1))).abs().max()
    assert forms < 1e-3
    assert min(eps, axes) > 0.1


def test_a_class_weight_does_not_tell_classes_apart_that_the_features_do_not():
    """39, a class weight: the rare class is predicted now, and no better than by chance."""
    said, right = [], []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X, y = rng.normal(size=(2000, 5)), rng.random(2000) < 0.1
        found = cross_val_predict(LogisticRegression(class_weight="balanced"), X, y, cv=5)
        said.append(found.mean())
        right.append((found[y].mean() + (~found[~y]).mean()) / 2)
    assert np.mean(said) > 0.3
    assert abs(np.mean(right) - 0.5) < 0.04


def test_standardising_does_not_touch_correlation_and_may_raise_the_condition():
    """40, StandardScaler: two features that correlate keep their condition; of three and more some get a worse one."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(5000, 1)) + 0.1 * rng.normal(size=(5000, 2))
    scaled = StandardScaler().fit_transform(X)
    assert np.linalg.cond(scaled.T @ scaled) > 100
    root = rng.normal(size=(4000, 3, 3))
    matrix = root.transpose(0, 2, 1) @ root
    spread = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    alike = spread.max(1) < 3 * spread.min(1)
    scaled = matrix / (spread[:, :, None] * spread[:, None, :])
    rise = np.linalg.cond(scaled[alike]) / np.linalg.cond(matrix[alike])
    assert rise.max() > 1.2


def test_quartiles_that_coincide_scale_nothing():
    """40, RobustScaler: of a column of mostly zeros the distance of the quartiles is zero, and it passes unscaled."""
    rng = np.random.default_rng(0)
    column = np.where(rng.random(500) < 0.9, 0, 1000 * rng.lognormal(size=500))[:, None]
    assert np.array_equal(RobustScaler().fit_transform(column), column)


@pytest.mark.parametrize("transform", [PowerTransformer(), QuantileTransformer(n_quantiles=100)])
def test_equal_values_stay_equal(transform):
    """40, a power or quantiles: eight in ten values are zero, and remain one value at one end."""
    rng = np.random.default_rng(0)
    column = np.where(rng.random(500) < 0.8, 0, rng.lognormal(size=500))[:, None]
    after = transform.fit_transform(column)
    assert len(np.unique(after[column == 0])) == 1
    assert skew(after)[0] > 1


def test_a_stored_scaler_does_not_follow_a_drift():
    """40, one stored scaler: once the data have moved by three spreads the neighbours are the wrong ones."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 2))
    y = X[:, 0] > 0
    model = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X[:300], y[:300])
    assert model.score(X[300:], y[300:]) > 0.9
    assert model.score(X[300:] + 3, y[300:]) < 0.6


def test_least_squares_and_trees_do_not_see_the_scale_of_the_target():
    """40, standardise the target: their predictions are the same, mapped back."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(200, 3))
    y = 1e4 + 1e3 * X[:, 0] + 100 * rng.normal(size=200)
    for model in (LinearRegression(), DecisionTreeRegressor(max_depth=4, random_state=0)):
        mapped = TransformedTargetRegressor(model, transformer=StandardScaler()).fit(X, y).predict(X)
        np.testing.assert_allclose(mapped, model.fit(X, y).predict(X), rtol=1e-6)


@pytest.mark.parametrize("reason", ["dropout", "two"])
def test_recomputed_statistics_do_not_mend_masks_nor_pairs(reason):
    """40, recompute: statistics taken under dropout are too large without it; a pair is normalised to plus, minus."""
    torch.manual_seed(0)
    x = torch.randn(4000, 1) + 1
    norm = nn.BatchNorm1d(1, momentum=None)
    parts = nn.functional.dropout(x, 0.5).split(100) if reason == "dropout" else x.split(2)
    seen = torch.cat([norm(part) for part in parts]).detach()
    later = norm.eval()(x).detach()
    if reason == "dropout":
        assert later.std() < 0.7
    else:
        assert seen.abs().mean() > 0.9 > later.abs().mean()
        assert (seen - later).abs().mean() > 0.4
