"""What the ridge_spectrum example shows."""

from functools import partial

import torch

from examples import ridge_spectrum
from examples.ridge_spectrum import ALPHAS
from optnotes.penalties import ridge_solution
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, ridge_spectrum)
numbers = partial(numbers_of, ridge_spectrum)


def test_scikit_learn_shrinks_every_direction_as_predicted():
    """Along each eigenvector ridge keeps μ / (μ + α) of least squares, at every penalty."""
    # The weakest eigenvalue is 500 times smaller than the strongest: a few digits are lost.
    assert numbers()["kept_within"] == 1e-11


def test_half_is_kept_where_the_penalty_equals_the_eigenvalue():
    X, y = ridge_spectrum.data()
    lams, vectors = torch.linalg.eigh(X.T @ X)
    free = torch.linalg.solve(X.T @ X, X.T @ y)
    for lam, vector in zip(lams, vectors.T, strict=True):
        torch.testing.assert_close((vector @ ridge_solution(X, y, lam.item())).item(), (vector @ free).item() / 2)


def test_no_direction_is_removed_and_the_norm_falls():
    assert numbers()["smallest_kept"] > 0
    assert numbers()["norm_growth"] < 0


def test_both_ends():
    assert (result().kept[0] > 0.95).all()
    assert (result().kept[-1] < 0.01).all()
    assert numbers()["kept_weakest"] < 0.1 < 0.9 < numbers()["kept_strongest"]
    assert numbers()["alpha"] in ALPHAS


def test_broken_twin_on_the_mean_of_squares_keeps_other_fractions():
    """With the eigenvalues of the matrix over n the penalty would be n times too strong."""
    broken = ridge_spectrum.Result(result().mus / 442, result().kept, result().norm)
    assert ridge_spectrum.numbers(broken)["kept_within"] > 0.5


def test_repeatable():
    assert_deterministic(ridge_spectrum, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(ridge_spectrum, result())
    assert {"kept_weakest", "alpha", "weakest", "strongest"} <= placeholders("ridge_spectrum", "alt")
