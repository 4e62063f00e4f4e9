"""Question 36, L2 regularisation: what the note says, held against computation."""

import math

import pytest
import torch
from sklearn.datasets import load_diabetes
from sklearn.preprocessing import PolynomialFeatures

from examples import adam_decay, batch_norm_decay, ridge_noise, ridge_spectrum
from optnotes.descent import adam_step, adamw_step, weight_decay_step
from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import (
    input_noise_variance,
    l2_gradient,
    l2_loss,
    noise_augmentation_loss,
    ridge_noise_gain,
    ridge_noise_gain_bound,
    ridge_solution,
)
from tests.claims.items import code, curves, number
from tests.examples import numbers_of

LAM, EPS = 0.7, torch.finfo(torch.float64).eps


def vector(*entries):
    return torch.tensor(entries, dtype=torch.float64)


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def path(X, y, low=-3, high=6, count=40):
    """Ridge solutions for growing penalties, one per row."""
    return torch.stack([ridge_solution(X, y, alpha) for alpha in torch.logspace(low, high, count).tolist()])


def test_36_01():
    """Holds: the penalty grows with the square of a weight, and a well-chosen one lowers the error on new targets."""
    loss, w = vector(1.3)[0], vector(3.0, -4.0, 0.5)
    torch.testing.assert_close(l2_loss(loss, w, LAM).item(), 1.3 + LAM / 2 * 25.25)
    doubled = l2_loss(loss, 2 * w, LAM) - loss
    torch.testing.assert_close(doubled.item(), 4 * (l2_loss(loss, w, LAM) - loss).item())
    assert numbers_of(ridge_noise)["saved"] > 0.3


def test_36_02():
    """Condition: the formula is lost; with a half the strength is torch's weight_decay, without it that doubles."""
    X, y, start = normal(30, 4, seed=1), normal(30, seed=2), normal(4, seed=3)

    def train(strength, weight_decay, half):
        w = start.clone().requires_grad_()
        optimiser = torch.optim.SGD([w], lr=0.05, momentum=0.9, weight_decay=weight_decay)
        for _ in range(50):
            optimiser.zero_grad()
            data_loss = (X @ w - y).square().mean()
            (l2_loss(data_loss, w, strength) if half else data_loss + strength * w.square().sum()).backward()
            optimiser.step()
        return w.detach()

    torch.testing.assert_close(train(LAM, 0.0, half=True), train(0.0, LAM, half=True))
    torch.testing.assert_close(train(LAM, 0.0, half=False), train(0.0, 2 * LAM, half=True))
    assert (train(LAM, 0.0, half=False) - train(0.0, LAM, half=True)).abs().max() > 1e-2
    # The optimiser does not know what a bias is: without a data gradient it shrinks like any weight.
    layer = torch.nn.Linear(3, 2)
    before = layer.bias.detach().clone()
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1, weight_decay=0.5)
    layer(torch.zeros(1, 3)).sum().mul(0).backward()
    optimiser.step()
    torch.testing.assert_close(layer.bias.detach(), 0.95 * before)


def test_36_03():
    """Holds: the norm of the solution falls with the strength; a single weight may grow or change its sign."""
    X, y = ridge_spectrum.data()
    norms = path(X, y).norm(dim=1)
    assert (norms.diff() < 0).all()
    assert numbers_of(ridge_spectrum)["norm_growth"] < 0
    # Two features of correlation about 0.9, of which the second has a small negative effect.
    X = torch.linalg.cholesky(vector(1.0, 0.9, 0.9, 1.0).reshape(2, 2)).T * math.sqrt(2)
    w = path(X, X @ vector(1.0, -0.1))
    assert (w.norm(dim=1).diff() < 0).all()
    torch.testing.assert_close(w[0], vector(1.0, -0.1), atol=0.01, rtol=0)
    assert w[:, 1].max() > 2 * 0.1
    assert (w[0, 1] < 0) & (w[-1, 1] > 0)


