"""Classification losses on logits and their gradients."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def cross_entropy(z: Tensor, y: Tensor) -> Tensor:
    r"""
    Cross-entropy of a softmax classifier, taken from its logits.

    .. math::

       \ell = \ln \sum_{j=1}^{c} e^{z_j} - \sum_{j=1}^{c} y_j z_j

    Parameters
    ----------
    z : Tensor of shape (c,)
        Logits :math:`z`, one per class.
    y : Tensor of shape (c,) with entries in [0, 1] that sum to 1
        Target distribution :math:`y`, summing to one: a one-hot vector or smoothed labels.

    Returns
    -------
    Tensor of shape ()
        Loss :math:`\ell` of one example.

    Notes
    -----
    Convention: one example, natural logarithm. The mean over a batch divides loss and gradient by its size.

    The loss takes logits and contains the softmax. A softmax in front of it would be applied twice.

    References
    ----------
    Bridle1990
    Goodfellow2016 Section 6.2.2.3

    Examples
    --------
    >>> cross_entropy(torch.tensor([2.0, 0.0, 1.0]), y=torch.tensor([0.0, 0.0, 1.0])).item()
    1.407606
    """
    return torch.logsumexp(z, 0) - (y * z).sum()


@formula
def cross_entropy_gradient(z: Tensor, y: Tensor) -> Tensor:
    r"""
    Gradient of cross-entropy with respect to the logits: predicted minus true probabilities.

    .. math::

       \frac{\partial \ell}{\partial z_i} = p_i - y_i, \qquad
       p_i = \frac{e^{z_i}}{\sum_{j=1}^{c} e^{z_j}}

    Parameters
    ----------
    z : Tensor of shape (c,)
        Logits :math:`z`, one per class.
    y : Tensor of shape (c,) with entries in [0, 1] that sum to 1
        Target distribution :math:`y`, summing to one: a one-hot vector or smoothed labels.

    Returns
    -------
    Tensor of shape (c,)
        Gradient :math:`\frac{\partial \ell}{\partial z_i}`.

    Notes
    -----
    Convention: one example. The entries sum to zero and lie between minus one and one.

    A confident mistake keeps a large gradient: the logarithm cancels the saturation of softmax.

    References
    ----------
    Bridle1990
    Goodfellow2016 Section 6.2.2.3

    Examples
    --------
    >>> cross_entropy_gradient(torch.tensor([2.0, 0.0, 1.0]), y=torch.tensor([0.0, 0.0, 1.0])).tolist()
    [0.665241, 0.090031, -0.755272]
    """
    return torch.softmax(z, 0) - y


@formula
def double_softmax_floor(c: int) -> float:
    r"""
    Least cross-entropy that is left when softmax is applied twice by mistake.

    .. math::

       \ell_{\min} = \ln(1 + (c - 1) e^{-1})

    Parameters
    ----------
    c : int in [1, inf)
        Number of classes :math:`c`.

    Returns
    -------
    float
        Bound :math:`\ell_{\min}`, approached by a certain and right prediction.

    Notes
    -----
    Convention: one-hot target, natural logarithm. The outer softmax sees only numbers in [0, 1].

    References
    ----------
    TorchDocs torch.nn.CrossEntropyLoss

    Examples
    --------
    >>> double_softmax_floor(10)
    1.461150
    """
    return math.log1p((c - 1) * math.exp(-1))


@formula
def bce_with_logits(a: Tensor, y: Tensor) -> Tensor:
    r"""
    Binary cross-entropy taken from the logit, safe for large logits.

    .. math::

       \begin{aligned}
       \ell_i &= y_i \ln(1 + e^{-a_i}) + (1 - y_i) \ln(1 + e^{a_i}) \\
       &= \max(a_i, 0) - a_i y_i + \ln(1 + e^{-\lvert a_i \rvert})
       \end{aligned}

    Parameters
    ----------
    a : Tensor of any shape
        Logits :math:`a`.
    y : Tensor of the shape of a with entries in [0, 1]
        Targets :math:`y`.

    Returns
    -------
    Tensor of the shape of a
        Losses :math:`\ell_i`.

    Notes
    -----
    Convention: one loss per entry, no mean, natural logarithm.

    Sigmoid followed by the loss on probabilities loses the gradient of confident mistakes to rounding; the logit does
    not.

    References
    ----------
    Goodfellow2016 Section 6.2.2.2
    TorchDocs torch.nn.BCEWithLogitsLoss

    Examples
    --------
    >>> bce_with_logits(torch.tensor([-1000.0, 2.0]), y=torch.tensor([1.0, 0.25])).tolist()
    [1000.0, 1.626928]
    """
    return -y * torch.nn.functional.logsigmoid(a) - (1 - y) * torch.nn.functional.logsigmoid(-a)


@formula
def bce_with_logits_gradient(a: Tensor, y: Tensor) -> Tensor:
    r"""
    Gradient of binary cross-entropy with respect to the logit: predicted minus true probability.

    .. math::

       \frac{\partial \ell_i}{\partial a_i} = \frac{1}{1 + e^{-a_i}} - y_i

    Parameters
    ----------
    a : Tensor of any shape
        Logits :math:`a`.
    y : Tensor of the shape of a with entries in [0, 1]
        Targets :math:`y`.

    Returns
    -------
    Tensor of the shape of a
        Gradient :math:`\frac{\partial \ell_i}{\partial a_i}`.

    Notes
    -----
    Convention: one loss per entry, no mean.

    References
    ----------
    Goodfellow2016 Section 6.2.2.2

    Examples
    --------
    >>> bce_with_logits_gradient(torch.tensor([-1000.0, 2.0]), y=torch.tensor([1.0, 0.25])).tolist()
    [-1.0, 0.630797]
    """
    return torch.sigmoid(a) - y
