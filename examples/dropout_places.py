"""
Where the library drops, and where it does not: recurrent layers, attention, residual branches, batch normalisation.

Prediction: `dropout=` of a stacked LSTM acts on what one layer hands to the next, so that one layer has none, and the
states of the first are untouched; a mask drawn anew at every step would leave a memory with the power of the keep
probability; attention drops probabilities, whose sum then scatters around one; a ReLU commutes with a mask, a sigmoid
does not; a prediction with batch normalisation in training mode depends on its neighbours; the branch of an adapter
starts at zero under any mask, its gradient does not. Measured: one call each.
"""

import math
import warnings
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from optnotes.dropout import inverted_dropout

P, STEPS, LENGTH, BATCH, INPUTS, HIDDEN, KEYS, DRAWS = 0.2, 20, 12, 5, 4, 6, 10, 20_000


@dataclass(frozen=True)
class Result:
    """Everything is a plain number."""

    values: dict[str, float]


def recurrent(layers: int) -> tuple[float, float]:
    """Largest change that dropout makes to the outputs of an LSTM, and to the last state of its first layer."""
    with torch.random.fork_rng(), warnings.catch_warnings():
        torch.manual_seed(38)
        warnings.simplefilter("ignore")  # one layer: the library says that there is nothing between layers
        net = nn.LSTM(INPUTS, HIDDEN, num_layers=layers, dropout=0.5)
        x = torch.randn(LENGTH, BATCH, INPUTS)
        training, (states, _) = net(x)
        inference, (calm, _) = net.eval()(x)
    return (training - inference).abs().max().item(), (states[0] - calm[0]).abs().max().item()


def attention() -> dict[str, float]:
    """Sum of the probabilities that one query gives to its keys when dropout acts on them."""
    with torch.random.fork_rng():
        torch.manual_seed(38)
        query, key = torch.randn(1, 1, 8).double(), torch.randn(1, KEYS, 8).double()
        whole = torch.ones(1, KEYS, 1).double()
        shares = (query @ key.mT / math.sqrt(8)).softmax(-1)
        many = query.expand(DRAWS, 1, 8), key.expand(DRAWS, KEYS, 8), whole.expand(DRAWS, KEYS, 1)
        sums = functional.scaled_dot_product_attention(*many, dropout_p=P)
    spread = math.sqrt(P / (1 - P) * shares.square().sum().item())
    return {"sum_mean": sums.mean().item(), "sum_std": sums.std().item(), "sum_predicted": spread}


def order() -> dict[str, float]:
    """Largest difference between dropping before and behind an activation, with the same mask."""
    generator = torch.Generator().manual_seed(38)
    z = torch.randn(100, generator=generator).double()
    mask = (torch.rand(100, generator=generator) >= P).double()
    both = {"relu": torch.relu, "sigmoid": torch.sigmoid}
    return {
        f"order_{name}": (phi(inverted_dropout(z, mask, P)) - inverted_dropout(phi(z), mask, P)).abs().max().item()
        for name, phi in both.items()
    }


def adapter() -> dict[str, float]:
    """Largest difference between two masks at the input of a low-rank branch whose second factor is zero."""
    generator = torch.Generator().manual_seed(38)
    x = torch.randn(BATCH, INPUTS, generator=generator).double()
    first = torch.randn(INPUTS, 2, generator=generator).double()
    seen = []
    for mask in (torch.rand(2, BATCH, INPUTS, generator=generator) >= P).double():
        second = torch.zeros(2, HIDDEN).double().requires_grad_()
        branch = inverted_dropout(x, mask, P) @ first @ second
        (slope,) = torch.autograd.grad((branch - 1).square().sum() / 2, second)
        seen.append((branch.detach(), slope))
    return {
        name: (a - b).abs().max().item() for name, a, b in zip(("lora_output", "lora_gradient"), *seen, strict=True)
    }


class Fixed(nn.Module):
    """Dropout with one mask for good, so that two passes can be compared."""

    def __init__(self, units: int) -> None:
        super().__init__()
        self.mask = (torch.rand(units) >= P).double()

    def forward(self, h: Tensor) -> Tensor:
        """Drop the same units of every example."""
        return inverted_dropout(h, self.mask.expand_as(h), P)


def neighbours() -> dict[str, float]:
    """How far the prediction for one example moves with the rest of its batch, by the mode of the normalisation."""
    with torch.random.fork_rng():
        torch.manual_seed(38)
        norm = nn.BatchNorm1d(HIDDEN)
        net = nn.Sequential(nn.Linear(INPUTS, HIDDEN), norm, nn.ReLU(), Fixed(HIDDEN), nn.Linear(HIDDEN, 1)).double()
        one, others = torch.randn(1, INPUTS).double(), torch.randn(2, 7, INPUTS).double()
        found = {}
        with torch.no_grad():
            for name, mode in (("train", True), ("eval", False)):
                norm.train(mode)
                pair = [net(torch.cat([one, rest]))[0] for rest in others]
                found[f"moved_{name}"] = (pair[0] - pair[1]).abs().item()
    return found


def compute() -> Result:
    """Ask the library."""
    (single, _), (stacked, first) = recurrent(1), recurrent(2)
    values = {"lstm_single": single, "lstm_stacked": stacked, "lstm_first": first}
    return Result(values | attention() | order() | neighbours() | adapter())


def numbers(result: Result) -> dict[str, float | int]:
    """What was measured, and what a memory keeps under a new mask at every step or under one mask."""
    return {"p": P, "steps": STEPS, "each_step": (1 - P) ** STEPS, "whole_sequence": 1 - P} | result.values
