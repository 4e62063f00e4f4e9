"""
What the installed libraries do when nothing is said.

Every number of the conventions page is read or measured here from torch and scikit-learn as installed: default
arguments from their signatures, scales of default initialisation from large layers, factors from one call each.
"""

import inspect
import math
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler
from torch import nn

FAN, WIDE = 400, 300
COLUMN = [[0.0], [1.0], [5.0]]


@dataclass(frozen=True)
class Result:
    """Everything is a plain number."""

    values: dict[str, float]


def default(function: object, name: str) -> float:
    """Return the default of one argument."""
    value = inspect.signature(function).parameters[name].default  # type: ignore[arg-type]
    return float(value)


def spread(weight: torch.Tensor, fan: int) -> float:
    """Variance of the weights in units of one over the fan."""
    return weight.detach().double().var().item() * fan


def clipped_alone(value: float) -> float:
    """Gradient of one tensor after clipping it by its own norm to one."""
    parameter = nn.Parameter(torch.zeros(1, dtype=torch.float64))
    parameter.grad = torch.full_like(parameter, value)
    nn.utils.clip_grad_norm_(parameter, 1.0)
    return parameter.grad.item()


def compute() -> Result:
    """Ask the libraries."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        linear, rnn, recurrent = nn.Linear(FAN, WIDE), nn.RNN(10, WIDE), nn.LSTM(10, WIDE)
        convolution = nn.Conv2d(FAN // 4, WIDE, kernel_size=2)
        kept = nn.functional.dropout(torch.ones(20_000), 0.2)
    gradient = nn.Parameter(torch.zeros(2, dtype=torch.float64))
    gradient.grad = torch.tensor([3.0, 4.0], dtype=torch.float64)
    norm_before = nn.utils.clip_grad_norm_(gradient, 1.0).item()
    each = [clipped_alone(3.0), clipped_alone(4.0)]
    norm = nn.BatchNorm1d(1)
    norm(torch.tensor([[0.0], [3.0]]))
    column = np.array(COLUMN)
    selu_scale = nn.functional.selu(torch.tensor(1.0).double()).item()
    return Result(
        {
            "dropped": (kept == 0).double().mean().item(),
            "survivor": kept.max().item(),
            "batch_norm_momentum": default(nn.BatchNorm1d, "momentum"),
            "batch_norm_eps": default(nn.BatchNorm1d, "eps"),
            "batch_norm_running": norm.running_var.item(),  # type: ignore[union-attr]
            "linear": spread(linear.weight, FAN),
            "convolution": spread(convolution.weight, FAN),
            "rnn": spread(rnn.all_weights[0][1], WIDE),
            "recurrent": spread(recurrent.all_weights[0][1], WIDE),
            "he": nn.init.calculate_gain("relu") ** 2,
            "tanh_gain": nn.init.calculate_gain("tanh"),
            "leaky_slope": default(nn.LeakyReLU, "negative_slope"),
            "leaky_gain": nn.init.calculate_gain("leaky_relu"),
            "prelu": nn.PReLU().weight.item(),
            "elu_alpha": default(nn.ELU, "alpha"),
            "selu_scale": selu_scale,
            "selu_alpha": -nn.functional.selu(torch.tensor(-100.0).double()).item() / selu_scale,
            "gelu_gap": (nn.functional.gelu(torch.tensor(2.7).double(), approximate="tanh")
                         - nn.functional.gelu(torch.tensor(2.7).double())).abs().item(),
            "clip_norm_before": norm_before,
            "clip_each_norm": math.hypot(*each),
            "clip_norm_gap": 1 - gradient.grad.norm().item(),
            "adam_decay": default(torch.optim.Adam, "weight_decay"),
            "adamw_decay": default(torch.optim.AdamW, "weight_decay"),
            "adam_eps": default(torch.optim.Adam, "eps"),
            "standard_scaler": float(StandardScaler().fit(column).var_[0] / column.var(ddof=1)),
            "pca_whiten": PCA(whiten=True).fit_transform(column).var(ddof=1).item(),
            "he_over_linear": 2 / spread(linear.weight, FAN),
        }
    )  # fmt: skip


def numbers(result: Result) -> dict[str, float]:
    """All of them."""
    return result.values
