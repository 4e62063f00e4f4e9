"""Gradient descent: the step on a quadratic, the largest stable rate, and the steps with weight decay and momentum."""

from torch import Tensor

from optnotes._formula import formula


@formula
def gd_quadratic_step(w: Tensor, H: Tensor, w_star: Tensor, lr: float) -> Tensor:
    r"""
    One step of gradient descent on a quadratic loss: a linear map of the distance to the minimum.

    .. math::

       w_{t+1} = w^* + (I - \eta H) (w_t - w^*)

    Parameters
    ----------
    w : Tensor of shape (d,)
        Weights :math:`w_t`.
    H : Tensor of shape (d, d)
        Hessian :math:`H`.
    w_star : Tensor of shape (d,)
        Minimiser :math:`w^*`.
    lr : float in (0, inf)
        Learning rate :math:`\eta`.

    Returns
    -------
    Tensor of shape (d,)
        Weights :math:`w_{t+1}` after the step.

    Notes
    -----
    Convention: the loss is half the quadratic form of the Hessian, so that the Hessian times the distance is the
    gradient.

    References
    ----------
    Nesterov2004

    Examples
    --------
    >>> H = torch.tensor([[4.0, 1.0], [1.0, 3.0]])
    >>> gd_quadratic_step(torch.tensor([2.0, 0.0]), H, torch.tensor([1.0, 1.0]), lr=0.1).tolist()
    [1.7, 0.2]
    """
    return w - lr * H @ (w - w_star)


@formula
def gd_step_bound(lams: Tensor) -> Tensor:
    r"""
    Learning rate below which gradient descent on a quadratic converges and above which it diverges.

    .. math::

       \eta_{\max} = \frac{2}{\max_i \lambda_i}

    Parameters
    ----------
    lams : Tensor of shape (d,) with entries in (0, inf)
        Eigenvalues :math:`\lambda` of the Hessian.

    Returns
    -------
    Tensor of shape ()
        Bound :math:`\eta_{\max}` on the learning rate.

    Notes
    -----
    Convention: constant learning rate, no momentum. Exactly at the bound the steepest direction swings for ever with
    a constant amplitude.

    References
    ----------
    Nesterov2004 Theorem 2.1.14

    Examples
    --------
    >>> gd_step_bound(torch.tensor([0.5, 8.0, 2.0])).item()
    0.25
    """
    # The slope may overflow, but only after it has been shared out: zero times infinity is undefined.
    unit = lams.detach().max()
    return 2 / (lams / unit).max() / unit


@formula
def weight_decay_step(w: Tensor, grad: Tensor, lr: float, lam: float) -> Tensor:
    r"""
    Gradient step on the L2-penalised loss: shrink the weights, then follow the gradient of the data loss.

    .. math::

       w_{t+1} = (1 - \eta \lambda) w_t - \eta \nabla \mathcal{L}(w_t)

    Parameters
    ----------
    w : Tensor of any shape
        Weights :math:`w_t`.
    grad : Tensor of the shape of w
        Gradient of the data loss :math:`\nabla \mathcal{L}(w_t)`, without the penalty.
    lr : float in (0, inf) within the dtype of w
        Learning rate :math:`\eta`.
    lam : float in [0, inf) within the dtype of w
        Penalty strength :math:`\lambda`.

    Returns
    -------
    Tensor of the shape of w
        Weights :math:`w_{t+1}` after the step.

    Notes
    -----
    Convention: the penalty is :math:`\frac{\lambda}{2} \lVert w \rVert_2^2`, and :math:`\lambda` is the
    ``weight_decay`` of ``torch.optim.SGD``.

    Penalty in the loss and decay of the weights are the same step here only because there is no momentum and no
    adaptive scale. The decay shrinks the weights without changing their sign while :math:`\eta \lambda < 1`.

    References
    ----------
    Krogh1991
    Loshchilov2019 Algorithm 1

    Examples
    --------
    >>> w, grad = torch.tensor([3.0, -4.0]), torch.tensor([1.0, 2.0])
    >>> weight_decay_step(w, grad, lr=0.1, lam=0.5).tolist()
    [2.75, -4.0]
    """
    # Torch knows no integer as large as the product of two large ones.
    return (1 - float(lr) * lam) * w - lr * grad


@formula
def momentum_step(w: Tensor, grad: Tensor, v: Tensor, lr: float, beta: float = 0.9) -> tuple[Tensor, Tensor]:
    r"""
    One step of gradient descent with momentum: the velocity gathers the gradients, and older ones fade.

    .. math::

       \begin{aligned}
       v_t &= \beta v_{t-1} + g_t \\
       w_t &= w_{t-1} - \eta v_t
       \end{aligned}

    Parameters
    ----------
    w : Tensor of shape (d,)
        Weights :math:`w_{t-1}`.
    grad : Tensor of shape (d,)
        Gradient :math:`g_t` of the loss.
    v : Tensor of shape (d,)
        Velocity :math:`v_{t-1}`, zero at the start.
    lr : float in (0, inf)
        Learning rate :math:`\eta`.
    beta : float in [0, 1)
        Momentum :math:`\beta`, the share of the velocity that stays.

    Returns
    -------
    Tensor of shape (d,)
        Weights :math:`w_t` after the step.
    Tensor of shape (d,)
        Velocity :math:`v_t`.

    Notes
    -----
    Convention: that of ``torch.optim.SGD`` without dampening and without Nesterov's correction; the rate multiplies the
    velocity. Keras gathers gradients already multiplied by the rate, which is the same until the rate changes.

    Under a constant gradient the step tends to the one without momentum times :math:`1 / (1 - \beta)`. On a quadratic
    the largest stable rate is :math:`1 + \beta` times as large as without momentum.

    References
    ----------
    TorchDocs torch.optim.SGD
    KerasDocs keras.optimizers.SGD

    Examples
    --------
    >>> w, v = momentum_step(torch.tensor([1.0]), torch.tensor([2.0]), torch.tensor([5.0]), lr=0.1, beta=0.8)
    >>> w.tolist(), v.tolist()
    ([0.4], [6.0])
    """
    v = beta * v + grad
    return w - lr * v, v
