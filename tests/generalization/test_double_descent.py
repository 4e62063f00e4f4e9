"""Expected error of the shortest weights: values, simulation and laws."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.generalization import min_norm_error


def positive():
    return st.floats(0.1, 3.0)


def test_value_below_the_peak():
    assert min_norm_error(used=0.7, hidden=0.2, sigma=0.6, d=3, n=12) == pytest.approx((0.2 + 0.36) * (1 + 3 / 8))


def test_value_above_the_peak():
    expected = 0.7 * (1 - 12 / 30) + (0.2 + 0.36) * (1 + 12 / 17)
    assert min_norm_error(used=0.7, hidden=0.2, sigma=0.6, d=30, n=12) == pytest.approx(expected)


@pytest.mark.parametrize("d", [4, 26])
def test_simulation_with_the_pseudo_inverse(d):
    """The mean over many data sets of the squared distance of the weights, the hidden part and the noise."""
    n, sigma, total, draws = 12, 0.6, 30, 20_000
    generator = torch.Generator().manual_seed(1)
    true = torch.linspace(1.0, 0.1, total, dtype=torch.float64)
    X, noise = (torch.randn(draws, n, k, generator=generator, dtype=torch.float64) for k in (total, 1))
    y = X @ true[:, None] + sigma * noise
    A = X[:, :, :d]
    # The pseudo-inverse from the smaller Gram matrix, which has full rank.
    w = torch.linalg.solve(A.mT @ A, A.mT @ y) if d < n else A.mT @ torch.linalg.solve(A @ A.mT, y)
    used, hidden = true[:d].square().sum().item(), true[d:].square().sum().item()
    errors = (w[..., 0] - true[:d]).square().sum(1) + hidden + sigma**2
    # Four standard errors of the mean.
    tolerance = 4 * errors.std().item() / draws**0.5
    assert tolerance < 0.05 * errors.mean().item()
    assert abs(min_norm_error(used, hidden, sigma, d, n) - errors.mean().item()) < tolerance


@given(positive(), positive(), positive(), st.integers(4, 20))
def test_error_rises_towards_the_peak_from_both_sides(used, hidden, sigma, n):
    """With nothing moved from the hidden to the used part, each feature nearer to the peak costs more."""
    below = [min_norm_error(used, hidden, sigma, d, n) for d in range(1, n - 1)]
    assert below == sorted(below)
    # Above the peak this holds for the noise alone; the used part is lost less with fewer features.
    above = [min_norm_error(0.0, hidden, sigma, d, n) for d in range(n + 2, n + 20)]
    assert above == sorted(above, reverse=True)


@given(positive(), positive(), positive())
def test_far_beyond_the_peak_nothing_is_learned_and_nothing_is_spoilt(used, hidden, sigma):
    assert min_norm_error(used, hidden, sigma, 10**7, 5) == pytest.approx(used + hidden + sigma**2, rel=1e-5)


@given(positive(), st.integers(3, 20))
def test_without_noise_and_hidden_part_few_features_are_found_exactly(used, n):
    assert min_norm_error(used, 0.0, 0.0, 1, n + 2) == 0


@pytest.mark.parametrize("d", [9, 10, 11])
def test_infinite_at_the_peak(d):
    with pytest.raises(ValueError, match="d must differ from n by at least two, got d = "):
        min_norm_error(0.5, 0.5, 0.5, d, 10)
