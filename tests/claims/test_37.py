"""Question 37, L1 and Elastic Net: what the note says, held against computation."""

import math

import pytest
import torch
from sklearn.linear_model import LassoCV
from torch.utils.flop_counter import FlopCounterMode

from examples import ball_corners, correlated_features, exact_zeros, penalty_conventions
from optnotes.features import fit_standardizer, standardize
from optnotes.penalties import (
    elastic_net_loss,
    elastic_net_prox,
    elastic_net_to_sklearn,
    kkt_violation,
    l1_loss,
    l1_subdifferential,
    l1_subgradient,
    lambda_max,
    lasso_orthonormal,
    proximal_gradient_step,
    ridge_solution,
    soft_threshold,
)
from tests.claims.items import code, curves, number
from tests.examples import numbers_of

LAM = 0.7


def vector(*entries):
    return torch.tensor(entries, dtype=torch.float64)


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def l1_penalty(w, lam):
    return l1_loss(torch.zeros((), dtype=w.dtype), w, lam)


def lasso(X, y, l1, l2=0.0, steps=3000):
    """Minimise with proximal steps; the certificate is checked."""
    lr = len(y) / torch.linalg.eigvalsh(X.T @ X)[-1].item()
    w = torch.zeros(X.shape[1], dtype=X.dtype)
    for _ in range(steps):
        w = proximal_gradient_step(X, y, w, lr, l1, l2)
    assert kkt_violation(X, y, w, l1, l2).max() < 1e-9
    return w


def lasso_loss(X, y, w, lam):
    return l1_loss((X @ w - y).square().mean() / 2, w, lam).item()


def test_37_01():
    """Holds: the L1 penalty is the strength times the Manhattan distance to zero, and no other distance."""
    w = vector(3.0, -4.0, 0.5)
    manhattan = sum(abs(entry) for entry in w.tolist())
    torch.testing.assert_close(l1_penalty(w, LAM).item(), LAM * manhattan)
    torch.testing.assert_close(torch.cdist(w[None], 0 * w[None], p=1).item(), manhattan)
    for p in (2, math.inf):
        assert abs(torch.cdist(w[None], 0 * w[None], p=p).item() - manhattan) > 1


def test_37_02():
    """Holds: the loss plus the strength times the sum of absolute weights is what scikit-learn's Lasso minimises."""
    loss, w = vector(1.3)[0], vector(3.0, -4.0, 0.5)
    torch.testing.assert_close(l1_loss(loss, w, LAM).item(), 1.3 + LAM * 7.5)
    assert numbers_of(penalty_conventions)["lasso_right"] <= 1e-9
    # The number means nothing without the scale of the data loss: for a sum of squares it is n times as large.
    assert numbers_of(penalty_conventions)["lasso_no_n"] > 1


def test_37_03():
    """Condition: the slope is plus or minus the strength away from zero; at zero it is a whole interval."""
    w = vector(-3.0, -1e-12, 1e-12, 5.0).requires_grad_()
    l1_penalty(w, LAM).backward()
    torch.testing.assert_close(w.grad, vector(-LAM, -LAM, LAM, LAM))
    zero = vector(0.0).requires_grad_()
    l1_penalty(zero, LAM).backward()
    assert zero.grad.item() == l1_subgradient(zero.detach(), LAM).item() == 0
    lower, upper = l1_subdifferential(vector(0.0), LAM)
    torch.testing.assert_close((lower, upper), (vector(-LAM), vector(LAM)))
    probes = torch.linspace(-2, 2, 41, dtype=torch.float64)
    for slope, supports in ((lower, True), (upper, True), (0.3 * upper, True), (1.02 * upper, False)):
        # A subgradient's line through zero lies nowhere above the penalty.
        assert bool((LAM * probes.abs() >= slope * probes - 1e-15).all()) is supports


