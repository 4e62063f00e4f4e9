"""Test landscapes: a saddle and a tilted double well, where noise has something to escape from."""

from torch import Tensor

from optnotes._formula import formula


@formula
def saddle(x: Tensor, y: Tensor) -> Tensor:
    r"""
    Function with a strict saddle at the origin between two equal minima.

    .. math::

       f_i = \frac{x_i^2}{2} + \frac{y_i^4}{4} - \frac{y_i^2}{2}

    Parameters
    ----------
    x : Tensor of any shape
        First coordinate :math:`x`.
    y : Tensor of the shape of x
        Second coordinate :math:`y`.

    Returns
    -------
    Tensor of the shape of x
        Value :math:`f_i`.

    Notes
    -----
    Convention: one point per entry. The minima lie at zero in the first coordinate and plus or minus one in the
    second, both with the value :math:`-1/4`.

    Gradient descent at a rate below two that starts on the axis where the second coordinate is zero runs into the
    saddle and stays there.

    References
    ----------
    Dauphin2014 Section 2
    Ge2015

    Examples
    --------
    >>> saddle(torch.tensor([3.0, 0.0]), torch.tensor([2.0, 1.0])).tolist()
    [6.5, -0.25]
    """
    return x**2 / 2 + y**2 * (y**2 - 2) / 4  # no difference of two infinities


@formula
def saddle_gradient(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Gradient of the saddle function.

    .. math::

       \frac{\partial f_i}{\partial x_i} = x_i, \qquad
       \frac{\partial f_i}{\partial y_i} = y_i^3 - y_i

    Parameters
    ----------
    x : Tensor of any shape
        First coordinate :math:`x`.
    y : Tensor of the shape of x
        Second coordinate :math:`y`.

    Returns
    -------
    along_x : Tensor of the shape of x
        Derivative :math:`\frac{\partial f_i}{\partial x_i}`, a copy of the first coordinate.
    along_y : Tensor of the shape of x
        Derivative :math:`\frac{\partial f_i}{\partial y_i}`.

    Notes
    -----
    Convention: one point per entry. The saddle is strict: the second derivative along the second coordinate is
    minus one there.

    References
    ----------
    Dauphin2014 Section 2
    Ge2015

    Examples
    --------
    >>> along_x, along_y = saddle_gradient(torch.tensor([3.0]), torch.tensor([2.0]))
    >>> along_x.item(), along_y.item()
    (3.0, 6.0)
    """
    return x.clone(), y**3 - y


@formula
def tilted_double_well(y: Tensor, tilt: float = 0.2) -> Tensor:
    r"""
    Double well with a tilt: a deep minimum and a shallow one behind a barrier.

    .. math::

       U_i = \frac{y_i^4}{4} - \frac{y_i^2}{2} + c y_i

    Parameters
    ----------
    y : Tensor of any shape
        Coordinate :math:`y`.
    tilt : float in (-inf, inf)
        Tilt :math:`c`.

    Returns
    -------
    Tensor of the shape of y
        Value :math:`U_i`.

    Notes
    -----
    Convention: one point per entry. With a positive tilt the deep well is the left one.

    The shallow well exists while the tilt is smaller in size than :math:`2 / (3 \sqrt{3})`. Noise leaves it soon
    only if it is large relative to the barrier.

    References
    ----------
    Kramers1940

    Examples
    --------
    >>> tilted_double_well(torch.tensor([-1.0, 2.0])).tolist()
    [-0.45, 2.4]
    """
    return y**2 * (y**2 - 2) / 4 + tilt * y


@formula
def tilted_double_well_gradient(y: Tensor, tilt: float = 0.2) -> Tensor:
    r"""
    Derivative of the tilted double well.

    .. math::

       U'_i = y_i^3 - y_i + c

    Parameters
    ----------
    y : Tensor of any shape
        Coordinate :math:`y`.
    tilt : float in (-inf, inf)
        Tilt :math:`c`.

    Returns
    -------
    Tensor of the shape of y
        Derivative :math:`U'_i`.

    Notes
    -----
    Convention: one point per entry. Its three real roots, if there are three, are the deep minimum, the top of the
    barrier and the shallow minimum.

    References
    ----------
    Kramers1940

    Examples
    --------
    >>> tilted_double_well_gradient(torch.tensor([-1.0, 2.0])).tolist()
    [0.2, 6.2]
    """
    return y**3 - y + tilt
