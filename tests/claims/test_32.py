"""Question 32, exploding gradients: what the note says, held against computation."""

import math

import pytest
import torch

from examples import (
    clip_directions,
    fault_diagnosis,
    growth_at_start,
    random_products,
    recurrent_cliff,
    recurrent_jacobians,
)
from optnotes.activations import tanh_derivative
from optnotes.descent import adam_step, gd_quadratic_step, gd_step_bound
from optnotes.gradients import (
    clip_by_norm,
    clip_by_value,
    he_std,
    lstm_direct_path,
    lstm_step,
    max_step,
    residual_growth,
    rnn_jacobian,
    rnn_jacobian_bound,
    value_clip_norm_bound,
)
from optnotes.normalization import batch_norm
from tests.claims.items import code, curves, number
from tests.examples import numbers_of, result_of


def vector(*entries):
    return torch.tensor(entries, dtype=torch.float64)


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def orthogonal(n, seed):
    return torch.linalg.qr(normal(n, n, seed=seed)).Q


def deep_relu(gain, seed, depth=20, n=64):
    """Weights of a plain ReLU network, the last layer with ten outputs."""
    return [gain * he_std(n) * normal(n, m, seed=seed + k) for k, m in enumerate([n] * depth + [10])]


def activations(weights, x):
    states = [x]
    for weight in weights[:-1]:
        states.append((states[-1] @ weight).relu())
    return states, states[-1] @ weights[-1]


def growth(gain, seed):
    """Norm of the gradient at the first hidden layer over that at the last, nineteen layers above."""
    weights = deep_relu(gain, seed)
    states, output = activations(weights, normal(32, 64, seed=seed + 99).requires_grad_())
    first, last = torch.autograd.grad((output * normal(32, 10, seed=seed + 98)).sum(), [states[1], states[-1]])
    return (first.norm() / last.norm()).item()


def test_32_01():
    """Holds: the gradient grows on its way back, here by the excess of the weights over He's scale in every layer."""
    for gain in (1.5, 2.0):
        grown = torch.tensor([growth(gain, seed) for seed in (100, 300, 500)]).log().mean().exp().item()
        # Finite width spreads the logarithm of the product: a factor of three over nineteen layers.
        assert gain**19 / 3 < grown < gain**19 * 3
    assert (
        numbers_of(fault_diagnosis)["growth_explosion_smallest"]
        > 1.4
        > numbers_of(fault_diagnosis)["growth_healthy_largest"]
    )


def test_32_02():
    """Condition: the step of SGD is as large as the gradient; the first step of Adam is the learning rate."""
    w, g, zero, lr = vector(1.0, -2.0), vector(3.0, -0.7), vector(0.0, 0.0), 0.01
    for scale in (1.0, 1e8):
        torch.testing.assert_close(
            (w - (w - lr * scale * g)).norm().item(), lr * scale * g.norm().item(), rtol=1e-6, atol=0
        )
        moved, m, v = adam_step(w, scale * g, zero, zero, 1, lr, 0.0)
        torch.testing.assert_close((w - moved).abs(), torch.full_like(w, lr), rtol=1e-6, atol=0.0)
    tiny, _, _ = adam_step(w, 1e-10 * g, zero, zero, 1, lr, 0.0)
    assert (w - tiny).abs().max() < 0.1 * lr  # below eps the step is proportional to the gradient again
    # A spike still does harm: its second moment makes the next steps tiny.
    after_spike, _, _ = adam_step(moved, g, 0 * m, v, 2, lr, 0.0)
    assert (after_spike - moved).abs().max() < 1e-6 * lr


def test_32_03():
    """Holds: next to the minimum descent leaves it when learning rate times curvature exceeds two."""
    H, w_star = torch.diag(vector(10.0, 1.0, 0.2)), vector(1.0, -1.0, 0.5)
    border = gd_step_bound(torch.linalg.eigvalsh(H)).item()
    torch.testing.assert_close(border, 0.2)
    for lr, leaves in ((0.95 * border, False), (1.05 * border, True)):
        w = w_star + 1e-6
        for _ in range(200):
            w = gd_quadratic_step(w, H, w_star, lr)
        assert ((w - w_star).norm() > 1).item() is leaves
        assert ((w - w_star)[0].abs() < 1e-12).item() is not leaves
    found = numbers_of(fault_diagnosis)
    assert found["right"] == found["runs"]
    # The same weights at a tiny learning rate do not diverge: the size of the gradient alone decides nothing.
    assert found["grew_explosion"] == found["seeds"] > found["grew_hidden"] == 0


