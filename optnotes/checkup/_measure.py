"""The measurements that a reader calls: one by one, or all over the same steps."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn

from optnotes.checkup import _data, _layers, _training
from optnotes.checkup._losses import Loss
from optnotes.checkup._report import Reading, Report
from optnotes.checkup._run import Run, record

READERS: tuple[Callable[[Run], Reading], ...] = (
    _training.read_wiring,
    _layers.read_gradient_flow,
    _layers.read_units,
    _layers.read_precision,
    _layers.read_softmax,
    _data.read_features,
    _training.read_clipping,
    _training.read_effective_step,
    _training.read_normalisation,
    _training.read_decay,
    _data.read_baseline,
    _training.read_gradient_noise,
)
Optimizer = torch.optim.Optimizer


def checkup(
    model: nn.Module,
    loss: Loss,
    batches: Iterable[Any],
    optimizer: Optimizer | None = None,
    **options: Any,
) -> Report:
    """
    All measurements over the same few steps, with what they say of the cause.

    Parameters
    ----------
    model : torch.nn.Module
        The network, in the mode in which it trains.
    loss : callable
        ``loss(output, target)``, one number; with a penalty in it, if the training has one.
    batches : iterable
        Pairs ``(inputs, target)``, such as a ``DataLoader``; inputs are a tensor, or a tuple of arguments of the model.
    optimizer : torch.optim.Optimizer, optional
        As it stands in the training; without it no step is taken, and what needs one is reported as not measured.
    **options
        ``steps`` (8): batches to look at. ``held_out``: batches that the training does not see. ``max_norm``: the
        threshold of clipping. ``accumulate`` (1): batches per step. ``autocast``: ``torch.float16`` or
        ``torch.bfloat16``. ``loss_scale`` (1): the factor of a gradient scaler. ``taken`` (0): steps already taken.

    Returns
    -------
    Report
        Findings in order, numbers by layer, and what was not measured.

    Raises
    ------
    ValueError
        If something cannot be read: a wrapped, compiled, lazy, sparse or wholly frozen model, batches that are no
        pairs, a loss that is no number or does not depend on the model, an optimiser of another model.

    Notes
    -----
    Convention: one hundred, the budget, is what counts as a long delay: a layer, a feature or a run held up a
    hundredfold is a finding. All other thresholds follow from formulas, as the measurements say.

    Weights, buffers, gradients, modes, the state of the optimiser and the random states are afterwards as they were,
    bit for bit, even if the model raises an error. An iterator over batches is used up, and what a forward pass
    changes outside the module, in a list or a file, stays changed.

    Examples
    --------
    >>> import torch
    >>> from optnotes.checkup import checkup
    >>> generator = torch.Generator().manual_seed(0)
    >>> X = torch.randn(64, 4, generator=generator)
    >>> model = torch.nn.Sequential(torch.nn.Linear(4, 2), torch.nn.Softmax(dim=1))
    >>> report = checkup(model, torch.nn.CrossEntropyLoss(), [(X, (X[:, 0] > 0).long())])
    >>> report.findings[0].cause
    'double-softmax'
    """
    run = record(model, loss, batches, optimizer, **options)
    return Report(tuple(read(run) for read in READERS), _layers.layer_table(run))


def baseline(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    The loss against that of a constant answer, against held-out data, and its kind against the outputs.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``loss`` without penalty, ``constant``, ``penalty``, and ``train`` and ``held_out`` in evaluation mode.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    The kind of the loss is recognised by its values at three made-up outputs. The constant answer has the entropy of
    the labels as its cross-entropy, and the variance of the targets as its squared error.

    Thresholds: after a hundred steps the loss lies below that of the constant by three standard errors, three over the
    root of the examples. The gap to held-out data exceeds what was learnt beyond the constant, once training has lost
    half of that loss. Pairings of loss and output are wrong or right without a threshold.
    """
    return _data.read_baseline(record(model, loss, batches, optimizer, **options))


