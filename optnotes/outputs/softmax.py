"""Output layers: softmax, its Jacobian and the two-class case."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def softmax(z: Tensor) -> Tensor:
    r"""
    Softmax: turns logits into probabilities of mutually exclusive classes.

    .. math::

       p_i = \frac{e^{z_i - m}}{\sum_{j=1}^{c} e^{z_j - m}}, \qquad
       m = \max_j z_j

    Parameters
    ----------
    z : Tensor of shape (c,)
        Logits :math:`z`, one per class.

    Returns
    -------
    Tensor of shape (c,)
        Probabilities :math:`p_i`.

    Notes
    -----
    Convention: one example. Subtracting the largest logit changes nothing in the result and prevents overflow.

    The same number added to all logits leaves the probabilities as they are. For a loss do not take the logarithm of
    the result: use the logits.

    References
    ----------
    Bridle1990

    Examples
    --------
    >>> softmax(torch.tensor([1000.0, 1001.0, 998.0])).tolist()
    [0.259496, 0.705385, 0.035119]
    """
    exponentials = torch.exp(z - z.max())
    return exponentials / exponentials.sum()


@formula
def softmax_jacobian(z: Tensor) -> Tensor:
    r"""
    Jacobian of softmax: what one logit does to every probability.

    .. math::

       J = \operatorname{diag}(p) - p p^\top, \qquad
       p_i = \frac{e^{z_i}}{\sum_{j=1}^{c} e^{z_j}}

    Parameters
    ----------
    z : Tensor of shape (c,)
        Logits :math:`z`, one per class.

    Returns
    -------
    Tensor of shape (c, c)
        Jacobian :math:`J`, symmetric.

    Notes
    -----
    Convention: row for the probability, column for the logit; the matrix is symmetric.

    Every row sums to zero, so the rank is at most :math:`c - 1`. When one probability is close to one, all entries are
    close to zero.

    References
    ----------
    Bridle1990

    Examples
    --------
    >>> softmax_jacobian(torch.tensor([0.0, 1.0])).tolist()
    [[0.196612, -0.196612], [-0.196612, 0.196612]]
    """
    p = softmax(z)
    outer = torch.outer(p, p)
    others = outer - torch.diag(outer.diagonal())
    # Every row sums to zero: the diagonal as a sum keeps its digits where one probability is close to one.
    return torch.diag(others.sum(dim=0)) - others


@formula
def two_class_probability(z: Tensor) -> Tensor:
    r"""
    Softmax over two classes: the sigmoid of the difference of the logits.

    .. math::

       p = \frac{e^{z_2}}{e^{z_1} + e^{z_2}} = \frac{1}{1 + e^{-(z_2 - z_1)}}

    Parameters
    ----------
    z : Tensor of shape (2,)
        Logits :math:`z` of the negative and of the positive class.

    Returns
    -------
    Tensor of shape ()
        Probability :math:`p` of the positive class.

    Notes
    -----
    Convention: the positive class comes second.

    One of the two logits is superfluous: a binary classifier needs a single output.

    References
    ----------
    Goodfellow2016 Section 6.2.2.3

    Examples
    --------
    >>> two_class_probability(torch.tensor([1.0, 3.0])).item()
    0.880797
    """
    return torch.sigmoid(z[1] - z[0])
