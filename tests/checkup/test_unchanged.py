"""A check-up leaves everything as it was, bit for bit, and costs at most five times its steps."""

import copy
import math
import random
import time

import numpy as np
import pytest
import torch
from torch import nn

from optnotes.checkup import checkup
from optnotes.checkup._run import record
from tests.checkup.nets import Attention, Recurrent, Tied, cnn, mlp

CE = nn.CrossEntropyLoss()


def digits_like(count=6, size=16, classes=10, seed=0):
    g = torch.Generator().manual_seed(seed)
    return [(torch.rand(size, 64, generator=g), torch.randint(classes, (size,), generator=g)) for _ in range(count)]


def tokens(count=4):
    g = torch.Generator().manual_seed(0)
    return [(x := torch.randint(20, (8, 12), generator=g), x.roll(-1, 1)) for _ in range(count)]


def sequence_loss(output, target):
    return CE(output.flatten(0, 1), target.flatten())


def rows(batches):
    return [(x.reshape(len(x), 8, 8), y) for x, y in batches]


def frozen():
    model = mlp([64, 32, 32, 10], dropout=0.1)
    model[0].requires_grad_(False)
    return model


CASES = {
    "mlp": lambda: (mlp([64, 32, 10], dropout=0.2), CE, digits_like(), {}),
    "frozen": lambda: (frozen(), CE, digits_like(), {}),
    "cnn": lambda: (cnn(), CE, digits_like(), {}),
    "rnn": lambda: (Recurrent("RNN"), CE, digits_like(), {}),
    "lstm": lambda: (Recurrent("LSTM"), CE, digits_like(), {"max_norm": 1.0}),
    "transformer": lambda: (Attention(dropout=0.1), CE, rows(digits_like()), {}),
    "tied": lambda: (Tied(), sequence_loss, tokens(), {}),
    "accumulated": lambda: (mlp([64, 32, 32, 10]), CE, digits_like(), {"accumulate": 3}),
    "float64": lambda: (mlp([64, 32, 10]).double(), CE, [(x.double(), y) for x, y in digits_like()], {}),
    "bfloat16": lambda: (mlp([64, 32, 10]).bfloat16(), CE, [(x.bfloat16(), y) for x, y in digits_like()], {}),
    "float16": lambda: (mlp([64, 32, 10]).half(), CE, [(x.half(), y) for x, y in digits_like()], {}),
    "autocast": lambda: (mlp([64, 32, 10]), CE, digits_like(), {"autocast": torch.bfloat16}),
    "scaled": lambda: (mlp([64, 32, 10]), CE, digits_like(), {"autocast": torch.float16, "loss_scale": 1024.0}),
    "evaluating": lambda: (cnn().eval(), CE, digits_like(), {}),
    "held out": lambda: (mlp([64, 32, 32, 10]), CE, digits_like(), {"held_out": digits_like(seed=1), "max_norm": 1.0}),
}
OPTIMIZERS = {
    "sgd": lambda model: torch.optim.SGD(model.parameters(), 0.05, momentum=0.9),
    "adamw": lambda model: torch.optim.AdamW(model.parameters(), 1e-3),
}


