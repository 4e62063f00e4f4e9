"""Lasso and Elastic Net: where the path starts, when a solution is optimal, how weights group."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula
from optnotes._numeric import at_least, norm


@formula
def lambda_max(X: Tensor, y: Tensor) -> Tensor:
    r"""
    Smallest L1 strength at which all weights of the lasso are zero.

    .. math::

       \lambda_{\max} = \frac{1}{n} \lVert X^\top y \rVert_\infty

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Design matrix :math:`X`, one row per example.
    y : Tensor of shape (n,)
        Targets :math:`y`.

    Returns
    -------
    Tensor of shape ()
        Critical strength :math:`\lambda_{\max}`; just below it the first weight leaves zero.

    Notes
    -----
    Convention: the data loss is half the mean squared error, with columns and targets centred when the model has an
    intercept. With the Elastic Net of scikit-learn divide by ``l1_ratio``.

    References
    ----------
    Friedman2010 Section 2.5

    Examples
    --------
    >>> lambda_max(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([3.0, -2.0])).item()
    2.0
    """
    return (X.T @ y).abs().amax() / len(y)


@formula
def kkt_violation(X: Tensor, y: Tensor, w: Tensor, l1: float, l2: float) -> Tensor:
    r"""
    How far each weight is from satisfying the optimality conditions of the lasso or Elastic Net.

    .. math::

       \begin{aligned}
       c &= \frac{1}{n} X^\top (y - X w) - \lambda_2 w \\
       \delta_j &= \begin{cases}
       \lvert c_j - \lambda_1 \operatorname{sign}(w_j) \rvert & w_j \ne 0 \\
       \max(\lvert c_j \rvert - \lambda_1, 0) & w_j = 0
       \end{cases}
       \end{aligned}

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Design matrix :math:`X`, one row per example.
    y : Tensor of shape (n,)
        Targets :math:`y`.
    w : Tensor of shape (d,)
        Weights :math:`w`, without the bias.
    l1 : float in [0, inf)
        Strength :math:`\lambda_1` of the L1 part.
    l2 : float in [0, inf)
        Strength :math:`\lambda_2` of the L2 part.

    Returns
    -------
    Tensor of shape (d,)
        Violation :math:`\delta_j` of each weight; all zeros certify the minimum.

    Notes
    -----
    Convention: the data loss is half the mean squared error. The certificate needs no reference solution: the
    problem is convex, so zero violation means a global minimum.

    References
    ----------
    Boyd2004 Section 5.5.3
    Friedman2010 Section 2

    Examples
    --------
    >>> X, y = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([3.0, 0.2])
    >>> kkt_violation(X, y, torch.tensor([2.0, 0.0]), l1=0.4, l2=0.0).tolist()
    [0.1, 0.0]
    """
    c = X.T @ (y - X @ w) / len(y) - l2 * w
    active = (c - l1 * torch.sign(w)).abs()
    return torch.where(w != 0, active, at_least(c.abs() - l1, 0))


@formula
def grouping_bound(y: Tensor, l2: float, correlation: float) -> Tensor:
    r"""
    How far apart the Elastic Net can keep the weights of two correlated features.

    .. math::

       \lvert w_i - w_j \rvert \le \frac{\lVert y \rVert_2}{\sqrt{n} \lambda_2} \sqrt{2 (1 - \rho)}

    Parameters
    ----------
    y : Tensor of shape (n,)
        Centred targets :math:`y`.
    l2 : float in (0, inf)
        Strength :math:`\lambda_2` of the L2 part.
    correlation : float in [-1, 1]
        Sample correlation :math:`\rho` of the two features.

    Returns
    -------
    Tensor of shape ()
        Upper bound of the difference :math:`\lvert w_i - w_j \rvert` for two weights of equal sign.

    Notes
    -----
    Convention: features centred with variance one, data loss half the mean squared error, half before the
    square of the L2 part. Zou and Hastie state the bound for columns of unit norm and a sum of squares, which
    changes the constant.

    References
    ----------
    Zou2005 Theorem 1

    Examples
    --------
    >>> grouping_bound(torch.tensor([3.0, -4.0, 0.0, 0.0]), l2=0.5, correlation=0.98).item()
    1.0
    """
    return norm(y)[0] / (math.sqrt(len(y)) * l2) * math.sqrt(2 * (1 - correlation))