def test_32_04():
    """Holds: a gain a little above one is harmless in a shallow network and overwhelming in a deep or recurrent one."""
    W = 1.1 * orthogonal(6, seed=1)
    for steps in (3, 100):
        jacobian = rnn_jacobian(W, torch.zeros(steps, 6, dtype=torch.float64), torch.ones_like)
        torch.testing.assert_close(torch.linalg.matrix_norm(jacobian, 2).item(), 1.1**steps)
    assert 1.1**3 < 1.4
    assert 1.1**100 > 1e4
    grown = torch.tensor([growth(1.25, seed) for seed in (100, 300, 500)]).log().mean().exp().item()
    assert 1.25**19 / 3 < grown < 1.25**19 * 3


def test_32_05():
    """Condition: growth needs a gain above one, and a largest singular value above one is not yet that gain."""
    zeros = torch.zeros(100, 6, dtype=torch.float64)
    for scale in (1.1, 0.9):
        jacobian = rnn_jacobian(scale * orthogonal(6, seed=1), zeros, torch.ones_like)
        torch.testing.assert_close(torch.linalg.matrix_norm(jacobian, 2).item(), scale**100)
    # Saturated units: the base of the bound is 1.5, the product vanishes.
    W = 1.5 * orthogonal(6, seed=2)
    jacobian = rnn_jacobian(W, zeros + 3.0, tanh_derivative)
    assert rnn_jacobian_bound(W, 1.0, 100) > 1e17
    assert torch.linalg.matrix_norm(jacobian, 2) < 1e-100
    # Non-normal: transient growth, then vanishing.
    found = numbers_of(random_products)
    assert found["sigma_max"] > 10
    assert found["peak_norm"] > 30 > 1e-5 > found["norm_last"]
    # The bound is an upper one at every step.
    k = torch.arange(1, random_products.POWERS + 1)
    assert (result_of(random_products).powers <= found["sigma_max"] ** k.double() * (1 + 1e-12)).all()


def test_32_06():
    """Holds: clipping limits the step and leaves the cause, a smaller scale of the weights removes it."""
    clipped = clip_by_norm(vector(3e5, -4e5), c=1.0)
    torch.testing.assert_close(clipped.norm().item(), 1.0)
    exploding, proper = growth(2.0, 100), growth(1.0, 100)
    assert exploding > 1e5 > 10 > proper
    # One common factor cannot change the ratio between the layers.
    assert numbers_of(fault_diagnosis)["growth_hidden"] == numbers_of(fault_diagnosis)["growth_explosion"]


def test_32_07():
    """Condition: clipping rescues training that would be thrown away, and leaves the network as badly scaled."""
    found = numbers_of(recurrent_cliff)
    assert found["thrown_clipped"] == 0 < found["seeds"] / 2 < found["thrown_free"]
    assert found["low_clipped"] > 2 * found["low_free"]
    # A deep network with too large weights: finite with clipping, lost without.
    x, y = normal(32, 64, seed=7), torch.arange(32) % 10
    ends = {}
    for clip in (False, True):
        weights = deep_relu(1.5, 100)
        losses = []
        for _ in range(40):
            weights = [weight.detach().requires_grad_() for weight in weights]
            loss = torch.nn.functional.cross_entropy(activations(weights, x)[1], y)
            grads = torch.autograd.grad(loss, weights)
            losses.append(loss.item())
            flat = torch.cat([grad.flatten() for grad in grads])
            if not torch.isfinite(flat).all():
                break
            parts = (clip_by_norm(flat, 1.0) if clip else flat).split([grad.numel() for grad in grads])
            weights = [w - 0.01 * g.view_as(w) for w, g in zip(weights, parts, strict=True)]
        ends[clip] = losses
    assert max(ends[False]) > 1e6 * ends[False][0]
    assert ends[True][-1] < ends[True][0] / 3
    # What clipping does not mend: the loss is still far above that of guessing.
    assert ends[True][-1] > math.log(10)


