"""What the condition_steps example shows."""

from functools import partial

import pytest
import torch

from examples import condition_steps
from examples.condition_steps import KAPPAS, SETS, STAGES, TOLERANCE
from optnotes.descent import best_step, condition_number, gd_iterations, gd_quadratic_step
from optnotes.features import least_squares_hessian
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, condition_steps)
numbers = partial(numbers_of, condition_steps)


def walk(H, start):
    """Count the steps one by one."""
    w, centre, steps = start, torch.zeros_like(start), 0
    while w.norm() > TOLERANCE * start.norm():
        w, steps = gd_quadratic_step(w, H, centre, best_step(H).item()), steps + 1
    return steps


@pytest.mark.parametrize("kappa", [3.0, 40.0, 200.0])
def test_powers_of_the_step_matrix_count_the_steps(kappa):
    generator = torch.Generator().manual_seed(1)
    H = condition_steps.random_hessian(kappa, generator)
    torch.testing.assert_close(condition_number(H).item(), kappa)
    starts = torch.randn(3, len(H), generator=generator, dtype=torch.float64)
    assert condition_steps.count_steps(H, starts).tolist() == [walk(H, start) for start in starts]


def test_sgd_of_torch_takes_as_many_steps_on_the_data():
    """The count on the Hessian is the count of an optimiser that sees only data and targets."""
    X = torch.randn(40, 3, generator=torch.Generator().manual_seed(2), dtype=torch.float64) * torch.tensor([1, 2, 4])
    H, w = least_squares_hessian(X), torch.nn.Parameter(torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64))
    (steps,) = condition_steps.count_steps(H, w.detach()[None].clone())
    optimizer, size = torch.optim.SGD([w], lr=best_step(H).item()), w.detach().norm()
    for _ in range(int(steps) - 1):
        ((X @ w).square().mean() / 2).backward()
        optimizer.step()
        optimizer.zero_grad()
    assert w.norm() > TOLERANCE * size
    ((X @ w).square().mean() / 2).backward()
    optimizer.step()
    assert w.norm() <= TOLERANCE * size


def test_the_worst_start_takes_exactly_the_predicted_steps():
    """A start along the slowest direction shrinks by the best rate at every step."""
    H = torch.diag(torch.tensor([1.0, 7.0, 300.0], dtype=torch.float64))
    (steps,) = condition_steps.count_steps(H, torch.tensor([[2.0, 0.0, 0.0]], dtype=torch.float64))
    assert gd_iterations(300.0, TOLERANCE) <= steps < gd_iterations(300.0, TOLERANCE) + 1


def test_no_start_takes_longer_than_the_law():
    # One step is added by rounding up; it is a tenth of a percent at most from a thousand steps on.
    law = torch.tensor([[condition_steps.predicted(kappa)] for kappa in KAPPAS])
    assert (result().synthetic <= law.ceil() * (1 + 1e-3)).all()
    assert numbers()["ratio_high"] < 1.01


def test_counts_stay_close_to_the_law_over_all_orders_of_magnitude():
    # A random start has a part along the two extreme directions that is rarely below a few hundredths, and the
    # logarithm of this part is what the count loses of the logarithm of a million.
    assert numbers()["ratio_low"] > 0.65
    assert 0.9 < numbers()["ratio_median"] < 1


@pytest.mark.parametrize("name", SETS)
def test_every_stage_lowers_the_condition_number_of_real_data(name):
    kappas = [numbers()[f"kappa_{name}_{stage}"] for stage in STAGES]
    assert kappas == sorted(kappas, reverse=True)
    assert kappas[-1] == pytest.approx(1)
    assert numbers()[f"steps_{name}_whitened"] == 1
    # Standardisation leaves the correlations.
    assert kappas[2] > 40


def test_an_offset_of_five_is_enough_for_hundreds():
    # The Hessian ((26, 5), (5, 1)) has trace 27 and determinant 1.
    root = (27**2 - 4) ** 0.5
    assert numbers()["kappa_offset"] == pytest.approx((27 + root) / (27 - root))


def test_broken_twin_with_half_the_step_takes_twice_as_long(monkeypatch):
    H = torch.diag(torch.tensor([1.0, 500.0], dtype=torch.float64))
    start = torch.tensor([[1.0, 0.3]], dtype=torch.float64)
    right = condition_steps.count_steps(H, start)
    monkeypatch.setattr(condition_steps, "best_step", lambda H: best_step(H) / 2)
    assert condition_steps.count_steps(H, start) / right > 1.9


def test_repeatable():
    assert_deterministic(condition_steps, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(condition_steps, result())
    assert "kappa_diabetes_scaled" in placeholders("condition_steps", "alt")
