"""Sigmoid and hyperbolic tangent, each beside its derivative."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def sigmoid(x: Tensor) -> Tensor:
    r"""
    Sigmoid: squeezes a number into the interval from zero to one.

    .. math::

       \sigma(x) = \frac{1}{1 + e^{-x}}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.

    Returns
    -------
    Tensor of the shape of x
        Value :math:`\sigma(x)`.

    Notes
    -----
    Convention: values lie between zero and one and are not centred at zero.

    Written literally the exponential overflows for large negative inputs; the code takes an overflow-safe form.

    References
    ----------
    LeCun1998 Section 4.4

    Examples
    --------
    >>> sigmoid(torch.tensor([-1000.0, 0.0, 2.0])).tolist()
    [0.0, 0.5, 0.880797]
    """
    return torch.sigmoid(x)


@formula
def sigmoid_derivative(x: Tensor) -> Tensor:
    r"""
    Derivative of the sigmoid: at most one quarter, reached at zero.

    .. math::

       \sigma'(x) = \sigma(x) (1 - \sigma(x)) = \sigma(x) \sigma(-x) \le \frac{1}{4}, \qquad
       \sigma(x) = \frac{1}{1 + e^{-x}}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.

    Returns
    -------
    Tensor of the shape of x
        Derivative :math:`\sigma'(x)`.

    Notes
    -----
    Convention: derivative with respect to the input, not expressed through the output.

    The product of two sigmoids keeps its digits where the difference from one is rounded to zero.

    References
    ----------
    LeCun1998 Section 4.4
    Glorot2010 Section 3

    Examples
    --------
    >>> sigmoid_derivative(torch.tensor([-1000.0, 0.0, 2.0])).tolist()
    [0.0, 0.25, 0.104994]
    """
    return torch.sigmoid(x) * torch.sigmoid(-x)


@formula
def tanh(x: Tensor) -> Tensor:
    r"""
    Hyperbolic tangent: a sigmoid stretched to the interval from minus one to one.

    .. math::

       \phi(x) = \tanh(x) = 2 \sigma(2 x) - 1, \qquad
       \sigma(u) = \frac{1}{1 + e^{-u}}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.

    Returns
    -------
    Tensor of the shape of x
        Value :math:`\phi(x)`.

    Notes
    -----
    Convention: values lie between minus one and one, centred at zero.

    References
    ----------
    LeCun1998 Section 4.4

    Examples
    --------
    >>> tanh(torch.tensor([-1000.0, 0.0, 0.5])).tolist()
    [-1.0, 0.0, 0.462117]
    """
    return torch.tanh(x)


@formula
def tanh_derivative(x: Tensor) -> Tensor:
    r"""
    Derivative of the hyperbolic tangent: one at zero, close to zero once the unit is saturated.

    .. math::

       \phi'(x) = 1 - \tanh^2(x) = 4 \sigma(2 x) \sigma(-2 x) \le 1, \qquad
       \sigma(u) = \frac{1}{1 + e^{-u}}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.

    Returns
    -------
    Tensor of the shape of x
        Derivative :math:`\phi'(x)`.

    Notes
    -----
    Convention: derivative with respect to the input, not expressed through the output.

    The product of sigmoids keeps its digits where the difference from one is rounded to zero.

    References
    ----------
    LeCun1998 Section 4.4
    Glorot2010 Section 3

    Examples
    --------
    >>> tanh_derivative(torch.tensor([-1000.0, 0.0, 0.5])).tolist()
    [0.0, 1.0, 0.786448]
    """
    return 4 * torch.sigmoid(2 * x) * torch.sigmoid(-2 * x)
