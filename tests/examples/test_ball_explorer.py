"""What the ball_explorer example shows."""

import math
import random
from functools import cache
from itertools import product

import pytest
import torch
from sklearn.linear_model import ElasticNet

from examples import ball_explorer
from optnotes.penalties import elastic_net_loss, kkt_violation, lambda_max, ridge_solution
from tests.examples import assert_deterministic, assert_drawn, assert_plain, placeholders


@cache
def result():
    return ball_explorer.compute()


def numbers():
    return ball_explorer.numbers(result())


SETTINGS = random.Random(37).sample(list(product(ball_explorer.PENALTIES, ball_explorer.STRENGTHS[1:])), 8)


def loss(w):
    off = w - result().centre
    return torch.einsum("...i,ij,...j->...", off, result().hessian, off) / 2


def penalty(key, w):
    return elastic_net_loss(torch.zeros(()).double(), w, *ball_explorer.PENALTIES[key[0]])


@pytest.mark.parametrize("key", SETTINGS)
def test_solutions_are_those_of_scikit_learn(key):
    X, y = ball_explorer.data()
    l1, l2 = ball_explorer.parts(key)
    model = ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), fit_intercept=False, tol=1e-12, max_iter=10**6)
    expected = model.fit(X.numpy(), y.numpy()).coef_ if l1 else ridge_solution(X, y, len(y) * l2).numpy()
    torch.testing.assert_close(result().weights[key], torch.tensor(expected), atol=1e-5, rtol=1e-6)


def test_every_point_carries_its_certificate():
    X, y = ball_explorer.data()
    assert numbers()["violation"] < ball_explorer.TOLERANCE * 1.01
    assert kkt_violation(X, y, result().weights["l1", 22], 26.0, 0.0).max() > 1


@pytest.mark.parametrize("key", SETTINGS)
def test_the_solution_lies_on_its_ball_and_its_contour_and_nothing_in_the_ball_is_better(key):
    marks, w = ball_explorer.explore(result()).frames[key].marks, result().weights[key]
    assert torch.equal(marks["touch"][0], w)
    cost = torch.stack([penalty(key, point) for point in marks["ball"]])
    torch.testing.assert_close(cost, penalty(key, w).expand_as(cost), rtol=1e-4, atol=2e-3)
    assert (loss(marks["ball"]) >= loss(w) - 1e-3 * loss(torch.zeros(2).double())).all()
    torch.testing.assert_close(loss(marks["level"]), loss(w).expand(len(marks["level"])), rtol=1e-8, atol=1e-8)


def test_zeros_come_where_predicted():
    X, y = ball_explorer.data()
    assert numbers()["critical"] == lambda_max(X, y).item()
    zeros = {key: int((w == 0).sum()) for key, w in result().weights.items()}
    l1 = [zeros["l1", strength] for strength in ball_explorer.STRENGTHS]
    assert l1 == sorted(l1)
    assert set(l1) == {0, 1, 2}
    assert all(zeros["l2", strength] == 0 for strength in ball_explorer.STRENGTHS)
    assert zeros["elastic", 75] == 1
    assert all((zeros["l1", s] == 2) == (s >= numbers()["critical"]) for s in ball_explorer.STRENGTHS)


def test_corners_are_drawn_exactly():
    frames = ball_explorer.explore(result()).frames
    corner = frames["l1", 30].marks["ball"]
    torch.testing.assert_close(corner[0], torch.stack([corner.norm(dim=1).max(), torch.zeros(()).double()]))
    assert frames["l1", 30].readout == "corner"
    assert frames["l1", 45.2].readout == "nothing"
    assert frames["l2", 100].readout == "both"
    assert math.isclose(frames["l1", 45.2].marks["ball"].abs().max().item(), 0, abs_tol=1e-4)


def test_repeatable():
    assert_deterministic(ball_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(ball_explorer, result())
    assert {"both_l1", "critical"} == placeholders("ball_explorer", "caption")
