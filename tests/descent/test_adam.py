"""Adam with L2 and AdamW: values, torch.optim, and how each treats scale."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.descent import adam_step, adamw_step
from tests.laws import normal, seeds


def train(step, w, gradient, steps, **numbers):
    """Weights after some steps; the gradient is a function of the weights and of the step."""
    m, v = torch.zeros_like(w), torch.zeros_like(w)
    for t in range(1, steps + 1):
        w, m, v = step(w, gradient(w, t), m, v, t, **numbers)
    return w


def test_adam_step_value():
    one = torch.ones(1, dtype=torch.float64)
    w, m, v = adam_step(2 * one, 0.5 * one, 0.3 * one, 0.4 * one, 3, 0.1, 0.2, beta1=0.8, beta2=0.9, eps=0.05)
    g = 0.5 + 0.2 * 2.0
    first, second = 0.8 * 0.3 + 0.2 * g, 0.9 * 0.4 + 0.1 * g**2
    step = (first / (1 - 0.8**3)) / ((second / (1 - 0.9**3)) ** 0.5 + 0.05)
    torch.testing.assert_close([w.item(), m.item(), v.item()], [2.0 - 0.1 * step, first, second])


def test_adamw_step_value():
    one = torch.ones(1, dtype=torch.float64)
    w, m, v = adamw_step(2 * one, 0.5 * one, 0.3 * one, 0.4 * one, 3, 0.1, 0.2, beta1=0.8, beta2=0.9, eps=0.05)
    first, second = 0.8 * 0.3 + 0.2 * 0.5, 0.9 * 0.4 + 0.1 * 0.5**2
    step = (first / (1 - 0.8**3)) / ((second / (1 - 0.9**3)) ** 0.5 + 0.05)
    torch.testing.assert_close([w.item(), m.item(), v.item()], [(1 - 0.1 * 0.2) * 2.0 - 0.1 * step, first, second])


@pytest.mark.parametrize(("step", "optimizer_class"), [(adam_step, torch.optim.Adam), (adamw_step, torch.optim.AdamW)])
@given(seed=seeds(), lam=st.floats(0.0, 1.0), eps=st.sampled_from([1e-8, 1e-3, 0.1]))
def test_steps_match_torch(step, optimizer_class, seed, lam, eps):
    w, grads = normal(seed, 4), normal(seed + 1, 6, 4)
    parameter = torch.nn.Parameter(w.clone())
    optimizer = optimizer_class([parameter], lr=0.05, betas=(0.8, 0.95), eps=eps, weight_decay=lam)
    for grad in grads:
        parameter.grad = grad.clone()
        optimizer.step()
    actual = train(step, w, lambda _, t: grads[t - 1], 6, lr=0.05, lam=lam, beta1=0.8, beta2=0.95, eps=eps)
    torch.testing.assert_close(actual, parameter.detach())


def test_defaults_are_those_of_torch():
    w, grads = normal(0, 4), normal(1, 3, 4)
    parameter = torch.nn.Parameter(w.clone())
    optimizer = torch.optim.AdamW([parameter])
    for grad in grads:
        parameter.grad = grad.clone()
        optimizer.step()
    actual = train(adamw_step, w, lambda _, t: grads[t - 1], 3, lr=1e-3, lam=0.01)
    torch.testing.assert_close(actual, parameter.detach())


@given(seeds())
def test_without_a_penalty_both_are_adam(seed):
    w, grad, m = normal(seed, 3, 4)
    v = normal(seed + 1, 4).square()
    torch.testing.assert_close(
        adam_step(w, grad, m, v, 4, lr=0.1, lam=0.0), adamw_step(w, grad, m, v, 4, lr=0.1, lam=0.0)
    )


@pytest.mark.parametrize("step", [adam_step, adamw_step])
@given(seed=seeds(), scale=st.floats(0.01, 100.0))
def test_the_step_ignores_the_scale_of_the_gradient(step, seed, scale):
    """As epsilon tends to zero, a positive factor on the gradient of each coordinate leaves the path unchanged."""
    w, grads = normal(seed, 4), normal(seed + 1, 5, 4)
    per_coordinate = torch.tensor([scale, 1.0, 3 * scale, 1 / scale], dtype=torch.float64)
    plain = train(step, w, lambda _, t: grads[t - 1], 5, lr=0.1, lam=0.0, eps=1e-30)
    scaled = train(step, w, lambda _, t: per_coordinate * grads[t - 1], 5, lr=0.1, lam=0.0, eps=1e-30)
    torch.testing.assert_close(scaled, plain)


def test_epsilon_ends_the_invariance():
    """A gradient far below epsilon is no longer brought to the scale of the learning rate."""
    w, grad, zeros = torch.zeros(2), torch.tensor([1e-12, 1.0]), torch.zeros(2)
    moved, _, _ = adam_step(w, grad, zeros, zeros, 1, lr=0.1, lam=0.0)
    assert moved[0].abs() < 1e-4
    torch.testing.assert_close(moved[1].item(), -0.1)


@given(st.floats(2.0, 20.0))
def test_the_scale_of_the_inputs_remains(scale):
    """Inputs times a factor: the same steps of the weight move the output by that factor."""
    x = torch.tensor([0.7, -1.3, 2.1], dtype=torch.float64)
    y = 3.0 * x
    start = torch.zeros(1, dtype=torch.float64)

    def moved(inputs):
        w = train(adam_step, start, lambda w, _: 2 * (inputs * (inputs * w - y)).mean()[None], 3, lr=0.1, lam=0.0)
        return (inputs * w).norm().item()

    first = train(adam_step, start, lambda w, _: 2 * (x * (x * w - y)).mean()[None], 1, lr=0.1, lam=0.0)
    first_scaled = train(
        adam_step, start, lambda w, _: 2 * (scale * x * (scale * x * w - y)).mean()[None], 1, lr=0.1, lam=0.0
    )
    torch.testing.assert_close(first_scaled, first, rtol=1e-6, atol=0.0)  # epsilon
    assert moved(scale * x) > 1.5 * moved(x)


def test_first_l2_step_of_adam_does_not_see_the_strength():
    w, zeros = torch.tensor([10.0, -0.1], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    for lam in (0.01, 3.0):
        moved, _, _ = adam_step(w, zeros, zeros, zeros, 1, lr=0.01, lam=lam)
        expected = torch.tensor([9.99, -0.09], dtype=torch.float64)
        torch.testing.assert_close(moved, expected, rtol=1e-5, atol=0.0)  # epsilon


def test_large_gradients_shield_weights_from_l2_in_adam_only():
    """Gradient noise of size 10 and 0.01: AdamW shrinks both weights alike, Adam with L2 only the second."""
    size = torch.tensor([10.0, 0.01], dtype=torch.float64)
    sign = [1.0, -1.0, -1.0, 1.0]
    start = torch.ones(2, dtype=torch.float64)
    numbers = {"steps": 400, "lr": 1e-3, "lam": 0.5}
    shielded, free = train(adam_step, start, lambda _, t: sign[t % 4] * size, **numbers).tolist()
    assert shielded > 0.9
    assert free < 0.8
    both = train(adamw_step, start, lambda _, t: sign[t % 4] * size, **numbers)
    expected = (1 - 1e-3 * 0.5) ** 400
    torch.testing.assert_close(both.tolist(), [expected, expected], rtol=0.01, atol=0.0)  # steps of the noise itself


def test_adam_with_l2_goes_to_the_penalised_minimum_and_adamw_elsewhere():
    """Two squared errors of other curvature: only Adam with L2 ends at the minimum of the penalised loss."""
    curvature, centre = torch.tensor([1.0, 9.0], dtype=torch.float64), torch.tensor([1.0, 1.0], dtype=torch.float64)
    lam = 0.5
    expected = curvature * centre / (curvature + lam)
    start = torch.zeros(2, dtype=torch.float64)

    def gradient(w, _):
        return curvature * (w - centre)

    penalised = train(adam_step, start, gradient, 600, lr=0.02, lam=lam, beta2=0.99)
    decayed = train(adamw_step, start, gradient, 600, lr=0.02, lam=lam, beta2=0.99)
    torch.testing.assert_close(penalised, expected, rtol=1e-3, atol=0.0)  # the optimiser is still moving
    assert (decayed - expected).abs().max() > 0.02


@pytest.mark.parametrize("step", [adam_step, adamw_step])
def test_steps_gradcheck(step):
    w, grad, m = (normal(seed, 4).requires_grad_() for seed in range(3))
    v = normal(3, 4).square().add(0.1).requires_grad_()
    assert torch.autograd.gradcheck(lambda *state: step(*state, 3, 0.1, 0.2, eps=0.01), (w, grad, m, v))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("step", [adam_step, adamw_step])
def test_steps_keep_the_dtype(step, dtype):
    state = [normal(seed, 4).to(dtype) for seed in range(3)]
    results = step(*state, normal(3, 4).square().to(dtype), 3, 0.1, 0.2)
    assert [value.dtype for value in results] == [dtype] * 3
