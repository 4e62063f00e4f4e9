"""Subgradients of L1 and Elastic Net: slopes where there is no derivative."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def l1_subdifferential(w: Tensor, lam: float) -> tuple[Tensor, Tensor]:
    r"""
    All slopes of the L1 penalty: one number away from zero, an interval at zero.

    .. math::

       \partial (\lambda \lvert w_i \rvert) = \begin{cases}
       \{ \lambda \operatorname{sign}(w_i) \} & w_i \ne 0 \\
       [-\lambda, \lambda] & w_i = 0
       \end{cases}

    Parameters
    ----------
    w : Tensor of any shape
        Weights :math:`w`.
    lam : float in [0, inf) within the dtype of w
        Penalty strength :math:`\lambda`.

    Returns
    -------
    tuple of two Tensors of the shape of w
        Lower and upper end of the subdifferential :math:`\partial (\lambda \lvert w_i \rvert)`; equal where the weight
        is not zero.

    Notes
    -----
    Convention: a set per weight, given by its two ends. A weight stays at zero as long as the slope of the data loss
    fits into the interval.

    References
    ----------
    Parikh2014 Section 6.5.2

    Examples
    --------
    >>> lower, upper = l1_subdifferential(torch.tensor([-2.0, 0.0, 5.0]), lam=0.5)
    >>> lower.tolist(), upper.tolist()
    ([-0.5, -0.5, 0.5], [-0.5, 0.5, 0.5])
    """
    slope = lam * torch.sign(w)
    half_width = lam * (w == 0).to(w.dtype)
    return slope - half_width, slope + half_width


@formula
def l1_subgradient(w: Tensor, lam: float) -> Tensor:
    r"""
    The subgradient of the L1 penalty of least norm, the one automatic differentiation returns.

    .. math::

       g = \lambda \operatorname{sign}(w)

    Parameters
    ----------
    w : Tensor of any shape
        Weights :math:`w`.
    lam : float in [0, inf) within the dtype of w
        Penalty strength :math:`\lambda`.

    Returns
    -------
    Tensor of the shape of w
        Subgradient :math:`g`.

    Notes
    -----
    Convention: the sign of zero is zero, one choice out of the interval between minus and plus :math:`\lambda`.

    References
    ----------
    Parikh2014 Section 6.5.2

    Examples
    --------
    >>> l1_subgradient(torch.tensor([-3.0, 0.0, 5.0]), lam=0.5).tolist()
    [-0.5, 0.0, 0.5]
    """
    return lam * torch.sign(w)


@formula
def elastic_net_subgradient(grad: Tensor, w: Tensor, l1: float, l2: float) -> Tensor:
    r"""
    A subgradient of the Elastic Net loss.

    .. math::

       g = \nabla \mathcal{L}(w) + \lambda_1 \operatorname{sign}(w) + \lambda_2 w

    Parameters
    ----------
    grad : Tensor of the shape of w
        Gradient of the data loss :math:`\nabla \mathcal{L}(w)`.
    w : Tensor of any shape
        Weights :math:`w`, without the bias.
    l1 : float in [0, inf) within the dtype of w
        Strength :math:`\lambda_1` of the L1 part.
    l2 : float in [0, inf) within the dtype of w
        Strength :math:`\lambda_2` of the L2 part.

    Returns
    -------
    Tensor of the shape of w
        Subgradient :math:`g`.

    Notes
    -----
    Convention: the sign of zero is zero; at a minimum zero lies in the whole set of subgradients, not
    necessarily in this one.

    References
    ----------
    Zou2005 Section 2.1

    Examples
    --------
    >>> grad, w = torch.tensor([1.0, 1.0, 1.0]), torch.tensor([3.0, 0.0, -4.0])
    >>> elastic_net_subgradient(grad, w, l1=0.1, l2=0.2).tolist()
    [1.7, 1.0, 0.1]
    """
    return grad + l1 * torch.sign(w) + l2 * w
