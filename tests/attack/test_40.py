"""Question 40: which models notice the scale, and what scalers do at its ends."""

import numpy as np
import pytest
import torch
from scipy.stats import skew
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier
from torch import nn

from examples import adam_scale
from optnotes.features import fit_standardizer, standardize
from tests.attack.search import SEED, Choice, Interval, Statement, whole
from tests.examples import numbers_of, result_of


def unscaled_agrees(seed, d, log_scale, log_shift):
    """Accuracy and fit on new data, with and without the scaler, for scales and offsets up to a thousand apart."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(400, d))
    f = X @ rng.normal(size=d)
    X = X * 10 ** rng.uniform(-log_scale, log_scale, d) + 10**log_shift * rng.normal(size=d)
    labels, y = f > 0, f + 0.1 * rng.normal(size=400)
    gap = 0.0
    for model, target in ((DecisionTreeClassifier(random_state=0), labels), (LinearRegression(), y)):
        plain, scaled = (
            each.fit(X[:200], target[:200]).score(X[200:], target[200:])
            for each in (model, make_pipeline(StandardScaler(), model))
        )
        gap = max(gap, abs(plain - scaled))
    return 0.03 - gap


SCALE_DOES_NOT_MATTER = Statement(
    "trees and least squares predict the same raw and standardised while scales are within a thousand of each other",
    {"seed": SEED, "d": whole(1, 5), "log_scale": Interval(0.0, 1.5), "log_shift": Interval(-3.0, 1.0)},
    unscaled_agrees,
    draws=40,
    steps=20,
)


def two_features(seed, rho, scale):
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(60, 2, generator=generator).double()
    X = torch.stack([X[:, 0], rho * X[:, 0] + (1 - rho**2) ** 0.5 * X[:, 1]], 1)
    X = X - X.mean(0)
    other, standard = X * torch.tensor([scale, 1.0]).double(), standardize(X, *fit_standardizer(X))
    return (torch.linalg.cond(other.T @ other) / torch.linalg.cond(standard.T @ standard) - 1).item() + 1e-9


TWO_CENTRED_FEATURES = Statement(
    "for two centred features no other scaling has a smaller condition number",
    {"seed": SEED, "rho": Interval(-0.99, 0.99), "scale": Interval(0.01, 100.0, log=True)},
    two_features,
    draws=200,
    steps=100,
)


def against_other_scales(seed, d, spread, most):
    """Condition number of standardised features over that of others in any units, in shares of what is allowed."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(80, d, generator=generator).double() @ torch.randn(d, d, generator=generator).double()
    X = X - X.mean(0)
    other = X * 10 ** (spread * torch.randn(d, generator=generator).double()) / X.std(0)
    standard = standardize(X, *fit_standardizer(X))
    ratio = torch.linalg.cond(standard.T @ standard) / torch.linalg.cond(other.T @ other)
    return (d if most == "d" else 1) - ratio.item() + 1e-9


AT_MOST_D_TIMES = Statement(
    "standardised features stay within d times the least condition number that scaling d features can reach",
    {"seed": SEED, "d": whole(3, 7), "spread": Interval(0.0, 1.0), "most": Choice(("d",))},
    against_other_scales,
    draws=200,
    steps=100,
)


def tree_sees_the_order(seed, d, how):
    """Share of training rows that a tree calls otherwise after a change of every column."""
    rng = np.random.default_rng(seed)
    X, labels = rng.normal(size=(60, d)), rng.integers(0, 3, 60)
    other = {"exp": np.exp(X), "cube": X**3 + X, "ranks": X.argsort(0).argsort(0), "square": X**2}[how]
    one, two = (DecisionTreeClassifier(max_depth=4, random_state=0).fit(Z, labels).predict(Z) for Z in (X, other))
    return 0.5 / len(X) - (one != two).mean()


TREES_SEE_THE_ORDER = Statement(
    "a transform that keeps the order of every column costs a tree nothing on the rows it was fitted on",
    {"seed": SEED, "d": whole(1, 4), "how": Choice(("exp", "cube", "ranks"))},
    tree_sees_the_order,
    draws=40,
    steps=20,
)


def skew_after(seed, scaler, gain, shift):
    rng = np.random.default_rng(seed)
    column = gain * np.exp(rng.normal(size=(80, 1))) + shift
    made = {"standard": StandardScaler, "minmax": MinMaxScaler, "robust": RobustScaler, "power": PowerTransformer}
    return 1e-6 - abs(skew(made[scaler]().fit_transform(column)[:, 0]) - skew(column[:, 0]))


