"""The other passes of batch normalisation: running averages, inference and gradients."""

import torch
from torch import Tensor

from optnotes import _check
from optnotes._formula import formula
from optnotes._numeric import over_root_mean_square


@formula
def batch_norm_running(mean: Tensor, var: Tensor, x: Tensor, momentum: float) -> tuple[Tensor, Tensor]:
    r"""
    Running averages that batch normalisation collects in training and uses at inference.

    .. math::

       \begin{aligned}
       \mu_j &= \frac{1}{n} \sum_{i=1}^{n} x_{ij} \\
       v_j &= \frac{1}{n - 1} \sum_{i=1}^{n} (x_{ij} - \mu_j)^2 \\
       m'_j &= (1 - \alpha) m_j + \alpha \mu_j \\
       s'_j &= (1 - \alpha) s_j + \alpha v_j
       \end{aligned}

    Parameters
    ----------
    mean : Tensor of shape (d,)
        Running mean :math:`m` before the batch.
    var : Tensor of shape (d,) with entries in [0, inf)
        Running variance :math:`s` before the batch.
    x : Tensor of shape (n, d)
        Batch :math:`x` of at least two examples, one per row.
    momentum : float in [0, 1]
        Weight :math:`\alpha` of the new batch.

    Returns
    -------
    mean : Tensor of shape (d,)
        Running mean :math:`m'_j` after the batch.
    var : Tensor of shape (d,)
        Running variance :math:`s'_j` after the batch.

    Raises
    ------
    ValueError
        If the batch has fewer than two examples.

    Notes
    -----
    Convention: the running variance collects the unbiased variance, divided by :math:`n - 1`, although the batch
    itself is normalised with the biased one; :math:`\alpha` weighs the new value, as in PyTorch, not the old one.

    References
    ----------
    Ioffe2015 Section 3.1
    TorchDocs torch.nn.BatchNorm1d

    Examples
    --------
    >>> x = torch.tensor([[1.0, 0.0], [3.0, 8.0]])
    >>> mean, var = batch_norm_running(torch.zeros(2), torch.ones(2), x, momentum=0.1)
    >>> mean.tolist(), var.tolist()
    ([0.2, 0.4], [1.1, 4.1])
    """
    _check.rows("x", x, 2)
    batch_mean = x.mean(dim=0)
    batch_var = (x - batch_mean).square().sum(dim=0) / (x.shape[0] - 1)
    return (1 - momentum) * mean + momentum * batch_mean, (1 - momentum) * var + momentum * batch_var