def test_37_04():
    """Holds: every step of pure L1 takes the same amount off each weight, until the weight reaches zero."""
    lr, w = 0.05, vector(3.0, -0.4, 1.01)
    for _ in range(5):
        moved = w - lr * l1_subgradient(w, LAM)
        torch.testing.assert_close(w.abs() - moved.abs(), torch.full_like(w, lr * LAM))
        torch.testing.assert_close(soft_threshold(w, lr * LAM), moved)
        w = moved
    # At zero the two part: the subgradient step jumps to and fro, the proximal step stays.
    subgradient = prox = vector(0.3 * lr * LAM)
    jumps = []
    for _ in range(4):
        subgradient, prox = subgradient - lr * l1_subgradient(subgradient, LAM), soft_threshold(prox, lr * LAM)
        jumps.append(subgradient.item() / (lr * LAM))
    torch.testing.assert_close(vector(*jumps), vector(-0.7, 0.3, -0.7, 0.3))
    assert prox.item() == 0


def test_37_05():
    """Condition: the minimum has exact zeros; proximal steps and coordinate descent find them, subgradients do not."""
    found = numbers_of(exact_zeros)
    assert found["zeros_prox"] == found["zeros_cd"] > 40
    assert found["zeros_subgradient"] == found["zeros_adam"] == 0
    assert found["median_subgradient"] > 0.1 * found["eta_lambda"]
    X, y, _ = exact_zeros.data()
    for A, b in zip(X, y, strict=True):
        assert (ridge_solution(A, b, alpha=exact_zeros.N * exact_zeros.LAM) != 0).all()


def test_37_06():
    """Condition: many useless features go, not all; and for some designs no strength leaves just the useful ones."""
    found = numbers_of(exact_zeros)
    useless = exact_zeros.D - len(exact_zeros.TRUE)
    assert found["true_missed"] == 0
    assert useless > found["zeros_cd"] > 0.9 * useless
    assert found["false_kept"] > 1
    # At the strength that cross-validation chooses, for prediction, far more of them stay.
    kept = []
    for seed in range(4):
        X = normal(100, 50, seed=seed)
        y = X[:, :5] @ vector(3.0, -2.0, 1.5, -1.0, 0.8) + normal(100, seed=100 + seed)
        coef = LassoCV(cv=5, alphas=30, fit_intercept=False).fit(X.numpy(), y.numpy()).coef_
        assert (coef[:5] != 0).all()
        kept.append((coef[5:] != 0).sum())
    assert sum(kept) / len(kept) > 3
    # Zhao and Yu: the third feature copies the first two, and noise-free data do not help.
    Q = torch.linalg.qr(normal(200, 3, seed=7)).Q * math.sqrt(200)
    X = torch.stack([Q[:, 0], Q[:, 1], 2 / 3 * Q[:, 0] + 2 / 3 * Q[:, 1] + Q[:, 2] / 3], dim=1)
    y = X[:, :2] @ vector(2.0, 3.0)
    top = lambda_max(X, y).item()
    supports = {tuple((lasso(X, y, top * 0.93**k, steps=1500) != 0).tolist()) for k in range(1, 70, 4)}
    assert (True, True, False) not in supports
    assert (True, True, True) in supports


def test_37_07():
    """Imprecise: a dense product costs the same with zeros in it; ten times fewer operations need columns removed."""
    X, W = normal(32, 200, seed=1), normal(40, 200, seed=2)
    kept = torch.arange(0, 200, 10)
    sparse = torch.zeros_like(W)
    sparse[:, kept] = W[:, kept]

    def operations(A, B):
        with FlopCounterMode(display=False) as counter:
            output = A @ B.T
        return output, counter.get_total_flops()

    _, dense = operations(X, W)
    output, with_zeros = operations(X, sparse)
    small, removed = operations(X[:, kept], W[:, kept])
    torch.testing.assert_close(output, small)
    assert dense == with_zeros == 10 * removed


def test_37_08():
    """Imprecise: of two equal features either may be zeroed at the same loss, and units decide who stays."""
    X = normal(80, 2, seed=3)
    y = 2 * X[:, 0] + 0.1 * normal(80, seed=4)
    twins = X[:, [0, 0, 1]]
    one = lasso(twins[:, [0, 2]], y, 0.1)
    for share in (0.0, 0.3, 1.0):
        w = torch.stack([share * one[0], (1 - share) * one[0], one[1]])
        assert kkt_violation(twins, y, w, 0.1, 0.0).max() < 1e-9
        torch.testing.assert_close(lasso_loss(twins, y, w, 0.1), lasso_loss(twins[:, [0, 2]], y, one, 0.1))
    # Nearly equal features: one of two equally important ones is dropped about as often as predicted.
    assert numbers_of(correlated_features)["dropped_lasso"] > 0.3
    # Metres to kilometres: the same feature with the same effect goes.
    assert lasso(X, y, 0.1)[0] > 1
    assert lasso(X * vector(1e-3, 1.0), y, 0.1)[0] == 0


