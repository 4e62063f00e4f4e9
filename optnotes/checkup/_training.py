"""Readings of the training itself: wiring, modes, clipping, effective step, weight decay, noise."""

import math
import statistics
from typing import Any

import torch
from torch import nn

from optnotes.checkup._layers import HALF, _plain, _worst
from optnotes.checkup._report import Finding, Reading
from optnotes.checkup._run import BUDGET, Run, standard_errors
from optnotes.checkup._watch import Passage

COUPLED = ("SGD", "Adam", "NAdam", "RAdam", "RMSprop", "Adagrad", "Adadelta", "Adamax")


def read_wiring(run: Run) -> Reading:
    """Read whether every parameter gets a gradient and a step, and in which mode it trains."""
    findings = []
    missing = [run.names[id(p)] for p in run.trained if id(p) not in run.gradients]
    if missing:
        findings.append(Finding("no-gradient", math.inf, {"where": ", ".join(missing[:3])}))
    held = {id(p) for group in _groups(run) for p in group["params"]}
    outside = [run.names[id(p)] for p in run.trained if id(p) in run.gradients and id(p) not in held]
    if outside and run.optimizer is not None:
        findings.append(Finding("not-in-optimizer", math.inf, {"where": ", ".join(outside[:3])}))
    idle = [name or "model" for name, module in run.model.named_modules() if _idle(module)]
    if idle:
        findings.append(Finding("eval-in-training", math.inf, {"where": idle[0]}))
    findings += _eps(run)
    numbers = {"parameters": float(len(run.trained)), "without_gradient": float(len(missing))}
    return Reading("wiring", numbers, tuple(findings), () if run.optimizer else ("no-optimizer",))


def _groups(run: Run) -> list[dict[str, Any]]:
    return [] if run.optimizer is None else run.optimizer.param_groups


def _idle(module: nn.Module) -> bool:
    """Whether a module acts otherwise in training, trains, and is in evaluation mode."""
    if module.training:
        return False
    if isinstance(module, nn.modules.batchnorm._BatchNorm):
        return module.weight is None or module.weight.requires_grad
    return isinstance(module, nn.modules.dropout._DropoutNd) and module.p > 0


def _eps(run: Run) -> list[Finding]:
    found = []
    for group in _groups(run):
        eps = group.get("eps")
        if not isinstance(eps, float) or "betas" not in group:
            continue
        dtype = next((p.dtype for p in group["params"] if p.dtype == torch.float16), None)
        if dtype is not None and eps > 0 and torch.tensor(eps, dtype=dtype).item() == 0:
            slots = {"value": eps, "dtype": _plain(dtype), "limit": torch.finfo(dtype).smallest_normal}
            found.append(Finding("eps-underflow", math.inf, slots))
        squares = [run.gradients[id(p)] for p in group["params"] if id(p) in run.gradients]
        entries = sum(p.numel() for p in group["params"] if id(p) in run.gradients)
        rms = math.sqrt(sum(squares) / len(run.losses) / entries) if entries and sum(squares) > 0 else 0.0
        if 0 < rms < eps and run.at_chance:
            found.append(Finding("eps-large", eps / rms, {"value": eps / rms}))
    return _worst(found)


def read_normalisation(run: Run) -> Reading:
    """Read batch normalisation and dropout in training against evaluation."""
    findings = _dropout(run)
    norms = [p for p in run.passages if p.kind == "norm" and "count" in p.read]
    twins = [p for p in run.evaluated if p.kind == "norm" and "count" in p.read]
    if not norms:
        return Reading("normalisation", {}, tuple(_worst(findings)), ("no-batch-norm",))
    numbers = {"loss_train": run.losses[0], "loss_eval": run.eval_losses[0]}
    for passage in norms:
        error = math.sqrt(2 / max(passage.read["count"] - 1, 0.5))
        if passage.read["on"] and error > HALF:
            slots = {"where": passage.name, "value": passage.read["count"], "limit": error}
            findings.append(Finding("small-batch-norm", error / HALF, slots))
    if len(norms) == len(twins):
        findings += _before_norm(run, norms, twins)
    findings += _stale(run, twins, numbers)
    return Reading("normalisation", numbers, tuple(_worst(findings)))


