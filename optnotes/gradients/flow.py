"""Back-propagation written out: how a gradient passes one layer on its way down."""

from collections.abc import Callable

from torch import Tensor

from optnotes import _check
from optnotes._formula import formula


@formula
def output_delta(grad: Tensor, z: Tensor, dphi: Callable[[Tensor], Tensor]) -> Tensor:
    r"""
    Error signal of the last layer, where back-propagation starts.

    .. math::

       \delta_L = \phi'(z_L) \odot \nabla_{h_L} \mathcal{L}

    Parameters
    ----------
    grad : Tensor of the shape of z
        Gradient :math:`\nabla_{h_L} \mathcal{L}` of the loss with respect to the output of the network.
    z : Tensor of shape (n,)
        Pre-activation :math:`z_L` of the last layer.
    dphi : callable
        Derivative :math:`\phi'` of the activation, applied to each element.

    Returns
    -------
    Tensor of shape (n,)
        Gradient :math:`\delta_L` of the loss with respect to the pre-activation.

    Raises
    ------
    ValueError
        If the function that is passed does not return one finite number for each entry.

    Notes
    -----
    Convention: one example; over a batch the parameter gradients add up.

    For softmax with cross-entropy or sigmoid with binary cross-entropy the product is the probability minus the
    target, so the derivative of the output activation cancels.

    References
    ----------
    Rumelhart1986
    Goodfellow2016 Section 6.5

    Examples
    --------
    >>> grad, z = torch.tensor([2.0, -1.0]), torch.tensor([3.0, -5.0])
    >>> output_delta(grad, z, dphi=lambda z: 2 * z).tolist()
    [12.0, 10.0]
    """
    return _check.values("dphi", dphi, z) * grad


@formula
def backprop(delta: Tensor, W: Tensor, z: Tensor, dphi: Callable[[Tensor], Tensor]) -> Tensor:
    r"""
    One step of back-propagation: the error signal passes from a layer to the layer below.

    .. math::

       \delta_l = \phi'(z_l) \odot ( W_{l+1}^\top \delta_{l+1} )

    Parameters
    ----------
    delta : Tensor of shape (m,)
        Error signal :math:`\delta_{l+1}` of the layer above.
    W : Tensor of shape (m, n)
        Weights :math:`W_{l+1}` of the layer above, one row per unit.
    z : Tensor of shape (n,)
        Pre-activation :math:`z_l` of the layer below.
    dphi : callable
        Derivative :math:`\phi'` of the activation, applied to each element.

    Returns
    -------
    Tensor of shape (n,)
        Error signal :math:`\delta_l`, the gradient of the loss with respect to the pre-activation.

    Raises
    ------
    ValueError
        If the function that is passed does not return one finite number for each entry.

    Notes
    -----
    Convention: one example; the derivative of ReLU at zero is zero, as in PyTorch.

    The matrix is transposed. The depth of the network enters only through the number of such steps, so every
    factor that is systematically below or above one acts exponentially.

    References
    ----------
    Rumelhart1986
    Goodfellow2016 Section 6.5

    Examples
    --------
    >>> delta, W = torch.tensor([1.0]), torch.tensor([[2.0, -4.0]])
    >>> backprop(delta, W, torch.tensor([3.0, 5.0]), dphi=lambda z: 1 / z**2).tolist()
    [0.2222, -0.16]
    """
    return _check.values("dphi", dphi, z) * (W.T @ delta)


@formula
def layer_gradients(delta: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Gradients of the weights and of the bias of a layer, once its error signal is known.

    .. math::

       \nabla_{W_l} \mathcal{L} = \delta_l h_{l-1}^\top, \quad \nabla_{b_l} \mathcal{L} = \delta_l

    Parameters
    ----------
    delta : Tensor of shape (m,)
        Error signal :math:`\delta_l` of the layer.
    h : Tensor of shape (n,)
        Input :math:`h_{l-1}` of the layer.

    Returns
    -------
    weight_grad : Tensor of shape (m, n)
        Gradient :math:`\nabla_{W_l} \mathcal{L}` of the weights.
    bias_grad : Tensor of shape (m,)
        Gradient :math:`\nabla_{b_l} \mathcal{L}` of the bias.

    Notes
    -----
    Convention: one example and column vectors; PyTorch keeps examples in rows, and the mean over a batch divides
    by its size.

    References
    ----------
    Rumelhart1986
    Goodfellow2016 Section 6.5

    Examples
    --------
    >>> weight_grad, bias_grad = layer_gradients(torch.tensor([1.0, -2.0]), torch.tensor([3.0, 4.0, 5.0]))
    >>> weight_grad.tolist(), bias_grad.tolist()
    ([[3.0, 4.0, 5.0], [-6.0, -8.0, -10.0]], [1.0, -2.0])
    """
    return delta.outer(h), delta.clone()


@formula
def euler_inner_product(W: Tensor, grad: Tensor) -> Tensor:
    r"""
    Inner product of a weight matrix with its gradient: a quantity that hides vanishing gradients.

    .. math::

       e_l = \operatorname{tr} ( W_l^\top \nabla_{W_l} \mathcal{L} )

    Parameters
    ----------
    W : Tensor of shape (m, n)
        Weights :math:`W_l` of a layer.
    grad : Tensor of the shape of W
        Gradient :math:`\nabla_{W_l} \mathcal{L}` of the weights.

    Returns
    -------
    Tensor of shape ()
        Inner product :math:`e_l`, the sum of the element-wise products.

    Notes
    -----
    Convention: the sum over all entries, not the mean.

    In a ReLU or LeakyReLU network without biases the value is the same in every layer, by the identity of Euler
    for homogeneous functions. So the ratio of weight gradients can look healthy while the signal vanishes or
    explodes: compare gradients with respect to activations instead.

    References
    ----------
    Du2018

    Examples
    --------
    >>> W, grad = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([[5.0, 0.0], [-1.0, 2.0]])
    >>> euler_inner_product(W, grad).item()
    10.0
    """
    return (W * grad).sum()
