"""Adam with an L2 penalty in the gradient, and AdamW with decay outside it."""

from torch import Tensor

from optnotes._formula import formula


@formula
def adam_step(
    w: Tensor,
    grad: Tensor,
    m: Tensor,
    v: Tensor,
    t: int,
    lr: float,
    lam: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Tensor, Tensor, Tensor]:
    r"""
    One step of Adam on the L2-penalised loss.

    .. math::

       \begin{aligned}
       \tilde{g} &= g + \lambda w_{t-1} \\
       m_t &= \beta_1 m_{t-1} + (1 - \beta_1) \tilde{g} \\
       v_t &= \beta_2 v_{t-1} + (1 - \beta_2) \tilde{g} \odot \tilde{g} \\
       \hat{m}_t &= \frac{m_t}{1 - \beta_1^{t}} \\
       \hat{v}_t &= \frac{v_t}{1 - \beta_2^{t}} \\
       w_t &= w_{t-1} - \eta \frac{\hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}
       \end{aligned}

    Parameters
    ----------
    w : Tensor of any shape
        Weights :math:`w_{t-1}`.
    grad : Tensor of the shape of w
        Gradient :math:`g` of the data loss, without the penalty.
    m : Tensor of the shape of w
        First moment :math:`m_{t-1}`; zeros before the first step.
    v : Tensor of the shape of w with entries in [0, inf)
        Second moment :math:`v_{t-1}`; zeros before the first step.
    t : int in [1, inf)
        Number :math:`t` of this step, counted from one.
    lr : float in (0, inf)
        Learning rate :math:`\eta`.
    lam : float in [0, inf)
        Penalty strength :math:`\lambda`.
    beta1 : float in [0, 1)
        Decay :math:`\beta_1` of the first moment.
    beta2 : float in [0, 1)
        Decay :math:`\beta_2` of the second moment.
    eps : float in (0, inf)
        Small number :math:`\epsilon` that keeps the division defined.

    Returns
    -------
    w : Tensor of the shape of w
        Weights :math:`w_t`.
    m : Tensor of the shape of w
        First moment :math:`m_t`.
    v : Tensor of the shape of w
        Second moment :math:`v_t`.

    Notes
    -----
    Convention: ``torch.optim.Adam`` with ``weight_decay`` set to :math:`\lambda`; :math:`\epsilon` stands outside the
    root, and the penalty is :math:`\frac{\lambda}{2} \lVert w \rVert_2^2`.

    The penalty passes through the division by the root of the second moment. Weights with large gradients hardly
    decay, and with :math:`g = 0` the first step is :math:`-\eta \operatorname{sign}(w_{t-1})`, whatever
    :math:`\lambda > 0`, but for :math:`\epsilon`.

    References
    ----------
    Kingma2015 Algorithm 1
    Loshchilov2019 Algorithm 2

    Examples
    --------
    >>> w, zeros = torch.tensor([10.0, -0.1]), torch.zeros(2)
    >>> w, m, v = adam_step(w, zeros, zeros, zeros, t=1, lr=0.01, lam=0.3)
    >>> w.tolist()
    [9.99, -0.09]
    """
    g = grad + lam * w
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g * g
    return w - lr * _direction(m, v, t, beta1, beta2, eps), m, v


@formula
def adamw_step(
    w: Tensor,
    grad: Tensor,
    m: Tensor,
    v: Tensor,
    t: int,
    lr: float,
    lam: float,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
) -> tuple[Tensor, Tensor, Tensor]:
    r"""
    One step of AdamW: Adam on the data loss, and a decay of the weights beside it.

    .. math::

       \begin{aligned}
       m_t &= \beta_1 m_{t-1} + (1 - \beta_1) g \\
       v_t &= \beta_2 v_{t-1} + (1 - \beta_2) g \odot g \\
       \hat{m}_t &= \frac{m_t}{1 - \beta_1^{t}} \\
       \hat{v}_t &= \frac{v_t}{1 - \beta_2^{t}} \\
       w_t &= (1 - \eta \lambda) w_{t-1} - \eta \frac{\hat{m}_t}{\sqrt{\hat{v}_t} + \epsilon}
       \end{aligned}

    Parameters
    ----------
    w : Tensor of any shape
        Weights :math:`w_{t-1}`.
    grad : Tensor of the shape of w
        Gradient :math:`g` of the data loss, without the penalty.
    m : Tensor of the shape of w
        First moment :math:`m_{t-1}`; zeros before the first step.
    v : Tensor of the shape of w with entries in [0, inf)
        Second moment :math:`v_{t-1}`; zeros before the first step.
    t : int in [1, inf)
        Number :math:`t` of this step, counted from one.
    lr : float in (0, inf)
        Learning rate :math:`\eta`.
    lam : float in [0, inf)
        Decay strength :math:`\lambda`.
    beta1 : float in [0, 1)
        Decay :math:`\beta_1` of the first moment.
    beta2 : float in [0, 1)
        Decay :math:`\beta_2` of the second moment.
    eps : float in (0, inf)
        Small number :math:`\epsilon` that keeps the division defined.

    Returns
    -------
    w : Tensor of the shape of w
        Weights :math:`w_t`.
    m : Tensor of the shape of w
        First moment :math:`m_t`.
    v : Tensor of the shape of w
        Second moment :math:`v_t`.

    Notes
    -----
    Convention: ``torch.optim.AdamW`` with ``weight_decay`` set to :math:`\lambda`; the decay is multiplied by the
    learning rate. Its default there is 0.01, while that of ``torch.optim.Adam`` is 0.

    Every weight loses the same share per step, however large its gradient. The minimum it approaches is not that of
    the L2-penalised loss.

    References
    ----------
    Loshchilov2019 Algorithm 2

    Examples
    --------
    >>> w, zeros = torch.tensor([10.0, -0.1]), torch.zeros(2)
    >>> w, m, v = adamw_step(w, zeros, zeros, zeros, t=1, lr=0.01, lam=0.3)
    >>> w.tolist()
    [9.97, -0.0997]
    """
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad * grad
    return (1 - float(lr) * lam) * w - lr * _direction(m, v, t, beta1, beta2, eps), m, v


def _direction(m: Tensor, v: Tensor, t: int, beta1: float, beta2: float, eps: float) -> Tensor:
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return m_hat / (v_hat.sqrt() + eps)