def _dropout(run: Run) -> list[Finding]:
    found, last_layer = [], _last_layer(run)
    for index, passage in enumerate(run.passages):
        if passage.kind != "dropout" or not passage.read["on"] or passage.read["p"] == 0:
            continue
        p = passage.read["p"]
        noise = p / (1 - p) if p < 1 else math.inf
        if noise > 1:
            found.append(Finding("dropout-strong", noise, {"where": passage.name, "value": noise}))
        if index > last_layer >= 0:
            found.append(Finding("dropout-on-output", 2.0, {"where": passage.name, "value": p}))
    for passage in run.evaluated:
        if passage.kind == "dropout" and passage.read["on"] and passage.read["p"] > 0:
            found.append(Finding("dropout-in-eval", math.inf, {"where": passage.name}))
    return found


def _last_layer(run: Run) -> int:
    return max((i for i, p in enumerate(run.passages) if p.kind in ("linear", "recurrent", "cell")), default=-1)


def _before_norm(run: Run, norms: list[Passage], twins: list[Passage]) -> list[Finding]:
    """Find a variance that falls when dropout is switched off, beyond the error of one batch."""
    found = []
    for passage, twin in zip(norms, twins, strict=True):
        before = run.passages[: next(i for i, p in enumerate(run.passages) if p is passage)]
        noisy = any(p.kind == "dropout" and p.read["on"] and p.read["p"] > 0 for p in before)
        was, now = passage.read["variance"], twin.read["variance"]
        if not noisy or min(was, now) <= 0:
            continue
        score = math.log(was / now) / math.sqrt(2 / passage.read["count"])
        if score > 1:
            found.append(Finding("dropout-before-norm", score, {"where": twin.name, "value": now / was}))
    return found


def _stale(run: Run, twins: list[Passage], numbers: dict[str, float]) -> list[Finding]:
    """Find running statistics so far off that evaluation loses half of what was learnt."""
    kept = [p for p in twins if "mean_offset" in p.read and not p.read["on"]]
    if not kept or run.kind is None:
        return []
    worst = max(kept, key=lambda p: p.read["mean_offset"] * math.sqrt(p.read["count"]))
    errors = worst.read["mean_offset"] * math.sqrt(worst.read["count"])
    numbers |= {"mean_offset": worst.read["mean_offset"], "var_ratio": worst.read["var_ratio"]}
    size = len(run.eval_losses)
    train = (sum(run.losses[:size]) / size - run.kind.offset) / run.kind.factor
    evaluated = (sum(run.eval_losses) / size - run.kind.offset) / run.kind.factor
    learnt = run.constant - train
    if learnt > run.constant / 10 and evaluated - train > HALF * learnt:
        slots = {"where": worst.name, "value": errors, "limit": evaluated, "share": train}
        return [Finding("running-stale", (evaluated - train) / (HALF * learnt), slots)]
    return []


def read_clipping(run: Run) -> Reading:
    """Read the share of clipped steps and the percentiles of the gradient norm."""
    norms = sorted(step.norm for step in run.steps) or sorted(run.norms)
    numbers = {"median": statistics.median(norms), "largest": norms[-1]}
    if run.max_norm is None:
        return Reading("clipping", numbers, (), ("no-norm",))
    share = sum(norm > run.max_norm for norm in norms) / len(norms)
    numbers["share"] = share
    ratio = numbers["median"] / run.max_norm
    if share > HALF and ratio > 1:
        slots = {"value": ratio, "share": share, "limit": norms[int(0.9 * (len(norms) - 1))]}
        return Reading("clipping", numbers, (Finding("clipped", ratio, slots),))
    return Reading("clipping", numbers)


