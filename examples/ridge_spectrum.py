"""
What ridge regression keeps of each direction, and how many parameters are left in effect.

Diabetes data of scikit-learn, standardised. Prediction: along each eigenvector of the Gram matrix ridge keeps the
fraction s² / (s² + α) of the least-squares solution; the sum of the fractions, the degrees of freedom, sets the gap
between the error on new targets at the same patients and the training error: twice the noise variance times that sum
over the number of patients. Measured: scikit-learn's weights in the eigenbasis, and the gap over data sets with fresh
noise around the least-squares fit.
"""

from dataclasses import dataclass

import torch
from matplotlib.figure import Figure
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from torch import Tensor

from optnotes.ridge import degrees_of_freedom, ridge_solution, shrinkage_factor
from optnotes.scaling import fit_standardizer, standardize
from optnotes.site.figures import Theme, new_figure
from optnotes.site.text import Label

SEEDS, SETS, QUOTED = 24, 1000, 100.0
ALPHAS = tuple(10.0 ** (k / 4) for k in range(-4, 25))
SHOWN = ((0, "blue", "-", "o"), (4, "green", "--", "s"), (7, "violet", "-.", "D"), (9, "orange", ":", "^"))


@dataclass(frozen=True)
class Result:
    """Eigenvalues, strongest first; kept fractions of shape (alphas, features); gaps of shape (alphas, seeds)."""

    lams: Tensor
    kept: Tensor
    dof: Tensor
    gap: Tensor


def data() -> tuple[Tensor, Tensor]:
    """Standardised features, centred targets."""
    bunch = load_diabetes(scaled=False)
    X, y = torch.tensor(bunch.data), torch.tensor(bunch.target)
    return standardize(X, *fit_standardizer(X)), y - y.mean()


def gaps(X: Tensor, y: Tensor) -> Tensor:
    """Mean gap of each seed's data sets, in units of twice the noise variance over the number of patients."""
    generator = torch.Generator().manual_seed(36)
    truth: Tensor = torch.linalg.lstsq(X, y).solution
    sigma = (y - X @ truth).square().mean().sqrt()
    noise = sigma * torch.randn(SEEDS * SETS, len(y), generator=generator, dtype=X.dtype)
    # Sums over patients are formed once: all else happens in the space of the weights.
    gram, pulls, squares = X.T @ X, noise @ X + X.T @ (X @ truth), (noise + X @ truth).square().sum(1)
    rows = []
    for alpha in ALPHAS:
        w = pulls @ ridge_solution(gram, gram[:, 0], alpha).new_tensor(0) if alpha < 0 else pulls
        w = torch.linalg.solve(gram + alpha * torch.eye(len(truth), dtype=X.dtype), pulls.T).T
        training = squares - 2 * (w * pulls).sum(1) + (w @ gram * w).sum(1)
        off = w - truth
        fresh = (off @ gram * off).sum(1) + len(y) * sigma**2
        rows.append(((fresh - training) / (2 * sigma**2)).reshape(SEEDS, SETS).mean(1))
    return torch.stack(rows)
