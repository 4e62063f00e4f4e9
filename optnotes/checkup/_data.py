"""Readings of the data: features, labels, held-out data, and the loss of the constant answer."""

import math

import torch
from torch import Tensor

from optnotes.checkup._layers import HALF, last_of
from optnotes.checkup._losses import OF_CLASSES, _rows
from optnotes.checkup._report import Finding, Reading
from optnotes.checkup._run import BUDGET, Run, finite, standard_errors
from optnotes.outputs import double_softmax_floor

# Features beyond this many are described by their scales alone: the spectrum would cost more than the steps.
SPECTRUM = 128
STANDARD_ERRORS = 5
TINY = 1e-30


def _table(inputs: list[Tensor]) -> Tensor | None:
    """Return examples by features; channels of images and entries of sequences are features."""
    if not inputs or not all(each.is_floating_point() and each.dim() > 1 for each in inputs):
        return None
    axis = 1 if inputs[0].dim() != 3 else 2
    rows = [each.movedim(axis, -1).reshape(-1, each.shape[axis]).float() for each in inputs]
    whole = torch.cat(rows)
    return whole if finite(whole) else None


def read_features(run: Run) -> Reading:
    """Read scale, centre and conditioning of the features, order of the labels, and shift of the held-out data."""
    X = _table(run.inputs)
    findings = _order(run)
    if X is None:
        return Reading("features", {}, tuple(findings), ("no-features",))
    moments = _moments(X) if X.shape[1] <= SPECTRUM else None
    mean, squares = (X.mean(0), X.square().mean(0)) if moments is None else (moments[-1, :-1], moments.diagonal()[:-1])
    spread = X.var(0, correction=0) if moments is None else squares - mean.square()
    alive = spread > torch.finfo(torch.float32).eps * squares
    numbers = {"mean_square": squares.mean().item(), "constant": (~alive).float().mean().item()}
    size = squares[alive]
    if len(size):
        ratio = (size.max() / size.median()).item()
        numbers["largest_over_median"] = ratio
        offset = (mean[alive].abs() / spread[alive].sqrt()).median().item()
        numbers["offset"] = offset
        # At the largest stable rate 2/λ the loss in the median direction is halved in about κ ln 2 / 4 steps.
        halving = math.log(2) / 4 * ratio
        if halving > BUDGET:
            findings.append(Finding("feature-scale", halving / BUDGET, {"value": ratio}))
        if offset**2 > BUDGET:
            findings.append(Finding("off-centre", offset**2 / BUDGET, {"value": offset}))
    typical = numbers["mean_square"]
    away = max(typical, 1 / typical) if typical > 0 else 0.0
    if away > BUDGET:
        findings.append(Finding("input-scale", away / BUDGET, {"value": typical}))
    n, d = len(X), int(alive.sum())
    if moments is not None and 1 < d < n:
        kept = torch.cat([alive, alive.new_ones(1)])
        moments = moments[kept][:, kept]
        values, vectors = torch.linalg.eigh(moments)
        numbers |= _conditioning(n, moments, values)
        findings += _slow(run, X if d == X.shape[1] else X[:, alive], values, vectors, numbers)
    varies = spread > torch.finfo(spread.dtype).eps * n * squares
    findings += _held_out(run, X, mean, spread, varies)
    return Reading("features", numbers, tuple(findings))


def _slow(run: Run, X: Tensor, values: Tensor, vectors: Tensor, numbers: dict[str, float]) -> list[Finding]:
    """Find an error that is a linear function of features in directions too slow for the budget."""
    error, n = _error(run), len(X)
    if error is None or len(error) != n or n <= 2 * X.shape[1]:
        return []
    # Halving takes κ ln 2 / 4 steps; below the rounding of float32 there is no direction.
    waits = math.log(2) / 4 * values[-1] / values.clamp_min(TINY)
    slow = (waits > BUDGET) & (values > torch.finfo(torch.float32).eps * values[-1])
    pulls = torch.cat([X.mT @ error, error.sum(0, keepdim=True)]).double()
    parts = (vectors[:, slow].mT @ pulls).square().sum(1) / (n * values[slow])
    by_chance = slow.double().sum().item() / n
    share = ((parts.sum() / error.square().sum()).item() - by_chance) / (1 - by_chance)
    numbers["slow_error"] = share
    if run.taken < BUDGET or not share > HALF:
        return []
    wait = (parts @ waits[slow] / parts.sum()).item()
    return [Finding("ill-conditioned", share / HALF, {"value": share, "limit": wait})]


