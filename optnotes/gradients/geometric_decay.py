"""Gradient norm against depth when every layer multiplies it by the same gain."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def geometric_gradient(gain: Tensor, depth: int) -> Tensor:
    r"""
    Geometric decay or growth of a gradient: the same gain in every layer.

    .. math::

       r = a^L

    Parameters
    ----------
    gain : Tensor of any shape with entries in [0, inf)
        Gain :math:`a` of one layer.
    depth : int in [0, inf) within the dtype of gain
        Number :math:`L` of layers passed.

    Returns
    -------
    Tensor of the shape of gain
        Ratio :math:`r` of the gradient after the layers to the gradient before them.

    Notes
    -----
    Convention: the gain is the absolute value of weight times derivative in a chain of one-unit layers, and zero
    layers leave the gradient unchanged.

    In float32 the value turns into zero below about 1e-45 and into infinity above about 3e38. Use the decimal
    logarithm for deep networks.

    References
    ----------
    Hochreiter1991
    Bengio1994

    Examples
    --------
    >>> geometric_gradient(torch.tensor([0.5, 1.0, 3.0]), depth=4).tolist()
    [0.0625, 1.0, 81.0]
    """
    return gain**depth


@formula
def gradient_decades(gain: Tensor, depth: int) -> Tensor:
    r"""
    Decades lost or won by a gradient that passes layers of equal gain.

    .. math::

       \ell = L \frac{\ln a}{\ln 10}

    Parameters
    ----------
    gain : Tensor of any shape with entries in (0, inf)
        Gain :math:`a` of one layer.
    depth : int in [0, inf)
        Number :math:`L` of layers passed.

    Returns
    -------
    Tensor of the shape of gain
        Decimal logarithm :math:`\ell` of the ratio of the gradient after the layers to the gradient before them.

    Notes
    -----
    Convention: decimal logarithm, negative for decay; it stays finite where the ratio itself underflows or
    overflows.

    References
    ----------
    Hochreiter1991
    Bengio1994

    Examples
    --------
    >>> gradient_decades(torch.tensor([0.1, 1.0, 1000.0]), depth=50).tolist()
    [-50.0, 0.0, 150.0]
    """
    return depth * torch.log(gain) / math.log(10)


@formula
def gradient_ratio(chi: Tensor, layers: int) -> Tensor:
    r"""
    Root mean square ratio of the gradient norm at the first layer to the norm at the last one.

    .. math::

       r = a^{L - 1}, \qquad
       a = \sqrt{\chi}

    Parameters
    ----------
    chi : Tensor of any shape with entries in [0, inf)
        Gain :math:`\chi` of the squared gradient norm per layer.
    layers : int in [1, inf) within the dtype of chi
        Number :math:`L` of layers.

    Returns
    -------
    Tensor of the shape of chi
        Ratio :math:`r` of the norms.

    Notes
    -----
    Convention: the ratio of norms of gradients with respect to activations; the gain of the norm is the square
    root of the gain of the squared norm, and between the first and the last of the layers there is one step less
    than layers.

    For a bias-free ReLU network the square root is the ratio of its weight scale to that of He. It describes a
    random network at initialisation; after training nothing forces the gain to be equal in all layers.

    References
    ----------
    He2015 Section 2.2
    Schoenholz2017

    Examples
    --------
    >>> gradient_ratio(torch.tensor([0.25, 1.0, 4.0]), layers=11).tolist()
    [0.000977, 1.0, 1024.0]
    """
    return chi ** ((layers - 1) / 2)
