"""Question 31: what random layers do to the norm of a gradient."""

import math

import pytest
import torch

from optnotes.activations import sigmoid, sigmoid_derivative
from optnotes.gradients import gradient_gain, variance_step
from tests.attack.nets import gradient_ratio, plain
from tests.attack.search import SEED, Choice, Interval, Statement, whole


def ratios(seed, width, depth, nets=300, scale=2.0):
    """Gradient norm at the input of random ReLU networks over the norm at the output."""
    generator = torch.Generator().manual_seed(seed)
    v = torch.randn(nets, width, generator=generator)
    start = v.norm(dim=1)
    for _ in range(depth):
        # Half of the units are active, each with probability one half, whatever the signal: signs are symmetric.
        mask = torch.rand(nets, width, generator=generator) < 0.5
        v = torch.einsum("nij,nj->ni", torch.randn(nets, width, width, generator=generator), v * mask)
        v = v * (scale / width) ** 0.5
    return v.norm(dim=1) / start


def mean_square_is_kept(seed, width, depth):
    """Distance of the mean square from one, in standard errors, up to five."""
    squares = ratios(seed, width, depth).square()
    return 5 - ((squares.mean() - 1).abs() / (squares.std() / len(squares) ** 0.5)).item()


MEAN_SQUARE_IS_KEPT = Statement(
    "He's weights keep the mean square of the gradient norm",
    {"seed": SEED, "width": whole(16, 48), "depth": whole(1, 8)},
    mean_square_is_kept,
    draws=15,
    steps=5,
)


def no_scale_of_the_slider(scale):
    """Decades lost over forty layers of sigmoid, without biases."""
    q, lost = torch.ones((), dtype=torch.float64), 0.0
    for _ in range(40):
        lost -= gradient_gain(q, sigmoid_derivative, scale**2).log10().item() / 2
        q = variance_step(q, sigmoid, scale**2, 0.0)
    return lost


NO_SCALE_UP_TO_FOUR = Statement(
    "no scale up to four saves the sigmoid over forty layers", {"scale": Interval(0.1, 4.0)}, no_scale_of_the_slider
)


def fourfold(q, scale):
    """Room below one sixteenth of the gain of a wide sigmoid layer, at any variance of its pre-activations."""
    return (1 / 16 - gradient_gain(torch.tensor(q, dtype=torch.float64), sigmoid_derivative, scale**2)).item()


def turned(seed, n, p):
    """How far a random orthogonal matrix changes a p-norm."""
    generator = torch.Generator().manual_seed(seed)
    matrix = torch.linalg.qr(torch.randn(n, n, generator=generator, dtype=torch.float64)).Q
    x = torch.randn(n, generator=generator, dtype=torch.float64)
    room = 1e-9 - abs(torch.linalg.vector_norm(matrix @ x, p) / torch.linalg.vector_norm(x, p) - 1)
    return min(room.item(), 1 + 1e-9 - matrix.abs().max().item())


def moves(seed, hidden, name, decay):
    """How far an optimiser moves the weights of an input that is always zero."""
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(4, hidden), torch.nn.Tanh(), torch.nn.Linear(hidden, 2)).double()
    x, y = torch.randn(16, 4).double() * torch.tensor([1, 0, 1, 1]), torch.arange(16) % 2
    before = net[0].weight.detach()[:, 1].clone()
    more = {"momentum": 0.9} if name == "SGD" else {}
    optimiser = getattr(torch.optim, name)(net.parameters(), lr=0.05, weight_decay=decay, **more)
    for _ in range(10):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(net(x), y).backward()
        optimiser.step()
    return 1e-12 - (net[0].weight.detach()[:, 1] - before).abs().max().item()


def behind_where(seed, name, safe):
    """Whether the gradient through ``torch.where`` is finite, the arguments zero and below among them."""
    x = torch.randn(20, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    x[:5] = 0
    x.requires_grad_()
    inside = torch.where(x > 0, x, 1) if safe else x
    (grad,) = torch.autograd.grad(torch.where(x > 0, getattr(torch, name)(inside), 0).sum(), x)
    return float(torch.isfinite(grad).all()) - 0.5


FOURFOLD = Statement(
    "with Xavier's weights a wide sigmoid layer weakens the norm at least fourfold",
    {"q": Interval(1e-6, 1e4, log=True), "scale": Choice((1.0,))},
    fourfold,
)
ORTHOGONAL = Statement(
    "an orthogonal matrix keeps the Euclidean length of every vector, its entries do not exceed one",
    {"seed": SEED, "n": whole(1, 40), "p": Choice((2,))},
    turned,
)
ZERO_INPUT = Statement(
    "without weight decay no optimiser moves the weights of an input that is always zero",
    {
        "seed": SEED,
        "hidden": whole(1, 16),
        "name": Choice(("SGD", "Adam", "AdamW", "RMSprop", "Adagrad")),
        "decay": Choice((0.0,)),
    },
    moves,
    draws=20,
    steps=10,
)
SAFE_WHERE = Statement(
    "with a safe argument inside the gradient through torch.where is finite",
    {"seed": SEED, "name": Choice(("sqrt", "rsqrt", "log", "reciprocal")), "safe": Choice((True,))},
    behind_where,
)


@pytest.mark.parametrize(
    "statement", [MEAN_SQUARE_IS_KEPT, NO_SCALE_UP_TO_FOUR, FOURFOLD, ORTHOGONAL, ZERO_INPUT, SAFE_WHERE]
)
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_old_the_expected_norm_is_kept():
    """Refuted at width 64 and depth 50: the mean norm is well below the root of the mean square, the median lower."""
    found = ratios(1, 64, 50, nets=300)
    assert found.median() < found.mean() < 0.8
    assert found.median() < 0.5
    # The mean square of so heavy a tail is beyond reach of 300 networks; per layer it is one, as searched above.
    assert abs(ratios(2, 64, 1, nets=2000).square().mean().item() - 1) < 0.05


def test_old_an_orthogonal_matrix_keeps_every_norm():
    """Refuted: a rotation by 45 degrees keeps the length, not the sum of absolute values nor the largest entry."""
    half = math.sqrt(0.5)
    turned = torch.tensor([[half, -half], [half, half]]) @ torch.tensor([1.0, 0.0])
    torch.testing.assert_close(turned.norm(), torch.tensor(1.0))
    assert turned.abs().sum() > 1.4
    assert turned.abs().max() < 0.8


def test_old_no_scale_saves_the_sigmoid():
    """Refuted: at a scale of ten the gain is about one, at eleven it exceeds one."""
    assert abs(no_scale_of_the_slider(10.0)) < 1
    assert no_scale_of_the_slider(11.0) < -0.5
    assert math.isfinite(no_scale_of_the_slider(11.0))


def test_advice_match_the_initialisation():
    """Symptom: a straight line down, in a ReLU and a sigmoid net. ReLU and He's weights, biases left alone, end it."""

    def initialised(seed):
        net = plain(seed, torch.nn.ReLU())
        for layer in net:
            if isinstance(layer, torch.nn.Linear):
                torch.nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        return net

    for seed in range(3):
        assert gradient_ratio(plain(seed, torch.nn.Sigmoid()), seed) < 1e-30
        assert gradient_ratio(plain(seed, torch.nn.ReLU()), seed) < 1e-15  # another activation alone
        assert 0.05 < gradient_ratio(initialised(seed), seed) < 20
