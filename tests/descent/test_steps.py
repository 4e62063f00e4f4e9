"""Gradient descent: values, torch.optim.SGD, and the stability limit."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.descent import gd_quadratic_step, gd_step_bound, momentum_step, weight_decay_step
from optnotes.penalties import l2_gradient
from tests.laws import normal, seeds


def hessian(seed):
    A = normal(seed, 6, 4)
    return A.T @ A


def test_gd_quadratic_step_value():
    w, w_star = torch.tensor([3.0, -1.0]), torch.tensor([1.0, 1.0])
    H = torch.tensor([[2.0, 1.0], [1.0, 5.0]])
    # distance (2, -2); Hessian times distance (2, -8)
    torch.testing.assert_close(gd_quadratic_step(w, H, w_star, lr=0.1), torch.tensor([3.0 - 0.2, -1.0 + 0.8]))


@given(seeds(), st.floats(0.01, 1.0))
def test_gd_quadratic_step_matches_torch_sgd(seed, lr):
    w, w_star, H = normal(seed, 4), normal(seed + 1, 4), hessian(seed + 2)
    parameter = torch.nn.Parameter(w.clone())
    distance = parameter - w_star
    (distance @ H @ distance / 2).backward()
    torch.optim.SGD([parameter], lr=lr).step()
    torch.testing.assert_close(gd_quadratic_step(w, H, w_star, lr), parameter.detach())


def test_gd_quadratic_step_stays_at_the_minimum():
    w_star = normal(0, 4)
    assert torch.equal(w_star, gd_quadratic_step(w_star, hessian(1), w_star, lr=0.3))


def test_gd_quadratic_step_gradcheck():
    inputs = tuple(value.requires_grad_() for value in (normal(0, 4), hessian(1), normal(2, 4)))
    assert torch.autograd.gradcheck(lambda w, H, w_star: gd_quadratic_step(w, H, w_star, lr=0.3), inputs)


def distances(relative_lr, steps):
    H, w_star = hessian(5), normal(6, 4)
    lr = relative_lr * gd_step_bound(torch.linalg.eigvalsh(H)).item()
    w = normal(7, 4)
    norms = [(w - w_star).norm().item()]
    for _ in range(steps):
        w = gd_quadratic_step(w, H, w_star, lr)
        norms.append((w - w_star).norm().item())
    return norms


def test_gd_converges_just_below_the_bound_and_diverges_just_above():
    below, above = distances(0.98, 600), distances(1.02, 600)
    assert below[-1] < 1e-6 * below[0]
    assert above[-1] > 1e6 * above[0]


def test_gd_at_the_bound_swings_for_ever():
    """Exactly at the bound the distance along the steepest direction changes its sign and keeps its size."""
    H = torch.diag(torch.tensor([0.5, 8.0], dtype=torch.float64))
    lr = gd_step_bound(H.diag()).item()
    w, w_star = torch.tensor([3.0, 2.0], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    for sign in (-1.0, 1.0, -1.0, 1.0):
        w = gd_quadratic_step(w, H, w_star, lr)
        assert w[1].item() == 2.0 * sign


def test_gd_step_bound_value():
    assert gd_step_bound(torch.tensor([0.5, 10.0, 3.0])).item() == pytest.approx(2 / 10.0)


@given(seeds())
def test_gd_step_bound_is_two_over_the_spectral_norm(seed):
    H = hessian(seed)
    expected = 2 / torch.linalg.matrix_norm(H, 2)
    torch.testing.assert_close(gd_step_bound(torch.linalg.eigvalsh(H).clamp(min=1e-12)), expected)


def test_weight_decay_step_value():
    w, grad = torch.tensor([3.0, -4.0]), torch.tensor([1.0, 2.0])
    expected = [(1 - 0.1 * 0.3) * 3.0 - 0.1 * 1.0, (1 - 0.1 * 0.3) * -4.0 - 0.1 * 2.0]
    torch.testing.assert_close(weight_decay_step(w, grad, lr=0.1, lam=0.3), torch.tensor(expected))


@given(seeds(), st.floats(0.01, 0.5), st.floats(0.0, 2.0))
def test_weight_decay_step_matches_torch_sgd(seed, lr, lam):
    w, grad = normal(seed, 2, 5)
    parameter = torch.nn.Parameter(w.clone())
    parameter.grad = grad
    torch.optim.SGD([parameter], lr=lr, weight_decay=lam).step()
    torch.testing.assert_close(weight_decay_step(w, grad, lr, lam), parameter.detach())


@given(seeds(), st.floats(0.01, 0.5), st.floats(0.0, 2.0))
def test_weight_decay_is_a_gradient_step_on_the_penalised_loss(seed, lr, lam):
    w, grad = normal(seed, 2, 5)
    torch.testing.assert_close(weight_decay_step(w, grad, lr, lam), w - lr * l2_gradient(grad, w, lam))


def test_without_a_data_gradient_all_weights_lose_the_same_share():
    w = torch.tensor([10.0, 1.0, -0.01], dtype=torch.float64)
    expected = w * (1 - 0.1 * 0.5) ** 20
    for _ in range(20):
        w = weight_decay_step(w, torch.zeros_like(w), lr=0.1, lam=0.5)
    torch.testing.assert_close(w, expected)


def test_with_momentum_decay_and_penalty_part():
    """Momentum on the penalised gradient and momentum on the data gradient beside a decay give other weights."""
    w0, grads = normal(0, 4), normal(1, 6, 4)
    penalised = decayed = w0
    v_penalised = v_decayed = torch.zeros(4, dtype=torch.float64)
    for grad in grads:
        v_penalised = 0.9 * v_penalised + l2_gradient(grad, penalised, 0.5)
        penalised = penalised - 0.1 * v_penalised
        v_decayed = 0.9 * v_decayed + grad
        decayed = weight_decay_step(decayed, v_decayed, lr=0.1, lam=0.5)
    assert (penalised - decayed).abs().max() > 0.01


def test_weight_decay_step_gradcheck():
    w, grad = normal(0, 5).requires_grad_(), normal(1, 5).requires_grad_()
    assert torch.autograd.gradcheck(lambda a, b: weight_decay_step(a, b, lr=0.1, lam=0.3), (w, grad))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_steps_keep_the_dtype(dtype):
    w, grad = normal(0, 4).to(dtype), normal(1, 4).to(dtype)
    assert weight_decay_step(w, grad, lr=0.1, lam=0.3).dtype == dtype
    assert gd_quadratic_step(w, hessian(2).to(dtype), grad, lr=0.1).dtype == dtype
    assert gd_step_bound(w.abs()).dtype == dtype


def test_momentum_step_value():
    w, v = momentum_step(torch.tensor([1.0, 4.0]), torch.tensor([2.0, -1.0]), torch.tensor([5.0, 3.0]), 0.1, beta=0.8)
    torch.testing.assert_close((w, v), (torch.tensor([0.4, 3.86]), torch.tensor([6.0, 1.4])))


@given(seeds(), st.floats(0.01, 0.5), st.floats(0.0, 0.99))
def test_momentum_step_matches_torch_over_three_steps(seed, lr, beta):
    w, v = normal(seed, 4), torch.zeros(4, dtype=torch.float64)
    parameter = torch.nn.Parameter(w.clone())
    optimizer = torch.optim.SGD([parameter], lr=lr, momentum=beta)
    for t in range(3):
        parameter.grad = grad = normal(seed + t, 4)
        optimizer.step()
        w, v = momentum_step(w, grad, v, lr, beta)
    torch.testing.assert_close(w, parameter.detach())


@given(seeds(), st.floats(0.1, 0.8))
def test_under_a_constant_gradient_the_step_grows_to_its_limit(seed, beta):
    grad = normal(seed, 3)
    w = v = torch.zeros(3, dtype=torch.float64)
    for _ in range(400):
        before, (w, v) = w, momentum_step(w, grad, v, lr=0.3, beta=beta)
    torch.testing.assert_close(before - w, 0.3 * grad / (1 - beta))


@given(seeds(), st.floats(0.0, 0.9), st.sampled_from([0.99, 1.01]))
def test_momentum_lifts_the_stable_rate(seed, beta, share):
    """Below the lifted bound the largest root of the two-step recurrence is less than one, above it is not."""
    lams = torch.linalg.eigvalsh(hessian(seed))
    lr = share * (1 + beta) * gd_step_bound(lams).item()
    radius = 0.0
    for lam in lams.tolist():
        unit = torch.eye(2, dtype=torch.float64)  # weight and velocity
        columns = [momentum_step(w[None], lam * w[None], v[None], lr, beta) for w, v in unit]
        matrix = torch.tensor([[part.item() for part in column] for column in columns]).T
        radius = max(radius, torch.linalg.eigvals(matrix).abs().max().item())
    assert (radius < 1) == (share < 1)
