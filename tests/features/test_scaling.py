"""Standardisation and min-max: values, scikit-learn as the oracle, and what they leave unchanged."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from optnotes.features import fit_minmax, fit_standardizer, minmax, pearson, standardize
from tests.laws import seeds

X = torch.tensor([[1.0, 0.0], [3.0, 2.0], [8.0, 7.0]], dtype=torch.float64)


def draw(seed, n=9, dtype=torch.float64):
    """Features of scales 0.1, 3 and 100 that do not have mean zero."""
    X = torch.randn(n, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return ((X + 2) * torch.tensor([0.1, 3.0, 100.0], dtype=torch.float64)).to(dtype)


def test_standardize_value():
    mu, s = fit_standardizer(X)
    torch.testing.assert_close(mu, torch.tensor([4.0, 3.0], dtype=torch.float64))
    torch.testing.assert_close(s.square(), torch.tensor([(9 + 1 + 16) / 3, (9 + 1 + 16) / 3], dtype=torch.float64))
    new = torch.tensor([[10.0, -4.0]], dtype=torch.float64)
    scales = torch.tensor([2.0, 7.0], dtype=torch.float64)
    expected = torch.tensor([[(10 - 4) / 2, (-4 - 3) / 7]], dtype=torch.float64)
    torch.testing.assert_close(standardize(new, mu, scales), expected)


def test_minmax_value():
    lower, upper = fit_minmax(X)
    assert (lower.tolist(), upper.tolist()) == ([1.0, 0.0], [8.0, 7.0])
    expected = torch.tensor([[-3.0, -3.0], [-3 + 8 * 2 / 7, -3 + 8 * 2 / 7], [5.0, 5.0]], dtype=torch.float64)
    torch.testing.assert_close(minmax(X, lower, upper, low=-3.0, high=5.0), expected)


def test_minmax_maps_pixels_to_the_range_of_tanh():
    pixels = torch.tensor([[0.0], [100.0], [255.0]], dtype=torch.float64)
    actual = minmax(pixels, torch.zeros(1).double(), torch.full((1,), 255.0).double(), low=-1.0, high=1.0)
    torch.testing.assert_close(actual, pixels / 127.5 - 1)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(seed=seeds())
def test_scalers_match_scikit_learn(dtype, seed):
    train, new = draw(seed, dtype=dtype), draw(seed + 1, n=4, dtype=dtype)
    train[:, 1] = 0.1  # a constant feature, whose mean is not exact
    expected = torch.from_numpy(StandardScaler().fit(train.numpy()).transform(new.numpy()))
    torch.testing.assert_close(standardize(new, *fit_standardizer(train)), expected)
    train, wanted = draw(seed, dtype=dtype), MinMaxScaler((-3, 5))
    expected = torch.from_numpy(wanted.fit(train.numpy()).transform(new.numpy()))
    torch.testing.assert_close(minmax(new, *fit_minmax(train), low=-3.0, high=5.0), expected)


@given(seeds())
def test_standardised_training_set_has_mean_zero_and_deviation_one(seed):
    train = draw(seed)
    Z = standardize(train, *fit_standardizer(train))
    torch.testing.assert_close(Z.mean(dim=0), torch.zeros(3, dtype=torch.float64), atol=1e-9, rtol=0)
    torch.testing.assert_close(Z.std(dim=0, correction=0), torch.ones(3, dtype=torch.float64))


@given(seeds(), st.sampled_from([1e-3, -0.5, 40.0]), st.floats(-9.0, 9.0))
def test_standardisation_forgets_units(seed, factor, offset):
    """A change of unit leaves standardised values as they are; a negative factor flips their sign."""
    train = draw(seed)
    other = factor * train + offset
    expected = standardize(train, *fit_standardizer(train)) * (1 if factor > 0 else -1)
    # The offset is large against the scaled values: a few digits are lost.
    torch.testing.assert_close(standardize(other, *fit_standardizer(other)), expected, atol=1e-8, rtol=1e-6)


@given(seeds())
def test_affine_scaling_keeps_skewness_and_correlation(seed):
    """Standardisation and min-max change neither the shape of a feature nor its correlation with another."""
    train = draw(seed).exp().log1p() + draw(seed) ** 3

    def skewness(x):
        centred = x - x.mean()
        return (centred**3).mean() / centred.square().mean() ** 1.5

    for Z in (standardize(train, *fit_standardizer(train)), minmax(train, *fit_minmax(train), low=-1.0, high=2.0)):
        torch.testing.assert_close(skewness(Z[:, 0]), skewness(train[:, 0]))
        torch.testing.assert_close(pearson(Z[:, 0], Z[:, 1]), pearson(train[:, 0], train[:, 1]))


@given(seeds())
def test_minmax_fills_the_interval_on_the_training_set_only(seed):
    train = draw(seed)
    lower, upper = fit_minmax(train)
    Z = minmax(train, lower, upper, low=-3.0, high=5.0)
    torch.testing.assert_close(Z.amin(dim=0), torch.full((3,), -3.0, dtype=torch.float64))
    torch.testing.assert_close(Z.amax(dim=0), torch.full((3,), 5.0, dtype=torch.float64))
    assert (minmax((upper + 1)[None], lower, upper, low=-3.0, high=5.0) > 5.0).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_constant_feature_becomes_zero(dtype):
    """The mean of seven copies of 0.1 is not exactly 0.1, and still no noise is blown up."""
    constant = torch.full((7, 1), 0.1, dtype=dtype)
    mu, s = fit_standardizer(constant)
    assert s.item() == 1.0
    torch.testing.assert_close(standardize(constant, mu, s), torch.zeros(7, 1, dtype=dtype))


def test_minmax_refuses_an_empty_range():
    lower, upper = fit_minmax(X[:1])
    with pytest.raises(ValueError, match="upper - lower must have entries in"):
        minmax(X, lower, upper, low=-1.0, high=1.0)
    with pytest.raises(ValueError, match="high - low must be a number in"):
        minmax(X, *fit_minmax(X), low=1.0, high=1.0)


def test_gradients_are_those_of_the_formulas():
    train = draw(seed=3).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: standardize(x, *fit_standardizer(x)), (train,))
    assert torch.autograd.gradcheck(lambda x: minmax(x, *fit_minmax(x), low=-1.0, high=2.0), (train,))


@given(seeds())
def test_least_squares_is_equivariant_under_standardisation(seed):
    """With an intercept, predictions are the same on raw and scaled features, and weights scale by s."""
    train, new = draw(seed, n=12), draw(seed + 1, n=4)
    y = (train @ torch.tensor([1.0, -0.5, 0.02], dtype=torch.float64) + train[:, 1].sin()).numpy()
    mu, s = fit_standardizer(train)
    raw = LinearRegression().fit(train.numpy(), y)
    scaled = LinearRegression().fit(standardize(train, mu, s).numpy(), y)
    expected = raw.predict(new.numpy())
    tolerance = 1e-8 * (1 + np.abs(expected).max())
    assert np.abs(expected - scaled.predict(standardize(new, mu, s).numpy())).max() < tolerance
    assert np.allclose(scaled.coef_, raw.coef_ * s.numpy())


def test_ridge_is_not_equivariant_under_standardisation():
    """The same penalty on features in other units is another model."""
    train = draw(seed=5, n=12)
    y = (train @ torch.tensor([1.0, -0.5, 0.02], dtype=torch.float64)).numpy()
    Z = standardize(train, *fit_standardizer(train)).numpy()
    raw, scaled = Ridge(alpha=2.0).fit(train.numpy(), y), Ridge(alpha=2.0).fit(Z, y)
    assert np.abs(raw.predict(train.numpy()) - scaled.predict(Z)).max() > 0.01


def test_an_empty_target_range_is_named():
    X = torch.tensor([[1.0, 4.0], [3.0, 2.0]])
    with pytest.raises(ValueError, match=r"^high - low must be a number in \(0, inf\), got -1.0$"):
        minmax(X, *fit_minmax(X), low=0.5, high=-0.5)
