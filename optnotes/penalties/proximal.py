"""Proximal steps: how exact zeros come about."""

import torch
from torch import Tensor

from optnotes._formula import formula
from optnotes._numeric import at_least


@formula
def soft_threshold(v: Tensor, threshold: float) -> Tensor:
    r"""
    Soft threshold: the proximal step of the L1 penalty.

    .. math::

       S_\tau(v) = \operatorname{sign}(v) \max(\lvert v \rvert - \tau, 0)

    Parameters
    ----------
    v : Tensor of any shape
        Point :math:`v` before the step.
    threshold : float in [0, inf) within the dtype of v
        Threshold :math:`\tau`, the step size times the penalty strength.

    Returns
    -------
    Tensor of the shape of v
        Shrunk point :math:`S_\tau(v)`, the minimiser of half the squared distance plus the penalty.

    Notes
    -----
    Convention: entries no larger than the threshold in absolute value become exactly zero, the ends included.

    References
    ----------
    Parikh2014 Section 6.5.2

    Examples
    --------
    >>> soft_threshold(torch.tensor([-2.0, 0.3, 0.5, 1.5]), threshold=0.5).tolist()
    [-1.5, 0.0, 0.0, 1.0]
    """
    return torch.nn.functional.softshrink(v, threshold)


@formula
def elastic_net_prox(v: Tensor, lr: float, l1: float, l2: float) -> Tensor:
    r"""
    Proximal step of the Elastic Net penalty: threshold first, then shrink.

    .. math::

       \operatorname{prox}_\eta(v)
       = \frac{\operatorname{sign}(v) \max(\lvert v \rvert - \eta \lambda_1, 0)}{1 + \eta \lambda_2}

    Parameters
    ----------
    v : Tensor of any shape
        Point :math:`v` before the step.
    lr : float in (0, inf)
        Step size :math:`\eta`.
    l1 : float in [0, inf)
        Strength :math:`\lambda_1` of the L1 part.
    l2 : float in [0, inf)
        Strength :math:`\lambda_2` of the L2 part.

    Returns
    -------
    Tensor of the shape of v
        Minimiser :math:`\operatorname{prox}_\eta(v)` of half the squared distance plus :math:`\eta` times the
        penalty.

    Notes
    -----
    Convention: half before the square of the L2 part; without the half the denominator holds twice
    :math:`\lambda_2`.

    References
    ----------
    Parikh2014
    Zou2005 Section 2.2

    Examples
    --------
    >>> elastic_net_prox(torch.tensor([-2.0, 0.1, 1.3]), lr=0.5, l1=0.6, l2=0.5).tolist()
    [-1.36, 0.0, 0.8]
    """
    lr = float(lr)  # torch knows no integer as large as the product of two large ones
    return torch.sign(v) * at_least(v.abs() - lr * l1, 0) / (1 + lr * l2)


@formula
def proximal_gradient_step(X: Tensor, y: Tensor, w: Tensor, lr: float, l1: float, l2: float) -> Tensor:
    r"""
    One step of proximal gradient descent (ISTA) on least squares with the Elastic Net penalty.

    .. math::

       \begin{aligned}
       z &= w - \frac{\eta}{n} X^\top (X w - y) \\
       w^{+} &= \frac{\operatorname{sign}(z) \max(\lvert z \rvert - \eta \lambda_1, 0)}{1 + \eta \lambda_2}
       \end{aligned}

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Design matrix :math:`X`, one row per example.
    y : Tensor of shape (n,)
        Targets :math:`y`.
    w : Tensor of shape (d,)
        Weights :math:`w`, without the bias.
    lr : float in (0, inf)
        Step size :math:`\eta`; the loss decreases when it is at most the inverse of the largest eigenvalue of
        the Hessian.
    l1 : float in [0, inf)
        Strength :math:`\lambda_1` of the L1 part.
    l2 : float in [0, inf)
        Strength :math:`\lambda_2` of the L2 part.

    Returns
    -------
    Tensor of shape (d,)
        Weights :math:`w^{+}` after the step.

    Notes
    -----
    Convention: the data loss is half the mean squared error, so the same step size appears in the gradient and
    in the threshold. The lasso is the case of a zero L2 part.

    References
    ----------
    Daubechies2004
    Beck2009 Theorem 3.1

    Examples
    --------
    >>> X, y = torch.tensor([[1.0, 0.0], [0.0, 2.0]]), torch.tensor([3.0, 0.2])
    >>> proximal_gradient_step(X, y, torch.zeros(2), lr=0.4, l1=0.5, l2=1.0).tolist()
    [0.285714, 0.0]
    """
    z = w - lr / len(y) * X.T @ (X @ w - y)
    return elastic_net_prox(z, lr, l1, l2)
