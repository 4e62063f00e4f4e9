"""Bias and variance: where the error on new data comes from when the training set is drawn by chance."""

from torch import Tensor

from optnotes._formula import formula


@formula
def bias_variance(predictions: Tensor, truth: float, sigma: float) -> Tensor:
    r"""
    Expected squared error at one input: noise, squared bias and variance.

    .. math::

       e = \sigma^2 + (f - \bar{f})^2 + \frac{1}{m} \sum_{k=1}^{m} (\hat{f}_k - \bar{f})^2,
       \quad \bar{f} = \frac{1}{m} \sum_{k=1}^{m} \hat{f}_k

    Parameters
    ----------
    predictions : Tensor of shape (m,)
        Predictions :math:`\hat{f}` at this input, one for each training set.
    truth : float in (-inf, inf) within the dtype of predictions
        True value :math:`f` at this input.
    sigma : float in [0, inf) within the dtype of predictions
        Standard deviation :math:`\sigma` of the noise in the targets.

    Returns
    -------
    Tensor of shape ()
        Mean :math:`e` of the squared error of a new target, over the noise and the training sets.

    Notes
    -----
    Convention: the variance is divided by the number of training sets, not by one less, so that the sum is exact for
    the sets at hand. The noise of the new target is independent of the training sets and has mean zero.

    References
    ----------
    Hastie2009 Section 7.3

    Examples
    --------
    Three training sets predict 1, 2 and 6 where the truth is 2: bias one, variance 14 / 3.

    >>> round(bias_variance(torch.tensor([1.0, 2.0, 6.0]), truth=2.0, sigma=0.5).item(), 4)
    5.9167
    """
    mean = predictions.mean()
    return float(sigma) ** 2 + (truth - mean) ** 2 + ((predictions - mean) ** 2).mean()
