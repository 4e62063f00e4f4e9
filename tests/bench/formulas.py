"""Import time, and each formula's time against the function of a library that it explains."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from timeit import Timer
from typing import Any

import torch
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler
from torch.nn import functional as nn

import optnotes
from tests.bench.measure import cost

ROWS, COLUMNS, REPEATS, SLICE = 512, 256, 9, 0.02  # the last in seconds
IMPORT = "import time; import torch; start = time.process_time(); import optnotes; optnotes.formulas(); "
IMPORT += "print(time.process_time() - start)"


def imports(root: Path) -> dict[str, float]:
    """Processor seconds of torch alone, and of all formula modules beyond it; the least of several runs."""
    alone = min(cost([sys.executable, "-c", "import torch"], root).cpu for _ in range(3))
    bare = min(cost([sys.executable, "-c", ""], root).cpu for _ in range(3))
    beyond = min(float(cost([sys.executable, "-c", IMPORT], root).said) for _ in range(3))
    return {"torch": alone - bare, "beyond_torch": beyond, "ratio": beyond / (alone - bare)}


def clipped(gradient: torch.Tensor) -> None:
    """Clip as PyTorch does, on a parameter."""
    weight = torch.nn.Parameter(torch.empty(0))
    weight.data = gradient
    weight.grad = gradient.clone()
    torch.nn.utils.clip_grad_norm_(weight, 1.0)


def table() -> dict[str, tuple[tuple[Any, ...], str, Callable[[], object]]]:
    """Formula, its arguments, and the function of a library that it explains, with a call of it."""
    x = torch.randn(ROWS, COLUMNS, generator=torch.Generator().manual_seed(0))
    row = x.flatten()
    share = torch.softmax(row, -1)
    one, zero = torch.ones(COLUMNS), torch.zeros(COLUMNS)
    mask = (x > 0).to(x.dtype)
    X, target = x.double(), x[:, 0].double()
    bits = mask[:, 0]
    mean, spread = X.mean(0), X.std(0, correction=0)
    scaler = StandardScaler().fit(X.numpy())
    return {
        "activations.sigmoid": ((x,), "torch.sigmoid", lambda: torch.sigmoid(x)),
        "activations.relu": ((x,), "torch.relu", lambda: torch.relu(x)),
        "activations.leaky_relu": ((x,), "torch.nn.functional.leaky_relu", lambda: nn.leaky_relu(x)),
        "activations.elu": ((x,), "torch.nn.functional.elu", lambda: nn.elu(x)),
        "activations.selu": ((x,), "torch.nn.functional.selu", lambda: nn.selu(x)),
        "activations.gelu": ((x,), "torch.nn.functional.gelu", lambda: nn.gelu(x)),
        "activations.gelu_tanh": ((x,), "torch.nn.functional.gelu", lambda: nn.gelu(x, approximate="tanh")),
        "activations.swish": ((x,), "torch.nn.functional.silu", lambda: nn.silu(x)),
        "outputs.softmax": ((row,), "torch.softmax", lambda: torch.softmax(row, -1)),
        "outputs.cross_entropy": (
            (row, share),
            "torch.nn.functional.cross_entropy",
            lambda: nn.cross_entropy(row, share),
        ),
        "outputs.bce_with_logits": (
            (x[:, 0], bits),
            "torch.nn.functional.binary_cross_entropy_with_logits",
            lambda: nn.binary_cross_entropy_with_logits(x[:, 0], bits),
        ),
        "normalization.layer_norm": (
            (x, one, zero, 1e-5),
            "torch.nn.functional.layer_norm",
            lambda: nn.layer_norm(x, (COLUMNS,), one, zero),
        ),
        "normalization.rms_norm": (
            (x, one, 1e-5),
            "torch.nn.functional.rms_norm",
            lambda: nn.rms_norm(x, (COLUMNS,), one, 1e-5),
        ),
        "normalization.batch_norm": (
            (x, one, zero, 1e-5),
            "torch.nn.functional.batch_norm",
            lambda: nn.batch_norm(x, None, None, one, zero, training=True),
        ),
        "dropout.inverted_dropout": ((x, mask, 0.5), "torch.nn.functional.dropout", lambda: nn.dropout(x, 0.5)),
        "gradients.clip_by_norm": ((x, 1.0), "torch.nn.utils.clip_grad_norm_", lambda: clipped(x)),
        "gradients.clip_by_value": ((x, 1.0), "torch.clamp", lambda: torch.clamp(x, -1.0, 1.0)),
        "features.standardize": (
            (X, mean, spread),
            "sklearn.preprocessing.StandardScaler",
            lambda: scaler.transform(X.numpy()),
        ),
        "penalties.ridge_solution": (
            (X, target, 1.0),
            "sklearn.linear_model.Ridge",
            lambda: Ridge(alpha=1.0, fit_intercept=False, solver="cholesky").fit(X.numpy(), target.numpy()),
        ),
    }


def seconds(call: Callable[[], object]) -> float:
    """Least time of one call."""
    timer = Timer(call, timer=time.process_time)  # what other programs take does not count
    number = max(1, round(SLICE / timer.timeit(2) * 2))
    return min(timer.repeat(REPEATS, number)) / number


def formulas() -> list[dict[str, Any]]:
    """Time both on one thread, formula and library in turn."""
    torch.set_num_threads(1)
    known = optnotes.formulas()
    rows = []
    for name, (arguments, against, library) in table().items():
        formula = known[f"optnotes.{name}"]
        own, theirs = seconds(lambda f=formula, a=arguments: f(*a)), seconds(library)
        row = {"formula": f"optnotes.{name}", "against": against, "ratio": own / theirs}
        rows.append({**row, "microseconds": own * 1e6, "library": theirs * 1e6})
    return rows
