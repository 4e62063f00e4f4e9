"""Small real training runs on the data sets bundled with scikit-learn, and the faults that can be planted in them."""

import itertools
import math
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
import yaml
from sklearn import datasets
from torch import nn
from torch.nn import functional

from optnotes.checkup import checkup
from tests.checkup.nets import Attention, Recurrent, cnn, mlp

PLANS = Path(__file__).with_name("faults.yaml")
HALF = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32, "float64": torch.float64}
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU, "silu": nn.SiLU}
NEEDED = {"relu": 2.0, "tanh": 1.0, "sigmoid": 1.0, "gelu": 2.0, "silu": 2.0}


@dataclass(frozen=True)
class Plan:
    """A training run; every field that is not at its default is what makes the run that it is."""

    data: str = "digits"
    net: str = "mlp"
    width: int = 32
    depth: int = 2
    activation: str = "relu"
    init: str = "gain"
    gain: float = 1.0
    last_gain: float = 1.0
    bias: float = 0.0
    norm: bool = False
    momentum_norm: float = 0.1
    dropout: float = 0.0
    wrap: str = ""
    times: float = 1.0
    kind: str = "LSTM"
    step: int = 8
    attention_gain: float = 1.0
    loss: str = "ce"
    factor: float = 1.0
    penalty: str = ""
    strength: float = 0.0
    optimizer: str = "adam"
    lr: float = 3e-3
    options: tuple[tuple[str, float], ...] = ()
    batch: int = 32
    rows: int = 0
    before: int = 60
    steps: int = 8
    scale: str = "standard"
    inputs: float = 1.0
    offset: float = 0.0
    common: float = 0.0
    targets: float = 1.0
    labels: str = ""
    held: str = ""
    mode: str = ""
    dtype: str = "float32"
    autocast: str = ""
    loss_scale: float = 1.0
    max_norm: float = 0.0
    accumulate: int = 1