def test_37_09():
    """Imprecise: the drawback is bias, with orthonormal columns equal for every kept weight, and not due to noise."""
    w, lam = vector(10.0, 3.0, 1.0, 0.4, -0.2), 0.5
    X = torch.linalg.qr(normal(40, 5, seed=5)).Q * math.sqrt(40)
    without_noise = lasso(X, X @ w, lam, steps=50)
    torch.testing.assert_close(without_noise, lasso_orthonormal(w, lam))
    torch.testing.assert_close(without_noise, vector(9.5, 2.5, 0.5, 0.0, 0.0))
    # Noise changes the bias of the large weights only by its own average.
    noise = normal(400, 40, seed=6)
    mean = torch.stack([lasso_orthonormal(w + X.T @ e / 40, lam) for e in noise]).mean(0)
    # Standard error of the mean over 400 draws: 1 / sqrt(40 * 400) = 0.008.
    assert (w - mean - lam)[:2].abs().max() < 0.04
    # Least squares on the kept features have no such bias.
    kept = without_noise != 0
    refit = torch.stack([torch.linalg.lstsq(X[:, kept], X @ w + e, driver="gelsd").solution for e in noise]).mean(0)
    assert (refit - w[kept]).abs().max() < 0.04


def test_37_10():
    """Condition: a rare but useful feature is lost on its raw scale, and kept once it is standardised."""
    generator = torch.Generator().manual_seed(8)
    n, lam = 2000, 0.05
    rare = torch.zeros(n, dtype=torch.float64)
    rare[torch.randperm(n, generator=generator)[:20]] = 1
    X = torch.column_stack([rare, normal(n, 3, seed=9)])
    y = X @ vector(2.0, 1.0, 0.0, 0.0) + 0.5 * normal(n, seed=10)
    X, y = X - X.mean(0), y - y.mean()
    assert (torch.linalg.lstsq(X, y, driver="gelsd").solution[0] - 2).abs() < 0.4
    raw = lasso(X, y, lam, steps=200)
    scaled = lasso(standardize(X, *fit_standardizer(X)), y, lam, steps=200)
    assert raw[0] == 0 != raw[1]
    assert scaled[0] > 0.1


def test_37_11():
    """Holds: the level line of L1 in the plane is a square on its tip; in d dimensions it has 2d corners."""
    share, c = torch.linspace(0, 1, 11, dtype=torch.float64)[:, None], 1.7
    for start, end in zip(ball_corners.CORNERS, ball_corners.CORNERS.roll(-1, 0), strict=True):
        edge = c * ((1 - share) * start + share * end)
        for point in edge:
            torch.testing.assert_close(l1_penalty(point, LAM).item(), LAM * c)
        # The L2 norm is not constant along it.
        assert edge.norm(dim=1).max() / edge.norm(dim=1).min() > 1.4
    # Any point of the level set in five dimensions is a mean of the ten corners, weighted by its absolute entries.
    w = normal(5, seed=11)
    w = w * c / w.abs().sum()
    corners = c * torch.cat([torch.eye(5), -torch.eye(5)]).double()
    weights = torch.cat([w.clamp(min=0), (-w).clamp(min=0)]) / c
    torch.testing.assert_close(weights.sum().item(), 1.0)
    torch.testing.assert_close(weights @ corners, w)


def test_37_12():
    """Holds: a large share of random quadratics ends in a corner of the L1 ball, none on an axis for L2; not all do."""
    found = numbers_of(ball_corners)
    assert found["share_l2"] == 0
    assert 0.4 < found["share_1"] < found["share_1000"] < 1
    # How often is a matter of the centre: close to the ball almost never.
    assert ball_corners.round_share(1.01) < 0.02


