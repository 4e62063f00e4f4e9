"""Softplus, a smooth relative of ReLU whose slope is the sigmoid."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def softplus(x: Tensor) -> Tensor:
    r"""
    Softplus: ReLU without its kink, positive everywhere.

    .. math::

       \phi(x) = \ln(1 + e^x)

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
    Convention: steepness one and no threshold; ``torch.nn.functional.softplus`` returns :math:`x` itself beyond 20.

    Its derivative is the sigmoid. It exceeds ReLU by :math:`\ln 2` at zero and by less elsewhere.

    References
    ----------
    Glorot2011 Section 3.1
    TorchDocs torch.nn.Softplus

    Examples
    --------
    >>> softplus(torch.tensor([-1.0, 0.0, 2.0, 1000.0])).tolist()
    [0.313262, 0.693147, 2.126928, 1000.0]
    """
    return torch.logaddexp(x, torch.zeros_like(x))
