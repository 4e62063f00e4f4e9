"""Early stopping: when to stop, and which directions of the solution have been learned by then."""

import torch
from torch import Tensor

from optnotes._formula import formula
from optnotes._numeric import up_to


@formula
def patience_step(
    loss: Tensor, best: Tensor, waited: Tensor, patience: int, min_delta: float = 0.0
) -> tuple[Tensor, Tensor, Tensor]:
    r"""
    One epoch of early stopping with patience.

    .. math::

       u = \mathbb{1}[\ell < b - \delta], \quad
       b' = u \ell + (1 - u) b, \quad
       c' = (1 - u) (c + 1), \quad
       s = \mathbb{1}[c' \ge P]

    Parameters
    ----------
    loss : Tensor of shape ()
        Validation loss :math:`\ell` of this epoch.
    best : Tensor of shape ()
        Lowest validation loss :math:`b` so far; after the first epoch, the loss of that epoch.
    waited : Tensor of shape () with entries in [0, inf)
        Epochs :math:`c` since the last improvement; zero after the first epoch.
    patience : int in [1, inf)
        Patience :math:`P`, the number of epochs in a row without improvement that ends training.
    min_delta : float in [0, inf)
        Smallest drop :math:`\delta` that counts as an improvement.

    Returns
    -------
    best : Tensor of shape ()
        Lowest validation loss :math:`b'` after this epoch.
    waited : Tensor of shape ()
        Epochs :math:`c'` since the last improvement.
    stop : Tensor of shape ()
        The number :math:`s`, one to stop and zero to go on.

    Notes
    -----
    Convention: a drop of exactly :math:`\delta` is no improvement.

    Restore the weights of the best epoch, not of the last one. The set that chooses the epoch is spent: report the
    error on another one.

    References
    ----------
    Prechelt1998

    Examples
    --------
    >>> best, waited = torch.tensor(0.9), torch.tensor(0.0)
    >>> for loss in torch.tensor([0.7, 0.5, 0.6, 0.55]):
    ...     best, waited, stop = patience_step(loss, best, waited, patience=2)
    >>> best.item(), waited.item(), stop.item()
    (0.5, 2.0, 1.0)
    """
    improved = loss < best - min_delta
    new_best = torch.where(improved, loss, best)
    new_waited = torch.where(improved, 0 * waited, waited + 1)
    return new_best, new_waited, (new_waited >= patience).to(loss.dtype)


@formula
def gd_filter(lams: Tensor, lr: float, steps: int) -> Tensor:
    r"""
    Share of each component of the least-squares solution that gradient descent has learned so far.

    .. math::

       f_i = 1 - (1 - \eta \lambda_i)^{t}

    Parameters
    ----------
    lams : Tensor of any shape with entries in [0, inf)
        Eigenvalues :math:`\lambda` of the Hessian.
    lr : float in (0, inf) within the dtype of lams
        Learning rate :math:`\eta`.
    steps : int in [0, inf) within the dtype of lams
        Number :math:`t` of steps taken.

    Returns
    -------
    Tensor of the shape of lams
        Filter factors :math:`f_i`.

    Notes
    -----
    Convention: full-batch gradient descent from zero weights, constant step, no momentum; the Hessian belongs to the
    very loss that is descended, so the mean and the sum of squares have different eigenvalues.

    A learning rate above two over the largest eigenvalue makes that factor grow without bound.

    References
    ----------
    Yao2007
    Ali2019

    Examples
    --------
    >>> gd_filter(torch.tensor([0.0, 0.5, 2.0]), lr=0.4, steps=2).tolist()
    [0.0, 0.36, 0.96]
    """
    step = lr * lams
    # For small steps 1 - (1 - x)^t cancels: there it is -expm1(t log1p(-x)).
    small = -torch.expm1(steps * torch.log1p(-up_to(step, 0.5)))
    return torch.where(step < 0.5, small, 1 - (1 - step) ** steps)


@formula
def gd_equivalent_penalty(lr: float, steps: int) -> float:
    r"""
    Ridge penalty that shrinks about as much as gradient descent stopped early.

    .. math::

       \alpha = \frac{1}{\eta t}

    Parameters
    ----------
    lr : float in (0, inf)
        Learning rate :math:`\eta`.
    steps : int in [1, inf)
        Number :math:`t` of steps taken.

    Returns
    -------
    float
        Penalty :math:`\alpha`, in the units of the Hessian.

    Notes
    -----
    Convention: add :math:`\alpha` to the eigenvalues of the same Hessian that gradient descent sees. For scikit-learn's
    ``Ridge``, which sums the squares, multiply by the number of examples when the loss is half the mean square.

    The two filters agree to first order for weakly learned directions and are not equal elsewhere.

    References
    ----------
    Ali2019

    Examples
    --------
    >>> gd_equivalent_penalty(lr=0.4, steps=5)
    0.5
    """
    return 1 / (lr * steps)