def test_32_08():
    """Imprecise: by norm keeps the direction and bounds the norm; by value does neither."""
    for g in (vector(10.0, 1.0, 1.0), vector(10.0, 0.1, 0.1)):
        norm, value = clip_by_norm(g, 1.0), clip_by_value(g, 1.0)
        torch.testing.assert_close(norm.norm().item(), 1.0)
        torch.testing.assert_close(torch.cosine_similarity(norm, g, 0).item(), 1.0)
        assert 1.0 < value.norm() <= value_clip_norm_bound(1.0, 3)
        assert torch.cosine_similarity(value, g, 0) < 0.9999
        parameter = torch.nn.Parameter(torch.zeros_like(g))
        parameter.grad = g.clone()
        torch.nn.utils.clip_grad_norm_([parameter], 1.0)
        torch.testing.assert_close(parameter.grad, clip_by_norm(g, 1.0, eps=1e-6))
    assert torch.cosine_similarity(clip_by_value(vector(10.0, 1.0, 1.0), 1.0), vector(10.0, 1.0, 1.0), 0) < 0.7
    # A gradient below the threshold passes unchanged.
    torch.testing.assert_close(clip_by_norm(vector(0.3, -0.4), 1.0), vector(0.3, -0.4))
    found = numbers_of(clip_directions)
    assert found["by_norm"] > 1 - 1e-12
    assert found["network_low"] < 0.7


def test_32_09():
    """Condition: the bound holds for SGD, is ten times larger with momentum, and Adam does not notice the clip."""
    lr, c, momentum, g = 0.1, 1.0, 0.9, vector(3e6, -4e6)
    for mu in (0.0, momentum):
        w = torch.nn.Parameter(torch.zeros(2, dtype=torch.float64))
        optimiser = torch.optim.SGD([w], lr=lr, momentum=mu)
        steps = []
        for _ in range(200):
            before = w.detach().clone()
            w.grad = clip_by_norm(g, c)
            optimiser.step()
            steps.append((w.detach() - before).norm().item())
        assert max(steps) <= max_step(lr, c, mu) * (1 + 1e-12)
        torch.testing.assert_close(steps[-1], max_step(lr, c, mu))
    assert max_step(lr, c, momentum) > 9 * max_step(lr, c)
    ends = []
    for threshold in (1.0, 0.01):
        w = m = v = vector(0.0, 0.0)
        for t in range(1, 51):
            w, m, v = adam_step(w, clip_by_norm(g, threshold), m, v, t, 0.01, 0.0)
        ends.append(w)
    assert ends[0].norm() > 0.5
    torch.testing.assert_close(ends[0], ends[1], rtol=1e-5, atol=0.0)