AFFINE_KEEPS_SKEW = Statement(
    "standardisation, min-max and quartiles keep the skewness of a column",
    {
        "seed": SEED,
        "scaler": Choice(("standard", "minmax", "robust")),
        "gain": Interval(0.01, 100.0, log=True),
        "shift": Interval(-10.0, 10.0),
    },
    skew_after,
)


def fitted_on(seed, rows, size):
    """What a scaler leaves that was fitted on so many requests."""
    rng = np.random.default_rng(seed)
    return 1e-12 - abs(StandardScaler().fit_transform(size * rng.normal(size=(rows, 4)))).max()


ONE_REQUEST = Statement(
    "a scaler fitted on a single request gives zeros",
    {"seed": SEED, "rows": Choice((1,)), "size": Interval(1e-6, 1e6, log=True)},
    fitted_on,
)


@pytest.mark.parametrize(
    "statement",
    [
        SCALE_DOES_NOT_MATTER,
        TWO_CENTRED_FEATURES,
        AT_MOST_D_TIMES,
        TREES_SEE_THE_ORDER,
        AFFINE_KEEPS_SKEW,
        ONE_REQUEST,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def score(model, X, y):
    half = len(X) // 2
    return model.fit(X[:half], y[:half]).score(X[half:], y[half:])


@pytest.mark.parametrize("seed", range(3))
def test_advice_scale_in_finite_precision(seed):
    """Symptom: numbers a million apart cost a tree and least squares what they know; the scaler gives it back."""
    rng = np.random.default_rng(seed)
    phase = rng.uniform(0, 3600, 2000)
    late = np.sin(phase / 30) > 0
    for column in (1.7e9 + phase, 1e-12 * phase):
        raw, scaled = (
            score(model, column[:, None], late)
            for model in (
                DecisionTreeClassifier(random_state=0),
                make_pipeline(StandardScaler(), DecisionTreeClassifier(random_state=0)),
            )
        )
        assert raw < 0.8 < 0.95 < scaled
    population, rate = rng.lognormal(0, 0.5, 400), rng.normal(size=400)
    X, y = np.stack([1e7 * population, rate], 1), 0.1 * population + 3 * rate
    assert score(LinearRegression(), X, y) < 0.2
    assert score(make_pipeline(StandardScaler(), LinearRegression()), X, y) > 0.99


def test_advice_whiten():
    """Symptom: whitening all 64 pixels, seven examples each, ruins the neighbours in some splits; 99% is safe."""
    X, y = load_digits(return_X_y=True)
    raw, full, cut = [], [], []
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(X))[:1796]
        for found, steps in ((raw, ()), (full, (PCA(whiten=True),)), (cut, (PCA(n_components=0.99, whiten=True),))):
            found.append(score(make_pipeline(*steps, KNeighborsClassifier()), X[order], y[order]))
    assert min(full) < 0.5  # the old advice
    assert min(cut) > 0.9
    assert min(raw) > 0.95


def test_old_drop_nearly_constant_columns():
    """Refuted: a mains frequency of 50 Hz with a spread of 0.02 is the whole signal here."""
    rng = np.random.default_rng(0)
    hertz, other = 50 + 0.02 * rng.normal(size=600), rng.normal(size=600)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    assert score(model, np.stack([hertz, other], 1), hertz > 50) > 0.97
    assert score(model, other[:, None], hertz > 50) < 0.6


def test_which_scalers_inflate_rounding_errors():
    column = np.array([0.1 * 3 if k % 3 else 0.3 for k in range(60)])
    assert 0 < np.ptp(column) < 1e-15
    for scaler in (StandardScaler(), RobustScaler()):
        assert np.ptp(scaler.fit_transform(column[:, None])) < 1e-12
    # A spread of one unit in the last place is just what min-max scaling of scikit-learn guards, ten units are not.
    drift = 0.3 + 1e-14 * np.random.default_rng(1).integers(0, 3, 60)
    assert np.ptp(MinMaxScaler().fit_transform(drift[:, None])) > 0.5
    X = torch.tensor(drift)[:, None]
    assert standardize(X, *fit_standardizer(X)).std() > 0.5


def test_old_two_features_without_centring():
    """Refuted without a bias: raw features whose means undo the correlation have condition number one."""
    rho, mean = 0.9, 0.9**0.5
    covariance = np.array([[1, rho], [rho, 1]])
    raw = covariance + np.outer([mean, -mean], [mean, -mean])
    assert np.linalg.cond(raw) < 1.001 < 18.9 < np.linalg.cond(covariance)


def test_old_no_search_is_needed_on_standardised_features():
    """Refuted: below the rate that the caption names much of the loss is left."""
    left = result_of(adam_scale).adam[:, 0].median(-1).values
    at = adam_scale.RATES.index(adam_scale.LOW)
    assert left[at] < 1e-3 < 0.05 < left[at - 2]
    assert numbers_of(adam_scale)["low"] == adam_scale.LOW


def test_advice_shape_outliers_and_sparse_columns():
    """Symptoms: a skew, a spread eaten by one wrong entry, lost zeros; each named scaler ends its own."""
    rng = np.random.default_rng(5)
    skewed = np.exp(rng.normal(size=(500, 1)))
    assert skew(StandardScaler().fit_transform(skewed)[:, 0]) > 2
    assert abs(skew(PowerTransformer().fit_transform(skewed)[:, 0])) < 0.3
    wrong = rng.normal(size=(500, 1))
    wrong[0] = 1e4
    spread = {type(s): s.fit_transform(wrong)[1:].std() for s in (MinMaxScaler(), StandardScaler(), RobustScaler())}
    assert max(spread[MinMaxScaler], spread[StandardScaler]) < 0.01 < 0.5 < spread[RobustScaler] < 1
    sparse = rng.normal(size=(200, 20)) * (rng.random((200, 20)) < 0.05)
    assert (StandardScaler().fit_transform(sparse) == 0).mean() < 0.1
    assert ((MaxAbsScaler().fit_transform(sparse) == 0) == (sparse == 0)).all()


def test_a_pixel_that_is_always_zero_never_moves_its_weights():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 2))
    x, y = torch.randn(64, 6), torch.arange(64) % 2
    x[:, 2] = 0
    before, optimiser = net[0].weight.detach().clone(), torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(20):
        optimiser.zero_grad()
        nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    moved = (net[0].weight - before).abs().amax(0)
    assert moved[2] == 0
    assert (moved[[0, 1, 3, 4, 5]] > 0).all()


