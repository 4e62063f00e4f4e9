"""
Standard and inverted dropout side by side, right and wrong, over all masks of one layer.

Six activations, drop probability 0.2, all 64 masks with their probabilities, so that every mean is exact. Prediction:
both schemes give at inference the mean of what the next layer saw in training; each classic mistake (keep and drop
probability swapped, scaling twice, not scaling, dropout left on) is off by a factor that can be named beforehand. The
single pass is exact for a linear unit, and for a sigmoid it is exactly the normalised geometric mean. Measured: these
factors, the moments, and what a ReLU and the arithmetic mean make of it.

What the masks do to a mean square adds up over layers: behind SELU, which would keep it at one, inverted dropout acts
like weights larger by the inverse of the keep probability, and alpha dropout changes nothing. Measured too.
"""

import itertools
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import alpha_dropout, dropout

from optnotes.activations import selu
from optnotes.dropout import (
    inverted_dropout,
    inverted_dropout_moments,
    normalised_geometric_mean,
    standard_dropout,
    standard_dropout_inference,
    standard_dropout_moments,
    weight_scaling,
)
from optnotes.gradients import variance_step
from optnotes.site.figures.bounds import bound

N, P = 6, 0.2
LAYERS, NETS, BATCH, WIDTH = 20, 20, 30, 100


@dataclass(frozen=True)
class Result:
    """Activations and weights; outputs in training, one row per mask, and at inference; mean squares behind SELU."""

    h: Tensor
    w: Tensor
    masks: Tensor
    probabilities: Tensor
    training: dict[str, Tensor]
    inference: dict[str, Tensor]
    selu: dict[str, Tensor]


def self_normalisation() -> dict[str, Tensor]:
    """Mean square behind the last of many SELU layers in training, one per network, by kind of dropout."""
    with torch.random.fork_rng():
        torch.manual_seed(38)
        W = torch.randn(LAYERS, NETS, WIDTH, WIDTH, dtype=torch.float64) / WIDTH**0.5
        signals = dict.fromkeys(("dropout", "alpha"), torch.randn(NETS, BATCH, WIDTH, dtype=torch.float64))
        for weight in W:
            for name, drop in (("dropout", dropout), ("alpha", alpha_dropout)):
                signals[name] = drop(selu(signals[name] @ weight.mT), P, training=True)
    return {name: h.square().mean((1, 2)) for name, h in signals.items()}


def compute() -> Result:
    """Apply every mask in every scheme; both schemes stand under their name, the mistakes behind it."""
    generator = torch.Generator().manual_seed(38)
    h, w = torch.rand(2, N, generator=generator, dtype=torch.float64) + 0.5
    w = w * torch.tensor([1.0, -1.0], dtype=torch.float64).repeat(N // 2)
    masks = torch.tensor(list(itertools.product([0.0, 1.0], repeat=N)), dtype=torch.float64)
    kept = masks.sum(1)
    rows = h.expand(masks.shape)
    standard, inverted = standard_dropout(rows, masks), inverted_dropout(rows, masks, P)
    scaled = standard_dropout_inference(h, P)
    training = {
        "standard": standard,
        "standard_unscaled": standard,
        "standard_swapped": standard,
        "inverted": inverted,
        "inverted_swapped": inverted_dropout(rows, masks, 1 - P),
        "inverted_rescaled": inverted,
        "inverted_left_on": inverted,
    }
    inference = {
        "standard": scaled,
        "standard_unscaled": h,
        "standard_swapped": standard_dropout_inference(h, 1 - P),
        "inverted": h,
        "inverted_swapped": h,
        "inverted_rescaled": scaled,
        "inverted_left_on": inverted,
    }
    return Result(h, w, masks, (1 - P) ** kept * P ** (N - kept), training, inference, self_normalisation())


def numbers(result: Result) -> dict[str, float | int]:
    """Output at inference over mean output in training by scheme, errors of moments, averages of nonlinear units."""
    probabilities, found = result.probabilities, {"p": P, "masks": len(result.masks)}
    for name, training in result.training.items():
        inference = result.inference[name]
        mean = probabilities @ inference if inference.dim() == 2 else inference
        found[f"{name}_factor"] = (mean.sum() / (probabilities @ training).sum()).item()
    for name, moments in (("standard", standard_dropout_moments), ("inverted", inverted_dropout_moments)):
        mean, variance = moments(result.h, P)
        first = probabilities @ result.training[name]
        second = probabilities @ (result.training[name] - first).square()
        error = max((first - mean).abs().max().item(), (second - variance).abs().max().item())
        found[f"{name}_within"] = bound(error, 1e-13)
        found[f"{name}_noise"] = (second.sqrt() / first).mean().item()
    sums = result.training["standard"] @ result.w
    scaled = weight_scaling(result.w, result.h, P)
    found["linear_error"] = (probabilities @ sums - scaled).abs().item()
    found["relu_mean"], found["relu_pass"] = (probabilities @ sums.relu()).item(), scaled.relu().item()
    geometric = normalised_geometric_mean(4 * sums, probabilities)
    found["sigmoid_error"] = (geometric - torch.sigmoid(4 * scaled)).abs().item()
    found["sigmoid_mean"], found["sigmoid_pass"] = (probabilities @ torch.sigmoid(4 * sums)).item(), geometric.item()
    found["left_on_spread"] = (inverted_dropout_moments(result.h, P)[1].sum().sqrt() / result.h.sum()).item()
    q = torch.ones((), dtype=torch.float64)
    for _ in range(LAYERS):
        q = variance_step(q, selu, 1 / (1 - P), 0.0)
    found |= {f"selu_{name}": square.mean().item() for name, square in result.selu.items()}
    found |= {"selu_predicted": q.item(), "selu_layers": LAYERS}
    _, variance = inverted_dropout_moments(torch.ones(()), 1 - P)
    return found | {"kept_for_dropped_noise": variance.sqrt().item()}
