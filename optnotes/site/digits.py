"""The bundled digits of scikit-learn."""

from torch import Tensor

from optnotes.site.datasets import table


def load_digits() -> tuple[Tensor, Tensor]:
    """Return pixels (1797, 64) and labels, as ``sklearn.datasets.load_digits(return_X_y=True)`` does."""
    rows = table("digits.csv.gz")
    return rows[:, :-1].contiguous(), rows[:, -1].long()
