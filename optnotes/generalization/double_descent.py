"""Double descent: what the shortest least-squares fit costs at every number of features."""

from optnotes._formula import formula


@formula
def min_norm_error(used: float, hidden: float, sigma: float, d: int, n: int) -> float:
    r"""
    Expected squared error on new data of the shortest least-squares weights, features independent and normal.

    .. math::

       \begin{aligned}
       e &= a \max\left( 0, 1 - \frac{n}{d} \right) \\
       &\quad + (h + \sigma^2) \left( 1 + \frac{\min(d, n)}{\lvert d - n \rvert - 1} \right)
       \end{aligned}

    Parameters
    ----------
    used : float in [0, inf)
        Squared length :math:`a` of the true weights of the features that the model uses.
    hidden : float in [0, inf)
        Squared length :math:`h` of the true weights of the features that it leaves out.
    sigma : float in [0, inf)
        Standard deviation :math:`\sigma` of the noise in the targets.
    d : int in [1, inf)
        Number :math:`d` of features that the model uses, at least two away from the number of examples.
    n : int in [1, inf)
        Number :math:`n` of training examples.

    Returns
    -------
    float
        Expected error :math:`e`.

    Raises
    ------
    ValueError
        If noise would be amplified without bound.

    Notes
    -----
    Convention: squared error without the half, noise of the new target included; features of variance one. The
    shortest weights are those of least squares below the peak and the minimum-norm interpolant above it.

    With noise and as many features as examples, or one more or less, the expectation is infinite: there is the peak.
    Features left out act as noise.

    References
    ----------
    Belkin2020 Theorem 1

    Examples
    --------
    >>> min_norm_error(used=0.6, hidden=0.3, sigma=0.5, d=4, n=10), min_norm_error(0.8, 0.1, 0.5, d=20, n=10)
    (0.99, 1.1388889)
    """
    if abs(d - n) <= 1:
        raise ValueError(
            f"d must differ from n by at least two, got d = {d} and n = {n}: noise would be amplified without bound"
        )
    return used * max(0, 1 - n / d) + (hidden + sigma**2) * (1 + min(d, n) / (abs(d - n) - 1))
