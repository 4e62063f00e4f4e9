"""Question 32: when gradients explode, and what clipping, warm-up and the bound on the step do."""

import math

import pytest
import torch

from optnotes.gradients import clip_by_norm
from tests.attack.nets import gradient_ratio, plain
from tests.attack.search import SEED, Choice, Interval, Statement, whole


def descends(curvatures, over, start=0.1, steps=600):
    """Distance after gradient descent on a quadratic at a rate relative to the bound, over the start."""
    values = torch.tensor(curvatures).double()
    x = start * (1 - over * 2 / values.max() * values) ** steps
    return (x.norm() / (start * len(curvatures) ** 0.5)).item()


BOUND_ON_A_QUADRATIC = Statement(
    "on a quadratic descent converges below the bound and diverges above it",
    {
        "low": Interval(0.1, 1.0),
        "high": Interval(1.0, 30.0),
        "off": Interval(0.01, 0.9),
        "above": Choice((False, True)),
    },
    lambda low, high, off, above: (
        descends((low, high), 1 + off) - 1 if above else 1 - descends((low, high), max(0.01, 1 - off))
    ),
)


def warm_up_only_postpones(over, warm):
    x = step = 1.0
    for step in range(20000):
        x *= 1 - 2 * over * min(1.0, (step + 1) / warm)
        if abs(x) > 1e3:
            break
    return (abs(x) > 1e3) - 0.5


WARM_UP_POSTPONES = Statement(
    "where the curvature stays the same warm-up only postpones the divergence",
    {"over": Interval(1.05, 1.5), "warm": Choice((1, 10, 100, 500))},
    warm_up_only_postpones,
)


def constant_factor(seed, factor, kind, decay):
    """Whether Adam takes the same path for a gradient times a constant; AdamW has a decay, too."""
    generator, paths = torch.Generator().manual_seed(seed), []
    grads = torch.randn(50, 4, generator=generator).double() + 0.3
    for scale in (1.0, factor):
        w = torch.nn.Parameter(torch.zeros(4).double())
        optimizer = getattr(torch.optim, kind)([w], lr=0.01, weight_decay=decay if kind == "Adam" else 0.1)
        for grad in grads:
            w.grad = scale * grad
            optimizer.step()
        paths.append(w.detach())
    return 1e-3 - (paths[0] - paths[1]).abs().max().item()


ADAM_IGNORES_A_FACTOR = Statement(
    "without a penalty in the gradient Adam takes the same path for a gradient times a constant, well above eps",
    {
        "seed": SEED,
        "factor": Interval(1e-3, 1e3, log=True),
        "kind": Choice(("Adam", "AdamW")),
        "decay": Choice((0.0,)),
    },
    constant_factor,
    draws=12,
    steps=5,
)


def drift_at_the_minimum(seed, threshold, curvature):
    """Mean of the clipped gradient at the minimum of a quadratic, over noise that comes with both signs alike."""
    noise = torch.randn(20, 3, generator=torch.Generator().manual_seed(seed)).double().exp() * curvature
    grads = torch.cat([noise, -noise])
    clipped = torch.stack([clip_by_norm(grad, threshold) for grad in grads])
    return 1e-9 - (clipped.mean(0).norm() / threshold).item()


SYMMETRIC_NOISE_GIVES_NO_SHIFT = Statement(
    "under symmetric noise clipping leaves the minimum of a quadratic where it is",
    {
        "seed": SEED,
        "threshold": Interval(0.01, 10.0, log=True),
        "curvature": Interval(0.1, 10.0, log=True),
    },
    drift_at_the_minimum,
)


def turns(seed, parts, threshold, way):
    """By how much clipping turns a gradient of several tensors, each of its own size."""
    generator = torch.Generator().manual_seed(seed)
    tensors = [(k + 1) * torch.randn(3, generator=generator).double() for k in range(parts)]
    longest = max(each.norm().item() for each in tensors)
    clipped = {
        "value": lambda: [each.clamp(-threshold * each.abs().max(), threshold * each.abs().max()) for each in tensors],
        "tensor": lambda: [clip_by_norm(each, threshold * longest) for each in tensors],
        "all": lambda: list(clip_by_norm(torch.cat(tensors), threshold * longest).split(3)),
    }[way]()
    before, after = torch.cat(tensors), torch.cat(clipped)
    aside = after - (after @ before) / (before @ before) * before
    return (aside.norm() / after.norm()).item() - 1e-9


CLIPPING_IN_PARTS_TURNS = Statement(
    "clipping by value, and by the norm of each tensor apart, turns the gradient",
    {
        "seed": SEED,
        "parts": whole(2, 5),
        "threshold": Interval(0.05, 0.95),
        "way": Choice(("value", "tensor")),
    },
    turns,
)


def explodes(seed, depth, scale, norm):
    """Growth per layer of a plain ReLU net at initialisation, over five per cent."""
    net = plain(seed, torch.nn.ReLU(), norm, depth=depth, std=scale / 128**0.5)
    return gradient_ratio(net, seed) ** (1 / depth) - 1.05


BATCH_NORM_EXPLODES = Statement(
    "in a deep plain ReLU net with batch normalisation gradients grow, whatever the scale of the weights",
    {"seed": SEED, "depth": Choice((15, 30)), "scale": Interval(0.1, 10.0, log=True), "norm": Choice(("batch",))},
    explodes,
    draws=8,
    steps=4,
)


