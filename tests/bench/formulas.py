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

ROWS, COLUMNS, REPEATS, SLICE = 1000, 1000, 9, 0.02  # the last in seconds
GOAL = 4  # times what torch takes, for a million numbers
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


def stepped(optimiser: type[torch.optim.Optimizer], gradient: torch.Tensor) -> Callable[[], object]:
    """A step of an optimiser of PyTorch, with an L2 penalty."""
    weight = torch.nn.Parameter(gradient.clone())
    weight.grad = gradient.clone()
    return optimiser([weight], lr=1e-3, weight_decay=0.1).step  # type: ignore[call-arg]


def table() -> dict[str, tuple[tuple[Any, ...], str, Callable[[], object]]]:
    """Formula, its arguments, and the function of a library that it explains, with a call of it."""
    x = torch.randn(ROWS, COLUMNS, generator=torch.Generator().manual_seed(0))
    row = x.flatten()
    share = torch.softmax(row, -1)
    one, zero, zeros = torch.ones(COLUMNS), torch.zeros(COLUMNS), torch.zeros_like(row)
    mask = (x > 0).to(x.dtype)
    X, target = x.double(), x[:, 0].double()
    mean, spread = X.mean(0), X.std(0, correction=0)
    scaler = StandardScaler().fit(X.numpy())
    return {
        "activations.sigmoid": ((x,), "torch.sigmoid", lambda: torch.sigmoid(x)),
        "activations.tanh": ((x,), "torch.tanh", lambda: torch.tanh(x)),
        "activations.relu": ((x,), "torch.relu", lambda: torch.relu(x)),
        "activations.leaky_relu": ((x,), "torch.nn.functional.leaky_relu", lambda: nn.leaky_relu(x)),
        "activations.prelu": ((x, one), "torch.nn.functional.prelu", lambda: nn.prelu(x, one)),
        "activations.softplus": ((x,), "torch.nn.functional.softplus", lambda: nn.softplus(x)),
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
            (x, mask),
            "torch.nn.functional.binary_cross_entropy_with_logits",
            lambda: nn.binary_cross_entropy_with_logits(x, mask),
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
        "normalization.batch_norm_inference": (
            (x, zero, one, one, zero, 1e-5),
            "torch.nn.functional.batch_norm",
            lambda: nn.batch_norm(x, zero, one, one, zero),
        ),
        "dropout.inverted_dropout": ((x, mask, 0.5), "torch.nn.functional.dropout", lambda: nn.dropout(x, 0.5)),
        "gradients.clip_by_norm": ((x, 1.0), "torch.nn.utils.clip_grad_norm_", lambda: clipped(x)),
        "gradients.clip_by_value": ((x, 1.0), "torch.clamp", lambda: torch.clamp(x, -1.0, 1.0)),
        "penalties.soft_threshold": ((x, 0.5), "torch.nn.functional.softshrink", lambda: nn.softshrink(x, 0.5)),
        "descent.adam_step": (
            (row, row, zeros, zeros, 1, 1e-3, 0.1),
            "torch.optim.Adam",
            stepped(torch.optim.Adam, row),
        ),
        "descent.adamw_step": (
            (row, row, zeros, zeros, 1, 1e-3, 0.1),
            "torch.optim.AdamW",
            stepped(torch.optim.AdamW, row),
        ),
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
    # glibc hands memory back above twice what was freed at once: then what is timed is how the system clears pages.
    torch.ones(8 * ROWS * COLUMNS)
    known = optnotes.formulas()
    rows = []
    for name, (arguments, against, library) in table().items():
        formula = known[f"optnotes.{name}"]
        own, theirs = seconds(lambda f=formula, a=arguments: f(*a)), seconds(library)
        row = {"formula": f"optnotes.{name}", "against": against, "ratio": own / theirs}
        rows.append({**row, "microseconds": own * 1e6, "library": theirs * 1e6})
    return rows
