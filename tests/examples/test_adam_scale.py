"""What the adam_scale example shows."""

from functools import partial

import torch

from examples import adam_scale
from examples.adam_scale import LOW, QUOTED, RATES, SPREADS, STEPS
from optnotes.descent import adam_step
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, adam_scale)
numbers = partial(numbers_of, adam_scale)


def test_units_of_the_learning_rate_change_nothing():
    """The run in units of the learning rate is the plain run, and torch.optim.Adam makes it too."""
    H, minimum = (each[2, 0] for each in adam_scale.problems())
    ours = adam_scale.run_adam(H, minimum, torch.tensor([0.03], dtype=H.dtype), 50) + minimum
    w = m = v = torch.zeros_like(minimum)
    parameter = torch.nn.Parameter(torch.zeros_like(minimum))
    optimizer = torch.optim.Adam([parameter], lr=0.03)
    for t in range(1, 51):
        w, m, v = adam_step(w, H @ (w - minimum), m, v, t, 0.03, 0.0)
        parameter.grad = H @ (parameter.detach() - minimum)
        optimizer.step()
    torch.testing.assert_close(ours, w)
    torch.testing.assert_close(parameter.detach(), w)


def test_all_spreads_are_one_problem_in_other_units():
    """The same data in other units: losses at the start are equal, and the Hessian is scaled from both sides."""
    H, minimum = adam_scale.problems()
    start = adam_scale.loss(H, minimum)
    torch.testing.assert_close(start, start[:1].expand_as(start))


def test_a_louder_loss_changes_nothing():
    # The epsilon under the division is a millionth of the gradients or less.
    assert 0 < numbers()["moved"] < 1e-6


def test_adam_on_raw_features_has_a_learning_rate_per_weight():
    """Raw features with scales s act on Adam like standardised ones with learning rates times s; on descent, s
    squared.
    """
    H, minimum = (each[0, 0] for each in adam_scale.problems())
    s, lr = torch.tensor([0.1, 0.5, 1.0, 3.0, 20.0], dtype=H.dtype), 0.02
    raw = s[:, None] * H * s
    w = adam_scale.run_adam(raw, minimum / s, torch.tensor([lr], dtype=H.dtype), 80) * s
    scaled = adam_scale.run_adam(H, minimum, lr * s, 80)
    # Adam's epsilon is the only part that is not homogeneous.
    torch.testing.assert_close(w, scaled, rtol=1e-5, atol=1e-6)
    descent = s * (minimum / s - lr * raw @ (minimum / s))
    torch.testing.assert_close(descent, minimum - lr * s**2 * (H @ minimum))


def test_standardised_features_end_at_rounding():
    assert numbers()["adam_low_1"] < 1e-15
    assert numbers()["descent_1"] < 1e-15


def test_both_suffer_from_the_spread_and_descent_suffers_more():
    adam, descent = result().adam.median(-1).values, result().descent.median(-1).values
    assert (descent[1:] >= descent[:-1]).all()
    low = adam[RATES.index(LOW)]
    assert (low[1:] > low[:-1]).all()
    wide = SPREADS.index(100.0)
    assert descent[wide] > 0.5 > 1e-10 > adam[:, wide].min()
    assert numbers()["adam_1000"] > 1e-3
    assert numbers()["adam_low_1000"] > 0.1


def test_the_learning_rate_must_reach_the_farthest_weight():
    """Below the distance over the number of steps the loss stays; the rate that suffices is near it."""
    for spread in QUOTED:
        needed = numbers()[f"needed_{spread:.0f}"]
        # The threshold counts the farthest weight only, and on a grid of half decades.
        assert 0.2 < numbers()[f"enough_{spread:.0f}"] / needed < 5
        short = result().adam[[rate < needed / 10 for rate in RATES], SPREADS.index(spread)]
        assert short.median(-1).values.min() > 0.05
    assert STEPS * numbers()["needed_1000"] > 100


def test_repeatable():
    assert_deterministic(adam_scale, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(adam_scale, result())
    assert placeholders("adam_scale", "alt") == {"steps", "adam_1000", "low"}