@pytest.mark.parametrize(
    "statement",
    [
        BOUND_ON_A_QUADRATIC,
        WARM_UP_POSTPONES,
        ADAM_IGNORES_A_FACTOR,
        SYMMETRIC_NOISE_GIVES_NO_SHIFT,
        CLIPPING_IN_PARTS_TURNS,
        BATCH_NORM_EXPLODES,
    ],
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


@pytest.mark.parametrize("start", [0.1, 3.0])
def test_old_an_unstable_minimum_is_left_for_good(start):
    """Refuted: on log cosh, a tenth over the bound, descent ends in a cycle of two points beside the minimum."""
    x = start
    for _ in range(4000):
        x -= 2.2 * math.tanh(x)
    assert abs(abs(x) - 0.5532) < 1e-3
    assert abs(x - 2.2 * math.tanh(x) + x) < 1e-9


def test_old_an_explosion_is_there_before_the_first_step():
    """Refuted: a chain of twenty equal units loses its gradient at the start and multiplies it after training."""
    w, layers = torch.tensor(0.8, dtype=torch.float64, requires_grad=True), 20
    before = w.item() ** (layers - 1)
    for _ in range(1000):
        (grad,) = torch.autograd.grad((w**layers - 100) ** 2 / 2, w)
        with torch.no_grad():
            w -= 1e-3 * grad.sign()
    assert abs(w.item() ** layers / 100 - 1) < 0.05
    assert before < 0.1 < 50 < w.item() ** (layers - 1)


def left_by_adam(spread, clip, seeds=32, d=20, steps=1500):
    """Loss around which Adam settles on a quadratic when the noise has a log-normal scale."""
    generator = torch.Generator().manual_seed(1)
    w, tail = torch.nn.Parameter(torch.ones(seeds, d).double()), 0.0
    optimizer = torch.optim.Adam([w], lr=0.01)
    for step in range(steps):
        scale = torch.exp(spread * torch.randn(seeds, 1, generator=generator)).double()
        grad = w.detach() + scale * torch.randn(seeds, d, generator=generator).double()
        w.grad = 0.01 * grad / grad.norm(dim=1, keepdim=True) if clip else grad
        optimizer.step()
        tail += w.detach().square().sum(1).mean().item() / steps * (step >= steps // 2)
    return tail


def test_old_clipping_helps_adam_only_against_rare_spikes():
    """Refuted: clipping at every step, which evens out the norms, helps where their scale varies, and only there."""
    assert left_by_adam(2.0, True) < 0.3 * left_by_adam(2.0, False)
    assert abs(left_by_adam(0.0, True) / left_by_adam(0.0, False) - 1) < 0.2


def decades(scale, tied, saturating, seed, n=64, steps=100):
    """Decades by which a random direction grows through a recurrent network, or one with a matrix of its own each."""
    generator = torch.Generator().manual_seed(seed)

    def draw():
        return torch.randn(n, n, generator=generator).double() * scale / n**0.5

    W, h, total = draw(), torch.zeros(n).double(), 0.0
    v = torch.randn(n, generator=generator).double()
    v = v / v.norm()
    for _ in range(steps):
        W = W if tied else draw()
        h = torch.tanh(W @ h + torch.randn(n, generator=generator).double())
        v = (1 - h.square() if saturating else 1.0) * (W @ v)
        total += v.norm().log10().item()
        v = v / v.norm()
    return total


def mean_decades(scale, tied, saturating):
    return sum(decades(scale, tied, saturating, seed) for seed in range(8)) / 8


def test_old_recurrent_networks_explode_more_readily():
    """Refuted where tanh saturates: one matrix or a hundred, the decades are those of the scale."""
    for scale in (1.0, 3.0):
        assert abs(mean_decades(scale, True, True) - mean_decades(scale, False, True)) < 2
    assert mean_decades(1.0, True, False) > mean_decades(1.0, False, False) + 0.5


def test_advice_against_growing_oscillation():
    """Symptom: the loss of a quadratic grows, a tenth over the bound. A smaller rate ends it, warm-up does not."""
    assert descends((1.0, 10.0), 1.1) > 1e3
    assert descends((1.0, 10.0), 0.9) < 1e-3
    assert warm_up_only_postpones(1.1, 500) > 0


def test_advice_mend_the_initialisation():
    """Symptom: gradients grow towards the input before the first step. He's weights end it."""
    he = (2 / 128) ** 0.5
    for seed in range(3):
        assert gradient_ratio(plain(seed, torch.nn.ReLU(), std=2 * he), seed) > 1e12
        assert 0.05 < gradient_ratio(plain(seed, torch.nn.ReLU(), std=he), seed) < 20


def test_advice_rare_spikes():
    """Symptom: one gradient in a hundred is a thousand times as long, and SGD is thrown away. Clipping ends it."""
    far = {}
    for clip in (False, True):
        generator, w = torch.Generator().manual_seed(4), torch.nn.Parameter(torch.ones(10).double())
        optimizer, far[clip] = torch.optim.SGD([w], lr=0.1), 0.0
        for step in range(1000):
            spike = 1000.0 if step % 100 == 50 else 1.0
            w.grad = spike * (w.detach() + 0.1 * torch.randn(10, generator=generator).double())
            if clip:
                torch.nn.utils.clip_grad_norm_([w], 1.0)
            optimizer.step()
            far[clip] = max(far[clip], w.detach().norm().item())
    assert far[False] > 10
    assert far[True] < 3.3
