"""
From "loss is nan" to the cause: five faults planted in a small network, and one order of questions that tells them.

Prediction: it is enough to ask, at the first step at which anything is not finite, where along the pass it begins.
Already in the inputs: the data. In the activations: the precision if the same pass in float32 is finite, else the
learning rate if the weights have grown since the start. Only in the loss: the loss. Only in the gradient: the layer
whose gradient is the first one, counted from the output, that is not finite. Measured: the verdict on every fault.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.site.figures.digits import load_digits

FAULTS = ("data", "precision", "loss", "layer", "rate")
SEEDS, STEPS, BATCH, UNITS, GROWN = 6, 40, 64, 32, 10.0
RATE, WILD = 0.01, 3.0


@dataclass(frozen=True)
class Log:
    """What one step leaves in the log: whether each part is finite, the size of the weights, and the layer."""

    step: int
    inputs: bool
    activations: bool
    exact: bool
    loss: bool
    gradient: bool
    layer: str
    weights: float


@dataclass(frozen=True)
class Result:
    """Verdict and last step by fault, one entry a network; the layer named where a layer is at fault."""

    verdicts: dict[str, list[str]]
    steps: dict[str, list[int]]
    layers: list[str]


def finite(*values: Tensor) -> bool:
    """Whether every number is finite."""
    return all(bool(torch.isfinite(value).all()) for value in values)


def forward(x: Tensor, parameters: dict[str, Tensor], fault: str, half: bool) -> list[Tensor]:
    """Hidden values, their normalised version and logits; in half precision every one of them is rounded."""

    def rounded(value: Tensor) -> Tensor:
        return value.half().float() if half else value

    scale = 1e5 if fault == "precision" else 1.0
    hidden = rounded(scale * torch.relu(x @ parameters["first"]))
    centred = hidden - hidden.mean(1, keepdim=True)
    variance = centred.square().mean(1, keepdim=True)
    # The root has an infinite slope at zero: the guard belongs inside.
    spread = variance.sqrt() + 1e-5 if fault == "layer" else (variance + 1e-10).sqrt()
    normal = rounded(centred / spread)
    return [hidden, normal, rounded(normal @ parameters["last"])]


def loss_of(logits: Tensor, y: Tensor, fault: str) -> Tensor:
    """Half the squared error; as a fault, the logarithm of a probability that has been rounded to zero."""
    if fault == "loss":
        return -(300 * logits).softmax(1)[torch.arange(len(y)), y].log().mean()
    return (logits - torch.eye(10)[y]).square().sum(1).mean() / 2


def watch(fault: str, seed: int) -> list[Log]:
    """Train until something is not finite, and keep the log."""
    generator = torch.Generator().manual_seed(seed)
    pixels, y = (part[:BATCH] for part in load_digits())
    X = ((pixels - pixels.mean()) / pixels.std()).float()
    X = torch.cat([X, torch.zeros(1, X.shape[1])])  # an empty picture: every hidden unit gives the same
    y = torch.cat([y, y[:1]])
    if fault == "data":
        X[3, 5] = torch.nan
    parameters = {
        "first": (torch.randn(X.shape[1], UNITS, generator=generator) / 8).requires_grad_(),
        "last": (torch.randn(UNITS, 10, generator=generator) / UNITS**0.5).requires_grad_(),
    }
    log: list[Log] = []
    for step in range(STEPS):
        size = max(value.detach().norm().item() for value in parameters.values())
        values = forward(X, parameters, fault, half=fault == "precision")
        loss = loss_of(values[-1], y, fault)
        grads = torch.autograd.grad(loss, [values[1], values[0], *parameters.values()])
        broken = [name for name, grad in zip(("normal", "hidden"), grads, strict=False) if not finite(grad)]
        with torch.no_grad():
            exact = finite(*forward(X, parameters, fault, half=False))
            log.append(
                Log(step, finite(X), finite(*values), exact, finite(loss), finite(*grads), (broken or [""])[0], size)
            )
            if not (log[-1].activations and log[-1].loss and log[-1].gradient):
                return log
            # Too large a rate of the last layer alone: its loss is quadratic, so it must diverge and no unit can die.
            rates = (0.0, WILD) if fault == "rate" else (RATE, RATE)
            for value, grad, rate in zip(parameters.values(), grads[2:], rates, strict=True):
                value -= rate * grad
    return log


def diagnose(log: list[Log]) -> str:
    """The order of the questions; each is answered by the log alone."""
    last = log[-1]
    if last.activations and last.loss and last.gradient:
        return "none"
    if not last.inputs:
        return "data"
    if not last.activations and last.exact:
        return "precision"
    if not last.weights <= GROWN * log[0].weights:  # NaN has grown, too
        return "rate"
    return "loss" if last.activations and not last.loss else "layer"


def compute() -> Result:
    """Plant every fault in several networks; a network without a fault must get no verdict."""
    logs = {fault: [watch(fault, seed) for seed in range(SEEDS)] for fault in (*FAULTS, "none")}
    verdicts = {fault: [diagnose(log) for log in runs] for fault, runs in logs.items()}
    steps = {fault: [log[-1].step for log in runs] for fault, runs in logs.items()}
    return Result(verdicts, steps, [log[-1].layer for log in logs["layer"]])


def numbers(result: Result) -> dict[str, float | int]:
    """How many verdicts are right, by fault and in all."""
    found: dict[str, float | int] = {"seeds": SEEDS, "faults": len(FAULTS), "runs": SEEDS * len(FAULTS), "grown": GROWN}
    right = {fault: result.verdicts[fault].count(fault) for fault in (*FAULTS, "none")}
    found |= {f"right_{fault}": count for fault, count in right.items()}
    found |= {"right": sum(right[fault] for fault in FAULTS), "named": result.layers.count("hidden")}
    return found | {"quick": max(max(result.steps[fault]) for fault in FAULTS[:4]), "late": min(result.steps["rate"])}
