"""What the ball_explorer example shows."""

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


KEYS = random.Random(37).sample(list(product(ball_explorer.PENALTIES, ball_explorer.STRENGTHS[1:])), 8)
PLACES = random.Random(38).sample(range(len(ball_explorer.places())), 7)
EACH = pytest.mark.parametrize(
    ("key", "at"), list(zip(KEYS, [*PLACES, ball_explorer.places().index(ball_explorer.DATA)], strict=True))
)
PIXEL = 75 / 378  # of the narrower axis of the drawing, in units of the weights


def loss(w, at):
    off = w - result().centres[at]
    return torch.einsum("...i,ij,...j->...", off, result().hessian, off) / 2


def penalty(key, w):
    return elastic_net_loss(torch.zeros(()).double(), w, *ball_explorer.PENALTIES[key[0]])


def frame(key, at):
    return frames()[(*key, *ball_explorer.places()[at])]


@cache
def frames():
    return ball_explorer.explore(result()).frames


def data(penalty, strength):
    return frames()[(penalty, strength, *ball_explorer.DATA)]


def test_the_start_is_least_squares_on_the_data():
    X, y = ball_explorer.data()
    centre = result().centres[ball_explorer.places().index(ball_explorer.DATA)]
    torch.testing.assert_close(X.mT @ (X @ centre - y), torch.zeros(2).double(), atol=1e-8, rtol=0)
    assert [round(each, 1) for each in centre.tolist()] == list(ball_explorer.DATA)
    others = [row for row in range(len(ball_explorer.places())) if ball_explorer.places()[row] != ball_explorer.DATA]
    assert torch.equal(result().centres[others], torch.tensor(ball_explorer.places(), dtype=torch.float64)[others])


@EACH
def test_solutions_are_those_of_scikit_learn(key, at):
    X, _ = ball_explorer.data()
    y = X @ result().centres[at]
    l1, l2 = ball_explorer.parts(key)
    model = ElasticNet(alpha=l1 + l2, l1_ratio=l1 / (l1 + l2), fit_intercept=False, tol=1e-12, max_iter=10**6)
    expected = model.fit(X.numpy(), y.numpy()).coef_ if l1 else ridge_solution(X, y, len(y) * l2).numpy()
    torch.testing.assert_close(result().weights[key][at], torch.tensor(expected), atol=1e-5, rtol=1e-6)


def test_every_point_carries_its_certificate():
    X, y = ball_explorer.data()
    assert numbers()["violation"] < ball_explorer.TOLERANCE * 1.01
    at = ball_explorer.places().index(ball_explorer.DATA)
    assert kkt_violation(X, y, result().weights["l1", 22][at], 26.0, 0.0).max() > 1


def test_no_setting_lies_where_a_weight_just_vanishes():
    for key, w in result().weights.items():
        slope, (l1, _) = ((result().centres - w) @ result().hessian).abs(), ball_explorer.parts(key)
        assert (slope[w == 0] < l1 - 1e-3).all()
        assert (w[w != 0].abs() > 1e-3).all()


@EACH
def test_the_solution_lies_on_its_ball_and_its_contour_and_nothing_in_the_ball_is_better(key, at):
    marks, w = frame(key, at).marks, result().weights[key][at]
    assert torch.equal(marks["touch"][0], w)
    ball, level = (torch.as_tensor(marks[name].where()) for name in ("ball", "level"))
    torch.testing.assert_close(loss(level, at), loss(w, at).expand(len(level)), rtol=1e-8, atol=1e-8)
    if not w.any():
        assert len(ball) == 0
        return
    assert penalty(key, w) == pytest.approx(penalty(key, ball[0]).item(), rel=1e-9)
    for point in ball:  # to within a tenth of a pixel the penalty is that of w
        off = (penalty(key, point) - penalty(key, w)).abs()
        assert off <= 0.1 * PIXEL * torch.func.grad(lambda v: penalty(key, v))(point).norm()
    assert (loss(ball, at) >= loss(w, at) * (1 - 1e-2) - 1e-2).all()


def test_zeros_come_where_predicted():
    X, y = ball_explorer.data()
    at = ball_explorer.places().index(ball_explorer.DATA)
    assert numbers()["critical"] == pytest.approx(lambda_max(X, y).item(), rel=1e-9)
    zeros = {key: (w == 0).sum(1) for key, w in result().weights.items()}
    l1 = [zeros["l1", strength][at].item() for strength in ball_explorer.STRENGTHS]
    assert l1 == sorted(l1)
    assert set(l1) == {0, 1, 2}
    assert all((zeros["l2", strength] == 0).all() for strength in ball_explorer.STRENGTHS)
    assert zeros["elastic", 75][at] == 1
    for strength in ball_explorer.STRENGTHS:
        assert torch.equal(zeros["l1", strength] == 2, strength >= result().critical)
        assert torch.equal(zeros["elastic", strength] == 2, strength / 2 >= result().critical)


def test_corners_are_drawn_exactly():
    corner = torch.as_tensor(data("l1", 30).marks["ball"].where())
    torch.testing.assert_close(corner[0], torch.stack([corner.norm(dim=1).max(), torch.zeros(()).double()]))
    assert data("l1", 30).readout == "corner"
    assert data("l1", 45.2).readout == "nothing"
    assert data("l1", 22).numbers["critical"] == numbers()["critical"]
    assert data("elastic", 22).numbers["critical"] == 2 * numbers()["critical"]
    assert data("l2", 100).readout == "smooth"
    assert len(data("l1", 45.2).marks["ball"].where()) == 0


def test_repeatable():
    assert_deterministic(ball_explorer, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(ball_explorer, result())
    assert {"both_l1", "critical"} == placeholders("ball_explorer", "caption")
