"""What a check-up cannot read is an error that names it."""

import pytest
import torch
from torch import nn

from optnotes.checkup import checkup, features

CE = nn.CrossEntropyLoss()
X, Y = torch.ones(4, 3), torch.tensor([0, 1, 0, 1])
BATCHES = [(X, Y)]


def model():
    return nn.Linear(3, 2)


def frozen():
    return model().requires_grad_(False)


def cut(x, y):
    return CE(x.detach(), y)


def sparse():
    return nn.Sequential(nn.Embedding(5, 2, sparse=True), nn.Flatten(), nn.Linear(6, 2))


class Complex(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(3, dtype=torch.complex64))


class Other(nn.Module):
    def forward(self, x):
        return x


@pytest.mark.parametrize(
    ("arguments", "options", "expected"),
    [
        ((42, CE, BATCHES), {}, "model must be a torch.nn.Module, got int"),
        ((nn.DataParallel(model()), CE, BATCHES), {}, "model must be the module inside its wrapper, got DataParallel"),
        ((torch.compile(model(), backend="eager"), CE, BATCHES), {}, "inside its wrapper, got OptimizedModule"),
        ((nn.LazyLinear(2), CE, BATCHES), {}, "model must be initialised: run one batch first, weight has no shape"),
        ((nn.Linear(3, 2, device="meta"), CE, BATCHES), {}, "weight is torch.strided on meta"),
        ((Complex(), CE, BATCHES), {}, "weight is torch.complex64"),
        ((frozen(), CE, BATCHES), {}, "with requires_grad=True, all are frozen"),
        ((Other(), CE, BATCHES), {}, "with requires_grad=True"),
        ((sparse(), CE, [(X.long(), Y)]), {}, "model must have dense gradients, 0.weight gets a sparse one"),
        ((model(), "ce", BATCHES), {}, "loss must be callable, got str"),
        ((model(), cut, BATCHES), {}, "loss must depend on a parameter of model"),
        ((model(), lambda o, y: o.sum(1), BATCHES), {}, r"loss must return one number, got shape \(4,\)"),
        ((model(), lambda o, y: 1.0, BATCHES), {}, "loss must return one number, got float"),
        ((model(), CE, []), {}, "batches must hold at least one batch, got none"),
        ((model(), CE, X), {}, "batches must be an iterable of pairs"),
        ((model(), CE, [X]), {}, r"batches must hold pairs \(inputs, target\), got Tensor"),
        ((model(), CE, [(X, Y, Y)]), {}, "batches must hold pairs"),
        ((model(), CE, BATCHES, "adam"), {}, "optimizer must be a torch.optim.Optimizer, got str"),
        ((model(), CE, BATCHES, torch.optim.SGD([X], 0.1)), {}, "optimizer must hold parameters of model"),
        ((model(), CE, BATCHES), {"steps": 0}, r"steps must be an integer in \[1, inf\), got 0"),
        ((model(), CE, BATCHES), {"steps": True}, "steps must be an integer"),
        ((model(), CE, BATCHES), {"accumulate": 2}, "accumulate must be at most the number of batches, got 2"),
        ((model(), CE, BATCHES), {"max_norm": -1.0}, r"max_norm must be a number in \(0, inf\), got -1.0"),
        ((model(), CE, BATCHES), {"loss_scale": 0.0}, "loss_scale must be a number"),
        ((model(), CE, BATCHES), {"autocast": torch.float64}, "autocast must be None"),
        ((model(), CE, BATCHES), {"taken": -1}, r"taken must be an integer in \[0, inf\), got -1"),
        ((model(), CE, BATCHES), {"held_out": 3}, "held_out must be an iterable of pairs"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(arguments, options, expected):
    with pytest.raises(ValueError, match=expected):
        checkup(*arguments, **options)


def test_an_optimiser_that_wants_a_closure_is_refused():
    net = model()
    with pytest.raises(ValueError, match="optimizer must step without a closure, got LBFGS"):
        checkup(net, CE, BATCHES, torch.optim.LBFGS(net.parameters()))


def test_a_label_that_the_loss_ignores_is_read_past():
    ignored = [(torch.randn(64, 3), torch.tensor([-100, 0, 1, 1]).repeat(16)) for _ in range(2)]
    reading = features(model(), CE, ignored)
    assert "condition" in reading.numbers
    assert "slow_error" not in reading.numbers


def test_what_was_not_measured_is_said_never_left_out():
    report = checkup(model(), lambda output, target: output.square().sum(), BATCHES)
    text = report.text()
    for words in ("no optimizer", "none of those known", "fewer than three layers", "at least two batches", "held_out"):
        assert words in text
