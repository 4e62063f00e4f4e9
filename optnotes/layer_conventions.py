"""Converters between the libraries' parametrisations of dropout and batch normalisation."""

from optnotes import _check

__all__ = [
    "keep_probability",
    "running_momentum",
]


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

    Raises
    ------
    ValueError
        If an argument is out of its range, not finite, empty, or of the wrong shape or dtype.

    Notes
    -----
    Convention: here the letter stands for dropping; Srivastava and co-authors write it for keeping.

    References
    ----------
    Srivastava2014

    Examples
    --------
    >>> from optnotes.layer_conventions import keep_probability
    >>> keep_probability(0.2)
    0.8
    """
    _check.real("p", p, "[0, 1)")
    return 1.0 - p


def running_momentum(momentum: float) -> float:
    r"""
    Momentum of ``torch.nn.BatchNorm1d`` as the momentum of a Keras-style layer, and back.

    .. math::

       m' = 1 - m

    Parameters
    ----------
    momentum : float in [0, 1]
        Weight :math:`m` of the new batch in the running statistics.

    Returns
    -------
    float
        Weight :math:`m'` of the old running statistics.

    Raises
    ------
    ValueError
        If an argument is out of its range, not finite, empty, or of the wrong shape or dtype.

    Notes
    -----
    Convention: torch gives the weight of the new batch, Keras-style layers the weight of the old value. The map is
    its own inverse.

    References
    ----------
    Ioffe2015
    TorchDocs

    Examples
    --------
    >>> from optnotes.layer_conventions import running_momentum
    >>> running_momentum(0.1)
    0.9
    """
    _check.real("momentum", momentum, "[0, 1]")
    return 1.0 - momentum