def _error(run: Run) -> Tensor | None:
    """Gradient of the loss at the outputs, one row an example."""
    if run.kind is None or run.inputs[0].dim() != 2 or len(run.inputs) != len(run.outputs):
        return None
    output, target = torch.cat(run.outputs).float(), torch.cat(run.targets)
    if run.kind.name == "cross_entropy" and output.dim() == 2 and target.dim() == 1:
        if int(target.min()) < 0:  # an index that the loss ignores
            return None
        return output.softmax(1).scatter_add_(1, target[:, None], output.new_full((len(output), 1), -1.0))
    if output.shape != target.shape or run.kind.name not in ("mse", "bce_logits"):
        return None
    return ((output.sigmoid() if run.kind.name == "bce_logits" else output) - target).reshape(len(output), -1)


def _moments(X: Tensor) -> Tensor:
    """Second moments of the features and of the one that the bias stands for."""
    A = torch.cat([X, X.new_ones(len(X), 1)], 1).double()
    return A.mT @ A / len(A)


def _conditioning(n: int, moments: Tensor, raw: Tensor) -> dict[str, float]:
    """Condition numbers, with the bias and standardised, and the edge that sampling alone makes."""
    mean, d = moments[-1, :-1], len(moments) - 1
    covariance = moments[:-1, :-1] - mean[:, None] * mean
    spread = covariance.diagonal().sqrt()
    own = torch.linalg.eigvalsh(covariance / spread[:, None] / spread)
    root = math.sqrt(d / n)
    return {
        "condition": (raw[-1] / raw[0].clamp_min(TINY)).item(),
        "condition_standardised": (own[-1] / own[0].clamp_min(TINY)).item(),
        "condition_of_noise": ((1 + root) / (1 - root)) ** 2,
    }


def _order(run: Run) -> list[Finding]:
    """Find labels that come sorted, by the likelihood ratio of shares that differ between batches."""
    targets = [each.reshape(-1) for each in run.targets if not each.is_floating_point() and each.dim() == 1]
    if len(targets) < 2 or len(targets) != len(run.targets):
        return []
    classes = int(max(each.max().item() for each in targets)) + 1
    counts = torch.stack([torch.bincount(each.clamp_min(0), minlength=classes) for each in targets]).double()
    counts = counts[:, counts.sum(0) > 0]
    expected = counts.sum(1, keepdim=True) * counts.sum(0) / counts.sum()
    freedom = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    if freedom == 0:
        return []
    ratio = ((counts - expected).square() / expected).sum().item()
    limit = freedom + STANDARD_ERRORS * math.sqrt(2 * freedom)
    return [Finding("unshuffled", ratio / limit, {"value": ratio / freedom})] if ratio > limit else []


def _held_out(run: Run, X: Tensor, mean: Tensor, spread: Tensor, alive: Tensor) -> list[Finding]:
    other = _table(run.held_inputs)
    if other is None or other.shape[1] != X.shape[1]:
        return []
    found = []
    n, m = len(X), len(other)
    errors = spread[alive] * (n / max(n - 1, 1) * (1 / n + 1 / m))
    typical = ((other.mean(0) - mean)[alive].square() / errors).mean().sqrt().item() if bool(alive.any()) else 0.0
    if typical > STANDARD_ERRORS:
        found.append(Finding("shift", typical / STANDARD_ERRORS, {"value": typical}))
    mine, theirs = (torch.cat([_codes(each) for each in inputs]) for inputs in (run.inputs, run.held_inputs))
    copies = int(torch.isin(theirs, mine).sum())
    if copies > 3:  # none of n leaves up to 3/n open
        found.append(Finding("leak", copies / 3, {"value": copies / len(theirs)}))
    return found


def _codes(examples: Tensor) -> Tensor:
    """One whole number an example, equal for equal ones; two others share one in 1 of 2³² cases, or fewer."""
    rows = examples.flatten(1).double() + 0.0  # two zeros are one
    bits = rows.view(torch.int64)
    draws = torch.Generator(rows.device).manual_seed(0)
    factors = torch.randint(-(2**62), 2**62, rows.shape[1:], generator=draws, device=rows.device)
    return ((bits ^ bits >> 32) * factors).sum(1)


