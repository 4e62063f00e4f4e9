"""L2 and noise: how a penalty damps noise in targets and inputs, and how noise in the inputs becomes a penalty."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def ridge_noise_gain(s: Tensor, alpha: float) -> Tensor:
    r"""
    Largest factor by which ridge regression can pass noise in the targets on to the weights.

    .. math::

       G = \max_i \frac{s_i}{s_i^2 + \alpha}

    Parameters
    ----------
    s : Tensor of shape (d,) with entries in [0, inf)
        Singular values :math:`s` of the design matrix.
    alpha : float in (0, inf) within the dtype of s
        Penalty :math:`\alpha`.

    Returns
    -------
    Tensor of shape ()
        Noise gain :math:`G`.

    Notes
    -----
    Convention: spectral norm of the matrix that maps targets to weights, with the penalty on the sum of squares. For
    least squares without a penalty it is :math:`1 / \min_i s_i`.

    References
    ----------
    Hoerl1970 Section 4

    Examples
    --------
    >>> ridge_noise_gain(torch.tensor([0.1, 1.0, 7.0]), alpha=1.0).item()
    0.5
    """
    root = torch.hypot(s, torch.full_like(s, math.sqrt(alpha)))  # its square may overflow
    return (s / root / root).max()


@formula
def ridge_noise_gain_bound(alpha: float) -> float:
    r"""
    Bound on the noise gain of ridge regression that holds for every design matrix.

    .. math::

       G_{\max} = \frac{1}{2 \sqrt{\alpha}}

    Parameters
    ----------
    alpha : float in (0, inf)
        Penalty :math:`\alpha`.

    Returns
    -------
    float
        Bound :math:`G_{\max}`.

    Notes
    -----
    Convention: the penalty belongs to the sum of squares without the half. A singular value
    :math:`s_i = \sqrt{\alpha}` attains the bound.

    References
    ----------
    Boyd2004 Section 3.1.9

    Examples
    --------
    >>> ridge_noise_gain_bound(alpha=4.0)
    0.25
    """
    return 1 / (2 * math.sqrt(alpha))


@formula
def input_noise_variance(w: Tensor, sigma: float) -> Tensor:
    r"""
    Variance that noise in the inputs adds to the prediction of a linear model.

    .. math::

       D = \sigma_x^2 \lVert w \rVert_2^2

    Parameters
    ----------
    w : Tensor of shape (d,)
        Weights :math:`w`.
    sigma : float in [0, inf)
        Standard deviation :math:`\sigma_x` of the noise in each input.

    Returns
    -------
    Tensor of shape ()
        Variance :math:`D` of the prediction.

    Notes
    -----
    Convention: independent zero-mean noise of equal variance in all inputs. Smaller weights pass on less of it.

    References
    ----------
    Bishop1995

    Examples
    --------
    >>> input_noise_variance(torch.tensor([3.0, -4.0]), sigma=0.2).item()
    1.0
    """
    return float(sigma) ** 2 * w.square().sum()


@formula
def noise_augmentation_loss(X: Tensor, y: Tensor, w: Tensor, sigma: float) -> Tensor:
    r"""
    Expected sum of squares of a linear model when fresh noise is added to the inputs.

    .. math::

       \bar{L} = \lVert y - X w \rVert_2^2 + n \sigma_x^2 \lVert w \rVert_2^2

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Design matrix :math:`X` without noise, one row per example.
    y : Tensor of shape (n,)
        Targets :math:`y`.
    w : Tensor of shape (d,)
        Weights :math:`w`.
    sigma : float in [0, inf)
        Standard deviation :math:`\sigma_x` of the noise in each input.

    Returns
    -------
    Tensor of shape ()
        Expected loss :math:`\bar{L}`.

    Notes
    -----
    Convention: sum of squares without the half; independent zero-mean noise of equal variance in all inputs, no
    matter of what distribution.

    The equality is exact for linear models. For others it holds to second order in the noise, and the penalty then
    bears on the derivatives of the model by its inputs.

    References
    ----------
    Bishop1995

    Examples
    --------
    >>> X, y, w = torch.tensor([[1.0, 2.0], [0.0, 1.0]]), torch.tensor([1.0, 3.0]), torch.tensor([2.0, 1.0])
    >>> noise_augmentation_loss(X, y, w, sigma=0.5).item()
    15.5
    """
    return (y - X @ w).square().sum() + noise_augmentation_penalty(len(X), sigma) * w.square().sum()


@formula
def noise_augmentation_penalty(n: int, sigma: float) -> float:
    r"""
    Ridge penalty that noise in the inputs amounts to.

    .. math::

       \alpha = n \sigma_x^2

    Parameters
    ----------
    n : int in [1, inf)
        Number :math:`n` of training examples.
    sigma : float in [0, inf)
        Standard deviation :math:`\sigma_x` of the noise in each input.

    Returns
    -------
    float
        Penalty :math:`\alpha`.

    Notes
    -----
    Convention: the penalty belongs to the sum of squares without the half; for the mean of squares drop :math:`n`.

    References
    ----------
    Bishop1995

    Examples
    --------
    >>> noise_augmentation_penalty(n=50, sigma=0.2)
    2.0
    """
    return n * float(sigma) ** 2