def read_effective_step(run: Run) -> Reading:
    """Read what the steps do to the loss of their own batches, against what the gradient promises."""
    if not run.steps:
        return Reading("effective_step", {}, (), ("no-optimizer",))
    promised = sum(step.predicted for step in run.steps)
    done = sum(step.after - step.before for step in run.steps)
    numbers = {"promised": promised / len(run.steps), "done": done / len(run.steps)}
    ratios = [ratio for ratio in run.steps[0].updates if math.isfinite(ratio)]
    if ratios:
        numbers["update_over_weights"] = statistics.median(ratios)
    findings = _summed(run)
    if all(map(math.isfinite, run.losses)) and run.bad_gradient is None:
        findings += _too_large(run, promised, done) or _too_small(run, promised)
    return Reading("effective_step", numbers, tuple(findings))


def _too_large(run: Run, promised: float, done: float) -> list[Finding]:
    """Find steps that raise the loss of their own batch, in sum or one of them beyond twice that of a guess."""
    if not math.isfinite(done):
        return [Finding("rate-large", math.inf, {"value": math.inf})]
    taken = [(step.after - step.before - step.predicted) / -step.predicted for step in run.steps if step.predicted < 0]
    guess = _guess(run)
    leaps = guess > 0 and any(step.after > 2 * max(step.before, guess) for step in run.steps)
    score = max([1.0, *taken])
    rises = promised < 0 and done > 1e-3 * abs(run.steps[0].before)
    if taken and (rises or leaps):
        return [Finding("rate-large", score, {"value": score})]
    return []


def _guess(run: Run) -> float:
    """Loss of the constant answer in units of a step's loss."""
    known = run.kind is not None and math.isfinite(run.constant)
    return (run.kind.factor * run.constant + run.kind.offset) * run.accumulate if known and run.kind else 0.0


def _too_small(run: Run, promised: float) -> list[Finding]:
    if not run.at_chance or run.kind is None or promised >= 0:
        return []
    pace = -promised / len(run.steps) / abs(run.kind.factor) / run.accumulate
    needed = HALF * run.data_loss / pace
    return [Finding("rate-small", needed / BUDGET**2, {"value": needed})] if needed > BUDGET**2 else []


def _summed(run: Run) -> list[Finding]:
    """Find a loss that adds up where rates are made for a mean."""
    if run.kind is None or type(run.optimizer).__name__ != "SGD":
        return []
    factor = run.kind.factor * run.accumulate
    return [Finding("accumulated-sum", factor / 2, {"value": factor})] if factor >= 2 else []


def read_decay(run: Run) -> Reading:
    """Read the horizon of weight decay, and who decides where weights go: the penalty or the data."""
    if run.optimizer is None:
        return Reading("decay", {}, (), ("no-optimizer",))
    numbers: dict[str, float] = {}
    findings = []
    coupled_adam = type(run.optimizer).__name__ in COUPLED[1:]
    for group in _groups(run):
        rate = float(group["lr"]) * float(group.get("weight_decay", 0.0))
        decoupled = bool(group.get("decoupled_weight_decay")) or not coupled_adam
        if rate <= 0:
            continue
        horizon = 1 / rate
        numbers["horizon"] = min(numbers.get("horizon", math.inf), horizon)
        if decoupled and horizon < BUDGET:
            findings.append(Finding("decay-strong", BUDGET / horizon, {"value": horizon}))
        share = _decided(run, group)
        numbers["decided"] = share
        if not run.at_chance or share <= HALF:
            continue
        if decoupled:
            findings.append(Finding("decay-strong", share / HALF, {"value": horizon}))
        else:
            findings.append(Finding("l2-in-adam", share / HALF, {"value": _strengths(run, group)}))
    findings += _penalty(run, numbers)
    return Reading("decay", numbers, tuple(_worst(findings)))


def _decided(run: Run, group: dict[str, Any]) -> float:
    """Share of the weights in matrices whose parameter is pulled by decay harder than by its gradient."""
    wins, total = 0.0, 0
    for p in group["params"]:
        if id(p) not in run.gradients or p.dim() < 2:
            continue
        force = float(group["weight_decay"]) * p.detach().float().norm().item()
        pull = math.sqrt(run.gradients[id(p)] / len(run.losses))
        wins += p.numel() * (force > pull)
        total += p.numel()
    return wins / total if total else 0.0