def bits(value):
    """Everything below ``value``, tensors as bytes, so that two NaN are equal and two zeros of other sign are not."""
    if isinstance(value, torch.Tensor):
        return value.dtype, tuple(value.shape), value.detach().cpu().reshape(-1).contiguous().view(torch.uint8).tolist()
    if isinstance(value, dict):
        return {key: bits(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [bits(each) for each in value]
    return value


def state(model, optimizer):
    return bits(
        {
            "model": dict(model.state_dict()),
            "ids": [id(each) for each in (*model.parameters(), *model.buffers())],
            "gradients": [each.grad for each in model.parameters()],
            "gradient ids": [id(each.grad) for each in model.parameters()],
            "modes": [module.training for module in model.modules()],
            "attributes": [sorted(module.__dict__) for module in model.modules()],
            "hooks": [len(m._forward_hooks) + len(m._forward_pre_hooks) for m in model.modules()],
            "optimizer": optimizer.state_dict(),
            "states": [id(optimizer.state.get(each)) for each in model.parameters()],
            "options": sorted(optimizer.__dict__),
            "torch": torch.get_rng_state(),
            "python": random.getstate(),
            "numpy": [str(each) for each in np.random.get_state(legacy=False).values()],  # noqa: NPY002,
        }
    )


@pytest.fixture(params=[(case, name) for case in CASES for name in OPTIMIZERS], ids="-".join)
def training(request):
    case, name = request.param
    torch.manual_seed(1)
    model, loss, batches, options = CASES[case]()
    optimizer = OPTIMIZERS[name](model)
    for x, y in batches[:2]:  # so that there are gradients, moments and running statistics
        loss(model(x), y).backward()
        optimizer.step()
    return model, loss, batches, optimizer, options


def test_nothing_changes(training):
    model, loss, batches, optimizer, options = training
    before = state(model, optimizer)
    checkup(model, loss, batches, optimizer, **options)
    assert state(model, optimizer) == before


def test_the_training_goes_on_as_if_nothing_had_been(training):
    model, loss, batches, optimizer, options = training
    random_state = torch.get_rng_state()

    def losses():
        found = []
        for x, y in batches:
            optimizer.zero_grad()
            value = loss(model(x), y)
            value.backward()
            optimizer.step()
            found.append(value.item())
        return bits([torch.tensor(found), [each.detach() for each in model.parameters()]])

    kept = copy.deepcopy(model.state_dict()), copy.deepcopy(optimizer.state_dict())
    alone = losses()
    model.load_state_dict(kept[0])
    optimizer.load_state_dict(kept[1])
    torch.set_rng_state(random_state)
    checkup(model, loss, batches, optimizer, **options)
    assert losses() == alone


@pytest.mark.parametrize(
    "options", [{"accumulate": 2}, {"max_norm": 0.1}, {"autocast": torch.float16, "loss_scale": 8.0}]
)
def test_the_steps_are_those_of_the_loop(options):
    """Loss before and after with the same masks, norm, promise: for every step, and the first uses what was seen."""
    torch.manual_seed(2)
    model, batches, size = mlp([64, 32, 10], dropout=0.5), digits_like(), options.get("accumulate", 1)
    optimizer = torch.optim.SGD(model.parameters(), 0.5)
    start = torch.get_rng_state()
    taken = record(model, CE, batches, optimizer, **options).steps
    torch.set_rng_state(start)
    half = torch.autocast("cpu", options.get("autocast"), enabled="autocast" in options)
    assert len(taken) == len(batches) // size
    for number, step in enumerate(taken):
        part = batches[number * size : (number + 1) * size]
        masks = torch.get_rng_state()
        with half:
            before = sum(CE(model(x), y) for x, y in part)
        pulls = torch.autograd.grad(before, list(model.parameters()))
        norm = math.sqrt(sum(each.square().sum().item() for each in pulls))
        rate = 0.5 * min(1.0, options.get("max_norm", math.inf) / norm)
        with torch.no_grad(), half:
            for parameter, pull in zip(model.parameters(), pulls, strict=True):
                parameter -= rate * pull
            torch.set_rng_state(masks)
            after = sum(CE(model(x), y).item() for x, y in part)
        assert [step.before, step.norm, step.predicted, step.after] == pytest.approx(
            [before.item(), norm, -rate * norm**2, after], rel=1e-2 if "autocast" in options else 1e-4
        )


class Fails(nn.Module):
    """A network that changes itself and then raises."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(64, 10)
        self.norm = nn.BatchNorm1d(10)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        if self.calls == 5:
            raise RuntimeError("no")
        return self.norm(self.layer(x + torch.rand(()) + random.random() + np.random.rand()))  # noqa: NPY002


def test_nothing_changes_when_the_model_raises():
    model = Fails()
    optimizer = torch.optim.AdamW(model.parameters())
    before = state(model, optimizer)
    with pytest.raises(RuntimeError, match="no"):
        checkup(model, CE, digits_like(), optimizer)
    assert state(model, optimizer) == before
    assert model.calls == 0


def test_the_order_of_a_loader_and_a_scheduler_stay():
    X, y = torch.rand(64, 64), torch.randint(10, (64,))
    generator = torch.Generator().manual_seed(3)
    loader = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(X, y), batch_size=16, shuffle=True, generator=generator
    )
    model = mlp([64, 16, 10])
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    before, rate = generator.get_state(), scheduler.get_last_lr()
    checkup(model, CE, loader, optimizer)
    assert torch.equal(generator.get_state(), before)
    assert scheduler.get_last_lr() == rate
    assert not getattr(optimizer, "_opt_called", False)


def seconds(act):
    start = time.process_time()
    act()
    return time.process_time() - start


def many(part, times=16):
    """A batch of more rows, since with a few of them Python's own work is most of the cost."""
    return part.repeat(times, *[1] * (part.dim() - 1))


@pytest.mark.parametrize("case", CASES)
def test_the_cost_is_at_most_five_times_that_of_the_steps(case):
    torch.manual_seed(0)
    model, loss, batches, options = CASES[case]()
    batches = [(many(x), many(y)) for x, y in batches]
    if "held_out" in options:
        options["held_out"] = [(many(x), many(y)) for x, y in options["held_out"]]
    optimizer = torch.optim.AdamW(model.parameters(), 1e-4)

    def steps():
        size = options.get("accumulate", 1)
        for number, (x, y) in enumerate(batches, 1):
            with torch.autocast("cpu", options.get("autocast"), enabled="autocast" in options):
                value = loss(model(x), y)
            (value * options.get("loss_scale", 1) / size).backward()
            if number % size == 0:
                optimizer.step()
                optimizer.zero_grad()

    steps()
    checkup(model, loss, batches, optimizer, **options)
    plain, whole = [], []
    for _ in range(7):  # in turn and in time of the processor; whatever else runs only adds, so the least counts
        plain.append(seconds(steps))
        whole.append(seconds(lambda: checkup(model, loss, batches, optimizer, **options)))
    assert min(whole) < 5 * min(plain)
