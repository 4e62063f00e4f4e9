"""Initial weights: Xavier, He, and what PyTorch does by default."""

import math

from optnotes._formula import formula


@formula
def xavier_std(fan_in: int, fan_out: int, gain: float = 1.0) -> float:
    r"""
    Standard deviation of the normal initialisation of Xavier (Glorot).

    .. math::

       s = \gamma \sqrt{\frac{2}{n_{l-1} + n_l}}

    Parameters
    ----------
    fan_in : int in [1, inf)
        Inputs :math:`n_{l-1}` of one unit; for a convolution channels times kernel size.
    fan_out : int in [1, inf)
        Units :math:`n_l` that one input feeds.
    gain : float in (0, inf)
        Factor :math:`\gamma` for the activation: 1 for a linear unit, 5/3 for tanh in PyTorch.

    Returns
    -------
    float
        Standard deviation :math:`s`.

    Notes
    -----
    Convention: the gain multiplies the standard deviation, not the variance.

    The variance is a compromise: the forward pass asks for one over the fan-in, the backward pass for one over the
    fan-out. It is derived for linear units and fits tanh near zero; with ReLU every layer of equal width halves
    the expected squared gradient norm.

    References
    ----------
    Glorot2010 Section 4.2.1

    Examples
    --------
    >>> xavier_std(fan_in=20, fan_out=30)
    0.2
    """
    return gain * math.sqrt(2 / (fan_in + fan_out))


@formula
def xavier_bound(fan_in: int, fan_out: int, gain: float = 1.0) -> float:
    r"""
    End of the symmetric interval of the uniform initialisation of Xavier (Glorot).

    .. math::

       r = \gamma \sqrt{\frac{6}{n_{l-1} + n_l}}

    Parameters
    ----------
    fan_in : int in [1, inf)
        Inputs :math:`n_{l-1}` of one unit; for a convolution channels times kernel size.
    fan_out : int in [1, inf)
        Units :math:`n_l` that one input feeds.
    gain : float in (0, inf)
        Factor :math:`\gamma` for the activation: 1 for a linear unit, 5/3 for tanh in PyTorch.

    Returns
    -------
    float
        Largest absolute weight :math:`r`.

    Notes
    -----
    Convention: uniform between minus and plus the bound, whose variance is a third of the squared bound; hence six
    instead of two.

    References
    ----------
    Glorot2010 Section 4.2.1

    Examples
    --------
    >>> xavier_bound(fan_in=10, fan_out=14)
    0.5
    """
    return math.sqrt(3) * xavier_std(fan_in, fan_out, gain)


@formula
def he_std(fan: int, slope: float = 0.0) -> float:
    r"""
    Standard deviation of the normal initialisation of He (Kaiming) for ReLU and LeakyReLU.

    .. math::

       s = \sqrt{\frac{2}{(1 + a^2) n}}

    Parameters
    ----------
    fan : int in [1, inf)
        Fan-in :math:`n` to keep the variance of the forward pass, or fan-out to keep that of the backward pass.
    slope : float in (-inf, inf)
        Slope :math:`a` of the activation for negative arguments, zero for ReLU.

    Returns
    -------
    float
        Standard deviation :math:`s`.

    Notes
    -----
    Convention: fan-in and ReLU unless stated otherwise, as in ``torch.nn.init.kaiming_normal_``.

    The factor two makes up for the half of the signal that ReLU cuts off. A slope of one is a linear unit and
    gives one over the fan-in.

    References
    ----------
    He2015 Section 2.2

    Examples
    --------
    >>> he_std(fan=50), he_std(fan=32, slope=0.5)
    (0.2, 0.2236)
    """
    return math.sqrt(2 / ((1 + slope**2) * fan))


@formula
def he_bound(fan: int, slope: float = 0.0) -> float:
    r"""
    End of the symmetric interval of the uniform initialisation of He (Kaiming).

    .. math::

       r = \sqrt{\frac{6}{(1 + a^2) n}}

    Parameters
    ----------
    fan : int in [1, inf)
        Fan-in :math:`n` to keep the variance of the forward pass, or fan-out to keep that of the backward pass.
    slope : float in (-inf, inf)
        Slope :math:`a` of the activation for negative arguments, zero for ReLU.

    Returns
    -------
    float
        Largest absolute weight :math:`r`.

    Notes
    -----
    Convention: uniform between minus and plus the bound, whose variance is a third of the squared bound; hence six
    instead of two.

    References
    ----------
    He2015 Section 2.2

    Examples
    --------
    >>> he_bound(fan=24), he_bound(fan=32, slope=0.5)
    (0.5, 0.3873)
    """
    return math.sqrt(3) * he_std(fan, slope)


@formula
def linear_default(fan_in: int) -> tuple[float, float]:
    r"""
    Default initial weights of a linear layer in PyTorch: uniform, and too small for deep ReLU networks.

    .. math::

       r = \frac{1}{\sqrt{n}}, \quad s = \frac{1}{\sqrt{3 n}}

    Parameters
    ----------
    fan_in : int in [1, inf)
        Fan-in :math:`n` of the layer.

    Returns
    -------
    bound : float
        Largest absolute weight :math:`r`.
    std : float
        Standard deviation :math:`s` of a weight.

    Notes
    -----
    Convention: ``torch.nn.Linear`` calls the uniform initialisation of He with a slope equal to the square root of
    five.

    The variance is six times smaller than He's for ReLU, so every ReLU layer divides the expected squared
    gradient norm by six.

    References
    ----------
    He2015 Section 2.2
    TorchDocs torch.nn.Linear

    Examples
    --------
    >>> linear_default(fan_in=12)
    (0.2887, 0.1667)
    """
    return 1 / math.sqrt(fan_in), 1 / math.sqrt(3 * fan_in)
