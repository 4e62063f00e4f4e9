"""Wide random networks: how the variance of the signal and the norm of the gradient pass one layer."""

from collections.abc import Callable

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula
from optnotes._numeric import up_to


@formula
def variance_step(q: Tensor, phi: Callable[[Tensor], Tensor], weight_variance: float, bias_variance: float) -> Tensor:
    r"""
    Variance of the pre-activations of a wide random layer, given the variance one layer below.

    .. math::

       q_l = \sigma_w^2 \mathbb{E}_{u}[ \phi(\sqrt{q_{l-1}} u)^2 ] + \sigma_b^2

    Parameters
    ----------
    q : Tensor of shape () with entries in (0, inf)
        Variance :math:`q_{l-1}` of the pre-activations below.
    phi : callable
        Activation :math:`\phi`, applied to each element.
    weight_variance : float in (0, inf)
        Variance :math:`\sigma_w^2` of a weight times the fan-in.
    bias_variance : float in [0, inf)
        Variance :math:`\sigma_b^2` of a bias.

    Returns
    -------
    Tensor of shape ()
        Variance :math:`q_l` of the pre-activations of this layer.

    Raises
    ------
    ValueError
        If the function that is passed does not return one finite number for each entry.

    Notes
    -----
    Convention: the variance of one weight is :math:`\sigma_w^2` divided by the fan-in, and :math:`u` is standard
    normal.

    The layers must be wide and the weights independent with zero mean. The mean is a quadrature, exact at every
    variance also for activations with a kink or a jump at zero. Elsewhere a kink costs some digits, and a jump up to
    some per cent.

    References
    ----------
    Poole2016
    Schoenholz2017

    Examples
    --------
    >>> variance_step(torch.tensor(3.0), torch.relu, weight_variance=2.0, bias_variance=0.5).item()
    3.5
    """
    return weight_variance * _normal_mean("phi", phi, q) + bias_variance


@formula
def gradient_gain(q: Tensor, dphi: Callable[[Tensor], Tensor], weight_variance: float) -> Tensor:
    r"""
    Factor by which one wide random layer multiplies the expected squared norm of the gradient.

    .. math::

       \chi_l = \sigma_w^2 \mathbb{E}_{u}[ \phi'(\sqrt{q_l} u)^2 ]

    Parameters
    ----------
    q : Tensor of shape () with entries in (0, inf)
        Variance :math:`q_l` of the pre-activations.
    dphi : callable
        Derivative :math:`\phi'` of the activation, applied to each element.
    weight_variance : float in (0, inf)
        Variance :math:`\sigma_w^2` of a weight times the fan-in.

    Returns
    -------
    Tensor of shape ()
        Gain :math:`\chi_l` of the squared gradient norm.

    Raises
    ------
    ValueError
        If the function that is passed does not return one finite number for each entry.

    Notes
    -----
    Convention: the gain of the squared norm; the norm itself changes by the square root.

    Below one the gradient vanishes, above one it explodes. ReLU gives half of :math:`\sigma_w^2`, so the
    initialisation of He has gain one; a linear network gives :math:`\sigma_w^2`. The weights of the backward pass
    are taken as independent of the forward pass, which is an approximation.

    References
    ----------
    Poole2016
    Schoenholz2017

    Examples
    --------
    >>> step = lambda z: (z > 0).to(z.dtype)
    >>> gradient_gain(torch.tensor(3.0), step, weight_variance=1.5).item()
    0.75
    """
    return weight_variance * _normal_mean("dphi", dphi, q)


