"""What the stability_edge example shows."""

from functools import partial

import torch

from examples import stability_edge
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, stability_edge)
numbers = partial(numbers_of, stability_edge)


def test_both_runs_end_at_the_edge_and_begin_on_either_side():
    n = numbers()
    assert n["start_below"] < 0.85 < 1.2 < n["start_above"]
    for name in stability_edge.RATES:
        assert 0.93 < n[f"end_{name}"] < 1.12
        assert n[f"fell_{name}"] > 10.5


def test_the_curvature_is_that_of_the_loss_along_its_sharpest_direction():
    theta = stability_edge.start()
    values, vectors = torch.linalg.eigh(torch.autograd.functional.hessian(stability_edge.loss, theta))
    step, v = 1e-4, vectors[:, -1]
    around = [stability_edge.loss(theta + k * step * v) for k in (-1, 0, 1)]
    torch.testing.assert_close((around[0] - 2 * around[1] + around[2]) / step**2, values[-1], rtol=1e-4, atol=0)
    load = result().load["below"][0]
    torch.testing.assert_close(load, values[-1] * stability_edge.RATES["below"] / 2)


def test_a_quarter_of_the_rate_stays_below_its_bound_for_the_first_steps(monkeypatch):
    """A broken twin: the edge comes from the rate, not from the network."""
    monkeypatch.setattr(stability_edge, "STEPS", 100)
    assert stability_edge.train(0.05)[0].max() < 0.6


def test_repeatable():
    assert_deterministic(stability_edge, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(stability_edge, result())
    assert {"start_below", "rate_above"} <= placeholders("stability_edge", "alt")