def clipping(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Share of the clipped steps and percentiles of the gradient norm.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``share`` of the steps above ``max_norm``, ``median`` and ``largest`` norm.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    Threshold: the median. Where more than half of the steps are clipped, the threshold sets their length, not the
    rate.
    """
    return _training.read_clipping(record(model, loss, batches, optimizer, **options))


def decay(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Horizon of weight decay, and who decides where weights go: the penalty or the data.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``horizon`` in steps, ``decided`` by decay, ``penalty_decides``, and under L1 ``near_zero`` and ``zeros``.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    With SGD and AdamW a weight is the moving average of its steps over 1/(lr·wd) steps; the threshold is a horizon of
    a hundred. Where the loss is that of a constant answer, a penalty that pulls at more than half of the weights
    harder than the data is another.

    Under L1 by subgradient weights pile up within one step of zero: without a pile a tenth of an interval would hold a
    tenth of its weights, and twice that is the threshold.
    """
    return _training.read_decay(record(model, loss, batches, optimizer, **options))


def effective_step(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    What steps do to the loss of their own batch, against what the gradient promises.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``promised`` and ``done`` per step, ``update_over_weights``.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    The gradient promises its scalar product with the step; curvature takes half of a second-order term. It takes all
    of it where the rate reaches 2/λ along the step: then the loss of the same batch, with the same masks, rises, and
    that is the threshold. At the other end half of the loss would take ten thousand steps, a hundred budgets.
    """
    return _training.read_effective_step(record(model, loss, batches, optimizer, **options))


def features(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Scale, centre and conditioning of features, order of labels, shift of held-out data.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``mean_square``, ``largest_over_median`` mean square, ``offset`` in spreads, ``constant`` share and condition
        numbers.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    At the largest stable rate 2/λ the part of the loss that lies in a feature whose mean square is κ times smaller is
    halved in κ ln 2 / 4 steps; the threshold is a hundred. A mean that is ten spreads holds a hundred times the
    variance, and so does a mean square of a hundred, where initial weights reckon with one. ``condition_of_noise`` is
    the Marchenko–Pastur edge: what independent features would show in so many examples.

    Labels count as sorted, and held-out features as shifted, beyond five standard errors; of n held-out examples three
    copies are allowed, since none among n leaves a share of 3/n open.
    """
    return _data.read_features(record(model, loss, batches, optimizer, **options))


def gradient_flow(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Gradient norms by layer and by time step, against the gain that the weights predict.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``decades`` by which the gradient falls to the first layer, ``decades_of_weights``, ``decades_of_slopes``.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    Layer by layer the squared norm changes by the mean square of the weights times fan-in times mean squared slope;
    the factor that keeps it is two for ReLU and one for tanh. Threshold: two decades in all, a hundredfold delay of
    the first layer; the larger of both parts names the cause. Through time the threshold is the rounding unit of
    float32: below it the first step adds nothing to the sum over the steps.
    """
    return _layers.read_gradient_flow(record(model, loss, batches, optimizer, **options))


def gradient_noise(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Noise of the gradient between batches against its mean.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``noise``, the trace of the covariance, and ``signal``, the squared norm of the mean without bias.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    Threshold: the mean of the batches looked at does not differ from zero by its own standard error. A converged run
    is all noise, so this counts only where the loss is that of a constant answer.
    """
    return _training.read_gradient_noise(record(model, loss, batches, optimizer, **options))


def normalisation(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Batch normalisation and dropout in training against evaluation.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        ``loss_train``, ``loss_eval``, ``mean_offset`` in spreads, ``var_ratio`` of running variance and batch.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    Thresholds: the variance of n numbers has the relative error √(2/(n − 1)), and one half of it is reached at nine; a
    variance that falls without dropout by more than that error has its dropout in front; running statistics are stale
    where evaluation loses half of what was learnt. Dropout adds p/(1 − p) times the signal as noise, one at one half.
    """
    return _training.read_normalisation(record(model, loss, batches, optimizer, **options))


def precision(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Underflow and overflow by dtype, forward and backward, and steps lost to rounding.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        Largest share of ``subnormal`` gradients by dtype, and of weights that are ``stuck``.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    Thresholds: the median gradient below the smallest normal number of its dtype; any number beyond the largest; more
    than half of the weights with a gradient that a step leaves where they are, being below half a unit in the last
    place.
    """
    return _layers.read_precision(record(model, loss, batches, optimizer, **options))


def softmax(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Logits, and the freedom left in every softmax.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        Least ``freedom``, the mean trace of the Jacobian, and largest ``logits``.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    The trace of the Jacobian is the sum of p(1 − p). Threshold inside the network: a hundredth. At the output: a loss
    of twice that of the constant answer, which is worse than a guess by as much as the guess is from certainty.
    """
    return _layers.read_softmax(record(model, loss, batches, optimizer, **options))


def units(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Dead, saturated, symmetric and never-updated units.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        Largest share of ``dead`` and ``saturated`` units in a layer, share of ``never_updated`` parameters,
        ``examples``.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    A unit that is on for half of the examples is silent on all n with probability 2⁻ⁿ, so a silent one is dead; He's
    factor of two supposes half of the signal, and half of a layer is the threshold. Saturated is a slope below a
    hundredth of its largest value. Rows of weights that are equal and get equal gradients never part.
    """
    return _layers.read_units(record(model, loss, batches, optimizer, **options))


def wiring(
    model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
) -> Reading:
    """
    Whether every parameter gets a gradient and a step, and in which mode it trains.

    Parameters
    ----------
    model, loss, batches, optimizer, **options
        As for ``checkup``.

    Returns
    -------
    Reading
        Number of ``parameters`` that ask for a gradient, and of those ``without_gradient``.

    Raises
    ------
    ValueError
        As for ``checkup``.

    Notes
    -----
    These are facts without a threshold, but for ``eps``: it counts where nothing is learnt and it exceeds the root
    mean square of the gradient, since Adam then no longer divides by it, and where it is zero in the dtype of the
    weights.
    """
    return _training.read_wiring(record(model, loss, batches, optimizer, **options))