@cache
def patches(start=0, halves=1):
    """Every fifth grey patch of eight by eight pixels out of two photographs; the classes are their halves, or they."""
    found, labels = [], []
    for label, image in enumerate(datasets.load_sample_images().images):
        grey = image[: image.shape[0] // 8 * 8, : image.shape[1] // 8 * 8].mean(2)
        tiles = grey.reshape(grey.shape[0] // 8, 8, -1, 8).swapaxes(1, 2).reshape(-1, 64)
        found.append(tiles[start :: len(tiles) // 800][:800])
        labels += [label * halves + place * halves // 800 for place in range(800)]
    return np.concatenate(found), np.array(labels)


def area():
    """Regression: the worst area of a tumour from the other features that are no areas."""
    X, _ = datasets.load_breast_cancer(return_X_y=True)
    kept = [index for index in range(30) if index not in (3, 13, 23)]
    return X[:, kept], X[:, 23]


SOURCES = {
    "digits": partial(datasets.load_digits, return_X_y=True),
    "diabetes": partial(datasets.load_diabetes, return_X_y=True, scaled=False),
    "breast": partial(datasets.load_breast_cancer, return_X_y=True),
    "wine": partial(datasets.load_wine, return_X_y=True),
    "iris": partial(datasets.load_iris, return_X_y=True),
    "patches": patches,
    "halves": partial(patches, 2, 2),
    "area": area,
}


def tensors(plan, generator):
    """Training and held-out examples, scaled as the plan says, with three quarters for training."""
    X, y = (torch.from_numpy(np.asarray(part)).double() for part in SOURCES[plan.data]())
    order = torch.randperm(len(X), generator=generator)
    cut = plan.rows or len(X) * 3 // 4
    train, held = order[:cut], order[cut : cut + 400]
    raw = X
    if plan.scale == "standard" and plan.data in ("digits", "patches", "halves"):
        X = (X - X[train].mean()) / X[train].std()
    elif plan.scale == "standard":
        X = (X - X[train].mean(0)) / X[train].std(0).clamp_min(1e-9)
    if plan.common:  # one factor in all features, which stay standardised
        X = (X + plan.common * torch.randn(len(X), 1, generator=generator, dtype=X.dtype)) / math.hypot(1, plan.common)
    X = X * plan.inputs + plan.offset
    if plan.labels == "random":
        y = y[torch.randperm(len(y), generator=generator)]
    if plan.labels == "noisy":  # three in four are drawn anew
        other = y[torch.randperm(len(y), generator=generator)]
        y = torch.where(torch.rand(len(y), generator=generator) < 0.75, other, y)
    regression = plan.data in ("diabetes", "area")
    if regression:
        y = ((y - y[train].mean()) / y[train].std()) * plan.targets
    classes = 1 if regression else int(y.max()) + 1
    held_X = {"": X, "raw": raw, "train": X}[plan.held][held]
    held_y = y[held]
    if plan.held == "train":
        held_X, held_y = torch.cat([held_X[:-20], X[train][:20]]), torch.cat([held_y[:-20], y[train][:20]])
    if plan.labels == "sorted":
        train = train[y[train].argsort()]
    if plan.labels == "nan":
        X = X.clone()
        X[train[::7], 3] = math.nan
    return X[train], y[train], held_X, held_y, classes


class Detached(nn.Sequential):
    """A network whose graph is cut in front of its last layer."""

    def forward(self, x):
        for layer in self[:-1]:
            x = layer(x)
        return self[-1](x.detach())


class Rooted(nn.Sequential):
    """A network with the root of a distance that is zero."""

    def forward(self, x):
        for layer in self[:-1]:
            x = layer(x)
        return self[-1](x + (x - x.detach()).abs().sqrt())


class Times(nn.Module):
    """A factor that belongs to no weight."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return self.factor * x


class Always(nn.Module):
    """Functional dropout that nobody switches off."""

    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return functional.dropout(x, self.p)


def body(plan, inputs, outputs):
    """Return the network without what stands at its output."""
    if plan.net == "cnn":
        return cnn((plan.width // 4, plan.width // 2), outputs, plan.norm, plan.dropout)
    if plan.net == "rnn":
        return Recurrent(plan.kind, plan.step, plan.width, outputs)
    if plan.net == "transformer":
        return Attention(plan.width, 4, plan.depth, outputs, dropout=plan.dropout)
    sizes = [inputs, *[plan.width] * plan.depth, outputs]
    norm = partial(nn.BatchNorm1d, momentum=plan.momentum_norm) if plan.norm else None
    net = mlp(sizes, ACTIVATIONS[plan.activation], norm, plan.dropout)
    if plan.wrap == "dropout-first":  # in front of the normalisation
        parts = []
        for part in net:
            parts += [nn.Dropout(0.5), part] if isinstance(part, nn.BatchNorm1d) else [part]
        net = nn.Sequential(*parts)
    if plan.wrap == "times":
        pairs = [(part, Times(plan.times)) if isinstance(part, nn.ReLU) else (part,) for part in net]
        net = nn.Sequential(*itertools.chain.from_iterable(pairs))
    if plan.wrap == "always":
        net = nn.Sequential(*net[:-1], Always(0.3), net[-1])
    return {"detached": Detached, "root": Rooted}.get(plan.wrap, nn.Sequential)(*net)


AT_OUTPUT = {
    "softmax": lambda: nn.Softmax(1),
    "sigmoid": nn.Sigmoid,
    "relu-out": nn.ReLU,
    "dropout-out": lambda: nn.Dropout(0.3),
}


@torch.no_grad()
def start(plan, net):
    """Set the initial weights."""
    layers = [each for each in net.modules() if isinstance(each, nn.Linear | nn.Conv2d)]
    if plan.init == "default" or plan.net in ("rnn", "transformer"):
        layers = layers if plan.init in ("zero", "constant") else []
    for layer in layers:
        if plan.init in ("zero", "constant"):
            layer.weight.fill_(0.0 if plan.init == "zero" else 0.1)
            layer.bias.zero_()
            continue
        gain = plan.gain * (plan.last_gain if layer is layers[-1] else 1.0)
        needed = 1.0 if layer is layers[-1] else NEEDED[plan.activation]
        nn.init.normal_(layer.weight, std=gain * math.sqrt(needed / layer.weight[0].numel()))
        layer.bias.fill_(plan.bias if layer is not layers[-1] else 0.0)
    for module in net.modules():
        if isinstance(module, nn.RNNBase) and plan.gain != 1:
            nn.init.orthogonal_(module.weight_hh_l0, plan.gain)
            module.nonlinearity = "relu"
            module.mode = "RNN_RELU"
        if hasattr(module, "qkv"):
            module.qkv.weight[: 2 * module.qkv.in_features] *= plan.attention_gain


def network(plan, inputs, classes):
    outputs = classes
    if plan.wrap in ("sigmoid", "softmax-one") or plan.loss in ("bce", "mse-one"):
        outputs = 1
    if plan.net == "transformer":
        net = nn.Sequential(nn.Unflatten(1, (8, 8)), body(plan, inputs, outputs))
    else:
        net = body(plan, inputs, outputs)
    start(plan, net)
    if plan.wrap == "softmax-one":
        net = nn.Sequential(net, nn.Softmax(1))
    elif plan.wrap in AT_OUTPUT:
        net = nn.Sequential(net, AT_OUTPUT[plan.wrap]())
    return net.to(HALF[plan.dtype])


def by_hand(output, target):
    """Cross-entropy through a probability."""
    return -output.softmax(1).gather(1, target[:, None]).log().mean()


LOSSES = {
    "ce": functional.cross_entropy,
    "nll": functional.nll_loss,
    "by-hand": by_hand,
    "mse": functional.mse_loss,
    "mse-one": functional.mse_loss,
    "bce": functional.binary_cross_entropy_with_logits,
    "sum": partial(functional.cross_entropy, reduction="sum"),
    "smooth": partial(functional.cross_entropy, label_smoothing=0.1),
}


def loss_of(plan, net):
    """Return the loss with its penalty."""

    def loss(output, target):
        value = plan.factor * LOSSES[plan.loss](output, target)
        if plan.penalty:
            power = 1 if plan.penalty == "l1" else 2
            value = value + plan.strength * sum(p.abs().pow(power).sum() for p in net.parameters() if p.dim() > 1)
        return value

    return loss


def optimizer_of(plan, net):
    parameters = list(net.parameters())
    if plan.mode == "forgotten":
        parameters = parameters[2:]
    kind = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[plan.optimizer]
    return kind([p for p in parameters if p.requires_grad], lr=plan.lr, **dict(plan.options))


def batches_of(plan, X, y, classes, generator):
    """Cut the examples into batches, in their order or shuffled."""
    order = torch.arange(len(X)) if plan.labels == "sorted" else torch.randperm(len(X), generator=generator)
    dtype = HALF[plan.dtype]
    regression = classes == 1
    target = y.to(dtype) if regression or plan.loss in ("bce", "mse-one") else y.long()
    if target.is_floating_point() and plan.labels != "flat":
        target = target[:, None]
    return [(X[part].to(dtype), target[part]) for part in order.split(plan.batch) if len(part) == plan.batch]


def prepared(plan, seed):
    """Train as planned, and return what a reader would hand to the check-up."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    X, y, held_X, held_y, classes = tensors(plan, generator)
    net = network(plan, X.shape[1], classes)
    if plan.mode == "frozen":
        net[0].requires_grad_(False)
    loss, optimizer = loss_of(plan, net), optimizer_of(plan, net)
    net.train(plan.mode != "eval")
    pool = batches_of(plan, X, y, classes, generator)
    precision = HALF.get(plan.autocast)
    for step in range(plan.before):
        x, target = pool[step % len(pool)]
        with torch.autocast("cpu", dtype=precision or torch.bfloat16, enabled=precision is not None):
            value = loss(net(x), target)
        (value * plan.loss_scale).backward()
        if (step + 1) % plan.accumulate == 0:
            for parameter in net.parameters():
                if parameter.grad is not None:
                    parameter.grad /= plan.loss_scale
            if plan.max_norm:
                nn.utils.clip_grad_norm_(net.parameters(), plan.max_norm)
            optimizer.step()
            optimizer.zero_grad()
        if (step + 1) % len(pool) == 0:
            pool = batches_of(plan, X, y, classes, generator)
    stride = max(len(pool) // 8, 1) if plan.labels == "sorted" else 1
    held = batches_of(replace(plan, batch=min(plan.batch, len(held_X))), held_X, held_y, classes, generator)
    options = {"accumulate": plan.accumulate, "autocast": precision, "loss_scale": plan.loss_scale}
    options |= {"held_out": held, "max_norm": plan.max_norm or None, "taken": plan.before // plan.accumulate}
    options["steps"] = plan.steps
    return net, loss, pool[::stride], optimizer, options


def report(plan, seed):
    net, loss, batches, optimizer, options = prepared(plan, seed)
    return checkup(net, loss, batches, optimizer, **options)


@dataclass(frozen=True)
class Fault:
    """A fault, the question it belongs to, the plan it spoils, and the causes that name it."""

    id: str
    about: str
    causes: tuple[str, ...]
    plans: dict[str, Plan]

    @property
    def unseen(self) -> bool:
        """Whether thresholds were set without it."""
        return "tuning" not in self.plans


def plan_of(fields):
    return Plan(**{key: tuple(value.items()) if key == "options" else value for key, value in fields.items()})


@cache
def load():
    """Return faults, and healthy plans by half: the half that set thresholds, and the half that is reported."""
    content = yaml.safe_load(PLANS.read_text("utf-8"))
    bases = {half: content[half] for half in ("tuning", "reported")}
    faults = []
    for entry in content["faults"] + content["unseen"]:
        halves = bases if entry in content["faults"] else ("reported",)
        plans = {half: plan_of(bases[half][entry["base"]] | entry["fault"] | entry.get(half, {})) for half in halves}
        causes = entry["cause"] if isinstance(entry["cause"], list) else [entry["cause"]]
        faults.append(Fault(entry["id"], str(entry["about"]), tuple(causes), plans))
    healthy = {
        half: {
            name: plan_of(bases[half][entry["base"]] | entry.get("set", {}) | entry.get(half, {}))
            for name, entry in content["healthy"].items()
        }
        for half in bases
    }
    return faults, healthy
