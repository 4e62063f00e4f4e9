"""What the scaler_breaks example shows."""

from functools import partial

import numpy as np
import pytest
import torch
from scipy import sparse
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler

from examples import scaler_breaks
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, scaler_breaks)
numbers = partial(numbers_of, scaler_breaks)


def test_laws_of_min_max_and_standardisation_are_exact():
    assert numbers()["minmax_gap"] < 1e-12
    assert numbers()["standard_gap"] < 1e-12


def test_quartiles_hardly_notice_the_outlier():
    # One value more among 200 moves a quartile by at most one rank.
    assert numbers()["robust_gap"] < 0.1


def test_one_outlier_squeezes_the_others():
    assert numbers()["minmax"] < 0.01 < numbers()["standard"] < 0.05 < 0.5 < numbers()["robust"]


@pytest.mark.parametrize(
    ("scaler", "name"), [(MinMaxScaler(), "minmax"), (StandardScaler(), "standard"), (RobustScaler(), "robust")]
)
def test_spread_agrees_with_scikit_learn(scaler, name):
    shape, generator = (scaler_breaks.N - 1, scaler_breaks.SEEDS), torch.Generator().manual_seed(40)
    values = torch.randn(shape, generator=generator, dtype=torch.float64)
    values = ((values - values.mean(0)) / values.std(0, correction=0)).numpy()
    X = np.vstack([values, np.full((1, values.shape[1]), scaler_breaks.QUOTED)])
    spread = scaler.fit_transform(X)[:-1].std(0)
    ours = result().spread[name][scaler_breaks.SIZES.index(scaler_breaks.QUOTED)]
    np.testing.assert_allclose(ours.numpy(), spread, rtol=1e-9)


def test_fresh_values_escape_as_predicted():
    # The chance scatters by about 0.007 between training sets; the mean over 1000 of them by 0.0002.
    assert abs(numbers()["escaped"] - numbers()["escaped_predicted"]) < 3 * 0.0003


def test_constant_pixels_break_a_plain_division_only():
    assert numbers()["constant"] == 3
    assert numbers()["invalid"] == 3 * 1797


def test_centring_fills_the_zeros_and_scaling_alone_does_not():
    assert numbers()["zeros_raw"] > 0.4
    # What is still zero are the constant pixels.
    assert numbers()["zeros_centred"] == pytest.approx(numbers()["constant"] / numbers()["pixels"], abs=0.01)
    assert numbers()["zeros_raw"] == numbers()["zeros_uncentred"] == numbers()["zeros_maxabs"]


def test_scikit_learn_refuses_to_centre_sparse_data():
    X = sparse.csr_array(np.diag([1.0, 2.0, 3.0]))
    with pytest.raises(ValueError, match="Cannot center sparse matrices"):
        StandardScaler().fit(X)
    assert MaxAbsScaler().fit_transform(X).nnz == 3


def test_repeatable():
    assert_deterministic(scaler_breaks, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(scaler_breaks, result())
    assert {"standard", "minmax"} <= placeholders("scaler_breaks", "alt")
