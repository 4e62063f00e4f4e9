"""Gradients through time: the Jacobian of a recurrent network and the growth of random products."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula


@formula
def rnn_jacobian(W: Tensor, z: Tensor, dphi: Callable[[Tensor], Tensor]) -> Tensor:
    r"""
    Jacobian of the last hidden state of a recurrent network with respect to the initial one.

    .. math::

       \frac{\partial h_T}{\partial h_0} = \prod_{k=1}^{T} \operatorname{diag}(\phi'(z_{T+1-k})) W

    Parameters
    ----------
    W : Tensor of shape (n, n)
        Recurrent weights :math:`W`.
    z : Tensor of shape (T, n)
        Pre-activations :math:`z` in the order of time.
    dphi : callable
        Derivative :math:`\phi'` of the activation, applied to each element.

    Returns
    -------
    Tensor of shape (n, n)
        Jacobian :math:`\frac{\partial h_T}{\partial h_0}`, one row per unit of the last state.

    Raises
    ------
    ValueError
        If the function that is passed does not return one finite number for each entry.

    Notes
    -----
    Convention: the latest step stands on the left; the gradient is multiplied by the transpose.

    There is one factor for every time step. The same matrix enters at each: while the units are not saturated, its
    powers decide.

    References
    ----------
    Bengio1994
    Pascanu2013 Section 2.1

    Examples
    --------
    >>> W, z = torch.tensor([[0.0, 2.0], [1.0, 0.0]]), torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    >>> rnn_jacobian(W, z, dphi=lambda z: z).tolist()
    [[12.0, 0.0], [0.0, 10.0]]
    """
    jacobian = torch.eye(z.shape[1], dtype=z.dtype, device=z.device)
    for slope in _check.values("dphi", dphi, z):
        jacobian = slope[:, None] * W @ jacobian
    return jacobian


@formula
def rnn_jacobian_bound(W: Tensor, slope: float, steps: int) -> Tensor:
    r"""
    Upper bound on the spectral norm of the Jacobian of a recurrent network.

    .. math::

       r \le ( \lVert W \rVert_2 \gamma )^T

    Parameters
    ----------
    W : Tensor of shape (n, n) in float32 or float64
        Recurrent weights :math:`W`.
    slope : float in [0, inf)
        Largest absolute derivative :math:`\gamma` of the activation: 1 for tanh, a quarter for the sigmoid.
    steps : int in [0, inf)
        Number :math:`T` of time steps.

    Returns
    -------
    Tensor of shape ()
        Upper bound of the spectral norm :math:`r` of the Jacobian.

    Notes
    -----
    Convention: the largest singular value, not the spectral radius; the two differ for non-normal matrices.

    A base below one is sufficient for vanishing. A base above one is necessary for an explosion, not sufficient:
    saturated units, or a spectral radius below one, can still make the product vanish.

    References
    ----------
    Pascanu2013 Section 2.1

    Examples
    --------
    >>> rnn_jacobian_bound(torch.tensor([[0.0, 3.0], [2.0, 0.0]]), slope=0.5, steps=4).item()
    5.0625
    """
    norm: Tensor = torch.linalg.matrix_norm(W, 2)
    return (norm * slope) ** steps


@formula
def gaussian_lyapunov_exponent(n: int, std: float) -> float:
    r"""
    Growth rate of a product of independent square Gaussian matrices.

    .. math::

       \lambda_1 = \frac{1}{2} \left( \ln(2 \sigma^2) + \psi\left( \tfrac{n}{2} \right) \right)

    Parameters
    ----------
    n : int in [1, inf)
        Number :math:`n` of rows and columns.
    std : float in (0, inf)
        Standard deviation :math:`\sigma` of an entry.

    Returns
    -------
    float
        Largest Lyapunov exponent :math:`\lambda_1`: the limit of the logarithm of the norm per factor.

    Notes
    -----
    Convention: natural logarithm; :math:`\psi` is the digamma function, the derivative of the logarithm of the
    gamma function.

    The product neither vanishes nor explodes when the exponent is zero. For finite size the critical standard
    deviation is larger than one over the square root of the size, the value that keeps the expected squared norm:
    the typical norm is smaller than its mean.

    References
    ----------
    Newman1986

    Examples
    --------
    >>> gaussian_lyapunov_exponent(n=4, std=1.0)
    0.558
    """
    digamma = torch.digamma(torch.tensor(n / 2, dtype=torch.float64)).item()
    return (math.log(2) + digamma) / 2 + math.log(std)
