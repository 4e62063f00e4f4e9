"""What the ridge_freedom example shows."""

import math
from functools import partial

import torch

from examples import ridge_freedom
from examples.ridge_freedom import ALPHAS, SEEDS
from optnotes.penalties import degrees_of_freedom, ridge_solution
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, ridge_freedom)
numbers = partial(numbers_of, ridge_freedom)


def test_gap_measures_the_degrees_of_freedom():
    """New error minus training error is twice the noise variance times the degrees of freedom over n."""
    # Standard error of a mean over seeds; the largest of 29 strongly correlated gaps stays within three of them.
    assert numbers()["dof_error"] < 3 * numbers()["spread"] / math.sqrt(SEEDS)
    assert numbers()["spread"] < 1


def test_degrees_of_freedom_are_the_trace_of_the_map_from_targets_to_fits():
    X, _ = ridge_freedom.data()
    X, alpha = X[:50], 30.0
    diagonal = [X[i] @ ridge_solution(X, unit, alpha) for i, unit in enumerate(torch.eye(50).double())]
    lams = torch.linalg.eigvalsh(X.T @ X)
    torch.testing.assert_close(sum(diagonal).item(), degrees_of_freedom(lams, alpha).item())


def test_both_ends():
    assert numbers()["alpha"] in ALPHAS
    assert numbers()["dof"] < numbers()["features"]
    # A series of data sets scatters by at most one parameter.
    assert abs(result().gap[0].mean().item() - 10) < 1
    assert abs(result().gap[-1].mean().item()) < 1


def test_broken_twin_on_the_mean_of_squares_counts_other_parameters():
    """With the eigenvalues of the matrix over n the penalty would be n times too strong."""
    broken = ridge_freedom.Result(result().mus / 442, result().gap)
    assert ridge_freedom.numbers(broken)["dof_error"] > 3


def test_repeatable():
    assert_deterministic(ridge_freedom, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(ridge_freedom, result())
    assert {"dof", "alpha", "features"} <= placeholders("ridge_freedom", "alt")
