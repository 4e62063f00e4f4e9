"""What the one_shrinkage example shows."""

import math
from functools import partial

import pytest
import torch
from sklearn.linear_model import Ridge

from examples import one_shrinkage
from examples.one_shrinkage import BALANCED, COPIES, LR, NOISE
from optnotes.generalization import gd_equivalent_penalty, gd_filter
from optnotes.penalties import shrinkage_factor
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, one_shrinkage)
numbers = partial(numbers_of, one_shrinkage)


def test_ridge_is_scikit_learns():
    X, y = one_shrinkage.data()
    model = Ridge(alpha=numbers()["alpha"], fit_intercept=False).fit(X.numpy(), y.numpy())
    torch.testing.assert_close(torch.tensor(model.coef_), result().ridge)


@pytest.mark.parametrize("name", ["prior", "noise", "balanced"])
def test_three_roads_lead_to_ridge(name):
    assert numbers()[f"difference_{name}"] < 1e-12
    # The common weights are far from those without regularisation.
    X, y = one_shrinkage.data()
    free = torch.linalg.solve(X.T @ X, X.T @ y)
    assert (result().ridge - free).norm() > 0.5 * free.norm()


def test_posterior_mean_is_the_minimum_of_the_negative_log_posterior():
    X, y = one_shrinkage.data()
    tau, sigma = one_shrinkage.PRIOR, one_shrinkage.PRIOR * math.sqrt(numbers()["alpha"])

    def minus_log_posterior(w):
        return (y - X @ w).square().sum() / (2 * sigma**2) + w.square().sum() / (2 * tau**2)

    slope = torch.func.grad(minus_log_posterior)(result().prior)
    torch.testing.assert_close(slope, torch.zeros_like(slope), atol=1e-12, rtol=0.0)


def test_randomly_noisy_copies_scatter_as_predicted():
    """The root mean square distance falls with the root of the number of copies."""
    for count, row in zip(COPIES, result().copies, strict=True):
        measured = (row - result().ridge).square().sum(-1).mean().sqrt().item()
        # 24 draws in effectively few directions: a standard error of about fifteen per cent.
        assert measured == pytest.approx(one_shrinkage.scatter(count), rel=0.35)
    assert one_shrinkage.scatter(1) / one_shrinkage.scatter(16) == pytest.approx(4)
    assert numbers()["copies_one"] > 4 * numbers()["copies_many"]


def test_stopped_descent_learns_its_filter_factors_and_not_those_of_ridge():
    assert numbers()["filter_error"] < 1e-10
    assert 0.1 < numbers()["gap"] < numbers()["gap_limit"]
    lams, learned = one_shrinkage.shares(result().stopped)
    # From zero, small steps never learn less than the matching ridge.
    assert (learned >= shrinkage_factor(lams, gd_equivalent_penalty(LR, one_shrinkage.steps())) - 1e-9).all()


def test_penalties_are_matched():
    """The steps are the whole number next to the one whose penalty equals that of the noise."""
    assert gd_equivalent_penalty(LR, one_shrinkage.steps()) == pytest.approx(NOISE**2, rel=0.5 / one_shrinkage.steps())


def test_gap_limit_is_the_largest_gap_for_small_steps():
    lams = torch.logspace(-6, 4, 4001, dtype=torch.float64)
    lr, steps = 1e-5, 100_000
    gap = gd_filter(lams, lr, steps) - shrinkage_factor(lams, gd_equivalent_penalty(lr, steps))
    assert gap.abs().max().item() == pytest.approx(numbers()["gap_limit"], abs=1e-4)
    assert numbers()["gap_limit"] == pytest.approx(0.204, abs=5e-4)


def test_broken_twin_with_unbalanced_copies_misses_ridge(monkeypatch):
    monkeypatch.setattr(one_shrinkage, "BALANCED", BALANCED // 2)
    X, y = one_shrinkage.data()
    with pytest.raises(RuntimeError):  # eight signs cannot keep ten columns apart
        one_shrinkage.compute()
    noisy = (X + NOISE * torch.ones_like(X)).repeat(2, 1)
    w = torch.linalg.solve(noisy.T @ noisy, noisy.T @ y.repeat(2))
    assert (w - result().ridge).norm() > 0.1


def test_repeatable():
    assert_deterministic(one_shrinkage, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(one_shrinkage, result())
    assert {"features", "balanced", "steps", "gap"} <= placeholders("one_shrinkage", "alt")
