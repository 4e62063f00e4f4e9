"""
What scalers do to columns that are skewed, binary, or rows.

Prediction: an affine map leaves the skewness as it is, a power or quantile transform does not; a standardised 0/1
column of a category with share p takes the value sqrt((1 - p) / p) for its members, the larger the rarer; and scaling
each row to norm one removes the size of an example, not the units of the features. The power transform counts from
minus one, so a column that lies far from there has to be standardised first.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, Normalizer, PowerTransformer, QuantileTransformer, StandardScaler
from torch import Tensor

N, RARE, COMMON, SHIFT = 2000, 0.01, 0.5, 100.0


@dataclass(frozen=True)
class Result:
    """A log-normal column by scaler; the value of a member by share; two columns after scaling of rows."""

    columns: dict[str, Tensor]
    members: dict[str, float]
    rows: Tensor


def compute() -> Result:
    """Draw a skewed column, two categories, and rows in two units."""
    generator = torch.Generator().manual_seed(40)
    normal = torch.randn(N, 2, generator=generator, dtype=torch.float64)
    skewed = torch.exp(normal[:, :1]).numpy()
    scalers = {
        "standard": StandardScaler(),
        "minmax": MinMaxScaler(),
        "power": make_pipeline(StandardScaler(), PowerTransformer()),
        "quantile": QuantileTransformer(n_quantiles=N, output_distribution="normal"),
    }
    columns = {"raw": torch.tensor(skewed)}
    columns |= {name: torch.tensor(scaler.fit_transform(skewed)) for name, scaler in scalers.items()}
    columns["power_alone"] = torch.tensor(PowerTransformer().fit_transform(SHIFT + skewed))
    members = {}
    for name, share in (("rare", RARE), ("common", COMMON)):
        dummy = (np.arange(N) < share * N).astype(float)[:, None]
        members[name] = float(StandardScaler().fit_transform(dummy)[0, 0])
    rows = Normalizer().fit_transform((normal * torch.tensor([1.0, 1000.0])).numpy())
    return Result(columns, members, torch.tensor(rows))


def skewness(column: Tensor) -> float:
    """Third standardised moment."""
    centred = column - column.mean()
    return ((centred**3).mean() / (centred**2).mean() ** 1.5).item()


def numbers(result: Result) -> dict[str, float | int]:
    """Skewness by scaler, values of members, and the spread of the two columns after scaling of rows."""
    found: dict[str, float | int] = {f"skew_{name}": skewness(column) for name, column in result.columns.items()}
    found |= {f"member_{name}": value for name, value in result.members.items()}
    found |= {f"predicted_{name}": math.sqrt((1 - p) / p) for name, p in (("rare", RARE), ("common", COMMON))}
    small, large = result.rows.abs().median(0).values.tolist()
    return found | {"row_small": small, "row_large": large, "share_rare": RARE, "share_common": COMMON}
