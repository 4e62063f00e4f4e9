"""Batch, layer and RMS normalisation: normalising the units inside a network."""

import math

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula
from optnotes._numeric import over_root_mean_square


@formula
def batch_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    r"""
    Batch normalisation in training: every unit is normalised over the batch.

    .. math::

       \begin{aligned}
       \mu_j &= \frac{1}{n} \sum_{i=1}^{n} x_{ij} \\
       v_j &= \frac{1}{n} \sum_{i=1}^{n} (x_{ij} - \mu_j)^2 \\
       y_{ij} &= \gamma_j \frac{x_{ij} - \mu_j}{\sqrt{v_j + \epsilon}} + \beta_j
       \end{aligned}

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Batch :math:`x` of at least two examples, one per row.
    gamma : Tensor of shape (d,)
        Gain :math:`\gamma` of every unit.
    beta : Tensor of shape (d,)
        Shift :math:`\beta` of every unit.
    eps : float in (0, inf) within the dtype of x
        Small constant :math:`\epsilon` under the root.

    Returns
    -------
    Tensor of shape (n, d)
        Normalised batch :math:`y_{ij}`.

    Raises
    ------
    ValueError
        If the batch has fewer than two examples.

    Notes
    -----
    Convention: the variance is biased, that is, divided by :math:`n`; :math:`\epsilon` is added to the variance, not
    to the standard deviation.

    The output for one example depends on the other examples of its batch. For a convolution a unit is a channel, and
    every position of every image counts as a row.

    References
    ----------
    Ioffe2015 Algorithm 1

    Examples
    --------
    >>> x = torch.tensor([[1.0, 0.0], [3.0, 8.0]])
    >>> batch_norm(x, torch.tensor([1.0, 2.0]), torch.tensor([0.0, 5.0]), eps=1e-5).tolist()
    [[-1.000, 3.000], [1.000, 7.000]]
    """
    _check.rows("x", x, 2)
    normalised, _ = over_root_mean_square(x - x.mean(dim=0), 0, eps)
    return torch.addcmul(beta, gamma, normalised)


@formula
def layer_norm(x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    r"""
    Layer normalisation: every example is normalised over its units.

    .. math::

       \begin{aligned}
       \mu_i &= \frac{1}{d} \sum_{j=1}^{d} x_{ij} \\
       v_i &= \frac{1}{d} \sum_{j=1}^{d} (x_{ij} - \mu_i)^2 \\
       y_{ij} &= \gamma_j \frac{x_{ij} - \mu_i}{\sqrt{v_i + \epsilon}} + \beta_j
       \end{aligned}

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Examples :math:`x`, one per row.
    gamma : Tensor of shape (d,)
        Gain :math:`\gamma` of every unit.
    beta : Tensor of shape (d,)
        Shift :math:`\beta` of every unit.
    eps : float in (0, inf) within the dtype of x
        Small constant :math:`\epsilon` under the root.

    Returns
    -------
    Tensor of shape (n, d)
        Normalised examples :math:`y_{ij}`.

    Notes
    -----
    Convention: the mean and the biased variance run over the units of one example, so training and inference agree
    and a batch of one is allowed.

    References
    ----------
    Ba2016 Section 3

    Examples
    --------
    >>> x = torch.tensor([[1.0, 3.0], [8.0, 0.0]])
    >>> layer_norm(x, torch.tensor([1.0, 2.0]), torch.tensor([0.0, 5.0]), eps=1e-5).tolist()
    [[-1.000, 7.000], [1.000, 3.000]]
    """
    normalised, _ = over_root_mean_square(x - x.mean(dim=1, keepdim=True), 1, eps)
    return torch.addcmul(beta, gamma, normalised)


@formula
def rms_norm(x: Tensor, gamma: Tensor, eps: float) -> Tensor:
    r"""
    RMS normalisation: every example is divided by its root mean square, without centring.

    .. math::

       \begin{aligned}
       q_i &= \frac{1}{d} \sum_{j=1}^{d} x_{ij}^2 \\
       y_{ij} &= \gamma_j \frac{x_{ij}}{\sqrt{q_i + \epsilon}}
       \end{aligned}

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Examples :math:`x`, one per row.
    gamma : Tensor of shape (d,)
        Gain :math:`\gamma` of every unit.
    eps : float in (0, inf) within the dtype of x
        Small constant :math:`\epsilon` under the root.

    Returns
    -------
    Tensor of shape (n, d)
        Normalised examples :math:`y_{ij}`.

    Notes
    -----
    Convention: a mean of squares, not a sum; no mean is subtracted and no shift is added.

    References
    ----------
    ZhangB2019 Section 4

    Examples
    --------
    >>> rms_norm(torch.tensor([[1.0, 7.0]]), torch.tensor([1.0, 2.0]), eps=1e-5).tolist()
    [[0.200, 2.800]]
    """
    normalised, _ = over_root_mean_square(x, 1, eps)
    return gamma * normalised


@formula
def bn_relu_growth(depth: int) -> float:
    r"""
    Growth of the squared gradient norm through blocks of batch normalisation and ReLU at initialisation.

    .. math::

       G = \left( \frac{\pi}{\pi - 1} \right)^L

    Parameters
    ----------
    depth : int in [0, 1000]
        Number :math:`L` of blocks between the two gradients, each a weight layer, batch normalisation and ReLU.

    Returns
    -------
    float
        Factor :math:`G` by which the expected squared gradient norm grows towards the input.

    Notes
    -----
    Convention: the squared norm; the norm itself grows by the square root of :math:`G`. The factor is the limit of
    wide layers and large batches, in a plain network with random weights and no residual connections.

    The variance of the weights cancels, so no scale of the initialisation removes the growth.

    References
    ----------
    Yang2019 Theorem 3.10

    Examples
    --------
    >>> bn_relu_growth(1), bn_relu_growth(3)
    (1.467, 3.157)
    """
    return float((math.pi / (math.pi - 1)) ** depth)
