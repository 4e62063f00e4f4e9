"""
A vanishing gradient with a pencil: three layers of one sigmoid unit, and what twenty layers can keep at most.

The outputs of the three units are chosen as round numbers; the biases that give them follow. All three weights exceed
one, and the gradient shrinks all the same. Beside it a matrix whose entries are all below one and which doubles a
vector, a memory that adds up without a forget gate, and a sigmoid at the end of the network.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from optnotes.activations import sigmoid, sigmoid_derivative, tanh_derivative
from optnotes.gradients import backprop, layer_gradients, lstm_direct_path, output_delta, scalar_chain

INPUT, TARGET = 1.0, 0.4
WEIGHTS, OUTPUTS = (2.0, 1.5, 4.0), (0.5, 0.8, 0.9)
DEEP, ENTRY, SIZE = 20, 0.5, 4
ADDED, FORGET, STEPS = 0.5, 0.9, 20
WRONG = -10.0  # input of a sigmoid whose target is one


@dataclass(frozen=True)
class Result:
    """One entry a layer: pre-activations, derivatives, error signals, gradients of the weights."""

    z: Tensor
    slopes: Tensor
    deltas: Tensor
    weight_grads: Tensor


def compute() -> Result:
    """Forward with biases that give the round outputs, then back one layer at a time."""
    h = torch.tensor([INPUT, *OUTPUTS], dtype=torch.float64)
    z = h[1:].logit()
    w = torch.tensor(WEIGHTS, dtype=torch.float64)
    deltas = [output_delta(h[3:] - TARGET, z[2:], sigmoid_derivative)]
    for layer in (1, 0):
        deltas.insert(0, backprop(deltas[0], w[layer + 1].reshape(1, 1), z[layer : layer + 1], sigmoid_derivative))
    grads = [layer_gradients(delta, h[layer : layer + 1])[0].reshape(1) for layer, delta in enumerate(deltas)]
    return Result(z, sigmoid_derivative(z), torch.cat(deltas), torch.cat(grads))


def numbers(result: Result) -> dict[str, float | int]:
    """Everything in the tables, and the factors between the layers."""
    found: dict[str, float | int] = {"input": INPUT, "target": TARGET, "deep": DEEP, "passed": DEEP - 1}
    rows = zip(WEIGHTS, OUTPUTS, result.slopes, result.deltas, result.weight_grads, strict=True)
    for layer, (weight, output, slope, delta, grad) in enumerate(rows, 1):
        found |= {f"w{layer}": weight, f"h{layer}": output, f"slope{layer}": slope.item()}
        found |= {f"delta{layer}": delta.item(), f"grad{layer}": grad.item()}
    w = torch.tensor(WEIGHTS, dtype=torch.float64)
    factors = (w[1:] * result.slopes[:2]).tolist()
    found |= {"factor1": factors[0], "factor2": factors[1], "ratio": (result.deltas[0] / result.deltas[2]).item()}
    found |= {"chain": scalar_chain(w, result.z, sigmoid_derivative).item(), "error": OUTPUTS[2] - TARGET}
    found |= {"steepest": 0.25, "most": 0.25 ** (DEEP - 1)}
    ones = torch.ones(SIZE, dtype=torch.float64)
    stretched = torch.full((SIZE, SIZE), ENTRY, dtype=torch.float64) @ ones
    found |= {"entry": ENTRY, "size": SIZE, "stretch": (stretched.norm() / ones.norm()).item()}
    kept, gated = ADDED * STEPS, sum(ADDED * FORGET**k for k in range(STEPS))
    both = torch.tensor([kept, gated], dtype=torch.float64)
    found |= {"added": ADDED, "steps": STEPS, "forget": FORGET, "memory": kept, "memory_gated": gated}
    found |= dict(zip(("out", "out_gated"), tanh_derivative(both).tolist(), strict=True))
    found |= {"path_gated": lstm_direct_path(torch.full((STEPS, 1), FORGET, dtype=torch.float64)).item()}
    p = sigmoid(torch.tensor(WRONG, dtype=torch.float64)).item()
    return found | {"wrong": WRONG, "squared": 2 * (p - 1) * p * (1 - p), "log": p - 1}
