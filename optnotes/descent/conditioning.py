"""Condition number: how the scales of the features set the speed of gradient descent."""

import math

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula


@formula
def condition_number(H: Tensor) -> Tensor:
    r"""
    Condition number of the Hessian: its largest curvature over its smallest.

    .. math::

       \kappa = \frac{\lambda_{\max}}{\lambda_{\min}}, \qquad
       \lambda_{\max} = \lVert H \rVert_2, \qquad \lambda_{\min} = \frac{1}{\lVert H^{-1} \rVert_2}

    Parameters
    ----------
    H : Tensor of shape (d, d) in float32 or float64
        Hessian :math:`H`, symmetric and positive definite.

    Returns
    -------
    Tensor of shape ()
        Condition number :math:`\kappa`.

    Raises
    ------
    ValueError
        If the Hessian is not symmetric positive definite.

    Notes
    -----
    Convention: the condition number of the Hessian. For least squares it is the square of the one of the design
    matrix.

    References
    ----------
    Boyd2004 Section 9.1.2

    Examples
    --------
    >>> condition_number(torch.tensor([[5.0, 3.0], [3.0, 5.0]])).item()
    4.0
    """
    lam, _ = _spectrum(H)
    return lam[-1] / lam[0]


@formula
def best_step(H: Tensor) -> Tensor:
    r"""
    The constant step with which gradient descent on a quadratic loss contracts fastest.

    .. math::

       \eta = \frac{2}{\lambda_{\max} + \lambda_{\min}}, \qquad
       \lambda_{\max} = \lVert H \rVert_2, \qquad \lambda_{\min} = \frac{1}{\lVert H^{-1} \rVert_2}

    Parameters
    ----------
    H : Tensor of shape (d, d) in float32 or float64
        Hessian :math:`H`, symmetric and positive definite.

    Returns
    -------
    Tensor of shape ()
        Step :math:`\eta`.

    Raises
    ------
    ValueError
        If the Hessian is not symmetric positive definite.

    Notes
    -----
    Convention: one constant step for all directions, without momentum. It lies below the largest stable step.

    References
    ----------
    Nesterov2004 Theorem 2.1.15

    Examples
    --------
    >>> best_step(torch.tensor([[5.0, 3.0], [3.0, 5.0]])).item()
    0.2
    """
    lam, unit = _spectrum(H)
    return 2 / (lam[-1] + lam[0]) / unit


@formula
def contraction_rate(H: Tensor, lr: float) -> Tensor:
    r"""
    Factor by which one step of gradient descent shrinks the distance to the minimum, in the worst direction.

    .. math::

       q = \max(\lvert 1 - \eta \lambda_{\min} \rvert, \lvert 1 - \eta \lambda_{\max} \rvert), \qquad
       \lambda_{\max} = \lVert H \rVert_2, \qquad \lambda_{\min} = \frac{1}{\lVert H^{-1} \rVert_2}

    Parameters
    ----------
    H : Tensor of shape (d, d) in float32 or float64
        Hessian :math:`H`, symmetric and positive definite.
    lr : float in (0, inf)
        Step :math:`\eta`.

    Returns
    -------
    Tensor of shape ()
        Factor :math:`q`; descent diverges when it exceeds one.

    Raises
    ------
    ValueError
        If the Hessian is not symmetric positive definite.

    Notes
    -----
    Convention: the distance between weights; the loss shrinks by the square of the factor. It is exact for a
    quadratic loss.

    References
    ----------
    Nesterov2004 Theorem 2.1.15

    Examples
    --------
    >>> H = torch.tensor([[5.0, 3.0], [3.0, 5.0]])
    >>> contraction_rate(H, lr=0.1).item(), contraction_rate(H, lr=0.2).item(), contraction_rate(H, lr=0.3).item()
    (0.8, 0.6, 1.4)
    """
    lam, unit = _spectrum(H)
    lam = lam * unit
    return torch.maximum((1 - lr * lam[0]).abs(), (1 - lr * lam[-1]).abs())


@formula
def best_rate(kappa: float) -> float:
    r"""
    Contraction of gradient descent with the best constant step.

    .. math::

       q = \frac{\kappa - 1}{\kappa + 1}

    Parameters
    ----------
    kappa : float in [1, inf)
        Condition number :math:`\kappa` of the Hessian.

    Returns
    -------
    float
        Factor :math:`q` per step.

    Notes
    -----
    Convention: the distance between weights; the loss shrinks by the square of the factor.

    References
    ----------
    Nesterov2004 Theorem 2.1.15

    Examples
    --------
    >>> best_rate(4.0)
    0.6
    """
    return (kappa - 1) / (kappa + 1)


@formula
def gd_iterations(kappa: float, tolerance: float) -> float:
    r"""
    Steps of gradient descent with the best constant step until the error has shrunk to a tolerance.

    .. math::

       T = \frac{\ln \tau}{\ln(\kappa - 1) - \ln(\kappa + 1)}

    Parameters
    ----------
    kappa : float in (1, inf)
        Condition number :math:`\kappa` of the Hessian.
    tolerance : float in (0, 1)
        Wanted ratio :math:`\tau` of the distance to the minimum after and before.

    Returns
    -------
    float
        Number of steps :math:`T`, to be rounded up.

    Notes
    -----
    Convention: the worst direction of a quadratic loss. For a large :math:`\kappa` the number of steps is
    proportional to it.

    References
    ----------
    Nesterov2004 Theorem 2.1.15

    Examples
    --------
    >>> gd_iterations(4.0, tolerance=0.36), gd_iterations(4000.0, tolerance=0.36)
    (2.0, 2043.3)
    """
    # The difference of the logarithms, without the cancellation at a large condition number.
    return math.log(tolerance) / (-2 * math.atanh(1 / kappa))


def _spectrum(H: Tensor) -> tuple[Tensor, Tensor]:
    """Eigenvalues in ascending order over the largest entry, and that entry; all positive beyond rounding."""
    _check.entries("H - H.T over the largest entry", (H - H.mT) / _scale(H), "[-1e-5, 1e-5]")
    unit = _scale(H.detach())
    lam: Tensor = torch.linalg.eigvalsh(H / unit)
    rounding = H.shape[0] * torch.finfo(H.dtype).eps
    _check.entries("eigenvalues of H over the largest", lam / _scale(lam), f"({rounding}, 1]")
    return lam, unit


def _scale(values: Tensor) -> Tensor:
    return values.abs().amax().clamp_min(torch.finfo(values.dtype).tiny)
