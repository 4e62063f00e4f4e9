"""Why activations are needed and how ReLU can die: affine maps, their composition, one ReLU unit."""

from torch import Tensor

from optnotes._formula import formula


@formula
def collapse(W1: Tensor, b1: Tensor, W2: Tensor, b2: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Matrix and bias of the one layer that equals two layers with no activation between them.

    .. math::

       A = W_2 W_1, \qquad b = W_2 b_1 + b_2

    Parameters
    ----------
    W1 : Tensor of shape (k, d)
        Weights :math:`W_1` of the first layer, one row per output.
    b1 : Tensor of shape (k,)
        Biases :math:`b_1` of the first layer.
    W2 : Tensor of shape (m, k)
        Weights :math:`W_2` of the second layer.
    b2 : Tensor of shape (m,)
        Biases :math:`b_2` of the second layer.

    Returns
    -------
    weights : Tensor of shape (m, d)
        Weights :math:`A` of the single layer.
    biases : Tensor of shape (m,)
        Biases :math:`b` of the single layer.

    Notes
    -----
    Convention: a layer computes :math:`W h + b`. Repeated layer by layer the rule collapses a network of any depth.

    The result is affine rather than linear because of the biases. Its rank is at most the smallest width.

    References
    ----------
    Goodfellow2016 Section 6.1
    Saxe2014 Section 1

    Examples
    --------
    >>> W1, b1 = torch.tensor([[1.0, 2.0], [0.0, 3.0]]), torch.tensor([1.0, -1.0])
    >>> W2, b2 = torch.tensor([[4.0, 5.0]]), torch.tensor([0.5])
    >>> weights, biases = collapse(W1, b1, W2, b2)
    >>> weights.tolist(), biases.tolist()
    ([[4.0, 23.0]], [-0.5])
    """
    return W2 @ W1, W2 @ b1 + b2


@formula
def active_fraction(X: Tensor, w: Tensor, b: Tensor) -> Tensor:
    r"""
    Share of examples on which a ReLU unit is active; a dead unit has zero.

    .. math::

       r = \frac{1}{n} \sum_{i=1}^{n} \mathbb{1}[z_i > 0], \qquad
       z_i = \sum_{j=1}^{d} X_{ij} w_j + b

    Parameters
    ----------
    X : Tensor of shape (n, d)
        Inputs :math:`X`, one row per example.
    w : Tensor of shape (d,)
        Weights :math:`w` of the unit.
    b : Tensor of shape ()
        Bias :math:`b` of the unit.

    Returns
    -------
    Tensor of shape ()
        Share of active examples :math:`r`.

    Notes
    -----
    Convention: an example with a pre-activation of exactly zero counts as inactive, as the derivative of ReLU is taken
    to be zero there.

    Dead means inactive on all inputs the unit ever sees. To be inactive on some of them is normal.

    References
    ----------
    Lu2020
    Maas2013 Section 2

    Examples
    --------
    >>> X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]])
    >>> active_fraction(X, w=torch.tensor([1.0, -2.0]), b=torch.tensor(-1.0)).item()
    0.333333
    """
    return (X @ w + b > 0).to(X.dtype).mean()


@formula
def relu_unit_gradient(grad: Tensor, X: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Gradient that a ReLU unit receives: only active examples contribute, so a dead unit gets none.

    .. math::

       \frac{\partial \mathcal{L}}{\partial w_j} = \sum_{i=1}^{n} \delta_i \mathbb{1}[z_i > 0] X_{ij}, \qquad
       \frac{\partial \mathcal{L}}{\partial b} = \sum_{i=1}^{n} \delta_i \mathbb{1}[z_i > 0], \qquad
       z_i = \sum_{j=1}^{d} X_{ij} w_j + b

    Parameters
    ----------
    grad : Tensor of shape (n,)
        Gradient :math:`\delta` of the loss with respect to the outputs of the unit.
    X : Tensor of shape (n, d)
        Inputs :math:`X`, one row per example.
    w : Tensor of shape (d,)
        Weights :math:`w` of the unit.
    b : Tensor of shape ()
        Bias :math:`b` of the unit.

    Returns
    -------
    weights : Tensor of shape (d,)
        Gradient :math:`\frac{\partial \mathcal{L}}{\partial w_j}`.
    bias : Tensor of shape ()
        Gradient :math:`\frac{\partial \mathcal{L}}{\partial b}`.

    Notes
    -----
    Convention: sum over the examples; the derivative of ReLU at zero is zero.

    For a dead unit both are exactly zero. It can still move through momentum or weight decay, or revive when the
    layers before it change.

    References
    ----------
    Lu2020
    Maas2013 Section 2

    Examples
    --------
    >>> X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.0, 1.0]])
    >>> grad = torch.tensor([5.0, 0.5, 7.0])
    >>> weights, bias = relu_unit_gradient(grad, X, torch.tensor([1.0, -2.0]), torch.tensor(-1.0))
    >>> weights.tolist(), bias.item()
    ([1.5, -0.5], 0.5)
    """
    active = grad * (X @ w + b > 0)
    return active @ X, active.sum()
