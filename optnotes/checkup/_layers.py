"""Readings by layer: gradients against the predicted gain, units, precision, attention."""

import math
from typing import Any

import torch

from optnotes.checkup._report import Finding, Reading
from optnotes.checkup._run import BUDGET, Run, finite
from optnotes.checkup._watch import NEEDED_GAIN, Passage

HALF = 0.5


def linears(run: Run) -> list[Passage]:
    """Return the first passage through every weight, in the order of the forward pass."""
    seen: dict[int, Passage] = {}
    for passage in run.passages:
        if passage.kind == "linear":
            seen.setdefault(id(passage.weight), passage)
    return list(seen.values())


def following(run: Run, passage: Passage) -> Passage | None:
    """Return the activation or normalisation between a layer and the next one."""
    start = next(index for index, each in enumerate(run.passages) if each is passage)
    for later in run.passages[start + 1 :]:
        if later.kind in ("activation", "norm"):
            return later
        if later.kind in ("linear", "softmax", "recurrent"):
            return None
    return None


def last_of(run: Run) -> Passage | None:
    """Return what stands at the output, or None if that is a layer."""
    last = run.passages[-1] if run.passages else None
    return None if last is None or last.kind in ("linear", "recurrent", "cell") else last


def decades(values: list[float]) -> float:
    """Decades by which a sequence falls from its last entry to its first, from a straight line through logarithms."""
    heights = torch.tensor([math.log10(max(value, 1e-38)) for value in values], dtype=torch.float64)
    x = torch.arange(len(values), dtype=torch.float64)
    x = x - x.mean()
    return (x @ heights / x.square().sum()).item() * (len(values) - 1)


def layer_table(run: Run) -> tuple[dict[str, Any], ...]:
    """Return the rows of the report's table."""
    found = linears(run)
    moves = _moves(run)
    predicted = math.nan
    rows: list[dict[str, Any]] = []
    for passage in reversed(found):
        after = following(run, passage)
        if not rows:
            predicted = passage.gradient
        read = after.read if after is not None and after.kind == "activation" else {}
        if rows:
            predicted *= math.sqrt(max(rows[-1]["gain"] * read.get("slope", 1.0), 0.0))
        rows.append(
            {
                "layer": passage.name,
                "signal": passage.read["rms"],
                "gain": passage.read["gain"],
                "predicted": predicted,
                "gradient": passage.gradient,
                "update": moves.get(id(passage.weight), math.nan),
                "dead": _dead(run).get(id(after), math.nan),
                "saturated": read.get("flat", math.nan),
            }
        )
    return tuple(reversed(rows))


def _moves(run: Run) -> dict[int, float]:
    if not run.steps:
        return {}
    return dict(zip(run.steps[0].owners, run.steps[0].updates, strict=True))


def _dead(run: Run) -> dict[int, float]:
    """Share of silent units by activation."""
    kept = [passage for passage in run.passages if passage.units is not None]
    return {id(passage): 1 - run.units[index].float().mean().item() for index, passage in enumerate(kept)}


def read_gradient_flow(run: Run) -> Reading:
    """Read gradients by layer, by depth and by time."""
    found = linears(run)
    numbers: dict[str, float] = {"layers": float(len(found))}
    findings, skipped = _through_time(run, numbers), []
    if len(found) < 3:
        skipped.append("no-layers")
    else:
        findings += _through_depth(run, found, numbers)
    if any(passage.kind == "recurrent" and passage.by_time is None for passage in run.passages):
        skipped.append("packed")
    return Reading("gradient_flow", numbers, tuple(findings), tuple(skipped))


