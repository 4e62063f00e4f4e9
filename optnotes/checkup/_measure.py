"""The measurements that a reader calls: one by one, or all over the same steps."""

import inspect
import re
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


TAKEN = """Parameters
----------
model, loss, batches, optimizer, **options
    As for ``checkup``."""
REFUSED = """Raises
------
ValueError
    As for ``checkup``."""


def alone(read: Callable[[Run], Reading]) -> Callable[[Callable[[], None]], Callable[..., Reading]]:
    """Make a measurement out of a reader: ``described`` brings its name and its words, the rest all of them share."""

    def measured(described: Callable[[], None]) -> Callable[..., Reading]:
        def measure(
            model: nn.Module, loss: Loss, batches: Iterable[Any], optimizer: Optimizer | None = None, **options: Any
        ) -> Reading:
            return read(record(model, loss, batches, optimizer, **options))

        summary, returns, notes = re.split(
            r"(?=^Returns\n|^Notes\n)", inspect.getdoc(described) or "", flags=re.MULTILINE
        )
        measure.__doc__ = "\n\n".join(part.rstrip() for part in (summary, TAKEN, returns, REFUSED, notes))
        measure.__name__ = measure.__qualname__ = described.__name__
        return measure

    return measured


@alone(_data.read_baseline)
def baseline() -> None:
    """
    The loss against that of a constant answer, against held-out data, and its kind against the outputs.

    Returns
    -------
    Reading
        ``loss`` without penalty, ``constant``, ``penalty``, and ``train`` and ``held_out`` in evaluation mode.

    Notes
    -----
    The kind of the loss is recognised by its values at three made-up outputs. The constant answer has the entropy of
    the labels as its cross-entropy, and the variance of the targets as its squared error.

    Thresholds: after a hundred steps the loss lies below that of the constant by three standard errors, three over the
    root of the examples; with fewer than 36 examples that is more than half, and nothing is said. The gap to held-out
    data exceeds what was learnt beyond the constant, once training has lost half of that loss. Pairings of loss and
    output are wrong or right without a threshold.
    """


@alone(_training.read_clipping)
def clipping() -> None:
    """
    Share of the clipped steps and percentiles of the gradient norm.

    Returns
    -------
    Reading
        ``share`` of the steps above ``max_norm``, ``median`` and ``largest`` norm.

    Notes
    -----
    Threshold: the median. Where more than half of the steps are clipped, the threshold sets their length, not the
    rate.
    """


@alone(_training.read_decay)
def decay() -> None:
    """
    Horizon of weight decay, and who decides where weights go: the penalty or the data.

    Returns
    -------
    Reading
        ``horizon`` in steps, ``decided`` by decay, ``penalty_decides``, and under L1 ``near_zero`` and ``zeros``.

    Notes
    -----
    With SGD and AdamW a weight is the moving average of its steps over 1/(lr·wd) steps; the threshold is a horizon of
    a hundred. Where the loss is that of a constant answer, a penalty that pulls at more than half of the weights
    harder than the data is another.

    Under L1 by subgradient weights pile up within one step of zero: without a pile a tenth of an interval would hold a
    tenth of its weights, and twice that is the threshold.
    """


@alone(_training.read_effective_step)
def effective_step() -> None:
    """
    What steps do to the loss of their own batch, against what the gradient promises.

    Returns
    -------
    Reading
        ``promised`` and ``done`` per step, ``update_over_weights``.

    Notes
    -----
    The gradient promises its scalar product with the step; curvature takes half of a second-order term. It takes all
    of it where the rate reaches 2/λ along the step: then the loss of the same batch, with the same masks, rises, and
    that is the threshold. At the other end half of the loss would take ten thousand steps, a hundred budgets.
    """


@alone(_data.read_features)
def features() -> None:
    """
    Scale, centre and conditioning of features, order of labels, shift of held-out data.

    Returns
    -------
    Reading
        ``mean_square``, ``largest_over_median`` mean square, ``offset`` in spreads, ``constant`` share, condition
        numbers, and ``slow_error``, the share of the remaining error in slow directions.

    Notes
    -----
    At the largest stable rate 2/λ the part of the loss that lies in a feature whose mean square is κ times smaller is
    halved in κ ln 2 / 4 steps; the threshold is a hundred. A mean that is ten spreads holds a hundred times the
    variance, and so does a mean square of a hundred, where initial weights reckon with one. ``condition_of_noise`` is
    the Marchenko–Pastur edge: what independent features would show in so many examples.

    The same law holds for every direction, with κ as the largest eigenvalue of the second moments over its own. Where
    after a hundred steps more than half of the remaining error is a linear function of the features in directions that
    take more than a hundred steps to halve, correlation is the cause; one such direction among n examples explains a
    share of 1/n by chance, which is taken off.

    Labels count as sorted, and held-out features as shifted, beyond five standard errors; of n held-out examples three
    copies are allowed, since none among n leaves a share of 3/n open.
    """


