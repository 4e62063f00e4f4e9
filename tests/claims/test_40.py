"""Question 40, feature normalisation: what the note says, held against computation."""

import math
from itertools import pairwise

import pytest
import torch
from scipy.stats import skew
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import QuantileTransformer

from examples import (
    adam_scale,
    condition_steps,
    inner_norms,
    model_invariance,
    own_statistics,
    scaling_leaks,
    scaling_profit,
)
from examples import scaling_paths as paths
from optnotes.descent import best_rate, best_step, condition_number, contraction_rate
from optnotes.features import (
    correlation_condition,
    covariance,
    fit_minmax,
    fit_standardizer,
    least_squares_hessian,
    minmax,
    pca_whiten,
    pearson,
    standardize,
    zca_whiten,
)
from optnotes.normalization import batch_norm, bn_relu_growth, layer_norm
from tests.claims.items import code, curves, number
from tests.examples import numbers_of

SCALES = torch.tensor([0.01, 0.3, 1.0, 40.0, 1000.0], dtype=torch.float64)


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def scaled(X):
    return standardize(X, *fit_standardizer(X))


def gradient_shares(X):
    """Share of each feature in the mean squared gradient of least squares over random residuals."""
    squared = (X.T @ normal(len(X), 400, seed=2)).square().mean(1)
    return squared / squared.sum()


def even_before():
    """Two uncorrelated features of scales 1 and 10 whose ties to the target make up for them, and that target."""
    X = torch.linalg.qr(normal(60, 2, seed=41) - normal(60, 2, seed=41).mean(0)).Q * math.sqrt(60)
    X = X * torch.tensor([1.0, 10.0], dtype=torch.float64)
    return X, X @ torch.tensor([1.0, 0.01], dtype=torch.float64)


def raised_by_scaling(d):
    """The most by which equal variances raise the condition number of d random features, as a factor."""
    A = normal(20_000, d, d, seed=5)
    C = A @ A.mT
    s = C.diagonal(dim1=-2, dim2=-1).sqrt()
    values, after = (torch.linalg.eigvalsh(M) for M in (C, C / (s[:, :, None] * s[:, None, :])))
    return ((after[:, -1] / after[:, 0]) / (values[:, -1] / values[:, 0])).max().item()


def deep_gradient(X, phi, variance, depth=20):
    """Gradient of the first layer over that of the last in a plain network with random weights."""
    width = X.shape[1]
    weights = [(normal(width, width, seed=50 + k) * math.sqrt(variance / width)).requires_grad_() for k in range(depth)]
    h = X
    for W in weights:
        h = phi(h @ W)
    (h * normal(*h.shape, seed=3)).sum().backward()
    return (weights[0].grad.norm() / weights[-1].grad.norm()).item(), weights[0].grad.norm().item()


def test_40_01():
    """Imprecise: location and scale become common, the shape of the distribution stays as it was."""
    X = torch.stack([normal(2000, seed=1).exp(), torch.linspace(3, 8, 2000, dtype=torch.float64)], dim=1)
    before = skew(X.numpy())
    assert before[0] > 3 > 1e-9 > abs(before[1])
    for Z in (scaled(X), minmax(X, *fit_minmax(X), -1.0, 1.0)):
        assert abs(skew(Z.numpy()) - before).max() < 1e-9
    torch.testing.assert_close(scaled(X).std(0, correction=0), torch.ones(2, dtype=X.dtype))
    # A nonlinear map does change the shape.
    quantiles = QuantileTransformer(n_quantiles=2000).fit_transform(X.numpy())
    assert abs(skew(quantiles)).max() < 0.01


def test_40_02():
    """Condition: gradients, distances and penalties notice the scale; least squares and a tree do not."""
    found = numbers_of(model_invariance)
    assert found["change_ols"] < 1e-10 > found["change_tree"]
    for model in ("ridge", "lasso", "knn", "svm", "gd"):
        assert found[f"change_{model}"] > 0.01, model


def test_40_03():
    """Condition: different units cost orders of magnitude in steps; of three features some need more once scaled."""
    assert raised_by_scaling(3) > 1.05
    found = numbers_of(condition_steps)
    for name in condition_steps.SETS:
        assert found[f"steps_{name}_scaled"] < found[f"steps_{name}_raw"] / 1000
        assert found[f"steps_{name}_scaled"] == pytest.approx(found[f"predicted_{name}_scaled"], rel=0.2)
    X = normal(200, 3, seed=1) * torch.tensor([1.0, 30.0, 1000.0]) + 5
    raw, good = least_squares_hessian(X), least_squares_hessian(scaled(X))
    step = best_step(good).item()
    assert contraction_rate(good, step) < 1 < contraction_rate(raw, step)


