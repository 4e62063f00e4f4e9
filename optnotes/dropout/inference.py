"""Dropout at inference: the weight-scaling rule, the average it computes and the variance shift."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def standard_dropout_inference(h: Tensor, p: float) -> Tensor:
    r"""
    Standard dropout at inference: keep every unit and scale by the keep probability.

    .. math::

       \hat{h} = (1 - p) h

    Parameters
    ----------
    h : Tensor of any shape
        Activations :math:`h`.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    Tensor of the shape of h
        Scaled activations :math:`\hat{h}`.

    Notes
    -----
    Convention: :math:`p` is the probability of dropping a unit. Srivastava et al. use :math:`p` for the probability
    of keeping it, so their factor reads :math:`p`.

    Inverted dropout has already scaled while training; scaling here once more would be a bug.

    References
    ----------
    Srivastava2014 Section 4

    Examples
    --------
    >>> standard_dropout_inference(torch.tensor([3.0, -4.0, 5.0]), p=0.2).tolist()
    [2.4, -3.2, 4.0]
    """
    return (1 - p) * h


@formula
def weight_scaling(w: Tensor, h: Tensor, p: float) -> Tensor:
    r"""
    Mean over all masks of the input of a unit: scaled weights give it exactly.

    .. math::

       \mathbb{E}[w^\top (m \odot h)] = (1 - p) w^\top h

    Parameters
    ----------
    w : Tensor of shape (n,)
        Incoming weights :math:`w`.
    h : Tensor of shape (n,)
        Activations :math:`h` of the previous layer.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    Tensor of shape ()
        Mean :math:`\mathbb{E}[w^\top (m \odot h)]` over masks of standard dropout.

    Notes
    -----
    Convention: standard dropout, :math:`p` is the probability of dropping. Inverted dropout needs no factor.

    The rule is exact for a linear map. Behind a nonlinearity it is an approximation.

    References
    ----------
    Srivastava2014 Section 4
    Baldi2013

    Examples
    --------
    >>> weight_scaling(torch.tensor([2.0, -1.0]), torch.tensor([3.0, 1.0]), p=0.2).item()
    4.0
    """
    return (1 - p) * (w @ h)


@formula
def normalised_geometric_mean(logits: Tensor, probabilities: Tensor) -> Tensor:
    r"""
    Normalised geometric mean of sigmoid outputs: the average that weight scaling computes exactly.

    .. math::

       \begin{aligned}
       G &= \frac{\prod_{k=1}^{K} s_k^{P_k}}{\prod_{k=1}^{K} s_k^{P_k} + \prod_{k=1}^{K} (1 - s_k)^{P_k}} \\
       &= \frac{1}{1 + e^{-\sum_{k=1}^{K} P_k a_k}} \\
       s_k &= \frac{1}{1 + e^{-a_k}}
       \end{aligned}

    Parameters
    ----------
    logits : Tensor of shape (K,)
        Logits :math:`a` of the output unit, one for each mask.
    probabilities : Tensor of shape (K,) with entries in [0, 1] that sum to 1
        Probabilities :math:`P` of the masks; they sum to one.

    Returns
    -------
    Tensor of shape ()
        Normalised geometric mean :math:`G`.

    Notes
    -----
    Convention: a single sigmoid unit. With all masks of dropout on its inputs the mean of the logits is the scaled
    logit, hence the equality with weight scaling.

    The arithmetic mean of the outputs is another number.

    References
    ----------
    Srivastava2014
    Baldi2013

    Examples
    --------
    >>> normalised_geometric_mean(torch.tensor([3.0, -1.0]), torch.tensor([0.25, 0.75])).item()
    0.5
    """
    return torch.sigmoid((probabilities * logits).sum())


@formula
def dropout_variance_ratio(mean: Tensor, var: Tensor, p: float) -> Tensor:
    r"""
    Variance of a feature in training over its variance at inference, with inverted dropout before batch norm.

    .. math::

       r_i = \frac{1}{v_i} \left( \frac{v_i + \mu_i^2}{1 - p} - \mu_i^2 \right)
       = \frac{1}{1 - p} + \frac{p \mu_i^2}{(1 - p) v_i}

    Parameters
    ----------
    mean : Tensor of any shape
        Mean :math:`\mu` of the feature before dropout.
    var : Tensor of the shape of mean with entries in (0, inf)
        Variance :math:`v` of the feature before dropout.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    Tensor of the shape of mean
        Ratio of variances :math:`r_i`.

    Notes
    -----
    Convention: inverted dropout and population variances. Batch norm collects its running variance with dropout on,
    while inference has dropout off.

    For a centred feature the ratio is :math:`1 / (1 - p)`; a mean away from zero makes it larger.

    References
    ----------
    LiX2019

    Examples
    --------
    >>> dropout_variance_ratio(torch.tensor([0.0, 3.0]), torch.tensor([4.0, 2.0]), p=0.2).tolist()
    [1.25, 2.375]
    """
    return (1 + p * mean * (mean / var)) / (1 - p)
