"""Scaling of features: standardisation and min-max, fitted on the training set."""

import math

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula
from optnotes._numeric import norm


@formula
def fit_standardizer(X: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Mean and standard deviation of every feature of the training set.

    .. math::

       \begin{aligned}
       \mu_j &= \frac{1}{n} \sum_{i=1}^{n} X_{ij} \\
       v_j &= \frac{1}{n} \sum_{i=1}^{n} (X_{ij} - \mu_j)^2 \\
       s_j &= \begin{cases} \sqrt{v_j} & v_j > 0 \\ 1 & v_j = 0 \end{cases}
       \end{aligned}

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Training set :math:`X`, one example per row.

    Returns
    -------
    mu : Tensor of shape (d,)
        Means :math:`\mu_j`.
    s : Tensor of shape (d,)
        Scales :math:`s_j`.

    Notes
    -----
    Convention: divided by :math:`n`, as ``StandardScaler`` of scikit-learn does, not by :math:`n - 1`; a constant
    feature has scale one, so that it becomes zero. Scikit-learn gives scale one to nearly constant features as well.

    Fit on the training set only, and apply the result unchanged to validation and test data.

    References
    ----------
    SklearnDocs sklearn.preprocessing.StandardScaler

    Examples
    --------
    >>> mu, s = fit_standardizer(torch.tensor([[1.0, 7.0], [5.0, 7.0]]))
    >>> mu.tolist(), s.tolist()
    ([3.0, 7.0], [2.0, 1.0])
    """
    mu = X.mean(dim=0)
    deviation = norm(X - mu, dim=0)[0] / math.sqrt(X.shape[0])
    # Rounding in the mean gives a constant feature a tiny variance, so ask the values themselves.
    constant = X.amax(dim=0) == X.amin(dim=0)
    return mu, torch.where(constant, 1.0, deviation)


@formula
def standardize(X: Tensor, mean: Tensor, s: Tensor) -> Tensor:
    r"""
    Standardisation: on the training set every feature gets mean zero and standard deviation one.

    .. math::

       Z_{ij} = \frac{X_{ij} - \mu_j}{s_j}

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Examples :math:`X`, one per row, from any part of the data.
    mean : Tensor of shape (d,)
        Means :math:`\mu` of the training set.
    s : Tensor of shape (d,) with entries in (0, inf)
        Scales :math:`s` of the training set.

    Returns
    -------
    Tensor of shape (n, d)
        Standardised examples :math:`Z_{ij}`.

    Notes
    -----
    Convention: one affine map per feature. It keeps the shape of the distribution and every correlation between
    features.

    References
    ----------
    LeCun1998 Section 4.3
    SklearnDocs sklearn.preprocessing.StandardScaler

    Examples
    --------
    >>> from optnotes.features import fit_standardizer, standardize
    >>> mean, s = fit_standardizer(torch.tensor([[1.0, 0.0], [5.0, 30.0]]))
    >>> standardize(torch.tensor([[9.0, 15.0]]), mean, s).tolist()
    [[3.0, 0.0]]
    """
    # The slope by s is summed before it is divided by s once more and may overflow: infinities could cancel.
    unit = s.detach()
    return (X - mean) / unit / (s / unit)


@formula
def fit_minmax(X: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Smallest and largest value of every feature of the training set.

    .. math::

       l_j = \min_i X_{ij}, \quad u_j = \max_i X_{ij}

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Training set :math:`X`, one example per row.

    Returns
    -------
    lower : Tensor of shape (d,)
        Smallest values :math:`l_j`.
    upper : Tensor of shape (d,)
        Largest values :math:`u_j`.

    Notes
    -----
    Convention: the extremes of the training set, so one outlier sets the scale of its feature.

    References
    ----------
    SklearnDocs sklearn.preprocessing.MinMaxScaler

    Examples
    --------
    >>> lower, upper = fit_minmax(torch.tensor([[1.0, 0.0], [5.0, -30.0], [2.0, 10.0]]))
    >>> lower.tolist(), upper.tolist()
    ([1.0, -30.0], [5.0, 10.0])
    """
    return X.amin(dim=0), X.amax(dim=0)


@formula
def minmax(X: Tensor, lower: Tensor, upper: Tensor, low: float, high: float) -> Tensor:
    r"""
    Min-max scaling: the range of the training set becomes the wanted interval.

    .. math::

       Z_{ij} = a + (b - a) \frac{X_{ij} - l_j}{u_j - l_j}

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Examples :math:`X`, one per row, from any part of the data.
    lower : Tensor of shape (d,)
        Smallest values :math:`l` of the training set.
    upper : Tensor of shape (d,)
        Largest values :math:`u` of the training set, above the smallest ones.
    low : float in (-inf, inf)
        Lower end :math:`a` of the wanted interval.
    high : float in (-inf, inf)
        Upper end :math:`b` of the wanted interval, above its lower end.

    Returns
    -------
    Tensor of shape (n, d)
        Scaled examples :math:`Z_{ij}`.

    Raises
    ------
    ValueError
        If an upper end does not lie above the lower one.

    Notes
    -----
    Convention: no clipping. New data may fall outside the interval.

    An eight-bit image has known ends, zero and 255, so nothing is fitted.

    References
    ----------
    SklearnDocs sklearn.preprocessing.MinMaxScaler
    Radford2016 Section 4

    Examples
    --------
    >>> pixels, lower, upper = torch.tensor([[0.0], [51.0], [255.0]]), torch.tensor([0.0]), torch.tensor([255.0])
    >>> minmax(pixels, lower, upper, low=-1.0, high=1.0).flatten().tolist()
    [-1.0, -0.6, 1.0]
    """
    _check.entries("upper - lower", upper - lower, "(0, inf)")
    _check.real("high - low", high - low, "(0, inf)")
    return low + (high - low) * ((X - lower) / (upper - lower))