@formula
def batch_norm_inference(x: Tensor, mean: Tensor, var: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
    r"""
    Batch normalisation at inference: a fixed affine map of every unit.

    .. math::

       y_{ij} = \gamma_j \frac{x_{ij} - m_j}{\sqrt{s_j + \epsilon}} + \beta_j

    Parameters
    ----------
    x : Tensor of shape (n, d)
        Examples :math:`x`, one per row; a single one is enough.
    mean : Tensor of shape (d,)
        Running mean :math:`m`.
    var : Tensor of shape (d,) with entries in [0, inf)
        Running variance :math:`s`.
    gamma : Tensor of shape (d,)
        Gain :math:`\gamma` of every unit.
    beta : Tensor of shape (d,)
        Shift :math:`\beta` of every unit.
    eps : float in (0, inf)
        Small constant :math:`\epsilon` under the root.

    Returns
    -------
    Tensor of shape (n, d)
        Normalised examples :math:`y_{ij}`.

    Notes
    -----
    Convention: the statistics come from training, so the output for one example no longer depends on the others.

    References
    ----------
    Ioffe2015 Section 3.1

    Examples
    --------
    >>> mean, var = torch.tensor([1.0, 2.0]), torch.tensor([4.0, 0.25])
    >>> gamma, beta = torch.tensor([1.0, 3.0]), torch.tensor([0.0, 5.0])
    >>> batch_norm_inference(torch.tensor([[5.0, 1.0]]), mean, var, gamma, beta, eps=1e-5).tolist()
    [[2.000, -1.000]]
    """
    return torch.addcmul(beta, gamma, (x - mean) / torch.sqrt(var + eps))


@formula
def batch_norm_backward(grad: Tensor, x: Tensor, gamma: Tensor, eps: float) -> tuple[Tensor, Tensor, Tensor]:
    r"""
    Gradients of batch normalisation in training.

    .. math::

       \begin{aligned}
       \mu_j &= \frac{1}{n} \sum_{i=1}^{n} x_{ij} \\
       v_j &= \frac{1}{n} \sum_{i=1}^{n} (x_{ij} - \mu_j)^2 \\
       \hat{x}_{ij} &= \frac{x_{ij} - \mu_j}{\sqrt{v_j + \epsilon}} \\
       p_j &= \sum_{i=1}^{n} g_{ij} \hat{x}_{ij} \\
       q_j &= \sum_{i=1}^{n} g_{ij} \\
       \delta_{ij} &= \frac{\gamma_j}{\sqrt{v_j + \epsilon}}
       \left( g_{ij} - \frac{q_j}{n} - \frac{p_j}{n} \hat{x}_{ij} \right)
       \end{aligned}

    Parameters
    ----------
    grad : Tensor of the shape of x
        Gradient :math:`g` of the loss with respect to the output.
    x : Tensor of shape (n, d)
        Batch :math:`x` of at least two examples, one per row.
    gamma : Tensor of shape (d,)
        Gain :math:`\gamma` of every unit.
    eps : float in (0, inf) within the dtype of x
        Small constant :math:`\epsilon` under the root.

    Returns
    -------
    grad_x : Tensor of shape (n, d)
        Gradient :math:`\delta_{ij}` with respect to the batch.
    grad_gamma : Tensor of shape (d,)
        Gradient :math:`p_j` with respect to the gain.
    grad_beta : Tensor of shape (d,)
        Gradient :math:`q_j` with respect to the shift.

    Raises
    ------
    ValueError
        If the batch has fewer than two examples.

    Notes
    -----
    Convention: the statistics are functions of the batch, so the gradient flows through the mean and the variance
    too; dropping them leaves only the first of the three terms.

    The output ignores the scale of the weights before it, up to :math:`\epsilon`: weights that are ten times larger
    get a gradient ten times smaller.

    References
    ----------
    Ioffe2015 Section 3
    vanLaarhoven2017

    Examples
    --------
    >>> x, grad = torch.tensor([[1.0], [3.0], [8.0]]), torch.tensor([[1.0], [0.0], [2.0]])
    >>> grad_x, grad_gamma, grad_beta = batch_norm_backward(grad, x, torch.tensor([6.0]), eps=1e-5)
    >>> grad_x.flatten().tolist(), grad_gamma.tolist(), grad_beta.tolist()
    ([1.175, -1.646, 0.470], [1.698], [3.000])
    """
    _check.rows("x", x, 2)
    n = x.shape[0]
    normalised, deviation = over_root_mean_square(x - x.mean(dim=0), 0, eps)
    grad_gamma = (grad * normalised).sum(dim=0)
    grad_beta = grad.sum(dim=0)
    grad_x = gamma / deviation * (grad - grad_beta / n - grad_gamma / n * normalised)
    return grad_x, grad_gamma, grad_beta


@formula
def running_momentum(momentum: float) -> float:
    r"""
    Momentum of ``torch.nn.BatchNorm1d`` as the momentum of a Keras-style layer, and back.

    .. math::

       \alpha' = 1 - \alpha

    Parameters
    ----------
    momentum : float in [0, 1]
        Weight :math:`\alpha` of the new batch in the running statistics.

    Returns
    -------
    float
        Weight :math:`\alpha'` of the old running statistics.

    Notes
    -----
    Convention: torch gives the weight of the new batch, Keras-style layers the weight of the old value. The map is
    its own inverse.

    References
    ----------
    KerasDocs keras.layers.BatchNormalization
    TorchDocs torch.nn.BatchNorm1d

    Examples
    --------
    >>> running_momentum(0.1)
    0.9
    """
    return 1.0 - momentum
