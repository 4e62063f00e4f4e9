"""ReLU and LeakyReLU, each beside its derivative."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def relu(x: Tensor) -> Tensor:
    r"""
    Rectified linear unit: lets positive inputs pass and zeroes the rest.

    .. math::

       \phi(x) = \max(0, x)

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
    Convention: automatic differentiation gives zero at the kink, as ``torch.relu`` does.

    References
    ----------
    Nair2010
    Glorot2011 Section 3.1

    Examples
    --------
    >>> relu(torch.tensor([-3.0, 0.0, 2.0])).tolist()
    [0.0, 0.0, 2.0]
    """
    return torch.relu(x)


@formula
def relu_derivative(x: Tensor) -> Tensor:
    r"""
    Derivative of ReLU: one on active inputs, zero on the rest.

    .. math::

       \phi'(x) = \mathbb{1}[x > 0]

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
    Convention: zero at the kink, as in PyTorch; any number from zero to one would be a subgradient there.

    References
    ----------
    Nair2010
    Glorot2011 Section 3.1

    Examples
    --------
    >>> relu_derivative(torch.tensor([-3.0, 0.0, 2.0])).tolist()
    [0.0, 0.0, 1.0]
    """
    return (x > 0).to(x.dtype)


@formula
def leaky_relu(x: Tensor, a: float = 0.01) -> Tensor:
    r"""
    LeakyReLU: negative inputs pass with a small constant slope.

    .. math::

       \phi(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.
    a : float in [0, 1)
        Slope :math:`a` for negative inputs.

    Returns
    -------
    Tensor of the shape of x
        Value :math:`\phi(x)`.

    Notes
    -----
    Convention: the default slope is that of PyTorch. Other libraries default to 0.2 or 0.3.

    Slopes of one and more are refused: at one the unit is linear.

    References
    ----------
    Maas2013 Section 2

    Examples
    --------
    >>> leaky_relu(torch.tensor([-3.0, 0.0, 2.0]), a=0.1).tolist()
    [-0.3, 0.0, 2.0]
    """
    return torch.nn.functional.leaky_relu(x, a)


@formula
def leaky_relu_derivative(x: Tensor, a: float = 0.01) -> Tensor:
    r"""
    Derivative of LeakyReLU: never zero as long as the slope is not.

    .. math::

       \phi'(x) = \begin{cases} 1 & x > 0 \\ a & x \le 0 \end{cases}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.
    a : float in [0, 1)
        Slope :math:`a` for negative inputs.

    Returns
    -------
    Tensor of the shape of x
        Derivative :math:`\phi'(x)`.

    Notes
    -----
    Convention: the small slope at the kink, as in PyTorch.

    References
    ----------
    Maas2013 Section 2

    Examples
    --------
    >>> leaky_relu_derivative(torch.tensor([-3.0, 0.0, 2.0]), a=0.1).tolist()
    [0.1, 0.1, 1.0]
    """
    return torch.where(x > 0, 1.0, torch.full_like(x, a))
