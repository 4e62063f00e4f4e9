"""Wide random networks: how the variance of the signal and the norm of the gradient pass one layer."""

from collections.abc import Callable

import torch
from torch import Tensor

from optnotes import _check

__all__ = [
    "component_gain",
    "gradient_gain",
    "mean_field_ratio",
    "variance_step",
]


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
        If an argument is out of its range, not finite, empty, or of the wrong shape or dtype.

    Notes
    -----
    Convention: the variance of one weight is :math:`\sigma_w^2` divided by the fan-in, and :math:`u` is standard
    normal.

    The layers must be wide and the weights independent with zero mean. The mean is a quadrature that treats kinks
    and jumps of the activation at zero exactly.

    References
    ----------
    Poole2016
    Schoenholz2017

    Examples
    --------
    >>> import torch
    >>> from optnotes.mean_field import variance_step
    >>> variance_step(torch.tensor(3.0), torch.relu, weight_variance=2.0, bias_variance=0.5).item()
    3.5
    """
    _check.entries("q", q, "(0, inf)", ())
    _check.real("weight_variance", weight_variance, "(0, inf)")
    _check.real("bias_variance", bias_variance, "[0, inf)")
    return weight_variance * _normal_mean("phi", phi, q) + bias_variance


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
        If an argument is out of its range, not finite, empty, or of the wrong shape or dtype.

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
    >>> import torch
    >>> from optnotes.mean_field import gradient_gain
    >>> step = lambda z: (z > 0).to(z.dtype)
    >>> gradient_gain(torch.tensor(3.0), step, weight_variance=1.5).item()
    0.75
    """
    _check.entries("q", q, "(0, inf)", ())
    _check.real("weight_variance", weight_variance, "(0, inf)")
    return _check.defined(weight_variance * _normal_mean("dphi", dphi, q))


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

    Raises
    ------
    ValueError
        If an argument is out of its range, not finite, empty, or of the wrong shape or dtype.

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
    >>> import torch
    >>> from optnotes.mean_field import mean_field_ratio
    >>> mean_field_ratio(torch.tensor([0.25, 0.01, 4.0])).item()
    0.1
    """
    _check.entries("chi", chi, "[0, inf)", (None,))
    return torch.sqrt(chi).prod()


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

    Raises
    ------
    ValueError
        If an argument is out of its range, not finite, empty, or of the wrong shape or dtype.

    Notes
    -----
    Convention: weights scaled by the fan-in; then the total squared norm has no width factor, and only the mean
    per component has.

    References
    ----------
    Glorot2010
    He2015

    Examples
    --------
    >>> import torch
    >>> from optnotes.mean_field import component_gain
    >>> component_gain(torch.tensor(0.9), width=900, next_width=300).item()
    0.3
    """
    _check.entries("chi", chi, "[0, inf)")
    _check.integer("width", width, "[1, inf)")
    _check.integer("next_width", next_width, "[1, inf)")
    return next_width / width * chi


def _normal_mean(name: str, function: Callable[[Tensor], Tensor], q: Tensor) -> Tensor:
    values = _check.values(name, function, torch.sqrt(q) * _NODES.to(q))
    return (_WEIGHTS.to(q) * values**2).sum()


def _normal_nodes() -> tuple[Tensor, Tensor]:
    # Gauss-Legendre on panels that meet at zero, where activations have their kinks: Gauss-Hermite would smear them.
    k = torch.arange(1, 20, dtype=torch.float64)
    side = k / torch.sqrt(4 * k**2 - 1)
    x, vectors = torch.linalg.eigh(torch.diag(side, 1) + torch.diag(side, -1))
    left = torch.arange(-13, 13, 0.5)
    nodes = (left[:, None] + (x + 1) / 4).flatten()
    weights = (vectors[0] ** 2).repeat(len(left)) * torch.exp(-(nodes**2) / 2)
    return nodes, weights / weights.sum()


_NODES, _WEIGHTS = _normal_nodes()
