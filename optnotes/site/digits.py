"""The bundled digits of scikit-learn, without importing it: its import would be a tenth of a page's time."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


def load_digits() -> tuple[Tensor, Tensor]:
    """Return pixels (1797, 64) and labels, as ``sklearn.datasets.load_digits(return_X_y=True)`` does."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("load_digits: the data come with scikit-learn, which is not installed.")
    table = torch.from_numpy(
        np.loadtxt(Path(spec.origin).parent / "datasets" / "data" / "digits.csv.gz", delimiter=",")
    )
    return table[:, :-1].contiguous(), table[:, -1].long()
