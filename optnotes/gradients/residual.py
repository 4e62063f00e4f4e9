"""Residual connections: the Jacobian of a stack and the growth of its gradient."""

import math

import torch
from torch import Tensor

from optnotes._formula import formula
from optnotes._numeric import at_least, up_to


@formula
def residual_jacobian(jacobians: Tensor) -> Tensor:
    r"""
    Jacobian of a stack of residual blocks, the product of identity plus branch.

    .. math::

       J = \prod_{l=1}^{L} ( I + A_{L+1-l} )

    Parameters
    ----------
    jacobians : Tensor of shape (L, n, n)
        Jacobians :math:`A` of the branches in the order of the forward pass.

    Returns
    -------
    Tensor of shape (n, n)
        Jacobian :math:`J` of the output of the stack with respect to its input.

    Notes
    -----
    Convention: identity shortcuts, and the last block stands on the left.

    The expanded product is a sum over all subsets of blocks, and the empty subset is the identity: the path that no
    layer can shrink. The first version of ResNet applies ReLU after the sum, so its path is not a pure identity.

    References
    ----------
    He2016b Section 2
    Veit2016 Section 3

    Examples
    --------
    >>> first, second = torch.tensor([[0.0, 1.0], [0.0, 0.0]]), torch.tensor([[0.0, 0.0], [2.0, 0.0]])
    >>> residual_jacobian(torch.stack([first, second])).tolist()
    [[1.0, 1.0], [2.0, 3.0]]
    """
    jacobian = torch.eye(jacobians.shape[1], dtype=jacobians.dtype, device=jacobians.device)
    for branch in jacobians:
        jacobian = jacobian + branch @ jacobian
    return jacobian


@formula
def residual_gain_bounds(jacobian: Tensor) -> tuple[Tensor, Tensor]:
    r"""
    Bounds on the factor by which one residual block changes the norm of a gradient.

    .. math::

       \rho_{\min} = \max(0, 1 - \lVert A \rVert_2), \quad \rho_{\max} = 1 + \lVert A \rVert_2

    Parameters
    ----------
    jacobian : Tensor of shape (n, n) in float32 or float64
        Jacobian :math:`A` of the branch.

    Returns
    -------
    lower : Tensor of shape ()
        Lower bound :math:`\rho_{\min}` of the singular values of the block.
    upper : Tensor of shape ()
        Upper bound :math:`\rho_{\max}` of the singular values of the block.

    Notes
    -----
    Convention: the matrix norm is the largest singular value, and the block is identity plus branch.

    A branch of norm below one cannot make the gradient vanish in one block. Over many blocks the upper bound is the
    one that bites: identity shortcuts do not stop growth.

    References
    ----------
    He2016b Section 2

    Examples
    --------
    >>> lower, upper = residual_gain_bounds(torch.tensor([[0.0, 0.25], [-0.75, 0.0]]))
    >>> lower.item(), upper.item()
    (0.25, 1.75)
    """
    norm = torch.linalg.matrix_norm(jacobian, 2)
    return at_least(1 - norm, 0), 1 + norm


@formula
def residual_growth(gain: Tensor, scale: float, depth: int) -> Tensor:
    r"""
    Root mean square growth of the gradient norm over residual blocks without normalisation.

    .. math::

       r = (1 + \alpha^2 v)^{L/2}

    Parameters
    ----------
    gain : Tensor of any shape with entries in [0, inf)
        Gain :math:`v` of the squared gradient norm in the branch alone.
    scale : float in [0, inf)
        Factor :math:`\alpha` before the branch.
    depth : int in [0, inf) within the dtype of gain
        Number :math:`L` of blocks.

    Returns
    -------
    Tensor of the shape of gain
        Ratio :math:`r` of the gradient norm at the input to the norm at the output.

    Notes
    -----
    Convention: ratio of norms, hence half the depth in the exponent; random branches that are uncorrelated with the
    shortcut.

    A branch of gain one and scale one doubles the squared norm in every block. At gain one, a scale of one over the
    square root of the depth keeps the ratio below the square root of e. A branch that starts at zero gives one.

    References
    ----------
    Zhang2019Fixup Section 2
    De2020

    Examples
    --------
    >>> residual_growth(torch.tensor([0.0, 1.0, 3.0]), scale=1.0, depth=6).tolist()
    [1.0, 8.0, 64.0]
    """
    growth = float(scale) ** 2 * gain
    # The logarithm keeps the digits of a small growth, the power those of a large one.
    small = torch.exp(depth / 2 * torch.log1p(up_to(growth, 1)))
    return torch.where(growth < 1, small, (1 + growth) ** (depth / 2))


@formula
def normalised_residual_growth(depth: int) -> float:
    r"""
    Root mean square growth of the gradient norm over residual blocks whose branches are normalised.

    .. math::

       r = \sqrt{L + 1}

    Parameters
    ----------
    depth : int in [0, inf)
        Number :math:`L` of blocks.

    Returns
    -------
    float
        Ratio :math:`r` of the gradient norm at the input to the norm at the output.

    Notes
    -----
    Convention: every branch adds variance one to a signal of variance one, and its normalisation divides the
    gradient by the standard deviation of the signal.

    The shortcut grows, so deeper branches weigh less and the product telescopes: growth is polynomial instead of
    exponential.

    References
    ----------
    De2020

    Examples
    --------
    >>> normalised_residual_growth(depth=24)
    5.0
    """
    return math.sqrt(depth + 1)
