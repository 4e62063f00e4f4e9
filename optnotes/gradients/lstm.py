"""The LSTM cell and the direct path of its memory."""

import torch
from torch import Tensor

from optnotes._formula import formula


@formula
def lstm_step(
    x: Tensor, h: Tensor, c: Tensor, input_weights: Tensor, recurrent_weights: Tensor, biases: Tensor
) -> tuple[Tensor, Tensor]:
    r"""
    One time step of an LSTM cell.

    .. math::

       \begin{aligned}
       \sigma(s) &= \frac{1}{1 + e^{-s}} \\
       i_t &= \sigma(W_1 x_t + U_1 h_{t-1} + b_1) \\
       f_t &= \sigma(W_2 x_t + U_2 h_{t-1} + b_2) \\
       g_t &= \tanh(W_3 x_t + U_3 h_{t-1} + b_3) \\
       o_t &= \sigma(W_4 x_t + U_4 h_{t-1} + b_4) \\
       c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
       h_t &= o_t \odot \tanh(c_t)
       \end{aligned}

    Parameters
    ----------
    x : Tensor of shape (d,)
        Input :math:`x_t`.
    h : Tensor of shape (n,)
        Previous output :math:`h_{t-1}`.
    c : Tensor of shape (n,)
        Previous memory :math:`c_{t-1}`.
    input_weights : Tensor of shape (4, n, d)
        Weights :math:`W` of the input for the four gates.
    recurrent_weights : Tensor of shape (4, n, n)
        Weights :math:`U` of the previous output for the four gates.
    biases : Tensor of shape (4, n)
        Biases :math:`b` of the four gates.

    Returns
    -------
    output : Tensor of shape (n,)
        New output :math:`h_t`.
    memory : Tensor of shape (n,)
        New memory :math:`c_t`.

    Notes
    -----
    Convention: gates in the order input, forget, candidate, output, as in PyTorch, which keeps two biases per gate:
    their sum is the bias here.

    With zero biases and small weights the forget gate is close to one half and the memory fades. A forget bias of
    one or two keeps it much longer.

    References
    ----------
    Hochreiter1997 Section 4
    Gers2000 Section 3
    Jozefowicz2015

    Examples
    --------
    >>> x, h, c = torch.zeros(1), torch.zeros(2), torch.tensor([4.0, -2.0])
    >>> output, memory = lstm_step(x, h, c, torch.zeros(4, 2, 1), torch.zeros(4, 2, 2), torch.zeros(4, 2))
    >>> memory.tolist(), output.tolist()
    ([2.0, -1.0], [0.482, -0.3808])
    """
    i, f, g, o = input_weights @ x + recurrent_weights @ h + biases
    memory = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(memory), memory


@formula
def lstm_direct_path(forget: Tensor) -> Tensor:
    r"""
    Derivative of the memory of an LSTM along the direct path, with the gates held fixed.

    .. math::

       p_j = \prod_{t=1}^{T} f_{tj}

    Parameters
    ----------
    forget : Tensor of shape (T, n) with entries in [0, 1]
        Forget gates :math:`f`, one row per time step.

    Returns
    -------
    Tensor of shape (n,)
        Diagonal :math:`p_j` of the Jacobian of the last memory with respect to the first one.

    Notes
    -----
    Convention: the direct path only; the total derivative also runs through the outputs into the gates.

    The direct path cannot explode, because a gate is at most one. The paths through the gates can, so an LSTM
    weakens vanishing and does not exclude explosion.

    References
    ----------
    Hochreiter1997 Section 4
    Gers2000 Section 3

    Examples
    --------
    >>> lstm_direct_path(torch.tensor([[0.5, 1.0], [0.5, 0.9], [0.1, 1.0]])).tolist()
    [0.025, 0.9]
    """
    return forget.prod(dim=0)