def test_new_values_leave_minmax_unless_clipped_and_stay_at_the_end_of_the_quantiles():
    train, new = np.arange(10.0)[:, None], np.array([[14.0]])
    assert MinMaxScaler().fit(train).transform(new)[0, 0] > 1
    assert MinMaxScaler(clip=True).fit(train).transform(new)[0, 0] == 1
    quantiles = QuantileTransformer(n_quantiles=10).fit(train)
    assert quantiles.transform(new)[0, 0] == quantiles.transform(train)[-1, 0] == 1


def test_a_scaler_fitted_on_one_request_gives_zeros():
    assert (StandardScaler().fit_transform(np.array([[3.0, -7.0, 1e6]])) == 0).all()


def test_dummies_need_no_scaling_without_a_penalty_and_do_with_one():
    generator = np.random.default_rng(3)
    group = generator.integers(0, 12, 300) == 0
    X = np.column_stack([group.astype(float), generator.normal(size=300)])
    y = X @ [2.0, 1.0] + generator.normal(size=300)
    scaled = StandardScaler().fit_transform(X)
    free = [LinearRegression().fit(Z, y).predict(Z) for Z in (X, scaled)]
    np.testing.assert_allclose(free[0], free[1], rtol=1e-9)
    held = [Lasso(alpha=0.3).fit(Z, y) for Z in (X, scaled)]
    kept = [held[0].coef_[0], held[1].coef_[0] / X[:, 0].std()]
    assert kept[1] > kept[0]  # the rare category is hit harder on its raw scale


def test_least_squares_follows_the_unit_of_the_target():
    generator = np.random.default_rng(4)
    X, y = generator.normal(size=(50, 3)), generator.normal(size=50)
    plain = LinearRegression().fit(X, y).predict(X)
    np.testing.assert_allclose(
        LinearRegression().fit(X, 1000 * y + 5).predict(X), 1000 * plain + 5, rtol=1e-6, atol=1e-9
    )
    mapped = TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler()).fit(X, 1000 * y + 5)
    np.testing.assert_allclose(mapped.predict(X), 1000 * plain + 5, rtol=1e-6, atol=1e-9)


def test_scaling_without_centring_keeps_the_zeros():
    X = np.array([[0.0, 2.0], [5.0, 0.0], [0.0, -4.0]])
    assert ((MaxAbsScaler().fit_transform(X) == 0) == (X == 0)).all()
    assert (StandardScaler().fit_transform(X) != 0).any(where=X == 0)