def test_36_04():
    """Condition: a linear model has exact zeros by accident only; a product of two weights has them like the lasso."""
    X, y = ridge_spectrum.data()
    assert (path(X, y) != 0).all()
    assert numbers_of(ridge_spectrum)["smallest_kept"] > 0
    # Integer columns, orthogonal to each other, the second one also to the targets.
    X = torch.tensor([[1.0, 1.0], [1.0, -1.0], [1.0, 1.0], [1.0, -1.0]], dtype=torch.float64)
    # Both solvers are right to a few units of rounding of the larger weight; how many, depends on the processor.
    accident = ridge_solution(X, X[:, 0], alpha=2.0)
    torch.testing.assert_close(accident, vector(2 / 3, 0.0), rtol=0, atol=16 * EPS)
    # The sign change of the claim above happens at one single strength, found by Cramer's rule.
    gram, pull = vector(2.0, 1.8, 1.8, 2.0).reshape(2, 2), vector(2 - 0.18, 1.8 - 0.2)
    crossing = (gram[0, 1] * pull[0] / pull[1] - gram[0, 0]).item()
    second = [
        torch.linalg.solve(gram + alpha * torch.eye(2).double(), pull)[1].item() for alpha in (0.0, crossing, 1.0)
    ]
    assert second[0] < 0 < second[2]
    well_conditioned = torch.linalg.cond(gram + crossing * torch.eye(2).double()) * (pull.norm() / gram.norm())
    assert abs(second[1]) < 16 * EPS * well_conditioned
    # The loss of one unit, (a b - c)^2 / 2, with the penalty on both factors: the product is the soft threshold of c.
    for target, strength in ((1.0, 0.3), (-0.8, 0.5), (0.4, 0.7)):
        a, b = 0.9, -0.2
        for _ in range(4000):
            error = a * b - target
            a, b = a - 0.1 * (error * b + strength * a), b - 0.1 * (error * a + strength * b)
        shrunk = math.copysign(max(abs(target) - strength, 0.0), target)
        assert a * b == pytest.approx(shrunk, abs=1e-9)


def test_36_05():
    """Holds: noise in targets and noise in inputs both count for less; input noise is itself an L2 penalty."""
    X, y = ridge_spectrum.data()
    X, y, alpha = X[:40], y[:40], 3.0
    transfer = torch.stack([ridge_solution(X, unit, alpha) for unit in torch.eye(40).double()])
    gain, s = torch.linalg.matrix_norm(transfer, 2).item(), torch.linalg.svdvals(X)
    torch.testing.assert_close(gain, ridge_noise_gain(s, alpha).item())
    assert gain <= ridge_noise_gain_bound(alpha) < 1 / s.min()
    # The share of input noise in a prediction is the norm of the weights, which falls.
    w, free = ridge_solution(X, y, alpha), torch.linalg.lstsq(X, y[:, None], driver="gelsd").solution[:, 0]
    noise = 0.2 * normal(200_000, 10, seed=4)
    # Standard error of a variance over 200 000 draws: 0.3 %.
    assert (noise @ w).var().item() == pytest.approx(input_noise_variance(w, 0.2).item(), rel=0.015)
    assert input_noise_variance(w, 0.2) < input_noise_variance(free, 0.2)
    # Bishop's identity: the expected loss under input noise is minimised by ridge.
    best = ridge_solution(X, y, 40 * 0.3**2)
    slope = torch.func.grad(lambda v: noise_augmentation_loss(X, y, v, 0.3))(best)
    torch.testing.assert_close(slope, 0 * slope, atol=1e-7, rtol=0)


def test_36_06():
    """Imprecise: a tuned strength reduces overfitting, a tiny one leaves it, a huge one leaves nothing of the model."""
    found = numbers_of(ridge_noise)
    assert found["error_best"] < 0.7 * found["error_weak"]
    assert found["error_strong"] > 2 * found["error_weak"]
    # The same on real targets: diabetes data with all products of features, 60 patients to train on, over 20 splits.
    bunch = load_diabetes(scaled=True)
    features = torch.tensor(PolynomialFeatures(2, include_bias=False).fit_transform(bunch.data))
    targets, generator = torch.tensor(bunch.target), torch.Generator().manual_seed(5)
    alphas = (1e-9, 1e-6, 30.0, 1e8)
    errors = []
    for _ in range(20):
        train, test = torch.randperm(442, generator=generator).split([60, 382])
        scaler, mean = fit_standardizer(features[train]), targets[train].mean()
        parts = [(standardize(features[rows], *scaler), targets[rows] - mean) for rows in (train, test)]
        weights = [*(ridge_solution(*parts[0], alpha) for alpha in alphas), torch.zeros(65).double()]
        errors.append([[(X @ w - y).square().mean().item() for X, y in parts] for w in weights])
    training, testing = torch.tensor(errors).mean(0).T
    gap = testing - training
    assert gap[1] > 0.9 * gap[0] > 0
    assert testing[2] < 0.5 * testing[0]
    # The last row is no model at all.
    assert training[3] > 0.99 * training[4]
    assert testing[3] > 0.99 * testing[4]