def test_40_04():
    """Condition: over random residuals the gradient is spread evenly; a given target may have been the evener raw."""
    X = normal(300, 5, seed=4) * SCALES
    assert gradient_shares(X).max() > 0.99
    shares = gradient_shares(scaled(X))
    assert 0.1 < shares.min() < shares.max() < 0.3
    torch.testing.assert_close(least_squares_hessian(scaled(X)).diagonal(), torch.ones(5, dtype=X.dtype))
    X, y = even_before()
    for Z, ratio in ((X, 1.0), (scaled(X), 10.0)):
        first, second = (Z.T @ y).tolist()
        assert first / second == pytest.approx(ratio)


def test_40_05():
    """Condition: speed follows the condition number; correlation keeps its part, and three features may even lose."""
    H = torch.diag(torch.tensor([2.0, 7.0, 26.0], dtype=torch.float64))
    assert contraction_rate(H, best_step(H).item()).item() == pytest.approx(best_rate(13.0)) == 12 / 14
    assert correlation_condition(0.99) == pytest.approx(199)
    assert numbers_of(condition_steps)["kappa_cancer_scaled"] > 1e4
    for d, low, high in ((2, 0, 1), (3, 1.05, 3)):
        # For two features scaling never raises kappa; for d features by a factor of d at most.
        assert low < raised_by_scaling(d) <= high * (1 + 1e-6)


def test_40_06():
    """Imprecise: with standardised inputs twenty layers still make gradients vanish, or explode."""
    X = scaled(normal(64, 40, seed=6))
    vanishing, _ = deep_gradient(X, torch.sigmoid, variance=1.0)
    _, sound = deep_gradient(X, torch.relu, variance=2.0)
    _, exploding = deep_gradient(X, torch.relu, variance=4.0)
    assert vanishing < 1e-8
    # Twice the variance multiplies the gradient by the root of two in every other layer.
    assert exploding / sound == pytest.approx(2 ** (19 / 2), rel=1e-6)


def test_40_07():
    """Condition: true of the first layer; large inputs saturate it, and its gradient is proportional to them."""
    X, W = scaled(normal(100, 20, seed=7)), normal(20, 15, seed=8) / math.sqrt(20)

    def slope(factor):
        return (1 - torch.tanh(factor * X @ W).square()).mean().item()

    assert slope(1) > 0.3 > 5e-3 > slope(1000)

    def gradients(factor):
        first, second = (w.clone().requires_grad_() for w in (W, normal(15, 3, seed=9)))
        (torch.tanh(torch.tanh(factor * X @ first) @ second) * normal(100, 3, seed=20)).sum().backward()
        return first.grad.norm().item(), second.grad.norm().item()

    (small, later), (smaller, _) = gradients(1e-4), gradients(1e-6)
    assert smaller / small == pytest.approx(0.01, rel=1e-4)
    assert later > 0
    # What depth does is not decided there: a deep sigmoid net vanishes whatever the scale of its inputs.
    for factor in (0.1, 1.0, 10.0):
        assert deep_gradient(factor * X, torch.sigmoid, variance=1.0)[0] < 1e-8

    # ReLU without biases passes a common factor on to the gradient of every layer, the last as well as the first.
    def along(factor):
        layers = [normal(20, 20, seed=30 + i).requires_grad_() for i in range(3)]
        h = factor * X
        for W in layers:
            h = torch.relu(h @ W)
        return torch.autograd.grad((h * normal(100, 20, seed=40)).sum(), layers)

    for one, ten in zip(along(1.0), along(10.0), strict=True):
        torch.testing.assert_close(ten, 10 * one)


def test_40_08():
    """Holds: pixels go to the range of tanh by a fixed map; a target outside that range cannot be reached."""
    pixels = torch.tensor([[0.0], [127.5], [255.0]], dtype=torch.float64)
    bounds = torch.tensor([0.0], dtype=torch.float64), torch.tensor([255.0], dtype=torch.float64)
    torch.testing.assert_close(minmax(pixels, *bounds, -1.0, 1.0).flatten(), torch.tensor([-1.0, 0.0, 1.0]).double())
    torch.testing.assert_close(minmax(pixels, *bounds, -1.0, 1.0), pixels / 127.5 - 1)
    logits = torch.linspace(-30, 30, 60_001, dtype=torch.float64)
    errors = {target: (torch.tanh(logits) - target).square().min().item() for target in (0.5, 2.0)}
    assert errors[0.5] < 1e-6 < 1 <= errors[2.0]