@formula
def mean_field_ratio(chi: Tensor) -> Tensor:
    r"""
    Root mean square ratio of gradient norms over several layers with different gains.

    .. math::

       r = \prod_{l=1}^{K} \sqrt{\chi_l}

    Parameters
    ----------
    chi : Tensor of shape (K,) with entries in [0, inf)
        Gains :math:`\chi` of the squared gradient norm, one per layer passed.

    Returns
    -------
    Tensor of shape ()
        Ratio :math:`r` of the gradient norm after the layers to the norm before them.

    Notes
    -----
    Convention: the ratio of norms, hence the square roots.

    While the variance of the pre-activations still moves towards its fixed point, the gains differ from layer to
    layer. Taking the gain at the fixed point for all of them gives a wrong prediction for tanh.

    References
    ----------
    Schoenholz2017

    Examples
    --------
    >>> mean_field_ratio(torch.tensor([0.25, 0.01, 4.0])).item()
    0.1
    """
    # The slope of the root at zero is infinite: with two zeros that of the product would be undefined.
    positive = chi > 0
    return torch.where(positive, torch.sqrt(torch.where(positive, chi, 1)), 0).prod()


@formula
def component_gain(chi: Tensor, width: int, next_width: int) -> Tensor:
    r"""
    Gain of the mean square of one gradient component between layers of different width.

    .. math::

       c_l = \frac{n_{l+1}}{n_l} \chi_l

    Parameters
    ----------
    chi : Tensor of any shape with entries in [0, inf)
        Gain :math:`\chi_l` of the squared gradient norm.
    width : int in [1, inf)
        Width :math:`n_l` of the layer the gradient arrives at.
    next_width : int in [1, inf)
        Width :math:`n_{l+1}` of the layer the gradient comes from.

    Returns
    -------
    Tensor of the shape of chi
        Gain :math:`c_l` of the mean square per component.

    Notes
    -----
    Convention: weights scaled by the fan-in; then the total squared norm has no width factor, and only the mean
    per component has.

    References
    ----------
    Glorot2010 Section 4.2.1
    He2015 Section 2.2

    Examples
    --------
    >>> component_gain(torch.tensor(0.9), width=900, next_width=300).item()
    0.3
    """
    return next_width / width * chi


def _normal_mean(name: str, function: Callable[[Tensor], Tensor], q: Tensor) -> Tensor:
    z, weights = _nodes(q.to(torch.promote_types(q.dtype, torch.float32)))
    values = _check.values(name, function, z.to(q))
    # The roots of the weights come first: at the largest q the square of a value would overflow.
    return (torch.sqrt(weights) * values).square().sum().to(q)


def _nodes(q: Tensor) -> tuple[Tensor, Tensor]:
    # An activation has its features about one, the density about the deviation, however far the two lie apart. On
    # the logarithm of |z| the nodes are dense at both and sparse between; on each side of zero, where kinks lie, apart.
    deviation = torch.sqrt(q)
    unit = up_to(deviation, 1)
    length = torch.log1p(12 * deviation / unit)  # beyond 12 deviations the density is zero
    side, weights = _UNIT_NODES.to(q), _UNIT_WEIGHTS.to(q)
    dense = up_to(length, 14)
    place = dense * side + (length - dense) / 2 * (2 * side) ** 4
    slope = dense + (length - dense) * 4 * (2 * side) ** 3
    below, above = unit * torch.expm1(place), (12 * deviation + unit) * torch.exp(-place) - unit
    z = torch.cat([below, above])
    density = (
        torch.exp(-((z / deviation) ** 2) / 2)
        * ((z + unit) / deviation)
        * torch.cat([slope * weights, slope * weights])
    )
    return torch.cat([-z, z]), torch.cat([density, density]) / (2 * density.sum())


def _unit_nodes() -> tuple[Tensor, Tensor]:
    # Gauss-Legendre on twelve panels of the interval from 0 to 1/2.
    k = torch.arange(1, 20, dtype=torch.float64)
    side = k / torch.sqrt(4 * k**2 - 1)
    x, vectors = torch.linalg.eigh(torch.diag(side, 1) + torch.diag(side, -1))
    nodes = (torch.arange(12)[:, None] + (x + 1) / 2) / 24
    return nodes.flatten(), (vectors[0] ** 2).repeat(12) / 24


_UNIT_NODES, _UNIT_WEIGHTS = _unit_nodes()