def _through_depth(run: Run, found: list[Passage], numbers: dict[str, float]) -> list[Finding]:
    gradients = [passage.gradient for passage in found if not math.isnan(passage.gradient)]
    if len(gradients) < 3 or not all(map(math.isfinite, gradients)) or gradients[-1] == 0:
        return []
    gradients = [max(gradient, torch.finfo(torch.float32).eps * gradients[-1]) for gradient in gradients]
    fall, weights, slopes = decades(gradients), 0.0, 0.0
    for passage in found[:-1]:
        after = following(run, passage)
        if after is None or after.kind == "norm":
            continue
        needed = NEEDED_GAIN.get(after.op, 1.0)
        weights += math.log10(max(passage.read["gain"] / needed, 1e-38)) / 2
        slopes += math.log10(max(after.read.get("slope", 1 / needed) * needed, 1e-38)) / 2
    limit = math.log10(BUDGET)
    numbers |= {"decades": fall, "decades_of_weights": weights, "decades_of_slopes": slopes}
    if fall > limit:
        cause = "vanishing"
        if weights < -limit / 2 and weights < slopes:
            cause = "init-small"
        elif slopes < -limit / 2:
            cause = "activation-slope"
        return [Finding(cause, fall / limit, {"value": 10.0**fall})]
    if weights > limit:
        return [Finding("init-large", weights / limit, {"value": 10.0**weights})]
    if fall < -limit:
        return [Finding("exploding", -fall / limit, {"value": 10.0**-fall})]
    return []


def _through_time(run: Run, numbers: dict[str, float]) -> list[Finding]:
    found = []
    for name, norms in _times(run):
        top, first, last = max(norms), norms[0], norms[-1]
        if len(norms) < 3 or not all(map(math.isfinite, norms)) or top == 0:
            continue
        share = first / top
        numbers[f"first_step_{name}"] = share
        eps = torch.finfo(torch.float32).eps
        if share < eps:
            score = math.log(max(share, 1e-38)) / math.log(eps)
            found.append(Finding("rnn-vanishing", score, {"where": name, "value": share}))
        elif last > 0 and first > BUDGET * last:
            score = math.log(first / last) / math.log(BUDGET)
            found.append(Finding("rnn-exploding", score, {"where": name, "value": first / last}))
    return found


def _times(run: Run) -> list[tuple[str, list[float]]]:
    """Return gradient norms by time: of recurrent layers, of cells, and of weights used again and again."""
    found = [(p.name, p.by_time.tolist()) for p in run.passages if p.kind == "recurrent" and p.by_time is not None]
    repeated: dict[object, list[Passage]] = {}
    for passage in run.passages:
        if passage.kind in ("linear", "cell"):
            repeated.setdefault(id(passage.weight) if passage.weight is not None else passage.name, []).append(passage)
    for each in repeated.values():
        norms = [passage.gradient for passage in each if not math.isnan(passage.gradient)]
        if len(norms) > 3:
            found.append((each[0].name, norms))
    return found


def read_units(run: Run) -> Reading:
    """Read dead, saturated, symmetric and never-updated units."""
    examples = sum(len(each) for each in run.outputs) or BUDGET
    dead = _dead(run)
    findings, numbers = [], {"examples": float(examples)}
    at_output = last_of(run)
    for passage in run.passages:
        if passage.kind != "activation" or passage is at_output:
            continue
        share = dead.get(id(passage), 0.0)
        flat = passage.read.get("flat", 0.0)
        numbers["dead"] = max(numbers.get("dead", 0.0), share)
        numbers["saturated"] = max(numbers.get("saturated", 0.0), flat)
        slots = {"where": passage.name}
        if share > HALF and examples >= 8:
            findings.append(Finding("dead-units", share / HALF, slots | {"value": share}))
        if flat > HALF:
            findings.append(Finding("saturation", flat / HALF, slots | {"value": flat}))
    if run.symmetric:
        findings.append(Finding("symmetry", math.inf, {"where": ", ".join(run.symmetric)}))
    numbers["never_updated"] = _never_updated(run)
    seen = "dead" in numbers
    return Reading("units", numbers, tuple(_worst(findings)), () if seen else ("no-units",))


def _never_updated(run: Run) -> float:
    """Share of the parameters that ask for a gradient and got none, or zero only."""
    idle = sum(parameter.numel() for parameter in run.trained if id(parameter) not in run.touched)
    return idle / sum(parameter.numel() for parameter in run.trained)