def test_40_09():
    """Condition: a target inside the range is reached; for a target at its end the logit grows like a logarithm."""

    def logits(target):
        w, found = torch.tensor(0.0, dtype=torch.float64), []
        for step in range(1, 8001):
            y = torch.tanh(w)
            w = w - 0.5 * 2 * (y - target) * (1 - y**2)
            if step in (2000, 4000, 8000):
                found.append(w.item())
        return found

    inside, edge = logits(0.9), logits(1.0)
    assert inside[0] == pytest.approx(inside[2]) == pytest.approx(math.atanh(0.9))
    assert edge[0] > 2
    # The slope falls like the fourth power of exp(-w), so doubling the steps adds a quarter of ln 2.
    for first, second in ((edge[0], edge[1]), (edge[1], edge[2])):
        assert second - first == pytest.approx(math.log(2) / 4, rel=0.02)


def test_40_10():
    """Imprecise: neighbours gain when the signal has a small scale, lose when it has a large one; others stay."""
    found, unchanged = numbers_of(scaling_profit), numbers_of(model_invariance)
    assert found["small_raw"] > 2 * found["small_scaled"]
    assert found["large_scaled"] > 2 * found["large_raw"]
    assert unchanged["change_ols"] < 1e-10 > unchanged["change_tree"]


def test_40_11():
    """Condition: scaling helps neighbours on new wine; a test set scaled by itself ruins the same model."""
    found = numbers_of(scaling_profit)
    assert found["wine_scaled"] > found["wine_raw"] + 0.2
    served = numbers_of(own_statistics)
    assert served["trained"] > served["own"] + 0.25


def test_40_12():
    """Imprecise: a fixed map adds no noise and takes no capacity; least squares interpolate as before."""
    X = normal(30, 30, seed=10) * torch.logspace(-2, 2, 30, dtype=torch.float64)
    y = normal(30, seed=11)
    for Z in (X, scaled(X)):
        A = torch.column_stack([Z, torch.ones_like(y)])
        # Pure noise is fitted to the last digit, before and after.
        assert (A @ (torch.linalg.pinv(A, rtol=1e-14) @ y) - y).abs().max() < 1e-6
    assert numbers_of(model_invariance)["change_ols"] < 1e-10
    torch.testing.assert_close(scaled(X) * fit_standardizer(X)[1] + fit_standardizer(X)[0], X)


def test_40_13():
    """Holds: statistics come from the training set; a single example has none, and other ones cost accuracy."""
    single = normal(1, 3, seed=12)
    assert (standardize(single, *fit_standardizer(single)) == 0).all()
    found = numbers_of(own_statistics)
    assert found["trained"] == pytest.approx(found["trained_predicted"], abs=0.02)


def test_40_14():
    """Holds: used identically on test data they keep the accuracy, otherwise it falls as predicted."""
    found = numbers_of(own_statistics)
    assert found["trained"] - found["own"] > 0.25
    assert found["own"] == pytest.approx(found["own_predicted"], abs=0.02)


def test_40_15():
    """Condition: right in principle, but a scaler leaks next to nothing, and selection on all data very much."""
    found = numbers_of(scaling_leaks)
    assert found["scaler_leak"] < 0.01
    assert found["selection_outside"] > 0.85
    assert found["selection_inside"] == pytest.approx(0.5, abs=0.05)


def test_40_16():
    """Holds: a scaler is a fixed map of one example; batch normalisation depends on the batch, layer norm does not."""
    X = normal(200, 4, seed=13) * 3 + 1
    mu, s = fit_standardizer(X)
    gamma, beta = torch.ones(4, dtype=X.dtype), torch.zeros(4, dtype=X.dtype)
    maps = {
        "scaler": lambda batch: standardize(batch, mu, s),
        "batch": lambda batch: batch_norm(batch, gamma, beta, 1e-5),
        "layer": lambda batch: layer_norm(batch, gamma, beta, 1e-5),
    }
    outputs = {name: [] for name in maps}
    for k in range(1, 20):
        for name, function in maps.items():
            outputs[name].append(function(torch.cat([X[:1], X[8 * k : 8 * k + 8]]))[0])
    spread = {name: torch.stack(rows).std(0).max().item() for name, rows in outputs.items()}
    assert spread["batch"] > 0.05
    assert spread["scaler"] < 1e-12 > spread["layer"]


