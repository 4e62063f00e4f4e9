"""Dropout with an explicit mask: the standard and the inverted scheme and their exact moments."""

from torch import Tensor

from optnotes._formula import formula


@formula
def standard_dropout(h: Tensor, mask: Tensor) -> Tensor:
    r"""
    Standard dropout while training: switch units off, do not rescale the rest.

    .. math::

       \tilde{h} = m \odot h

    Parameters
    ----------
    h : Tensor of any shape
        Activations :math:`h`.
    mask : Tensor of the shape of h with entries in [0, 1]
        Mask :math:`m` of zeros and ones: one keeps a unit, zero drops it.

    Returns
    -------
    Tensor of the shape of h
        Activations after dropout :math:`\tilde{h}`.

    Notes
    -----
    Convention: each entry of the mask is zero with the drop probability :math:`p`, independently of the others.
    Srivastava et al. use :math:`p` for the probability of keeping a unit.

    The mean shrinks by the factor :math:`1 - p`, so inference has to scale.

    References
    ----------
    Hinton2012
    Srivastava2014 Section 4

    Examples
    --------
    >>> standard_dropout(torch.tensor([3.0, -4.0, 5.0]), mask=torch.tensor([1.0, 0.0, 1.0])).tolist()
    [3.0, 0.0, 5.0]
    """
    return mask * h


@formula
def inverted_dropout(h: Tensor, mask: Tensor, p: float) -> Tensor:
    r"""
    Inverted dropout while training: switch units off and scale up the rest; inference changes nothing.

    .. math::

       \tilde{h} = \frac{m \odot h}{1 - p}

    Parameters
    ----------
    h : Tensor of any shape
        Activations :math:`h`.
    mask : Tensor of the shape of h with entries in [0, 1]
        Mask :math:`m` of zeros and ones: one keeps a unit, zero drops it.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    Tensor of the shape of h
        Activations after dropout :math:`\tilde{h}`.

    Notes
    -----
    Convention: :math:`p` is the probability of dropping a unit, as in ``torch.nn.Dropout``. Srivastava et al. use
    :math:`p` for the probability of keeping it.

    The mask has to be drawn with the same :math:`p`; only then is the mean preserved.

    References
    ----------
    Srivastava2014 Section 10
    TorchDocs torch.nn.Dropout

    Examples
    --------
    >>> inverted_dropout(torch.tensor([3.0, -4.0, 5.0]), mask=torch.tensor([1.0, 0.0, 1.0]), p=0.2).tolist()
    [3.75, 0.0, 6.25]
    """
    return mask * h / (1 - p)


@formula
def standard_dropout_moments(h: Tensor, p: float) -> tuple[Tensor, Tensor]:
    r"""
    Mean and variance of standard dropout over its masks.

    .. math::

       \mathbb{E}[\tilde{h}_i] = (1 - p) h_i, \qquad
       \operatorname{Var}[\tilde{h}_i] = p (1 - p) h_i^2

    Parameters
    ----------
    h : Tensor of any shape
        Activations :math:`h`, held fixed.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    mean : Tensor of the shape of h
        Mean :math:`\mathbb{E}[\tilde{h}_i]`.
    variance : Tensor of the shape of h
        Variance :math:`\operatorname{Var}[\tilde{h}_i]`.

    Notes
    -----
    Convention: the mask alone is random. If the activations vary too, their own variance comes on top.

    References
    ----------
    Srivastava2014 Section 4
    Baldi2013

    Examples
    --------
    >>> mean, variance = standard_dropout_moments(torch.tensor([3.0, -5.0]), p=0.2)
    >>> mean.tolist(), variance.tolist()
    ([2.4, -4.0], [1.44, 4.0])
    """
    return (1 - p) * h, p * (1 - p) * h.square()


@formula
def inverted_dropout_moments(h: Tensor, p: float) -> tuple[Tensor, Tensor]:
    r"""
    Mean and variance of inverted dropout over its masks.

    .. math::

       \mathbb{E}[\tilde{h}_i] = h_i, \qquad
       \operatorname{Var}[\tilde{h}_i] = \frac{p}{1 - p} h_i^2

    Parameters
    ----------
    h : Tensor of any shape
        Activations :math:`h`, held fixed.
    p : float in [0, 1)
        Drop probability :math:`p`.

    Returns
    -------
    mean : Tensor of the shape of h
        Mean :math:`\mathbb{E}[\tilde{h}_i]`, a copy of the activations.
    variance : Tensor of the shape of h
        Variance :math:`\operatorname{Var}[\tilde{h}_i]`.

    Notes
    -----
    Convention: the mask alone is random. If the activations vary too, their own variance comes on top.

    The noise grows without bound as :math:`p` tends to one.

    References
    ----------
    Srivastava2014 Section 10
    Wager2013

    Examples
    --------
    >>> mean, variance = inverted_dropout_moments(torch.tensor([3.0, -5.0]), p=0.2)
    >>> mean.tolist(), variance.tolist()
    ([3.0, -5.0], [2.25, 6.25])
    """
    return h.clone(), p / (1 - p) * h.square()


@formula
def keep_probability(p: float) -> float:
    r"""
    Drop probability of this site as the keep probability of the dropout paper.

    .. math::

       q = 1 - p

    Parameters
    ----------
    p : float in [0, 1)
        Probability :math:`p` that a unit is dropped, as in ``torch.nn.Dropout``.

    Returns
    -------
    float
        Probability :math:`q` that a unit is kept.

    Notes
    -----
    Convention: here the letter stands for dropping; Srivastava and co-authors write it for keeping.

    References
    ----------
    Srivastava2014 Section 4

    Examples
    --------
    >>> keep_probability(0.2)
    0.8
    """
    return 1.0 - p