def read_baseline(run: Run) -> Reading:
    """Compare the loss with that of a constant answer, its kind with the outputs, and training with held-out data."""
    kind = run.kind
    if kind is None:
        held = () if run.held_losses else ("no-held-out",)
        return Reading("baseline", {"loss": run.data_loss}, (), ("unknown-loss", *held))
    findings = _pairing(run)
    numbers = {"loss": run.data_loss, "constant": run.constant, "penalty": kind.offset}
    if kind.factor < 0 or any(group.get("maximize") for group in _groups(run)):
        findings.append(Finding("ascends", math.inf))
    if run.taken >= BUDGET and run.constant > 0 and run.nothing_learnt:
        share = run.data_loss / run.constant
        findings.append(Finding("chance", max(share, 1.0), {"value": share, "limit": str(run.taken)}))
    if kind.name in ("mse", "l1", "huber") and not kind.rank_one:
        typical = torch.cat(run.targets).double().square().mean().item()
        if typical > BUDGET:
            findings.append(Finding("target-scale", typical / BUDGET, {"value": typical}))
    gap, skipped = _gap(run, numbers)
    return Reading("baseline", numbers, tuple(findings + gap), skipped)


def _groups(run: Run) -> list[dict[str, object]]:
    return [] if run.optimizer is None else run.optimizer.param_groups


def _gap(run: Run, numbers: dict[str, float]) -> tuple[list[Finding], tuple[str, ...]]:
    if not run.held_losses or run.kind is None:
        return [], ("no-held-out",)
    if standard_errors(sum(each.numel() for each in run.targets[: len(run.eval_losses)])) > HALF:
        return [], ("few-examples",)
    train, held = (
        (sum(losses) / len(losses) - run.kind.offset) / run.kind.factor for losses in (run.eval_losses, run.held_losses)
    )
    numbers |= {"train": train, "held_out": held}
    learnt, gap = run.constant - held, held - train
    if train < run.constant / 2 and gap > max(learnt, 0.0):
        score = gap / max(learnt, gap / BUDGET)
        return [Finding("overfitting", score, {"value": score})], ()
    return [], ()


def _pairing(run: Run) -> list[Finding]:
    """Find outputs and a loss that do not belong together."""
    assert run.kind is not None
    output, target, name = run.outputs[0].float(), run.targets[0], run.kind.name
    last = last_of(run)
    op = None if last is None or last.kind not in ("activation", "softmax") else last.op.rstrip("_")
    if run.kind.rank_one:
        slots = {"value": str(tuple(output.shape)), "limit": str(tuple(target.shape))}
        return [Finding("broadcast", math.inf, slots)]
    if op == "softmax" and last is not None and last.read["size"] == 1:
        return [Finding("single-softmax", math.inf)]
    probabilities = bool((output >= 0).all() and (output <= 1).all())
    if name in OF_CLASSES:
        pair = _rows(output, target)
        assert pair is not None
        rows, sums = pair[0], pair[0].exp().sum(1)
        if name == "cross_entropy" and probabilities and bool(((rows.sum(1) - 1).abs() < 0.01).all()):
            return [Finding("double-softmax", math.inf, {"value": double_softmax_floor(rows.shape[1])})]
        if name == "nll" and (sums - 1).abs().median().item() > 0.1:
            return [Finding("logits-in-nll", math.inf, {"value": sums.median().item()})]
    if name == "bce_logits" and op == "sigmoid":
        return [Finding("double-softmax", math.inf, {"value": double_softmax_floor(2)})]
    values = target.float()
    if name in ("mse", "l1", "huber") and op in ("sigmoid", "softmax") and bool(((values == 0) | (values == 1)).all()):
        return [Finding("squared-error", math.inf)]
    return _range(name, op, output, values)


def _range(name: str, op: str | None, output: Tensor, values: Tensor) -> list[Finding]:
    """Find targets that the activation at the output cannot reach."""
    ends = {"relu": (0.0, math.inf), "sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "softmax": (0.0, 1.0)}
    if op not in ends:
        return []
    low, high = ends[op]
    if name in ("mse", "l1", "huber"):
        share = ((values < low) | (values > high)).float().mean().item()
        return [Finding("output-range", math.inf, {"value": share})] if share > 0 else []
    if name in ("cross_entropy", "bce_logits") and op in ("relu", "tanh"):
        return [Finding("output-range", math.inf, {"value": (output == 0).float().mean().item()})]
    return []
