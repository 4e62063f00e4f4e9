"""Swish, also called SiLU, beside its derivative."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def swish(x: Tensor, beta: float = 1.0) -> Tensor:
    r"""
    Swish, the input times its own sigmoid: a smooth relative of ReLU.

    .. math::

       \phi(x) = x \sigma(\beta x), \qquad
       \sigma(u) = \frac{1}{1 + e^{-u}}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.
    beta : float in [0, inf)
        Steepness :math:`\beta` of the gate.

    Returns
    -------
    Tensor of the shape of x
        Value :math:`\phi(x)`.

    Notes
    -----
    Convention: :math:`\beta = 1` by default, which is SiLU and ``torch.nn.functional.silu``.

    Swish is not monotone: SiLU falls to about :math:`-0.2785` near :math:`-1.2785` and rises on both sides.

    References
    ----------
    Elfwing2018
    Ramachandran2017 Section 4

    Examples
    --------
    >>> swish(torch.tensor([-1000.0, -1.0, 0.0, 2.0])).tolist()
    [0.0, -0.268941, 0.0, 1.761594]
    """
    return x * torch.sigmoid(beta * x)


@formula
def swish_derivative(x: Tensor, beta: float = 1.0) -> Tensor:
    r"""
    Derivative of Swish: smooth, but negative on part of the axis and above one on another.

    .. math::

       \phi'(x) = \sigma(\beta x) + \beta x \sigma(\beta x) (1 - \sigma(\beta x)), \qquad
       \sigma(u) = \frac{1}{1 + e^{-u}}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.
    beta : float in [0, inf)
        Steepness :math:`\beta` of the gate.

    Returns
    -------
    Tensor of the shape of x
        Derivative :math:`\phi'(x)`.

    Notes
    -----
    Convention: :math:`\beta = 1` by default; the derivative at zero is one half for every :math:`\beta`.

    For SiLU the values lie between about :math:`-0.0998` and :math:`1.0998`.

    References
    ----------
    Elfwing2018
    Ramachandran2017 Section 4

    Examples
    --------
    >>> swish_derivative(torch.tensor([-1000.0, -1.0, 0.0, 2.0])).tolist()
    [0.0, 0.072329, 0.5, 1.090784]
    """
    gate = torch.sigmoid(beta * x)
    return gate + x * gate * torch.sigmoid(-beta * x) * beta  # in this order no overflow meets a zero
