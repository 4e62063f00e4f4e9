"""GELU, exact and in the tanh approximation, each beside its derivative."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def gelu(x: Tensor) -> Tensor:
    r"""
    Gaussian error linear unit: the input times the standard normal distribution function.

    .. math::

       \phi(x) = x \Phi(x) = \frac{x}{2} \left( 1 + \operatorname{erf}(x / \sqrt{2}) \right)

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
    Convention: the exact form, the default of ``torch.nn.functional.gelu``; JAX defaults to the tanh approximation.

    GELU is not monotone: it falls to about :math:`-0.1700` near :math:`-0.7518` and rises on both sides.

    References
    ----------
    Hendrycks2016 Section 2

    Examples
    --------
    >>> gelu(torch.tensor([-1000.0, -1.0, 0.0, 2.0])).tolist()
    [0.0, -0.158655, 0.0, 1.954500]
    """
    return x * _below(x)


@formula
def gelu_derivative(x: Tensor) -> Tensor:
    r"""
    Derivative of GELU: smooth, but negative on part of the axis and above one on another.

    .. math::

       \phi'(x) = \Phi(x) + x \varphi(x)

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
    Convention: :math:`\Phi` and :math:`\varphi` are the distribution function and the density of the standard normal
    law.

    The values lie between about :math:`-0.1289` and :math:`1.1289`.

    References
    ----------
    Hendrycks2016 Section 2

    Examples
    --------
    >>> gelu_derivative(torch.tensor([-1000.0, -1.0, 0.0, 2.0])).tolist()
    [0.0, -0.083316, 0.5, 1.085232]
    """
    x = _near(x)
    density = torch.exp(-x.square() / 2) / math.sqrt(2 * math.pi)
    return _below(x) + x * density


@formula
def gelu_tanh(x: Tensor) -> Tensor:
    r"""
    GELU with the hyperbolic tangent in place of the error function.

    .. math::

       \phi(x) = \frac{x}{2} (1 + \tanh(u)), \qquad
       u = \sqrt{2 / \pi} (x + 0.044715 x^3)

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
    Convention: the approximation of Hendrycks and Gimpel, ``approximate="tanh"`` in PyTorch.

    It differs from the exact form by up to about :math:`5 \cdot 10^{-4}`: weights trained with one should not be run
    with the other unnoticed.

    References
    ----------
    Hendrycks2016 Section 2

    Examples
    --------
    >>> gelu_tanh(torch.tensor([-1000.0, -1.0, 0.0, 2.0])).tolist()
    [0.0, -0.158808, 0.0, 1.954598]
    """
    return x * torch.sigmoid(2 * _inner(_near(x)))


@formula
def gelu_tanh_derivative(x: Tensor) -> Tensor:
    r"""
    Derivative of the tanh approximation of GELU.

    .. math::

       \begin{aligned}
       \phi'(x) &= \frac{1}{2} (1 + \tanh(u)) + \frac{x}{2} (1 - \tanh^2(u)) u' \\
       u &= \sqrt{2 / \pi} (x + 0.044715 x^3) \\
       u' &= \sqrt{2 / \pi} (1 + 3 \cdot 0.044715 x^2)
       \end{aligned}

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
    Convention: the derivative of the approximation itself, not an approximation of the derivative of the exact form.

    References
    ----------
    Hendrycks2016 Section 2

    Examples
    --------
    >>> gelu_tanh_derivative(torch.tensor([-1000.0, -1.0, 0.0, 2.0])).tolist()
    [0.0, -0.082964, 0.5, 1.086099]
    """
    x = _near(x)
    u = 2 * _inner(x)
    slope = 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x.square())
    return torch.sigmoid(u) + x * slope * torch.sigmoid(u) * torch.sigmoid(-u)


def _below(x: Tensor) -> Tensor:
    # The complementary error function keeps the digits of the left tail.
    return torch.erfc(x * -math.sqrt(0.5)) / 2


def _near(x: Tensor) -> Tensor:
    # Beyond 40 the gate is zero or one in every precision, and the cube would overflow.
    return x.clamp(-40, 40)


def _inner(x: Tensor) -> Tensor:
    # Half of one plus tanh is the sigmoid of the doubled argument, which keeps the digits of the left tail.
    return math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