def _worst(findings: list[Finding]) -> list[Finding]:
    """Keep the worst place of every cause."""
    kept: dict[str, Finding] = {}
    for finding in findings:
        if finding.cause not in kept or finding.score > kept[finding.cause].score:
            kept[finding.cause] = finding
    return list(kept.values())


def read_precision(run: Run) -> Reading:
    """Read underflow and overflow by dtype, forward and backward, and steps lost to rounding."""
    numbers: dict[str, float] = {}
    findings: list[Finding] = _nonfinite(run)
    for passage in run.passages:
        if "subnormal" not in passage.read:
            continue
        info = torch.finfo(passage.dtype)
        share = passage.read["subnormal"] if passage.gradient > 0 else 1.0
        numbers[f"subnormal_{passage.dtype}"] = max(numbers.get(f"subnormal_{passage.dtype}", 0.0), share)
        alive = any(other.gradient > 0 for other in run.passages if other.kind == "linear")
        if share > HALF and (passage.gradient > 0 or alive or passage.dtype == torch.float16):
            slots = {
                "where": passage.name,
                "value": share,
                "dtype": _plain(passage.dtype),
                "limit": info.smallest_normal,
            }
            findings.append(Finding("underflow", share / HALF, slots))
    findings += _lost(run, numbers)
    return Reading("precision", numbers, tuple(_worst(findings)))


def _plain(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _nonfinite(run: Run) -> list[Finding]:
    if not all(finite(each) for each in run.inputs if each.is_floating_point()):
        return [Finding("nonfinite-input", math.inf)]
    bad = [name for name, each in run.model.named_parameters() if not finite(each)]
    if bad:
        return [Finding("nonfinite-weights", math.inf, {"where": bad[0]})]
    if run.first_nonfinite is not None:
        dtype = next(p.dtype for p in run.passages if p.name == run.first_nonfinite)
        slots = {"where": run.first_nonfinite, "dtype": _plain(dtype), "limit": torch.finfo(dtype).max}
        return [Finding("overflow", math.inf, slots)]
    if not all(map(math.isfinite, run.losses)):
        return [Finding("nonfinite-loss", math.inf)]
    if run.bad_gradient is not None:
        return [Finding("nonfinite-gradient", math.inf, {"where": run.bad_gradient})]
    return []


def _lost(run: Run, numbers: dict[str, float]) -> list[Finding]:
    """Weights with a gradient that a step leaves where they are."""
    if not run.steps:
        return []
    found, owned = [], {id(parameter): parameter for parameter in run.trained}
    for index, owner in enumerate(run.steps[0].owners):
        parameter = owned[owner]
        share = run.steps[0].stuck[index]
        numbers["stuck"] = max(numbers.get("stuck", 0.0), share)
        if share > HALF and parameter.dtype in (torch.float16, torch.bfloat16) and parameter.dim() > 1:
            slots = {"where": run.names[owner], "value": share, "dtype": _plain(parameter.dtype)}
            found.append(Finding("updates-lost", share / HALF, slots))
    return found


def read_softmax(run: Run) -> Reading:
    """Read the freedom of every softmax, and the confidence of the output."""
    inner = [p for p in run.passages if p.kind == "softmax" and "freedom" in p.read and p is not last_of(run)]
    numbers: dict[str, float] = {}
    findings = []
    for passage in inner:
        freedom = passage.read["freedom"]
        numbers["freedom"] = min(numbers.get("freedom", 1.0), freedom)
        if passage.read["size"] > 2 and freedom < 1 / BUDGET:
            slots = {"where": passage.name, "value": freedom, "limit": passage.read["size"]}
            findings.append(Finding("attention-sharp", min(1 / BUDGET / max(freedom, 1e-12), 1e6), slots))
    if run.kind is not None and run.kind.name in ("cross_entropy", "bce_logits") and run.kind.factor > 0:
        numbers["logits"] = max(each.float().abs().max().item() for each in run.outputs)
        ratio = run.data_loss / run.constant if run.constant > 0 else math.nan
        if ratio > 2:
            findings.append(Finding("logits-large", ratio / 2, {"value": ratio}))
    return Reading("softmax", numbers, tuple(_worst(findings)), () if numbers else ("no-softmax",))