def test_32_10():
    """Condition: batch norm ignores the scale of the weights, but explodes in plain ReLU networks."""
    x, W, y = normal(40, 5, seed=1), normal(5, 3, seed=2), normal(40, 3, seed=3)
    ones, zeros = torch.ones(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    slopes, outputs = [], []
    for scale in (1.0, 10.0):
        weight = (scale * W).requires_grad_()
        outputs.append(batch_norm(x @ weight, ones, zeros, eps=1e-12))
        slopes.append(torch.autograd.grad((outputs[-1] * y).sum(), weight)[0])
    torch.testing.assert_close(outputs[0], outputs[1])
    torch.testing.assert_close(slopes[0], 10 * slopes[1])
    found = numbers_of(growth_at_start)
    assert abs(found["norm_per_block"] - found["norm_per_block_predicted"]) < 0.02
    assert found["norm"] > 1e3
    assert 0.1 < found["plain"] < 10
    assert found["batch"] < 20
    # No scale of the weights prevents it.
    thrice = growth_at_start.ratios(lambda h, w: growth_at_start.normalise(torch.bmm(h, 3 * w), 1).relu())
    assert thrice[0].median() > 1e3


@pytest.mark.parametrize("gain", [0.8, 1.0, 1.25])
def test_32_11(gain):
    """Holds at the start: the right scale keeps the norm, a quarter more explodes and a fifth less vanishes."""
    grown = torch.tensor([growth(gain, seed) for seed in (100, 300, 500)]).log().mean().exp().item()
    assert gain**19 / 3 < grown < gain**19 * 3
    assert numbers_of(growth_at_start)["plain_predicted"] == 1


def test_32_12():
    """Imprecise: the direct path of an LSTM cannot grow, the derivative of its memory can."""
    found, runs = numbers_of(recurrent_jacobians), result_of(recurrent_jacobians)
    assert all((norms <= 1).all() for norms in runs.direct.values())
    assert found["lstm_large"] > 10
    # With small weights and no forget bias it forgets instead; the bias keeps the memory.
    assert found["lstm_fresh"] < 1e-8
    assert found["lstm_remembers"] > 1e6 * found["lstm_fresh"]
    torch.testing.assert_close(lstm_direct_path(torch.full((50, 1), 0.5).double()).item(), 0.5**50)
    # Without recurrent weights the direct path is the whole derivative.
    x, h, inputs = normal(2, seed=1), normal(3, seed=2), normal(4, 3, 2, seed=3)
    free = torch.zeros(4, 3, 3, dtype=torch.float64), normal(4, 3, seed=4)
    whole = torch.func.jacrev(lambda c: lstm_step(x, h, c, inputs, *free)[1])(normal(3, seed=5))
    forget = torch.sigmoid(inputs[1] @ x + free[1][1])
    torch.testing.assert_close(whole, torch.diag(lstm_direct_path(forget[None])))


def test_32_13():
    """Imprecise: shortcuts alone make the gradient grow; normalised, scaled or zero branches keep it."""
    found = numbers_of(growth_at_start)
    depth = found["depth"]
    assert 2 ** (depth / 2) / 3 < found["residual"] < 2 ** (depth / 2) * 3
    assert found["residual"] > 1e6 * found["plain"]
    assert 0.5 < found["plain"] < 2
    assert 1.4 < found["scaled"] < math.sqrt(math.e)
    assert 0.8 < found["layer"] / math.sqrt(depth + 1) < 1.2
    # Batch normalisation in the branch: a power of the depth as well, a larger one.
    assert math.sqrt(depth + 1) < found["batch"] < depth
    torch.testing.assert_close(residual_growth(vector(1.0), 1.0, depth).item(), 2 ** (depth / 2))
    assert residual_growth(vector(1.0), 0.0, depth).item() == 1
    # And the shortcut does cure vanishing: with tiny branches the plain product is gone, the residual one stays.
    A = 0.1 * orthogonal(4, seed=1)
    eye = torch.eye(4, dtype=torch.float64)
    assert torch.linalg.matrix_norm(torch.linalg.matrix_power(A, 50), 2) < 1e-49
    assert torch.linalg.matrix_norm(torch.linalg.matrix_power(eye + A, 50), 2) > 1


def test_32_d21():
    assert math.isclose(number("32-d21"), 5 * 2 / math.hypot(5, 12))


def test_32_d22():
    steps = sum(0.1 * 2 * 0.9**k for k in range(1000))
    assert math.isclose(number("32-d22"), steps)


def test_32_d23():
    assert number("32-d23") ** 2 == 2**20


def test_32_d24():
    for step, length in zip(code("32-d24"), (1000.0, 0.5), strict=True):
        model = torch.nn.Linear(1, 1, bias=False)
        torch.nn.init.zeros_(model.weight)
        step(model, 1000 * model.weight.sum(), torch.optim.SGD(model.parameters(), lr=1.0), 0.5)
        torch.testing.assert_close(model.weight.abs().item(), length)


def test_32_d25():
    def clipped(clip):
        model = torch.nn.Linear(2, 1)
        model.weight.grad, model.bias.grad = torch.tensor([[30.0, 40.0]]), torch.tensor([1.0])
        clip(model, 1.0)
        return torch.cat([model.weight.grad[0], model.bias.grad])

    wrong, cured = map(clipped, code("32-d25"))
    direction = torch.tensor([30.0, 40.0, 1.0])
    cosine = torch.nn.functional.cosine_similarity
    torch.testing.assert_close(cosine(cured, direction, dim=0).item(), 1.0)
    assert cosine(wrong, direction, dim=0) < 0.8
    assert wrong.norm() > 1.4


def test_32_d26():
    power, line, decades = curves("32-d26", 0, 5 / 7, 1)
    assert math.isclose(power[1], 1)
    assert power[0] < 0.001
    assert power[2] > 8
    assert line == pytest.approx([0.5, 1.0, 1.2])
    assert decades[0] < -3
    assert abs(decades[1]) < 1e-9
