"""Question 36: decay and penalty under several optimisers, and in front of a normalisation."""

import inspect
import math

import pytest
import torch

from optnotes.penalties import ridge_solution
from tests.attack.search import SEED, Choice, Interval, Statement


def turn(optimizer, seed, units=64, d=64, steps=1200, size=1.0):
    """Root mean square turn per step of units whose gradient is noise at a right angle to them, over their length."""
    generator = torch.Generator().manual_seed(seed)
    w = torch.nn.Parameter(torch.randn(units, d, generator=generator).double())
    with torch.no_grad():
        w *= size / w.norm(dim=1, keepdim=True)
    optimizer, turns = optimizer([w]), []
    for step in range(steps):
        noise, before = torch.randn(units, d, generator=generator).double(), w.detach().clone()
        along = before / before.norm(dim=1, keepdim=True)
        w.grad = (noise - (noise * along).sum(1, keepdim=True) * along) / before.norm(dim=1, keepdim=True)
        optimizer.step()
        if step > steps / 2:
            cosine = torch.nn.functional.cosine_similarity(before, w.detach(), dim=1)
            turns.append(cosine.clamp(max=1).acos().square().mean())
    return torch.stack(turns).mean().sqrt().item()


def sgd_turn(seed, decay, momentum=0.0, lr=0.1):
    """The turn under SGD over the root of twice the rate times lambda; the start has the length it settles at."""
    lam = decay / lr
    size = (63 * lr / (2 * lam) / (1 - momentum)) ** 0.25
    found = turn(lambda p: torch.optim.SGD(p, lr=lr, weight_decay=lam, momentum=momentum), seed, size=size)
    return found / math.sqrt(2 * decay)


PLAIN_SGD = Statement(
    "under SGD without momentum the turn settles at the root of twice the learning rate times lambda",
    {"seed": SEED, "decay": Interval(2e-3, 2e-2, log=True)},
    lambda seed, decay: 0.06 - abs(sgd_turn(seed, decay) - 1),
    draws=4,
    steps=2,
)
SMALLER_WITH_MOMENTUM = Statement(
    "with momentum the turn is smaller, by the root of one plus momentum",
    {"seed": SEED, "decay": Interval(2e-3, 1e-2, log=True), "momentum": Choice((0.5, 0.9))},
    lambda seed, decay, momentum: 0.1 - abs(sgd_turn(seed, decay, momentum) * math.sqrt(1 + momentum) - 1),
    draws=4,
    steps=2,
)


DECAYING = tuple(
    name
    for name, kind in vars(torch.optim).items()
    if inspect.isclass(kind) and "weight_decay" in inspect.signature(kind).parameters
)


def decays_what_it_is_given(name, seed, decay):
    """How much a step without a data gradient takes off the least shrunken of a matrix, a bias and a gain."""
    generator = torch.Generator().manual_seed(seed)
    shapes = [(3, 2), (3, 1)] if name == "Muon" else [(3, 2), (3,), (2,)]  # Muon refuses what is no matrix
    tensors = [torch.nn.Parameter(1 + torch.rand(shape, generator=generator)) for shape in shapes]
    before = [each.detach().clone() for each in tensors]
    for each in tensors:
        each.grad = torch.zeros_like(each)
    optimizer = getattr(torch.optim, name)(tensors, lr=0.01, weight_decay=decay)
    for _ in range(3):
        optimizer.step()
    return min((old - new.detach()).min().item() for old, new in zip(before, tensors, strict=True))


TORCH_DECAYS_WHAT_IT_IS_GIVEN = Statement(
    "weight_decay of torch.optim shrinks every tensor that has a gradient, even zero, biases and gains too",
    {"name": Choice(DECAYING), "seed": SEED, "decay": Interval(0.01, 1.0, log=True)},
    decays_what_it_is_given,
)


