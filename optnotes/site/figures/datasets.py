"""Data sets bundled with scikit-learn, without importing it: its import would be a tenth of a page's time."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


@cache
def table(name: str, delimiter: str | None = ",", skiprows: int = 0) -> Tensor:
    """Return the numbers of a bundled file; not to be changed in place, since every caller gets the same tensor."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"table: {name} comes with scikit-learn, which is not installed.")
    path = Path(spec.origin).parent / "datasets" / "data" / name
    return torch.from_numpy(np.loadtxt(path, delimiter=delimiter, skiprows=skiprows))


def load_breast_cancer() -> tuple[Tensor, Tensor]:
    """Return features (569, 30) and labels, as ``sklearn.datasets.load_breast_cancer(return_X_y=True)`` does."""
    rows = table("breast_cancer.csv", skiprows=1)
    return rows[:, :-1].contiguous(), rows[:, -1].long()


def load_diabetes() -> tuple[Tensor, Tensor, list[str]]:
    """Return features (442, 10) in raw units, targets and names, as ``load_diabetes(scaled=False)`` holds them."""
    X, y = table("diabetes_data_raw.csv.gz", delimiter=None), table("diabetes_target.csv.gz", delimiter=None)
    return X.clone(), y.clone(), ["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"]
