"""Converters between this site's penalty strengths and those of the libraries."""

from optnotes import _check
from optnotes._formula import formula


@formula
def elastic_net_to_sklearn(l1: float, l2: float) -> tuple[float, float]:
    r"""
    Strengths of this site as the parameters of scikit-learn's ``ElasticNet``.

    .. math::

       \alpha = \lambda_1 + \lambda_2, \quad r = \frac{\lambda_1}{\lambda_1 + \lambda_2}

    Parameters
    ----------
    l1 : float in [0, inf)
        Strength :math:`\lambda_1` of the L1 part.
    l2 : float in [0, inf)
        Strength :math:`\lambda_2` of the L2 part.

    Returns
    -------
    alpha : float
        Overall strength :math:`\alpha`, ``alpha`` in scikit-learn and ``lambda`` in glmnet.
    l1_ratio : float
        Share :math:`r` of the L1 part, ``l1_ratio`` in scikit-learn and ``alpha`` in glmnet.

    Raises
    ------
    ValueError
        If both strengths are zero.

    Notes
    -----
    Convention: data loss half the mean squared error, half before the square of the L2 part, in both
    parametrisations. At least one strength must be positive.

    The documentation of ``ElasticNet`` calls shares of at most 0.01 unreliable.

    References
    ----------
    SklearnDocs sklearn.linear_model.ElasticNet
    Friedman2010 Section 2

    Examples
    --------
    >>> elastic_net_to_sklearn(l1=0.3, l2=0.1)
    (0.4, 0.75)
    """
    alpha = float(l1 + l2)
    _check.real("l1 + l2", alpha, "(0, inf)")
    return alpha, l1 / alpha


@formula
def elastic_net_from_sklearn(alpha: float, l1_ratio: float) -> tuple[float, float]:
    r"""
    Parameters of scikit-learn's ``ElasticNet`` as the strengths of this site.

    .. math::

       \lambda_1 = \alpha r, \quad \lambda_2 = \alpha (1 - r)

    Parameters
    ----------
    alpha : float in [0, inf)
        Overall strength :math:`\alpha`.
    l1_ratio : float in [0, 1]
        Share :math:`r` of the L1 part.

    Returns
    -------
    l1 : float
        Strength :math:`\lambda_1` of the L1 part.
    l2 : float
        Strength :math:`\lambda_2` of the L2 part.

    Notes
    -----
    Convention: data loss half the mean squared error, half before the square of the L2 part, in both
    parametrisations.

    References
    ----------
    SklearnDocs sklearn.linear_model.ElasticNet

    Examples
    --------
    >>> elastic_net_from_sklearn(alpha=0.5, l1_ratio=0.8)
    (0.4, 0.1)
    """
    return float(alpha * l1_ratio), alpha * (1.0 - l1_ratio)


@formula
def ridge_alpha(l2: float, n: int) -> float:
    r"""
    L2 strength of this site as ``alpha`` of scikit-learn's ``Ridge``.

    .. math::

       \alpha = n \lambda_2

    Parameters
    ----------
    l2 : float in [0, inf)
        Strength :math:`\lambda_2` of the L2 part.
    n : int in [1, inf)
        Number of training examples :math:`n`.

    Returns
    -------
    float
        Parameter :math:`\alpha` of ``Ridge``.

    Notes
    -----
    Convention: here the loss is :math:`\frac{1}{2 n} \lVert y - X w \rVert_2^2 + \frac{\lambda_2}{2} \lVert w
    \rVert_2^2`; ``Ridge`` minimises :math:`\lVert y - X w \rVert_2^2 + \alpha \lVert w \rVert_2^2`.

    References
    ----------
    SklearnDocs sklearn.linear_model.Ridge

    Examples
    --------
    >>> ridge_alpha(l2=0.3, n=50)
    15.0
    """
    return float(n * l2)


@formula
def logistic_c(l2: float, n: int) -> float:
    r"""
    L2 strength of this site as ``C`` of scikit-learn's ``LogisticRegression``.

    .. math::

       C = \frac{1}{n \lambda_2}

    Parameters
    ----------
    l2 : float in (0, inf)
        Strength :math:`\lambda_2` of the L2 part.
    n : int in [1, inf)
        Number of training examples :math:`n`.

    Returns
    -------
    float
        Inverse strength :math:`C`.

    Notes
    -----
    Convention: here the mean cross-entropy plus :math:`\frac{\lambda_2}{2} \lVert w \rVert_2^2`;
    ``LogisticRegression`` minimises :math:`C` times the sum of losses plus :math:`\frac{1}{2} \lVert w \rVert_2^2`,
    so a larger :math:`C` means less regularisation.

    References
    ----------
    SklearnDocs sklearn.linear_model.LogisticRegression

    Examples
    --------
    >>> logistic_c(l2=0.1, n=40)
    0.25
    """
    return 1 / (n * l2)


@formula
def keras_l2(l2: float) -> float:
    r"""
    L2 strength of this site as the argument of a Keras-style ``l2`` regulariser.

    .. math::

       r = \frac{\lambda_2}{2}

    Parameters
    ----------
    l2 : float in [0, inf)
        Strength :math:`\lambda_2` of the L2 part.

    Returns
    -------
    float
        Factor :math:`r` of the sum of squares.

    Notes
    -----
    Convention: a Keras-style regulariser adds :math:`r \lVert w \rVert_2^2`, without a half.

    References
    ----------
    KerasDocs keras.regularizers.L2

    Examples
    --------
    >>> keras_l2(l2=0.5)
    0.25
    """
    return l2 / 2