@alone(_layers.read_gradient_flow)
def gradient_flow() -> None:
    """
    Gradient norms by layer and by time step, against the gain that the weights predict.

    Returns
    -------
    Reading
        ``decades`` by which the gradient falls to the first layer, ``decades_of_weights``, ``decades_of_slopes``.

    Notes
    -----
    Layer by layer the squared norm changes by the mean square of the weights times fan-in times mean squared slope;
    the factor that keeps it is two for ReLU and one for tanh. Threshold: two decades in all, a hundredfold delay of
    the first layer; the larger of both parts names the cause. Through time the threshold is the rounding unit of
    float32: below it the first step adds nothing to the sum over the steps.
    """


@alone(_training.read_gradient_noise)
def gradient_noise() -> None:
    """
    Noise of the gradient between batches against its mean.

    Returns
    -------
    Reading
        ``noise``, the trace of the covariance, ``signal``, the squared norm of the mean without bias, and ``floor``,
        the loss that noise keeps up at this rate.

    Notes
    -----
    In a quadratic valley at a small rate η the noise N keeps the loss ηN/4 above its minimum, a quarter of what the
    noise lets a step promise on its own batch; a momentum of β makes it 1/(1 − β) times as much.

    Threshold: after a hundred steps this costs more than half of what was learnt, and more than three standard errors
    of the loss, measured from nine losses on.
    """


@alone(_training.read_normalisation)
def normalisation() -> None:
    """
    Batch normalisation and dropout in training against evaluation.

    Returns
    -------
    Reading
        ``loss_train``, ``loss_eval``, ``mean_offset`` in spreads, ``var_ratio`` of running variance and batch.

    Notes
    -----
    Thresholds: the variance of n numbers has the relative error √(2/(n − 1)), and one half of it is reached at nine; a
    variance that falls without dropout by more than that error has its dropout in front; running statistics are stale
    where evaluation loses half of what was learnt. Dropout adds p/(1 − p) times the signal as noise, one at one half.
    """


@alone(_layers.read_precision)
def precision() -> None:
    """
    Underflow and overflow by dtype, forward and backward, and steps lost to rounding.

    Returns
    -------
    Reading
        Largest share of ``subnormal`` gradients by dtype, and of weights that are ``stuck``.

    Notes
    -----
    Thresholds: the median gradient below the smallest normal number of its dtype; any number beyond the largest; more
    than half of the weights with a gradient that a step leaves where they are, being below half a unit in the last
    place.
    """


@alone(_layers.read_softmax)
def softmax() -> None:
    """
    Logits, and the freedom left in every softmax.

    Returns
    -------
    Reading
        Least ``freedom``, the mean trace of the Jacobian, and largest ``logits``.

    Notes
    -----
    The trace of the Jacobian is the sum of p(1 − p). Threshold inside the network: a hundredth. At the output: a loss
    of twice that of the constant answer, which is worse than a guess by as much as the guess is from certainty.
    """


@alone(_layers.read_units)
def units() -> None:
    """
    Dead, saturated, symmetric and never-updated units.

    Returns
    -------
    Reading
        Largest share of ``dead`` and ``saturated`` units in a layer, share of ``never_updated`` parameters,
        ``examples``.

    Notes
    -----
    A unit that is on for half of the examples is silent on all n with probability 2⁻ⁿ, so a silent one is dead; He's
    factor of two supposes half of the signal, and half of a layer is the threshold. Saturated is a slope below a
    hundredth of its largest value. Rows of weights that are equal and get equal gradients never part.
    """


@alone(_training.read_wiring)
def wiring() -> None:
    """
    Whether every parameter gets a gradient and a step, and in which mode it trains.

    Returns
    -------
    Reading
        Number of ``parameters`` that ask for a gradient, and of those ``without_gradient``.

    Notes
    -----
    These are facts without a threshold, but for ``eps``: it counts where nothing is learnt and it exceeds the root
    mean square of the gradient, since Adam then no longer divides by it, and where it is zero in the dtype of the
    weights.
    """
