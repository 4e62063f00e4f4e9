"""Lasso and ridge for orthonormal columns, where both have a closed form."""

from torch import Tensor

from optnotes._formula import formula
from optnotes.penalties.proximal import soft_threshold


@formula
def lasso_orthonormal(w_ols: Tensor, lam: float) -> Tensor:
    r"""
    Lasso solution when the columns are orthonormal: a constant pull towards zero.

    .. math::

       \hat{w}_j = \operatorname{sign}(\tilde{w}_j) \max(\lvert \tilde{w}_j \rvert - \lambda, 0)

    Parameters
    ----------
    w_ols : Tensor of shape (d,)
        Least-squares weights :math:`\tilde{w}`.
    lam : float in [0, inf)
        Penalty strength :math:`\lambda`.

    Returns
    -------
    Tensor of shape (d,)
        Lasso weights :math:`\hat{w}_j`.

    Notes
    -----
    Convention: the Gram matrix divided by n is the identity and the data loss is half the mean squared error.
    Every kept weight loses :math:`\lambda`, whatever its size: that is the bias of the lasso.

    References
    ----------
    Tibshirani1996 Section 2.2

    Examples
    --------
    >>> lasso_orthonormal(torch.tensor([10.0, 1.0, -0.2]), lam=0.5).tolist()
    [9.5, 0.5, 0.0]
    """
    return soft_threshold(w_ols, lam)


@formula
def ridge_orthonormal(w_ols: Tensor, lam: float) -> Tensor:
    r"""
    Ridge solution when the columns are orthonormal: proportional shrinkage, no zeros.

    .. math::

       \hat{w} = \frac{\tilde{w}}{1 + \lambda}

    Parameters
    ----------
    w_ols : Tensor of shape (d,)
        Least-squares weights :math:`\tilde{w}`.
    lam : float in [0, inf)
        Penalty strength :math:`\lambda`.

    Returns
    -------
    Tensor of shape (d,)
        Ridge weights :math:`\hat{w}`.

    Notes
    -----
    Convention: the Gram matrix divided by n is the identity, the data loss is half the mean squared error, and
    the penalty carries a half.

    References
    ----------
    Hoerl1970 Section 2

    Examples
    --------
    >>> ridge_orthonormal(torch.tensor([10.0, 1.0, -0.2]), lam=0.25).tolist()
    [8.0, 0.8, -0.16]
    """
    return w_ols / (1 + lam)
