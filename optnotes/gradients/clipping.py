"""Gradient clipping by norm and by value, and the steps it still allows."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula
from optnotes._numeric import at_least, norm


@formula
def clip_by_norm(g: Tensor, c: float, eps: float = 0.0) -> Tensor:
    r"""
    Gradient clipped by norm: shortened to the threshold, with its direction kept.

    .. math::

       \tilde{g} = g \min\left( 1, \frac{c}{\lVert g \rVert_2 + \epsilon} \right)

    Parameters
    ----------
    g : Tensor of any shape
        Gradient :math:`g` of all parameters together.
    c : float in (0, inf) within the dtype of g
        Threshold :math:`c`.
    eps : float in [0, inf) within the dtype of g
        Constant :math:`\epsilon` added to the norm: zero here, 1e-6 in PyTorch.

    Returns
    -------
    Tensor of the shape of g
        Clipped gradient :math:`\tilde{g}`.

    Notes
    -----
    Convention: one norm over all parameters, not one per tensor; a zero gradient stays zero.

    An infinite entry would become NaN after scaling, so it is refused here. PyTorch refuses it only with
    ``error_if_nonfinite=True``. With mixed precision, unscale the gradients before clipping.

    References
    ----------
    Pascanu2013 Section 3.2
    TorchDocs torch.nn.utils.clip_grad_norm_

    Examples
    --------
    >>> clip_by_norm(torch.tensor([30.0, -40.0]), c=5.0).tolist()
    [3.0, -4.0]
    """
    # One over the minimum of the equation: no division by the norm of a zero gradient.
    shrink = at_least((norm(g) + eps) / c, 1)
    return g / shrink


@formula
def clip_by_value(g: Tensor, c: float) -> Tensor:
    r"""
    Gradient clipped by value: every component cut to the threshold, which turns the direction.

    .. math::

       \tilde{g}_i = \max(-c, \min(c, g_i))

    Parameters
    ----------
    g : Tensor of any shape
        Gradient :math:`g`.
    c : float in (0, inf) within the dtype of g
        Threshold :math:`c` of one component.

    Returns
    -------
    Tensor of the shape of g
        Clipped gradient :math:`\tilde{g}_i`.

    Notes
    -----
    Convention: the bound holds for the largest component, not for the Euclidean norm.

    A gradient with one dominant component can lose most of its direction.

    References
    ----------
    Mikolov2012
    TorchDocs torch.nn.utils.clip_grad_value_

    Examples
    --------
    >>> clip_by_value(torch.tensor([100.0, -0.5, -3.0]), c=1.0).tolist()
    [1.0, -0.5, -1.0]
    """
    return torch.nn.functional.hardtanh(g, -c, c)


@formula
def value_clip_norm_bound(c: float, d: int) -> float:
    r"""
    Longest gradient that clipping by value lets through.

    .. math::

       \lVert \tilde{g} \rVert_2 \le c \sqrt{d}

    Parameters
    ----------
    c : float in (0, inf)
        Threshold :math:`c` of one component.
    d : int in [1, inf)
        Number :math:`d` of components.

    Returns
    -------
    float
        Upper bound of the norm :math:`\lVert \tilde{g} \rVert_2` of the clipped gradient.

    Notes
    -----
    Convention: Euclidean norm over all components; attained when every component is cut.

    The bound grows with the number of parameters, so a threshold does not carry over between models.

    References
    ----------
    Mikolov2012

    Examples
    --------
    >>> value_clip_norm_bound(c=0.5, d=36)
    3.0
    """
    return c * math.sqrt(d)


@formula
def max_step(lr: float, c: float, momentum: float = 0.0) -> float:
    r"""
    Longest step of SGD with momentum when every gradient is clipped by norm.

    .. math::

       \lVert \Delta w \rVert_2 \le \frac{\eta c}{1 - \mu}

    Parameters
    ----------
    lr : float in (0, inf)
        Learning rate :math:`\eta`.
    c : float in (0, inf)
        Threshold :math:`c` of the norm.
    momentum : float in [0, 1)
        Momentum :math:`\mu`.

    Returns
    -------
    float
        Upper bound of the length :math:`\lVert \Delta w \rVert_2` of one step.

    Notes
    -----
    Convention: heavy-ball momentum without dampening and without weight decay, as in ``torch.optim.SGD``.

    With momentum the bound is approached only while the gradient keeps its direction. For Adam without a
    penalty a clip that is always active by the same factor changes nothing, because Adam divides by the gradient scale.

    References
    ----------
    Pascanu2013 Section 3.2
    Kingma2015 Section 2.1

    Examples
    --------
    >>> max_step(lr=0.1, c=2.0), max_step(lr=0.1, c=2.0, momentum=0.9)
    (0.2, 2.0)
    """
    return lr * c / (1 - momentum)