def test_37_13():
    """Holds: adding L2 ends the arbitrary choice among equal features and keeps zeros, but does not remove the bias."""
    found = numbers_of(correlated_features)
    assert found["dropped_elastic_net"] == 0 < found["dropped_lasso"]
    assert found["apart_elastic_net"] < found["bound"] < found["apart_lasso"]
    X = normal(80, 6, seed=12)[:, [0, 0, 1, 2, 3, 4]]
    y = 2 * X[:, 0] + 0.1 * normal(80, seed=13)
    w = lasso(X, y, 0.1, l2=0.5)
    torch.testing.assert_close(w[0], w[1])
    assert w[0] > 0.5
    assert (w[2:] == 0).any()
    # The bias is not softened: the same threshold, and then a division.
    large = vector(10.0, 3.0)
    assert (elastic_net_prox(large, 1.0, 0.5, 0.2) < lasso_orthonormal(large, 0.5)).all()
    # With correlated columns it may be smaller than that of the lasso, and the sum of the weights may even grow.
    gram = torch.eye(3, dtype=torch.float64)
    gram[0, 1:] = gram[1:, 0] = 0.68
    X = math.sqrt(3) * torch.linalg.cholesky(gram).T
    bias = [(lasso(X, X.sum(1), 0.1, l2=l2) - 1).norm() for l2 in (0.0, 0.1)]
    assert 0.4 < bias[1] < 0.65 * bias[0]
    assert lasso(X, X[:, 0], 0.005, l2=0.045).abs().sum() > 1.05


def test_37_14():
    """Condition: the two strengths mean nothing without the parametrisation; a missing half gives another minimum."""
    found = numbers_of(penalty_conventions)
    assert found["elastic_net_right"] <= 1e-9
    assert found["elastic_net_no_half"] > 0.1
    assert found["elastic_net_swapped"] > 0.1
    w, zero, l1, l2 = vector(3.0, -4.0), vector(0.0)[0], 0.3, 0.7
    alpha, l1_ratio = elastic_net_to_sklearn(l1, l2)
    sklearn_penalty = alpha * l1_ratio * 7.0 + alpha * (1 - l1_ratio) / 2 * 25.0
    torch.testing.assert_close(elastic_net_loss(zero, w, l1, l2).item(), sklearn_penalty)
    # Without the half the second strength is doubled on the way to scikit-learn.
    alpha, l1_ratio = elastic_net_to_sklearn(l1, 2 * l2)
    torch.testing.assert_close(l1 * 7.0 + l2 * 25.0, alpha * l1_ratio * 7.0 + alpha * (1 - l1_ratio) / 2 * 25.0)


def test_37_d14():
    assert number("37-d14") == -(1.3 - 0.5)


def test_37_d15():
    X, y = vector(1, 1, 1, -1, -1, 1, -1, -1).reshape(4, 2), vector(3, 1, -1, -3)
    assert number("37-d15") == (3 + 1 + 1 + 3) / 4
    assert lasso(X, y, 2.0).tolist() == [0, 0]
    assert lasso(X, y, 1.9).abs().max() > 0.05


def test_37_d16():
    assert math.isclose(number("37-d16"), 0.3 / (0.3 + 0.1))


def test_37_d17():
    X, y = normal(20, 3, seed=0), normal(20, seed=1)

    def solved(step, lr):
        w = torch.zeros(3, dtype=torch.float64)
        for _ in range(4000):
            w = step(w, X.T @ (X @ w - y) / 20, lr, 0.05)
        return w

    wrong, cured = code("37-d17")
    for lr in (0.1, 0.02):
        assert kkt_violation(X, y, solved(cured, lr), 0.05, 0.0).max() < 1e-6
        assert kkt_violation(X, y, solved(wrong, lr), 0.05, 0.0).max() > 0.01
    assert solved(wrong, 0.02).tolist() == [0, 0, 0]
    assert solved(cured, 0.02).abs().max() > 0.1


def test_37_d18():
    v = vector(-3.0, -0.2, 0.2, 3.0)
    wrong, cured = (shrink(v, 0.5) for shrink in code("37-d18"))
    assert wrong.tolist() == [0, 0, 0, 2.5]
    torch.testing.assert_close(cured, soft_threshold(v, 0.5))


def test_37_d19():
    first, ridge, both = curves("37-d19", 0, 0.4, 1)
    assert first == pytest.approx([-2, 0, 2])
    assert ridge == pytest.approx([-1.5, -0.3, 1.5])
    assert both == pytest.approx([-1, 0, 1])
