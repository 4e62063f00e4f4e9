"""Dropout on the inputs of linear regression: an adaptive ridge penalty in closed form."""

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula
from optnotes._numeric import norm


@formula
def dropout_expected_loss(X: Tensor, y: Tensor, w: Tensor, p: float) -> Tensor:
    r"""
    Mean squared error averaged over all masks of inverted dropout on the features.

    .. math::

       J = \frac{1}{n} \lVert y - X w \rVert_2^2
       + \frac{p}{1 - p} \cdot \frac{1}{n} \sum_{j=1}^{d} w_j^2 \sum_{i=1}^{n} X_{ij}^2

    Parameters
    ----------
    X : Tensor of shape (n, d) in float32 or float64
        Features :math:`X`, one row per example.
    y : Tensor of shape (n,)
        Targets :math:`y`.
    w : Tensor of shape (d,)
        Weights :math:`w`.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    Tensor of shape ()
        Expected loss :math:`J`.

    Notes
    -----
    Convention: mean over the examples, no half, inverted dropout with an independent mask for each entry of
    :math:`X`. The sum of squares has no factor :math:`1 / n`.

    The penalty adapts to the data: a weight pays for the mean square of its feature, and features are not centred.

    References
    ----------
    Wager2013
    Srivastava2014 Section 9.1

    Examples
    --------
    >>> X, y = torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.tensor([5.0, 3.0])
    >>> dropout_expected_loss(X, y, w=torch.tensor([1.0, 1.0]), p=0.2).item()
    3.75
    """
    n = X.shape[0]
    penalty = p / (1 - p) / n * (w.square() * X.square().sum(0)).sum()
    return (y - X @ w).square().sum() / n + penalty


@formula
def dropout_ridge(X: Tensor, y: Tensor, p: float) -> Tensor:
    r"""
    Weights that minimise the expected loss of dropout: ridge regression with one strength per feature.

    .. math::

       \hat{w} = \left( X^\top X + \frac{p}{1 - p} D \right)^{-1} X^\top y, \qquad
       D = \operatorname{diag}(X^\top X)

    Parameters
    ----------
    X : Tensor of shape (n, d) in float32 or float64
        Features :math:`X`, one row per example, without zero columns; independent columns if :math:`p = 0`.
    y : Tensor of shape (n,)
        Targets :math:`y`.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    Tensor of shape (d,)
        Minimiser :math:`\hat{w}` of the expected loss.

    Raises
    ------
    ValueError
        If the matrix has no inverse.

    Notes
    -----
    Convention: inverted dropout; :math:`D` keeps the diagonal of the Gram matrix and zeros elsewhere.

    For features of mean square one it is plain ridge, with strength :math:`n p / (1 - p)`. Standard dropout
    learns the same function: its weights are :math:`\hat{w} / (1 - p)`.

    References
    ----------
    Wager2013

    Examples
    --------
    >>> X, y = torch.tensor([[1.0, 2.0], [3.0, 0.0]]), torch.tensor([5.0, 3.0])
    >>> dropout_ridge(X, y, p=0.2).tolist()
    [0.854701, 1.658120]
    """
    # Columns of length one: the solution does not depend on the units of the features, the rounding did.
    scale = norm(X.detach(), dim=0)[0]
    X = X / scale
    matrix = X.T @ X + p / (1 - p) * torch.diag(X.square().sum(0))
    _check_invertible(matrix)
    return torch.linalg.solve(matrix, X.T @ y) / scale


@formula
def dropout_penalty_gradient(X: Tensor, w: Tensor, p: float) -> Tensor:
    r"""
    Gradient of the penalty that dropout adds to the mean squared error.

    .. math::

       g_j = \frac{2}{n} \cdot \frac{p}{1 - p} w_j \sum_{i=1}^{n} X_{ij}^2

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Features :math:`X`, one row per example.
    w : Tensor of shape (d,)
        Weights :math:`w`.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    Tensor of shape (d,)
        Gradient of the penalty :math:`g_j`.

    Notes
    -----
    Convention: mean over the examples, no half. For the sum of squares the factor is two instead of :math:`2 / n`.

    Where the fit is perfect every mini-batch gradient is zero, and this is the mean gradient under dropout: dropout
    changes the objective and does not only add noise.

    References
    ----------
    Wager2013
    Wei2020 Section 3

    Examples
    --------
    >>> X = torch.tensor([[1.0, 2.0], [3.0, 0.0]])
    >>> dropout_penalty_gradient(X, w=torch.tensor([2.0, -1.0]), p=0.2).tolist()
    [5.0, -1.0]
    """
    return 2 / X.shape[0] * p / (1 - p) * w * X.square().sum(0)


def _check_invertible(matrix: Tensor) -> None:
    if _check.traced():
        return
    ranks = torch.linalg.matrix_rank(matrix.detach().nan_to_num(), hermitian=True)  # a zero column is 0 / 0
    rank, d = int(torch.func.debug_unwrap(ranks).min()), matrix.shape[0]
    if rank < d:
        raise ValueError(f"X must have {d} independent columns, or non-zero columns and p > 0, got rank {rank}")
