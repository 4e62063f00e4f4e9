"""ELU and SELU, each beside its derivative."""

import torch
from torch import Tensor

from optnotes._formula import formula
from optnotes._numeric import up_to

SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772


@formula
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    r"""
    Exponential linear unit: negative inputs level off instead of being cut.

    .. math::

       \phi(x) = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.
    alpha : float in (0, inf) within the dtype of x
        Size :math:`\alpha` of the plateau on the negative side.

    Returns
    -------
    Tensor of the shape of x
        Value :math:`\phi(x)`.

    Notes
    -----
    Convention: :math:`\alpha = 1` by default, as in PyTorch; for any other value the derivative jumps at zero.

    The code never takes the exponential of a positive number, so large inputs spoil neither value nor gradient.

    References
    ----------
    Clevert2016 Section 3

    Examples
    --------
    >>> elu(torch.tensor([-1000.0, -1.0, 0.0, 2.0]), alpha=1.5).tolist()
    [-1.5, -0.948181, 0.0, 2.0]
    """
    positive = torch.relu(x)
    return positive + alpha * torch.expm1(x - positive)


@formula
def elu_derivative(x: Tensor, alpha: float = 1.0) -> Tensor:
    r"""
    Derivative of ELU: positive everywhere, but it fades on the negative side.

    .. math::

       \phi'(x) = \begin{cases} 1 & x > 0 \\ \alpha e^x & x \le 0 \end{cases}

    Parameters
    ----------
    x : Tensor of any shape
        Input :math:`x`.
    alpha : float in (0, inf)
        Size :math:`\alpha` of the plateau on the negative side.

    Returns
    -------
    Tensor of the shape of x
        Derivative :math:`\phi'(x)`.

    Notes
    -----
    Convention: :math:`\alpha` at zero, as in PyTorch.

    Far on the negative side a unit is as good as dead: at :math:`-20` the slope is about :math:`2 \cdot 10^{-9}`.

    References
    ----------
    Clevert2016 Section 3

    Examples
    --------
    >>> elu_derivative(torch.tensor([-1.0, 0.0, 2.0]), alpha=1.5).tolist()
    [0.551819, 1.5, 1.0]
    """
    return torch.where(x > 0, 1.0, alpha * torch.exp(up_to(x, 0)))


@formula
def selu(x: Tensor) -> Tensor:
    r"""
    Scaled ELU: constants chosen so that mean zero and variance one reproduce themselves.

    .. math::

       \phi(x) = \lambda \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}, \qquad
       \lambda = 1.0507009873554805, \qquad \alpha = 1.6732632423543772

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
    Convention: the constants of Klambauer et al. for the fixed point of mean zero and variance one, as in PyTorch.

    The fixed point needs weights of mean zero and variance :math:`1 / n`, where :math:`n` is the number of inputs, and
    ``AlphaDropout`` in place of dropout.

    References
    ----------
    Klambauer2017 Equation 2

    Examples
    --------
    >>> selu(torch.tensor([-1000.0, 0.0, 2.0])).tolist()
    [-1.758099, 0.0, 2.101402]
    """
    positive = torch.relu(x)
    return SELU_SCALE * (positive + SELU_ALPHA * torch.expm1(x - positive))


@formula
def selu_derivative(x: Tensor) -> Tensor:
    r"""
    Derivative of SELU: above one on the positive side, fading on the negative side.

    .. math::

       \phi'(x) = \lambda \begin{cases} 1 & x > 0 \\ \alpha e^x & x \le 0 \end{cases}, \qquad
       \lambda = 1.0507009873554805, \qquad \alpha = 1.6732632423543772

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
    Convention: :math:`\lambda \alpha` at zero, as in PyTorch; the derivative jumps there.

    References
    ----------
    Klambauer2017

    Examples
    --------
    >>> selu_derivative(torch.tensor([-1.0, 0.0, 2.0])).tolist()
    [0.646769, 1.758099, 1.050701]
    """
    return SELU_SCALE * torch.where(x > 0, 1.0, SELU_ALPHA * torch.exp(up_to(x, 0)))