def digits_loss(normalise):
    """Training loss of eight sigmoid layers on the digits after some steps of Adam."""
    bunch = load_digits()
    X, y = scaled(torch.tensor(bunch.data[:300])).float(), torch.tensor(bunch.target[:300])
    generator, sizes = torch.Generator().manual_seed(14), [64] + [32] * 8 + [10]
    weights = [(torch.randn(m, n, generator=generator) / math.sqrt(m)).requires_grad_() for m, n in pairwise(sizes)]
    optimizer = torch.optim.Adam(weights, lr=0.01)
    gamma, beta = torch.ones(32), torch.zeros(32)
    for _ in range(60):
        h = X
        for W in weights[:-1]:
            z = h @ W
            h = torch.sigmoid(batch_norm(z, gamma, beta, 1e-5) if normalise else z)
        loss = torch.nn.functional.cross_entropy(h @ weights[-1], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def test_40_17():
    """Condition: inner normalisation helps a deep net to learn; yet very deep plain nets explode."""
    assert digits_loss(True) < 0.5 < 1 < digits_loss(False)
    assert bn_relu_growth(100) > 1e15
    found = numbers_of(inner_norms)
    assert found["loss_scaled_none"] < found["loss_raw_batch"] < found["loss_raw_none"]


def test_40_18():
    """Wrong: scaling leaves the correlation as it was; whitening removes it, and centring only the common offset."""
    X = torch.linalg.cholesky(torch.tensor([[1.0, 0.9], [0.9, 1.0]], dtype=torch.float64))
    X = (normal(500, 2, seed=15) @ X.T) * torch.tensor([0.1, 50.0]) + torch.tensor([7.0, 3000.0])
    before = pearson(*X.T).item()
    assert before > 0.85
    for Z in (scaled(X), minmax(X, *fit_minmax(X), 0.0, 1.0), X - X.mean(0)):
        assert abs(pearson(*Z.T).item() - before) < 1e-12
    mu, C = covariance(X)
    for whiten in (pca_whiten, zca_whiten):
        assert abs(pearson(*whiten(X, mu, *torch.linalg.eigh(C)).T).item()) < 1e-8
    found = numbers_of(paths)
    assert found["correlation_change"] == 1e-13
    assert found["cosine_raw"] > 0.9 > found["cosine_centred"]


def test_40_19():
    """Condition: curvatures become equal for any scales and offsets, gradients only where the residuals allow."""
    for offset in (0.0, 5.0):
        X = (normal(300, 5, seed=16) + offset) * SCALES
        assert gradient_shares(X).max() > 0.99
        assert gradient_shares(scaled(X)).max() < 0.3
    X, y = even_before()
    curved = least_squares_hessian(scaled(X)).diagonal()
    torch.testing.assert_close(curved, torch.ones_like(curved))
    assert (scaled(X).T @ y).abs().max() > 9 * (scaled(X).T @ y).abs().min()


def test_40_20():
    """Condition: no feature dominates by its unit any more; copies of one, or a rare category, still can."""
    X = normal(300, 5, seed=17) * SCALES
    for Z, lower, upper in ((X, 0.99, 1), (scaled(X), 0.2, 0.3)):
        shares = (Z[:150] - Z[150:]).square().sum(0)
        assert lower <= (shares / shares.sum()).max() <= upper
    assert numbers_of(scaling_profit)["small_scaled"] < numbers_of(scaling_profit)["small_raw"] / 2
    copies = scaled(X[:, [0] * 9 + [1, 2, 3, 4]])
    shares = (copies[:150] - copies[150:]).square().sum(0)
    assert shares[:9].sum() / shares.sum() > 0.6
    rare = scaled((torch.arange(300, dtype=torch.float64) < 3)[:, None].double())
    assert rare.max().item() == pytest.approx(math.sqrt(99))


def test_40_21():
    """Condition: fewer steps on every data set here, an offset costs most; of three features some need more."""
    assert raised_by_scaling(3) > 1.05
    found = numbers_of(condition_steps)
    for name in condition_steps.SETS:
        assert found[f"steps_{name}_raw"] > found[f"steps_{name}_centred"] > found[f"steps_{name}_scaled"] > 100
    feature = scaled(normal(100, 1, seed=18))
    ones = torch.ones_like(feature)
    kappas = [condition_number(least_squares_hessian(torch.cat([feature + mean, ones], 1))) for mean in (5.0, 0.0)]
    assert kappas[0].item() == pytest.approx(found["kappa_offset"])
    assert kappas[1].item() == pytest.approx(1)


def test_40_22():
    """Condition: Adam ignores the scale of the loss, not that of the features, though it bears it better."""
    found = numbers_of(adam_scale)
    assert 0 < found["moved"] < 1e-6
    assert found["adam_low_1"] < 1e-15
    assert found["adam_1000"] > 1e-3
    assert found["adam_low_1000"] > 0.1
    assert found["adam_30"] < 1e-10 < 0.5 < found["descent_30"]


def test_40_23():
    """Holds: with the same learning rate Adam finishes on standardised features and not on raw ones."""
    found = numbers_of(adam_scale)
    assert found["adam_low_1"] < 1e-15 < 0.01 < found["adam_low_30"] < found["adam_low_1000"]
    # The distance to go, and with it the smallest useful learning rate, grows with the spread.
    assert found["needed_1"] < found["needed_30"] < found["needed_1000"]


def test_40_24():
    """Imprecise: a fixed scaling regularises nothing by itself; under a penalty it changes the model."""
    found = numbers_of(model_invariance)
    assert found["change_ols"] < 1e-10 < 0.01 < found["change_ridge"]
    # Ten features: in raw units the same penalty drops none of them.
    assert found["kept_raw"] == 10 > found["kept_scaled"] >= 5
    # The noise that does regularise belongs to the batch: the same example, different partners.
    x, gamma, beta = normal(40, 1, seed=19), torch.ones(1, dtype=torch.float64), torch.zeros(1, dtype=torch.float64)
    noisy = torch.stack([batch_norm(torch.cat([x[:1], x[k : k + 4]]), gamma, beta, 1e-5)[0] for k in range(1, 36)])
    fixed = torch.stack([standardize(x[:1], *fit_standardizer(x))[0] for _ in range(3)])
    assert noisy.std() > 0.05 > 1e-12 > fixed.std()


def test_40_25():
    """Imprecise: whitening with fewer examples than features destroys generalisation, as much as predicted."""
    found = numbers_of(scaling_profit)
    assert found["norm_scaled"] > 100 * found["norm_raw"]
    assert found["norm_scaled"] == pytest.approx(found["norm_predicted"], abs=0.05)
    assert found["large_scaled"] > 2 * found["large_raw"]


def test_40_d17():
    assert number("40-d17") == (60 - 10) / (50 - 10)


def test_40_d18():
    lams = torch.linalg.eigvalsh(torch.tensor([[1, 0.8], [0.8, 1]], dtype=torch.float64))
    assert math.isclose(number("40-d18"), (lams[1] / lams[0]).item())


def test_40_d19():
    assert math.isclose(((100 - 1) / (100 + 1)) ** number("40-d19"), 0.001)
    assert abs(100 / 2 * math.log(1000) / number("40-d19") - 1) < 0.001  # the estimate of the answer


def test_40_d20():
    layer = torch.nn.BatchNorm1d(1, momentum=0.1)
    layer(torch.tensor([[4.0], [6.0]]))
    assert math.isclose(number("40-d20"), layer.running_mean.item(), rel_tol=1e-6)


def test_40_d21():
    X = torch.linspace(-1, 1, 21)[:, None].numpy()
    wrong, cured = (predict(LinearRegression(), X, 3 * X[:, 0], X + 10) for predict in code("40-d21"))
    assert abs(wrong.mean()) < 1e-5
    assert abs(cured.mean() - 30) < 1e-3


def test_40_d22():
    X = torch.tensor([[1.0, 1000.0], [2.0, 3000.0], [3.0, 2000.0]])
    wrong, cured = (standardized(X).std(0) for standardized in code("40-d22"))
    torch.testing.assert_close(cured, torch.ones(2))
    assert wrong[1] / wrong[0] > 900


def test_40_d23():
    both, steep, gentle = curves("40-d23", 0, (0.8 - 0.01) / 1.19, 1)
    assert both == pytest.approx([0.995, 0.6, 1.4])
    assert steep == pytest.approx([0.98, 0.6, 1.4])
    assert gentle == pytest.approx([0.995, 0.6, 0.4])
