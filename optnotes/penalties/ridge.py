"""Ridge regression: least squares with an L2 penalty, seen through the eigenvalues of the Gram matrix."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def ridge_solution(X: Tensor, y: Tensor, alpha: float) -> Tensor:
    r"""
    Weights of ridge regression.

    .. math::

       \hat{w} = (X^\top X + \alpha I)^{-1} X^\top y

    Parameters
    ----------
    X : Tensor of shape (n, d) in float32 or float64
        Design matrix :math:`X`, one row per example.
    y : Tensor of shape (n,)
        Targets :math:`y`.
    alpha : float in (0, inf)
        Penalty :math:`\alpha`.

    Returns
    -------
    Tensor of shape (d,)
        Weights :math:`\hat{w}`.

    Raises
    ------
    ValueError
        If the penalty is lost to rounding beside the products of the columns.

    Notes
    -----
    Convention: these weights minimise :math:`\lVert X w - y \rVert_2^2 + \alpha \lVert w \rVert_2^2`, without an
    intercept, as ``Ridge`` of scikit-learn does. The minimum of
    :math:`\frac{1}{2 n} \lVert X w - y \rVert_2^2 + \frac{\lambda}{2} \lVert w \rVert_2^2` is the same at
    :math:`\alpha = n \lambda`.

    The norm of the weights falls as :math:`\alpha` grows. A single weight may grow or change its sign on the way.

    References
    ----------
    Hoerl1970 Section 2

    Examples
    --------
    >>> X, y = torch.tensor([[1.0, 0.0], [0.0, 3.0]]), torch.tensor([2.0, 4.0])
    >>> ridge_solution(X, y, alpha=1.0).tolist()
    [1.0, 1.2]
    """
    root, sizes = math.sqrt(alpha), X.detach().abs()
    try:
        # Units that cancel, chosen such that the squares neither overflow nor underflow.
        if X.shape[0] < X.shape[1]:  # the same solution: beside the products of many columns alpha would be lost
            unit = sizes.amax().clamp(min=root)
            X = X / unit
            penalty = ((root / unit) ** 2).expand(X.shape[0])
            solution = X.mT @ torch.linalg.solve(X @ X.mT + torch.diag(penalty), y)
        else:
            unit = sizes.amax(dim=0).clamp(min=root)
            X = X / unit
            solution = torch.linalg.solve(X.mT @ X + torch.diag((root / unit) ** 2), X.mT @ y)
    except RuntimeError:  # of torch.linalg: the matrix is singular to working precision
        lost = f"alpha must be larger for this X: beside its products {alpha} is lost to rounding"
        raise ValueError(lost) from None
    return solution / unit


@formula
def shrinkage_factor(lams: Tensor, alpha: float) -> Tensor:
    r"""
    Factor by which ridge regression shrinks the least-squares solution along each eigenvector.

    .. math::

       f_i = \frac{\mu_i}{\mu_i + \alpha}

    Parameters
    ----------
    lams : Tensor of any shape with entries in [0, inf)
        Eigenvalues :math:`\mu` of the Gram matrix.
    alpha : float in (0, inf)
        Penalty :math:`\alpha`, in the units of the eigenvalues.

    Returns
    -------
    Tensor of the shape of lams
        Shrinkage factors :math:`f_i`.

    Notes
    -----
    Convention: eigenvalues and penalty of the sum of squares, or both of the mean. Only zero shrinks to zero.

    References
    ----------
    Hastie2009 Section 3.4.1

    Examples
    --------
    >>> shrinkage_factor(torch.tensor([0.0, 0.5, 8.0]), alpha=2.0).tolist()
    [0.0, 0.2, 0.8]
    """
    return lams / (lams + alpha)


@formula
def degrees_of_freedom(lams: Tensor, alpha: float) -> Tensor:
    r"""
    Effective number of parameters of ridge regression.

    .. math::

       k = \sum_{i=1}^{d} \frac{\mu_i}{\mu_i + \alpha}

    Parameters
    ----------
    lams : Tensor of shape (d,) with entries in [0, inf)
        Eigenvalues :math:`\mu` of the Gram matrix.
    alpha : float in (0, inf)
        Penalty :math:`\alpha`.

    Returns
    -------
    Tensor of shape ()
        Degrees of freedom :math:`k`.

    Notes
    -----
    Convention: trace of the map from targets to fits, no intercept; from the rank down to 0 as :math:`\alpha` grows.

    References
    ----------
    Hastie2009 Section 3.4.1

    Examples
    --------
    >>> degrees_of_freedom(torch.tensor([0.0, 0.5, 8.0]), alpha=2.0).item()
    1.0
    """
    return shrinkage_factor(lams, alpha).sum()


@formula
def ridge_condition_number(lams: Tensor, alpha: float) -> Tensor:
    r"""
    Condition number of the Hessian after an L2 penalty is added.

    .. math::

       \kappa = \frac{\max_i \mu_i + \alpha}{\min_i \mu_i + \alpha}

    Parameters
    ----------
    lams : Tensor of shape (d,) with entries in [0, inf)
        Eigenvalues :math:`\mu` of the Hessian without the penalty.
    alpha : float in (0, inf) within the dtype of lams
        Penalty :math:`\alpha`, in the units of the eigenvalues.

    Returns
    -------
    Tensor of shape ()
        Condition number :math:`\kappa`.

    Notes
    -----
    Convention: :math:`\frac{\alpha}{2} \lVert w \rVert_2^2` in the loss adds :math:`\alpha` to every eigenvalue.

    References
    ----------
    Goodfellow2016 Section 7.1.1

    Examples
    --------
    >>> ridge_condition_number(torch.tensor([0.0, 0.5, 8.0]), alpha=2.0).item()
    5.0
    """
    return (lams.max() + alpha) / (lams.min() + alpha)


@formula
def map_penalty(sigma: float, tau: float) -> float:
    r"""
    Ridge penalty that a Gaussian prior on the weights amounts to.

    .. math::

       \alpha = \frac{\sigma^2}{\tau^2}

    Parameters
    ----------
    sigma : float in (0, inf)
        Standard deviation :math:`\sigma` of the noise in the targets.
    tau : float in (0, inf)
        Standard deviation :math:`\tau` of the prior of each weight, centred at zero.

    Returns
    -------
    float
        Penalty :math:`\alpha`.

    Notes
    -----
    Convention: sum of squares without the half. Then the weights of greatest posterior density are those of ridge.

    References
    ----------
    Hastie2009 Section 3.4.1

    Examples
    --------
    >>> map_penalty(sigma=3.0, tau=2.0)
    2.25
    """
    ratio = sigma / tau
    return ratio * ratio  # a power would raise OverflowError for the smallest tau
