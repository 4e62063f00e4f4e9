"""Overfitting in numbers: empirical risk, its gap to held-out data, and what least squares does to noise."""

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula


@formula
def empirical_risk(losses: Tensor) -> Tensor:
    r"""
    Mean loss over a sample: what training minimises.

    .. math::

       \hat{R} = \frac{1}{n} \sum_{i=1}^{n} \ell_i

    Parameters
    ----------
    losses : Tensor of shape (n,)
        Losses :math:`\ell`, one per example.

    Returns
    -------
    Tensor of shape ()
        Empirical risk :math:`\hat{R}`.

    Notes
    -----
    Convention: mean over the examples, without any penalty. The population risk is the same mean over all data the
    model will ever see; a validation set only estimates it.

    References
    ----------
    Hastie2009 Section 7.2

    Examples
    --------
    >>> empirical_risk(torch.tensor([0.1, 0.4, 2.5])).item()
    1.0
    """
    return losses.mean()


@formula
def generalization_gap(held_out: Tensor, train: Tensor) -> Tensor:
    r"""
    Estimate of the generalisation gap: held-out loss minus training loss.

    .. math::

       G = \frac{1}{m} \sum_{j=1}^{m} \ell'_j - \frac{1}{n} \sum_{i=1}^{n} \ell_i

    Parameters
    ----------
    held_out : Tensor of shape (m,)
        Losses :math:`\ell'` on examples that training never saw.
    train : Tensor of shape (n,)
        Losses :math:`\ell` on the training examples.

    Returns
    -------
    Tensor of shape ()
        Gap :math:`G`.

    Notes
    -----
    Convention: both means without the penalty, with the same final weights and in evaluation mode.

    A negative gap is no error in itself. Dropout or a penalty in the training loss, and a training loss averaged over
    an epoch while the weights still moved, all make one.

    References
    ----------
    Hastie2009 Section 7.4

    Examples
    --------
    >>> generalization_gap(torch.tensor([0.9, 1.5]), torch.tensor([0.1, 0.3, 0.5])).item()
    0.9
    """
    return held_out.mean() - train.mean()


@formula
def ols_errors(sigma: float, d: int, n: int) -> tuple[float, float, float]:
    r"""
    Expected squared errors of least squares on its training targets and on fresh targets at the same inputs.

    .. math::

       e = \sigma^2 \left( 1 - \frac{d}{n} \right), \quad
       e' = \sigma^2 \left( 1 + \frac{d}{n} \right), \quad
       \omega = e' - e = \frac{2 \sigma^2 d}{n}

    Parameters
    ----------
    sigma : float in [0, inf)
        Standard deviation :math:`\sigma` of the noise in the targets.
    d : int in [0, inf)
        Number :math:`d` of linearly independent columns of the design matrix, at most the number of examples.
    n : int in [1, inf)
        Number :math:`n` of training examples.

    Returns
    -------
    train : float
        Expected training error :math:`e`.
    fresh : float
        Expected error :math:`e'` on fresh targets.
    optimism : float
        Optimism :math:`\omega` of the training error.

    Raises
    ------
    ValueError
        If there are more features than examples.

    Notes
    -----
    Convention: mean squared error without the half; the linear model is right, and the noise has equal variance. New
    inputs cost more than fresh targets at the old ones.

    With as many features as examples the training error is zero, and the error on fresh targets is twice the noise
    variance.

    References
    ----------
    Hastie2009 Section 7.4

    Examples
    --------
    >>> ols_errors(sigma=2.0, d=5, n=20)
    (3.0, 5.0, 2.0)
    """
    _check.integer("d", d, f"[0, {n}]")
    return sigma**2 * (1 - d / n), sigma**2 * (1 + d / n), 2 * sigma**2 * d / n


@formula
def min_norm_interpolant(X: Tensor, y: Tensor) -> Tensor:
    r"""
    The shortest weights that fit every training target exactly.

    .. math::

       \hat{w} = X^\top (X X^\top)^{-1} y

    Parameters
    ----------
    X : Tensor of shape (n, d) in float32 or float64
        Design matrix :math:`X`, one row per example; its rows are linearly independent.
    y : Tensor of shape (n,)
        Targets :math:`y`.

    Returns
    -------
    Tensor of shape (d,)
        Weights :math:`\hat{w}` of least Euclidean norm.

    Raises
    ------
    ValueError
        If the rows of the design matrix are linearly dependent.

    Notes
    -----
    Convention: no intercept and no penalty. Gradient descent on the squared error that starts at zero converges to
    these weights, since it never leaves the span of the rows.

    Zero training error is not overfitting by itself: with many weak features the noise spreads so thin that the fit
    can be harmless.

    References
    ----------
    Bartlett2020
    Belkin2019

    Examples
    --------
    >>> min_norm_interpolant(torch.tensor([[3.0, 4.0]]), torch.tensor([10.0])).tolist()
    [1.2, 1.6]
    """
    # Out of the wrapper of vmap come the ranks, not the rows: those may be any of its dimensions.
    rank = torch.linalg.matrix_rank(X.detach())
    if not _check.traced() and int(torch.func.debug_unwrap(rank).min()) < X.shape[0]:
        raise ValueError(f"X must have linearly independent rows, got rank below {X.shape[0]} at {tuple(X.shape)}")
    # A QR factorisation of the transpose avoids squaring the condition number.
    unit = X.detach().abs().amax()
    q, r = torch.linalg.qr(X.mT / unit)
    return q @ torch.linalg.solve_triangular(r.mT, y[:, None], upper=False)[:, 0] / unit
