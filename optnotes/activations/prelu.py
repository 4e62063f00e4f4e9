"""PReLU: LeakyReLU whose slope is learned."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def prelu(x: Tensor, a: Tensor) -> Tensor:
    r"""
    Parametric ReLU: each channel learns the slope of its negative side.

    .. math::

       \phi_{ij} = \max(0, x_{ij}) + a_j \min(0, x_{ij})

    Parameters
    ----------
    x : Tensor of shape (n, c)
        Inputs :math:`x`, one row per example, one column per channel.
    a : Tensor of shape (c,)
        Learned slopes :math:`a`, one per channel.

    Returns
    -------
    Tensor of shape (n, c)
        Values :math:`\phi_{ij}`.

    Notes
    -----
    Convention: one slope per channel. PyTorch defaults to one shared slope that starts at 0.25.

    With a slope of zero it is ReLU, with a slope of one it is linear. Weight decay on the slopes pulls them towards
    ReLU.

    References
    ----------
    He2015 Section 2.1
    TorchDocs torch.nn.PReLU

    Examples
    --------
    >>> prelu(torch.tensor([[-3.0, 2.0], [4.0, -1.0]]), a=torch.tensor([0.5, 0.25])).tolist()
    [[-1.5, 2.0], [4.0, -0.25]]
    """
    return torch.lerp(torch.relu(x), x, a)


@formula
def prelu_derivative(x: Tensor, a: Tensor) -> Tensor:
    r"""
    Derivative of PReLU with respect to its input.

    .. math::

       \phi'_{ij} = \begin{cases} 1 & x_{ij} > 0 \\ a_j & x_{ij} \le 0 \end{cases}

    Parameters
    ----------
    x : Tensor of shape (n, c)
        Inputs :math:`x`, one row per example, one column per channel.
    a : Tensor of shape (c,)
        Learned slopes :math:`a`, one per channel.

    Returns
    -------
    Tensor of shape (n, c)
        Derivatives :math:`\phi'_{ij}`.

    Notes
    -----
    Convention: the learned slope at the kink, as in PyTorch.

    References
    ----------
    He2015 Section 2.1

    Examples
    --------
    >>> prelu_derivative(torch.tensor([[-3.0, 2.0], [4.0, 0.0]]), a=torch.tensor([0.5, 0.25])).tolist()
    [[0.5, 1.0], [1.0, 0.25]]
    """
    return torch.where(x > 0, 1.0, a)


@formula
def prelu_slope_gradient(grad: Tensor, x: Tensor) -> Tensor:
    r"""
    Gradient of the loss with respect to the slopes of PReLU.

    .. math::

       \frac{\partial \mathcal{L}}{\partial a_j} = \sum_{i=1}^{n} \delta_{ij} \min(0, x_{ij})

    Parameters
    ----------
    grad : Tensor of shape (n, c)
        Gradient :math:`\delta` of the loss with respect to the outputs.
    x : Tensor of shape (n, c)
        Inputs :math:`x`, one row per example, one column per channel.

    Returns
    -------
    Tensor of shape (c,)
        Gradient :math:`\frac{\partial \mathcal{L}}{\partial a_j}`.

    Notes
    -----
    Convention: sum over the examples. With one slope shared by all channels sum over the channels too.

    References
    ----------
    He2015 Section 2.1

    Examples
    --------
    >>> x = torch.tensor([[-3.0, 2.0], [4.0, -1.0]])
    >>> prelu_slope_gradient(torch.tensor([[2.0, 7.0], [5.0, 3.0]]), x).tolist()
    [-6.0, -3.0]
    """
    return (grad * torch.where(x < 0, x, 0.0)).sum(0)