def _strengths(run: Run, group: dict[str, Any]) -> float:
    """Ratio of the ninth to the first decile of the divisors of Adam."""
    found = [p.grad.abs().flatten() for p in group["params"] if p.grad is not None]
    states = run.optimizer.state if run.optimizer is not None else {}
    second = [states[p]["exp_avg_sq"].flatten() for p in group["params"] if "exp_avg_sq" in states.get(p, {})]
    values = torch.cat(second).sqrt() if second else torch.cat(found) if found else torch.ones(1)
    ends = torch.quantile(values.float()[:1_000_000], torch.tensor([0.1, 0.9], device=values.device))
    return (ends[1] / ends[0].clamp_min(1e-30)).item()


def _penalty(run: Run, numbers: dict[str, float]) -> list[Finding]:
    found = []
    for parameter in run.trained:
        owner, share = id(parameter), run.penalty_wins.get(id(parameter))
        if share is None or parameter.dim() < 2:
            continue
        numbers["penalty_decides"] = max(numbers.get("penalty_decides", 0.0), share)
        if share > HALF and run.at_chance:
            found.append(Finding("penalty-strong", share / HALF, {"where": run.names[owner], "value": share}))
    strength = run.l1_strength
    lrs = [float(group["lr"]) for group in _groups(run)]
    if strength > 0 and lrs:
        weights = torch.cat([p.detach().flatten() for p in run.trained if p.dim() > 1]).float().abs()
        step = lrs[0] * (1.0 if type(run.optimizer).__name__ in COUPLED[1:] else strength)
        near, wide = ((weights < width * step).float().mean().item() for width in (2, 20))
        zeros = (weights == 0).float().mean().item()
        numbers |= {"near_zero": near, "zeros": zeros}
        # Without a pile at zero a tenth of the interval holds a tenth of its weights.
        if near > 2 * wide / 10 and near > 10 * zeros and near > 0.1:
            found.append(Finding("l1-no-zeros", near / (2 * wide / 10), {"value": near, "limit": zeros}))
    return found


def read_gradient_noise(run: Run) -> Reading:
    """Read the noise of the gradient between batches against its mean."""
    if len(run.losses) < 2 or not math.isfinite(run.noise):
        return Reading("gradient_noise", {}, (), ("one-batch",))
    numbers = {"noise": run.noise, "signal": run.signal}
    if not run.steps or run.kind is None or run.noise <= 0:
        return Reading("gradient_noise", numbers)
    numbers["floor"] = floor = _floor(run)
    learnt = max(run.constant - run.data_loss, 0.0)
    limit = max(HALF * learnt, _loss_error(run))
    if run.taken < BUDGET or not 0 < limit < floor:
        return Reading("gradient_noise", numbers)
    slots = {"value": floor / run.data_loss}
    return Reading("gradient_noise", numbers, (Finding("noise", floor / limit, slots),))


def _loss_error(run: Run) -> float:
    """Three standard errors of the loss, from its scatter where there are losses enough to know that within a half."""
    assert run.kind is not None
    count = len(run.losses)
    if math.sqrt(2 / (count - 1)) <= HALF and all(map(math.isfinite, run.losses)):
        return 3 * statistics.stdev(run.losses) / math.sqrt(count) / abs(run.kind.factor)
    return standard_errors(sum(each.numel() for each in run.targets)) * run.constant


def _floor(run: Run) -> float:
    """Loss that the noise of the steps keeps up: a quarter of what they promise by noise, in units of the loss."""
    assert run.kind is not None
    group = _groups(run)[0]
    momentum = float(group.get("momentum", group["betas"][0] if "betas" in group else 0.0))
    promised = -sum(step.predicted for step in run.steps) / len(run.steps)
    own = run.noise / ((1 - momentum) * run.noise + max(run.signal, 0.0) * run.accumulate)
    return promised * own / 4 / abs(run.kind.factor) / run.accumulate