@pytest.mark.parametrize("statement", [PLAIN_SGD, SMALLER_WITH_MOMENTUM, TORCH_DECAYS_WHAT_IT_IS_GIVEN])
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_old_the_turn_without_the_optimiser():
    """Refuted: AdamW turns by less than a third of the root of twice the rate times lambda."""
    decay, lr = 5e-3, 0.01
    found = turn(lambda p: torch.optim.AdamW(p, lr=lr, weight_decay=decay / lr), 1, size=1.0)
    predicted = math.sqrt(2 * decay * 0.1 / 1.9)
    assert abs(found / predicted - 1) < 0.1
    assert found < 0.33 * math.sqrt(2 * decay)


def train(X, y, momentum, penalty=0.0, decay=0.0, steps=4000, lr=0.05):
    """Least squares with a penalty in the gradient, or with the same decay apart from it."""
    w = torch.nn.Parameter(torch.zeros(X.shape[1], dtype=X.dtype))
    optimizer = torch.optim.SGD([w], lr=lr, momentum=momentum, weight_decay=penalty)
    for _ in range(steps):
        w.grad = X.T @ (X @ w.detach() - y) / len(y)
        with torch.no_grad():
            w *= 1 - lr * decay
        optimizer.step()
    return w.detach()


@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_old_with_momentum_they_differ_a_little(momentum):
    """Refuted: apart from the gradient the decay is that of a penalty weaker by one minus momentum."""
    generator = torch.Generator().manual_seed(2)
    X, y = torch.randn(40, 5, generator=generator).double(), torch.randn(40, generator=generator).double()
    lam = 0.3
    penalty, weaker = (ridge_solution(X, y, 40 * strength) for strength in (lam, lam * (1 - momentum)))
    torch.testing.assert_close(train(X, y, momentum, penalty=lam), penalty, atol=1e-6, rtol=0)
    torch.testing.assert_close(train(X, y, momentum, decay=lam, lr=0.01), weaker, atol=3e-3, rtol=0)
    assert (penalty - weaker).norm() > 0.05 * penalty.norm()
    free = torch.zeros(3, 1).double()  # no data gradient: a thousand steps
    left = [0.999**1000, (1 - 0.001 / (1 - momentum)) ** 1000]
    w = torch.nn.Parameter(torch.ones(1).double())
    optimizer = torch.optim.SGD([w], lr=0.01, momentum=momentum, weight_decay=0.1)
    for _ in range(1000):
        w.grad = free[0] * 0
        optimizer.step()
    # The next order in decay over (1 - momentum) squared is a tenth here.
    assert abs(math.log(w.item()) / math.log(left[1]) - 1) < 0.15
    assert w.item() < 0.5 * left[0]


@pytest.mark.parametrize("n", [200, 2000])
def test_old_a_sum_weakens_the_penalty_as_the_data_set_grows(n):
    """Refuted in batches of 32: only the batch counts."""
    generator = torch.Generator().manual_seed(3)
    X = torch.randn(n, 1, generator=generator).double()
    y = X[:, 0] + 0.1 * torch.randn(n, generator=generator).double()
    w = tail = torch.zeros(1, dtype=torch.float64)
    for step in range(3000):
        batch = torch.randint(n, (32,), generator=generator)
        w = w - 0.002 * (X[batch].T @ (X[batch] @ w - y[batch]) + 16.0 * w)
        tail = tail + w / 1500 * (step >= 1500)
    assert abs(tail.item() - 32 / (32 + 16)) < 0.05
    full = (X[:, 0] @ y / (X[:, 0] @ X[:, 0] + 16)).item()
    assert full > 0.9


@pytest.mark.parametrize("name", DECAYING)
def test_a_tensor_without_a_gradient_is_not_decayed(name):
    tensor = torch.nn.Parameter(torch.ones(3, 2))
    getattr(torch.optim, name)([tensor], lr=0.01, weight_decay=0.5).step()
    assert tensor.eq(1).all()


def test_gains_of_several_axes_pass_for_matrices():
    assert torch.nn.LayerNorm([8, 8]).weight.ndim == 2
