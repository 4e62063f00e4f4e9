"""
Nets on tables: what the scale and the tails of columns cost a net, and a tree does not notice.

The breast cancer data as they are, standardised, and as normal quantiles; then the same with every standardised column
sent through an exponential, which keeps the order of the values and gives them a heavy tail. Prediction: a tree and the
quantiles use the order only and lose nothing to the tail; the net needs one scale and no tails, so raw columns cost it
most, and standardising does not cure the tail. Measured: accuracy on held-out rows, median over splits.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier
from torch import Tensor
from torch.nn import functional

from optnotes.gradients import he_std

SPLITS, ROWS, HIDDEN, STEPS, LR, STRETCH = 8, 200, 16, 100, 0.01, 3.0
INPUTS = ("raw", "standard", "quantile")


@dataclass(frozen=True)
class Result:
    """By columns and inputs, accuracy of net and tree on held-out rows, one per split."""

    net: dict[tuple[str, str], Tensor]
    tree: dict[tuple[str, str], Tensor]


def scaled(inputs: str, X: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """All rows on the scale of the training rows."""
    if inputs == "raw":
        return X
    scaler = StandardScaler()
    if inputs == "quantile":
        scaler = QuantileTransformer(n_quantiles=ROWS, output_distribution="normal")
    found: np.ndarray = scaler.fit(X[rows]).transform(X)
    return found


def net(X: Tensor, y: Tensor, held: Tensor, held_y: Tensor) -> Tensor:
    """Accuracy of a ReLU net after a number of steps of Adam, all splits at once."""
    generator = torch.Generator().manual_seed(40)
    columns = X.shape[-1]
    first = he_std(columns) * torch.randn(SPLITS, columns, HIDDEN, generator=generator, dtype=X.dtype)
    last = torch.randn(SPLITS, HIDDEN, 1, generator=generator, dtype=X.dtype) / math.sqrt(HIDDEN)
    weights = [first, last, torch.zeros_like(first[:, :1]), torch.zeros_like(last[:, :1])]
    weights = [each.requires_grad_() for each in weights]
    optimizer = torch.optim.Adam(weights, lr=LR)

    def logits(rows: Tensor) -> Tensor:
        return (torch.relu(rows @ weights[0] + weights[2]) @ weights[1] + weights[3]).squeeze(-1)

    for _ in range(STEPS):
        optimizer.zero_grad()
        torch.autograd.backward(functional.binary_cross_entropy_with_logits(logits(X), y, reduction="sum") / ROWS)
        optimizer.step()
    with torch.no_grad():
        return ((logits(held) > 0) == (held_y > 0.5)).double().mean(1)


def compute() -> Result:
    """Fit net and tree to both kinds of columns with all inputs."""
    X, y = load_breast_cancer(return_X_y=True)
    rng = np.random.default_rng(40)
    orders = [rng.permutation(len(X)) for _ in range(SPLITS)]
    columns = {"plain": X, "tails": np.exp(STRETCH * StandardScaler().fit_transform(X))}
    nets, trees = {}, {}
    for kind, table in columns.items():
        for inputs in INPUTS:
            parts = [(scaled(inputs, table, order[:ROWS])[order], y[order]) for order in orders]
            trees[kind, inputs] = torch.tensor(
                [
                    DecisionTreeClassifier(random_state=0).fit(A[:ROWS], t[:ROWS]).score(A[ROWS:], t[ROWS:])
                    for A, t in parts
                ]
            )
            both = [torch.tensor(np.stack(each)).double() for each in zip(*parts, strict=True)]
            nets[kind, inputs] = net(both[0][:, :ROWS], both[1][:, :ROWS], both[0][:, ROWS:], both[1][:, ROWS:])
    return Result(nets, trees)


def numbers(result: Result) -> dict[str, float | int]:
    """Medians over the splits."""
    found: dict[str, float | int] = {"splits": SPLITS, "rows": ROWS, "steps": STEPS}
    for model, accuracy in (("net", result.net), ("tree", result.tree)):
        found |= {f"{model}_{kind}_{inputs}": each.median().item() for (kind, inputs), each in accuracy.items()}
    return found
