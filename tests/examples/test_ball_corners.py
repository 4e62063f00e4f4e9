"""What the ball_corners example shows."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from scipy.optimize import minimize

from examples import ball_corners
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, ball_corners)
numbers = partial(numbers_of, ball_corners)


def draw(count):
    """Positive definite matrices and centres outside both balls."""
    generator = torch.Generator().manual_seed(5)
    A = torch.randn(count, 2, 2, generator=generator, dtype=torch.float64)
    H = A @ A.mT + 0.1 * torch.eye(2, dtype=torch.float64)
    centre = torch.randn(count, 2, generator=generator, dtype=torch.float64)
    return H, 2.5 * centre / centre.norm(dim=-1, keepdim=True)


@pytest.mark.parametrize(("minimise", "p"), [(ball_corners.minimise_l1, 1), (ball_corners.minimise_l2, 2)])
def test_minimisers_match_scipy(minimise, p):
    def room(w):
        return 1 - (abs(w).sum() if p == 1 else (w**2).sum())

    def inside(w):
        return w / max(1, np.linalg.norm(w, p))

    for H, centre in zip(*draw(20), strict=True):
        found = minimise(H, centre)
        G, c = H.numpy(), centre.numpy()

        def loss(w, G=G, c=c):
            return (w - c) @ G @ (w - c)

        constraint = {"type": "ineq", "fun": room}
        # SLSQP stops a little short at the kink, how far depends on the processor, and may step outside: back then.
        reference = min(
            loss(inside(minimize(loss, start, constraints=[constraint], method="SLSQP", tol=1e-12).x))
            for start in ([0.4, 0.3], [-0.3, 0.4], [-0.4, -0.3], [0.3, -0.4])
        )
        assert room(found.numpy()) > -1e-9
        assert loss(found.numpy()) <= (1 + 1e-12) * reference
        assert loss(found.numpy()) > 0.99 * reference


def test_round_share_is_the_measure_of_the_corner_sectors():
    """The projection of the centre has a zero when its coordinates differ by at least the radius."""
    angle = torch.linspace(0, math.pi / 4, 100_001, dtype=torch.float64)
    for distance in (1.0, 1.3, 2.7):
        meets = distance * (angle.cos() - angle.sin()) >= 1
        # The grid has a spacing of 1e-5 of the interval.
        assert abs(meets.double().mean().item() - ball_corners.round_share(distance)) < 2e-5


def test_valley_share_is_the_chance_that_a_line_misses_the_diamond():
    generator = torch.Generator().manual_seed(3)
    across, centre = math.tau * torch.rand(2, 400_000, generator=generator, dtype=torch.float64)
    widest = torch.maximum(across.cos().abs(), across.sin().abs())
    for distance in (1.0, 1.3, 2.7):
        misses = distance * (across - centre).cos().abs() > widest
        # Standard error of a share over 400 000 draws: at most 0.0008.
        assert abs(misses.double().mean().item() - ball_corners.valley_share(distance)) < 0.004


def test_limits_of_the_predictions():
    assert abs(ball_corners.round_share(1.0)) < 1e-12
    assert ball_corners.round_share(1e6) == pytest.approx(1, abs=1e-5)
    assert ball_corners.valley_share(1.0) == pytest.approx(0.25)
    assert ball_corners.valley_share(1e6) == pytest.approx(1, abs=1e-5)


def test_shares_follow_the_predictions():
    # Standard error of a share over 10 000 problems: at most 0.005; the largest of 16 gaps stays within four of them.
    assert numbers()["gap"] < 0.02
    assert numbers()["share_1"] == pytest.approx(numbers()["share_round"], abs=0.02)
    assert numbers()["share_1000"] == pytest.approx(numbers()["share_valley"], abs=0.02)


def test_longer_contours_meet_corners_more_often():
    mean = result().l1.mean(-1)
    assert (mean.diff(dim=0) > 0).all()
    assert (mean.diff(dim=1) > 0).all()


def test_no_zero_on_the_l2_ball():
    assert numbers()["share_l2"] == 0


def test_broken_twin_that_forgets_to_clamp_finds_no_corner(monkeypatch):
    monkeypatch.setattr(torch.Tensor, "clamp", lambda self, low, high: self)
    H, centre = draw(500)
    assert not (ball_corners.minimise_l1(H, centre) == 0).any()


def test_repeatable():
    assert_deterministic(ball_corners, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(ball_corners, result())
    assert {"share_1", "share_round", "share_1000", "share_valley"} <= placeholders("ball_corners", "alt")
