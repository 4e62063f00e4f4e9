"""L2, L1 and Elastic Net: the penalised loss."""

from torch import Tensor

from optnotes._formula import formula


@formula
def l2_loss(loss: Tensor, w: Tensor, lam: float) -> Tensor:
    r"""
    Loss with an L2 penalty on the weights.

    .. math::

       \mathcal{L}_\lambda(w) = \mathcal{L}(w) + \frac{\lambda}{2} \lVert w \rVert_2^2

    Parameters
    ----------
    loss : Tensor of shape ()
        Data loss :math:`\mathcal{L}(w)`.
    w : Tensor of any shape
        Weights :math:`w`, without biases and normalisation gains.
    lam : float in [0, inf)
        Penalty strength :math:`\lambda`.

    Returns
    -------
    Tensor of shape ()
        Penalised loss :math:`\mathcal{L}_\lambda(w)`.

    Notes
    -----
    Convention: half before the square, so that the gradient is :math:`\lambda w` and :math:`\lambda` is the
    ``weight_decay`` of ``torch.optim.SGD``; the sum runs over all entries of the weights.

    References
    ----------
    Krogh1991

    Examples
    --------
    >>> l2_loss(torch.tensor(1.0), torch.tensor([3.0, -4.0]), lam=0.2).item()
    3.5
    """
    return loss + lam / 2 * w.square().sum()


@formula
def l2_gradient(grad: Tensor, w: Tensor, lam: float) -> Tensor:
    r"""
    Gradient of the L2-penalised loss.

    .. math::

       \nabla \mathcal{L}_\lambda(w) = \nabla \mathcal{L}(w) + \lambda w

    Parameters
    ----------
    grad : Tensor of the shape of w
        Gradient of the data loss :math:`\nabla \mathcal{L}(w)`.
    w : Tensor of any shape
        Weights :math:`w`, without biases and normalisation gains.
    lam : float in [0, inf)
        Penalty strength :math:`\lambda`.

    Returns
    -------
    Tensor of the shape of w
        Gradient of the penalised loss :math:`\nabla \mathcal{L}_\lambda(w)`.

    Notes
    -----
    Convention: the penalty is :math:`\frac{\lambda}{2} \lVert w \rVert_2^2`; without the half the last term doubles.

    References
    ----------
    Krogh1991

    Examples
    --------
    >>> l2_gradient(torch.tensor([1.0, 1.0]), torch.tensor([3.0, -4.0]), lam=0.2).tolist()
    [1.6, 0.2]
    """
    return grad + lam * w


@formula
def l1_loss(loss: Tensor, w: Tensor, lam: float) -> Tensor:
    r"""
    Loss with an L1 penalty on the weights.

    .. math::

       \mathcal{L}_\lambda(w) = \mathcal{L}(w) + \lambda \lVert w \rVert_1

    Parameters
    ----------
    loss : Tensor of shape ()
        Data loss :math:`\mathcal{L}(w)`.
    w : Tensor of any shape
        Weights :math:`w`, without the bias.
    lam : float in [0, inf)
        Penalty strength :math:`\lambda`.

    Returns
    -------
    Tensor of shape ()
        Penalised loss :math:`\mathcal{L}_\lambda(w)`.

    Notes
    -----
    Convention: no half before the norm; :math:`\lambda` equals ``alpha`` of scikit-learn's ``Lasso`` when the data
    loss is half the mean squared error.

    With Gaussian noise in the targets, a Laplace prior on each weight amounts to a strength of the noise variance
    divided by the number of examples and by the scale of the prior.

    References
    ----------
    Tibshirani1996 Section 2.1

    Examples
    --------
    >>> l1_loss(torch.tensor(1.0), torch.tensor([3.0, -4.0]), lam=0.2).item()
    2.4
    """
    return loss + lam * w.abs().sum()


@formula
def elastic_net_loss(loss: Tensor, w: Tensor, l1: float, l2: float) -> Tensor:
    r"""
    Loss with the Elastic Net penalty: L1 for exact zeros, L2 for groups of correlated features.

    .. math::

       \mathcal{L}_{\lambda_1, \lambda_2}(w) = \mathcal{L}(w) + \lambda_1 \lVert w \rVert_1
       + \frac{\lambda_2}{2} \lVert w \rVert_2^2

    Parameters
    ----------
    loss : Tensor of shape ()
        Data loss :math:`\mathcal{L}(w)`.
    w : Tensor of any shape
        Weights :math:`w`, without the bias.
    l1 : float in [0, inf)
        Strength :math:`\lambda_1` of the L1 part.
    l2 : float in [0, inf)
        Strength :math:`\lambda_2` of the L2 part.

    Returns
    -------
    Tensor of shape ()
        Penalised loss :math:`\mathcal{L}_{\lambda_1, \lambda_2}(w)`.

    Notes
    -----
    Convention: half before the square, none before the L1 norm. Zou and Hastie write the L2 part without the half
    and the data loss as a sum of squares.

    References
    ----------
    Zou2005 Section 2.1

    Examples
    --------
    >>> elastic_net_loss(torch.tensor(1.0), torch.tensor([3.0, -4.0]), l1=0.1, l2=0.2).item()
    4.2
    """
    return loss + l1 * w.abs().sum() + l2 / 2 * w.square().sum()
