"""Whitening: features without correlation and with variance one."""

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula


@formula
def covariance(X: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Mean and covariance of the features of the training set.

    .. math::

       \begin{aligned}
       \mu_j &= \frac{1}{n} \sum_{i=1}^{n} X_{ij} \\
       \Sigma_{jk} &= \frac{1}{n} \sum_{i=1}^{n} (X_{ij} - \mu_j) (X_{ik} - \mu_k)
       \end{aligned}

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Training set :math:`X`, one example per row.

    Returns
    -------
    mu : Tensor of shape (d,)
        Means :math:`\mu_j`.
    Sigma : Tensor of shape (d, d)
        Covariances :math:`\Sigma_{jk}`.

    Notes
    -----
    Convention: divided by :math:`n`, so that the diagonal holds the squares of the scales used for standardisation.

    References
    ----------
    Kessy2018

    Examples
    --------
    >>> mu, Sigma = covariance(torch.tensor([[1.0, 0.0], [5.0, 6.0]]))
    >>> mu.tolist(), Sigma.tolist()
    ([3.0, 3.0], [[4.0, 6.0], [6.0, 9.0]])
    """
    mu = X.mean(dim=0)
    return mu, (X - mu).mT @ (X - mu) / X.shape[0]


@formula
def pca_whiten(X: Tensor, mean: Tensor, lams: Tensor, V: Tensor) -> Tensor:
    r"""
    PCA whitening: rotate to the principal axes, then divide by the standard deviation along each.

    .. math::

       Z = C V \Lambda^{-1/2}, \qquad
       C_{ij} = X_{ij} - \mu_j, \qquad \Lambda = \operatorname{diag}(\lambda)

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Examples :math:`X`, one per row, from any part of the data.
    mean : Tensor of shape (d,)
        Means :math:`\mu` of the training set.
    lams : Tensor of shape (r,) with entries in (0, inf)
        Eigenvalues :math:`\lambda` of the covariance of the training set: the variances along the axes.
    V : Tensor of shape (d, r)
        Eigenvectors :math:`V` of that covariance, orthonormal, one per column.

    Returns
    -------
    Tensor of shape (n, r)
        Whitened examples :math:`Z`.

    Raises
    ------
    ValueError
        If the eigenvectors are not orthonormal.

    Notes
    -----
    Convention: eigenvalues of the covariance divided by :math:`n`; division is by their square roots. Order and sign
    of the axes are free, so two libraries may return different columns.

    With too few examples some eigenvalues vanish: drop their axes or add a small constant. Directions of small
    variance, often noise, are amplified most.

    References
    ----------
    Kessy2018
    Wadia2021

    Examples
    --------
    >>> from optnotes.features import covariance, pca_whiten
    >>> X = torch.tensor([[1.0, 0.0], [5.0, 6.0], [0.0, 3.0]])
    >>> mean, Sigma = covariance(X)
    >>> Z = pca_whiten(X, mean, *torch.linalg.eigh(Sigma))
    >>> torch.allclose(covariance(Z)[1], torch.eye(2), atol=1e-5)
    True
    """
    _check_orthonormal(V)
    return (X - mean) @ V / torch.sqrt(lams)


@formula
def zca_whiten(X: Tensor, mean: Tensor, lams: Tensor, V: Tensor) -> Tensor:
    r"""
    ZCA whitening: PCA whitening rotated back, so that every new feature stays close to its old one.

    .. math::

       Z = C V \Lambda^{-1/2} V^\top, \qquad
       C_{ij} = X_{ij} - \mu_j, \qquad \Lambda = \operatorname{diag}(\lambda)

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Examples :math:`X`, one per row, from any part of the data.
    mean : Tensor of shape (d,)
        Means :math:`\mu` of the training set.
    lams : Tensor of shape (r,) with entries in (0, inf)
        Eigenvalues :math:`\lambda` of the covariance of the training set: the variances along the axes.
    V : Tensor of shape (d, r)
        Eigenvectors :math:`V` of that covariance, orthonormal, one per column.

    Returns
    -------
    Tensor of shape (n, d)
        Whitened examples :math:`Z`.

    Raises
    ------
    ValueError
        If the eigenvectors are not orthonormal.

    Notes
    -----
    Convention: the symmetric whitening matrix. Unlike PCA whitening it does not depend on the order and sign of the
    axes.

    References
    ----------
    Kessy2018
    Wadia2021

    Examples
    --------
    >>> from optnotes.features import covariance, zca_whiten
    >>> mean, Sigma = covariance(torch.tensor([[1.0, 0.0], [5.0, 6.0], [0.0, 3.0]]))
    >>> zca_whiten(torch.tensor([[3.0, 4.0]]), mean, *torch.linalg.eigh(Sigma)).tolist()
    [[0.376, 0.284]]
    """
    _check_orthonormal(V)
    return (X - mean) @ V / torch.sqrt(lams) @ V.mT


def _check_orthonormal(V: Tensor) -> None:
    excess = V.mT @ V - torch.eye(V.shape[1], dtype=V.dtype, device=V.device)
    _check.entries("V.T @ V - I", excess, "[-1e-3, 1e-3]")