def test_36_07():
    """Condition: with fixed features the function flattens, if not at every step; before batch norm L2 cannot do so."""
    x = torch.linspace(-1, 1, 40, dtype=torch.float64)
    chebyshev = torch.stack([torch.cos(k * torch.acos(x)) for k in range(16)], dim=1)
    fine = torch.linspace(-0.99, 0.99, 2001, dtype=torch.float64)
    basis = torch.stack([torch.cos(k * torch.acos(fine)) for k in range(16)], dim=1)
    y = torch.sin(3 * x) + 0.3 * normal(40, seed=6)
    curves = path(chebyshev, y, -6, 3, 10) @ basis.T
    roughness = (curves.diff(n=2, dim=1) / (fine[1] - fine[0]) ** 2).square().mean(1)
    assert (roughness.diff() < 0).all()
    # Not a law for every step: a straight line, fitted by x and its square, gains curvature before it loses it.
    x = torch.linspace(0, 1, 21, dtype=torch.float64)
    curvature = path(torch.stack([x, x.square()], dim=1), x)[:, 1].abs()
    assert curvature[0] < 0.01 < curvature.max()
    assert curvature[-1] < 1e-4
    # Behind the normalisation the scale is gone: seven times the weights, the same logits; decay is a schedule.
    found = numbers_of(batch_norm_decay)
    assert found["scaled_weights"] < 1e-9
    assert found["same_direction"] < 1e-7
    assert found["turn_decay"] == pytest.approx(found["predicted"], rel=0.02)
    assert found["turn_plain"] < 0.5 * found["predicted"]


def test_36_08():
    """Condition: exact for the loss and for plain SGD; inside Adam the penalty is divided away, AdamW restores it."""
    w = vector(10.0, 1.0, -0.01)
    zeros = torch.zeros_like(w)
    pull = torch.func.grad(lambda v: l2_loss(v.sum() * 0, v, LAM))(w)
    torch.testing.assert_close(pull, LAM * w)
    torch.testing.assert_close(l2_gradient(zeros, w, LAM), pull)
    shrunk = w
    for _ in range(20):
        shrunk = weight_decay_step(shrunk, zeros, 0.1, 0.5)
    torch.testing.assert_close(shrunk / w, torch.full_like(w, 0.95**20))
    # One step without a data gradient: all weights move by the learning rate in Adam, by the same share in AdamW.
    adam, _, _ = adam_step(w, zeros, zeros, zeros, 1, 0.001, 0.5)
    torch.testing.assert_close((w - adam) * w.sign(), torch.full_like(w, 0.001), rtol=1e-5, atol=0)
    adamw, _, _ = adamw_step(w, zeros, zeros, zeros, 1, 0.001, 0.5)
    torch.testing.assert_close(adamw / w, torch.full_like(w, 0.9995))
    for function, optimiser in ((adam, torch.optim.Adam), (adamw, torch.optim.AdamW)):
        parameter = w.clone().requires_grad_()
        parameter.grad = zeros.clone()
        optimiser([parameter], lr=0.001, weight_decay=0.5).step()
        torch.testing.assert_close(function, parameter.detach())
    found = numbers_of(adam_decay)
    assert found["adam_small"] < 0.1 < 0.9 < found["adam_large"]
    assert found["adamw_gap"] < 0.02
    # And the minimum it seeks is another: AdamW leaves the ridge solution, Adam with the penalty reaches it.
    assert found["adam_within"] < 1e-9 < 1 < found["adamw_end"]


def test_36_d11():
    assert number("36-d11") == 9 / 12


def test_36_d12():
    assert math.isclose(number("36-d12"), 1 / 2 + 4 / 5 + 9 / 10)


def test_36_d13():
    w = torch.tensor([2.0], dtype=torch.float64, requires_grad=True)
    (0.4 * w + 0.5 / 2 * w.square()).sum().backward()
    torch.optim.SGD([w], lr=0.1).step()
    assert math.isclose(number("36-d13"), w.item())


def test_36_d14():
    assert number("36-d14") == (99 + 1) / (1 + 1)


def test_36_d15():
    def gradients(penalised):
        model = torch.nn.Linear(3, 2)
        penalised(torch.zeros(()), model, 0.7).backward()
        return [(w.grad, w.detach()) for w in model.parameters()]

    wrong, cured = map(gradients, code("36-d15"))
    assert all(torch.allclose(grad, 0.7 * w) for grad, w in cured)
    assert all(torch.allclose(grad.norm(), torch.tensor(0.35)) for grad, _ in wrong)


def test_36_d16():
    w = torch.tensor([2.0], requires_grad=True)
    wrong, cured = (torch.autograd.grad(loss(0 * w.sum(), w, 0.5), w)[0].item() for loss in code("36-d16"))
    assert (wrong, cured) == (0, 1)


def test_36_d17():
    ridge, lasso, step = curves("36-d17", 1 / 3, 2 / 3, 1)
    assert ridge == pytest.approx([2 / 2, 2 / 3, 2 / 4])
    assert lasso == pytest.approx([1, 0, 0])
    assert step == pytest.approx([1.4, 0.8, 0.2])
