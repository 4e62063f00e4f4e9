"""How much a gradient can change on its way through many layers: exact scalar chain and matrix bounds."""

from collections.abc import Callable

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula


@formula
def scalar_chain(w: Tensor, z: Tensor, dphi: Callable[[Tensor], Tensor]) -> Tensor:
    r"""
    Derivative of a chain of one-unit layers, the case where the factors are plain numbers.

    .. math::

       \frac{\partial h_L}{\partial h_0} = \prod_{k=1}^{L} w_k \phi'(z_k)

    Parameters
    ----------
    w : Tensor of shape (L,)
        Weights :math:`w`, one per layer.
    z : Tensor of shape (L,)
        Pre-activations :math:`z`, one per layer.
    dphi : callable
        Derivative :math:`\phi'` of the activation, applied to each element.

    Returns
    -------
    Tensor of shape ()
        Derivative :math:`\frac{\partial h_L}{\partial h_0}` of the output with respect to the input.

    Raises
    ------
    ValueError
        If the function that is passed does not return one finite number for each entry.

    Notes
    -----
    Convention: one unit per layer, so weights below one in absolute value do shrink the gradient when the
    derivative is at most one. Entries below one prove nothing for a matrix: look at its singular values.

    References
    ----------
    Hochreiter1991
    Bengio1994

    Examples
    --------
    >>> w, z = torch.tensor([0.5, -2.0, 0.25]), torch.tensor([1.0, 2.0, 3.0])
    >>> scalar_chain(w, z, dphi=lambda z: 1 / z).item()
    -0.041667
    """
    return (w * _check.values("dphi", dphi, z)).prod()


@formula
def chain_upper_bound(weights: Tensor, slopes: Tensor) -> Tensor:
    r"""
    Upper bound on the growth of the gradient norm over several layers.

    .. math::

       r \le \prod_{k=1}^{K} \lVert W_k \rVert_2 \max_i \lvert d_{ki} \rvert

    Parameters
    ----------
    weights : Tensor of shape (K, m, n) in float32 or float64
        Weight matrices :math:`W` that the gradient passes, one per step.
    slopes : Tensor of shape (K, n)
        Derivatives :math:`d` of the activation at the units below each matrix.

    Returns
    -------
    Tensor of shape ()
        Upper bound of the ratio :math:`r` between the norm of the error signal after and before the steps.

    Notes
    -----
    Convention: the matrix norm is the largest singular value; layers of unequal width enter one at a time, and the
    factors are multiplied.

    If every factor is below a common number less than one, the gradient vanishes exponentially. A bound far above
    one does not prove an explosion: it is necessary, not sufficient. Entries below one say nothing about either.

    References
    ----------
    Pascanu2013 Section 2.1
    Bengio1994

    Examples
    --------
    >>> weights = torch.tensor([[[0.0, 3.0], [-2.0, 0.0]], [[0.5, 0.0], [0.0, 1.0]]])
    >>> chain_upper_bound(weights, slopes=torch.tensor([[0.5, 0.25], [0.1, -0.2]])).item()
    0.3
    """
    largest: Tensor = torch.linalg.matrix_norm(weights, 2)
    return (largest * slopes.abs().amax(dim=1)).prod()


@formula
def chain_lower_bound(weights: Tensor, slopes: Tensor) -> Tensor:
    r"""
    Lower bound on the gradient norm that survives several layers with square weight matrices.

    .. math::

       r \ge \prod_{k=1}^{K} \frac{\min_i \lvert d_{ki} \rvert}{\lVert W_k^{-1} \rVert_2}

    Parameters
    ----------
    weights : Tensor of shape (K, n, n) in float32 or float64
        Square weight matrices :math:`W` that the gradient passes, one per step.
    slopes : Tensor of shape (K, n)
        Derivatives :math:`d` of the activation at the units below each matrix.

    Returns
    -------
    Tensor of shape ()
        Lower bound of the ratio :math:`r` between the norm of the error signal after and before the steps.

    Notes
    -----
    Convention: the norm of the inverse is one over the smallest singular value, and a singular matrix gives zero.

    One inactive ReLU unit makes the bound zero although the other units pass the gradient on.

    References
    ----------
    Saxe2014 Section 3

    Examples
    --------
    >>> weights = torch.tensor([[[0.0, 3.0], [-2.0, 0.0]], [[0.5, 0.0], [0.0, 1.0]]])
    >>> chain_lower_bound(weights, slopes=torch.tensor([[0.5, 0.25], [0.1, -0.2]])).item()
    0.025
    """
    smallest: Tensor = torch.linalg.matrix_norm(weights, -2)
    return (smallest * slopes.abs().amin(dim=1)).prod()
