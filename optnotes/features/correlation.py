"""Correlation of features, and what it leaves of the condition number."""

from torch import Tensor

from optnotes import _check
from optnotes._formula import formula
from optnotes._numeric import norm


@formula
def pearson(x: Tensor, y: Tensor) -> Tensor:
    r"""
    Pearson correlation of two features.

    .. math::

       \begin{aligned}
       \bar{x} &= \frac{1}{n} \sum_{i=1}^{n} x_i, \quad \bar{y} = \frac{1}{n} \sum_{i=1}^{n} y_i \\
       r &= \frac{\sum_{i=1}^{n} (x_i - \bar{x}) (y_i - \bar{y})}
       {\sqrt{\sum_{i=1}^{n} (x_i - \bar{x})^2} \sqrt{\sum_{i=1}^{n} (y_i - \bar{y})^2}}
       \end{aligned}

    Parameters
    ----------
    x : Tensor of shape (n,)
        First feature :math:`x`, not constant.
    y : Tensor of shape (n,)
        Second feature :math:`y`, not constant.

    Returns
    -------
    Tensor of shape ()
        Correlation :math:`r`.

    Raises
    ------
    ValueError
        If a feature is constant.

    Notes
    -----
    Convention: centred. A positive affine map of either feature leaves :math:`r` as it is, so scaling cannot
    decorrelate features; a negative factor only flips its sign.

    The cosine of the raw vectors is another number, and it does change with centring.

    References
    ----------
    Kessy2018

    Examples
    --------
    >>> x, y = torch.tensor([1.0, 2.0, 6.0]), torch.tensor([3.0, 2.0, 10.0])
    >>> pearson(x, y).item(), pearson(1000 * x + 7, y).item()
    (0.954, 0.954)
    """
    _check.entries("the range of x", x.amax() - x.amin(), "(0, inf)")
    _check.entries("the range of y", y.amax() - y.amin(), "(0, inf)")
    x, y = x - x.mean(), y - y.mean()
    return (x / norm(x) * (y / norm(y))).sum()


@formula
def least_squares_hessian(X: Tensor) -> Tensor:
    r"""
    Hessian of half the mean squared error of a linear model.

    .. math::

       H = \frac{1}{n} X^\top X

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Design matrix :math:`X`, one example per row, with a column of ones when the model has a bias.

    Returns
    -------
    Tensor of shape (d, d)
        Hessian :math:`H`.

    Notes
    -----
    Convention: half before the square and the mean over examples; without the half the Hessian doubles.

    The column of ones couples the bias with every feature whose mean is not zero. For standardised features that
    coupling is gone and the rest is the correlation matrix.

    References
    ----------
    LeCun1991

    Examples
    --------
    >>> least_squares_hessian(torch.tensor([[1.0, 1.0], [5.0, 1.0]])).tolist()
    [[13.0, 3.0], [3.0, 1.0]]
    """
    return X.mT @ X / X.shape[0]


@formula
def correlation_condition(rho: float) -> float:
    r"""
    Condition number that remains after standardisation of two correlated features.

    .. math::

       \kappa = \frac{1 + \lvert \rho \rvert}{1 - \lvert \rho \rvert}

    Parameters
    ----------
    rho : float in (-1, 1)
        Pearson correlation :math:`\rho` of the two features.

    Returns
    -------
    float
        Condition number :math:`\kappa` of the correlation matrix.

    Notes
    -----
    Convention: two features and least squares. The bias adds the eigenvalue one, which lies between the other two.

    Scaling cannot go below this number; of invertible linear maps only whitening removes it.

    References
    ----------
    Forsythe1955
    vanderSluis1969

    Examples
    --------
    >>> correlation_condition(-0.6), correlation_condition(0.99)
    (4.0, 199.0)
    """
    return (1 + abs(rho)) / (1 - abs(rho))
