"""One run of a check-up: everything that the measurements look at, taken once over a few steps."""

import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Any

import torch
from torch import Tensor, nn

from optnotes.checkup._losses import Loss, LossKind, constant_loss, recognise
from optnotes.checkup._state import torch_states, unchanged
from optnotes.checkup._watch import Passage, Watch, square_sum

# A hundredfold delay counts: what needs that many times the steps of its neighbour, or of the run, is held up.
BUDGET = 100
FLOATS = (torch.float16, torch.bfloat16, torch.float32, torch.float64)
WRAPPERS = ("DataParallel", "DistributedDataParallel", "FullyShardedDataParallel", "OptimizedModule")


@dataclass
class Step:
    """One step of the optimiser."""

    before: float
    after: float
    predicted: float  # scalar product of gradient and update
    norm: float
    owners: list[int]
    updates: list[float]  # these two are of the first step alone
    stuck: list[float]


@dataclass
class Run:
    """What a check-up has seen."""

    model: nn.Module
    optimizer: torch.optim.Optimizer | None
    max_norm: float | None
    accumulate: int
    taken: int
    names: dict[int, str]
    passages: list[Passage] = field(default_factory=list)
    evaluated: list[Passage] = field(default_factory=list)
    units: dict[int, Tensor] = field(default_factory=dict)
    inputs: list[Tensor] = field(default_factory=list)
    targets: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    eval_losses: list[float] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    gradients: dict[int, float] = field(default_factory=dict)
    penalty_wins: dict[int, float] = field(default_factory=dict)
    l1_strength: float = 0.0
    symmetric: list[str] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    steps: list[Step] = field(default_factory=list)
    signal: float = math.nan
    noise: float = math.nan
    kind: LossKind | None = None
    constant: float = math.nan
    first_nonfinite: str | None = None
    bad_gradient: str | None = None
    held_inputs: list[Tensor] = field(default_factory=list)
    held_losses: list[float] = field(default_factory=list)

    @cached_property
    def trained(self) -> list[nn.Parameter]:
        """Parameters that ask for a gradient, tied ones once."""
        return [parameter for parameter in self.model.parameters() if parameter.requires_grad]

    @property
    def data_loss(self) -> float:
        """Mean loss in units of its kind, without penalty; of the loss itself where its kind is unknown."""
        mean = sum(self.losses) / len(self.losses)
        return mean if self.kind is None else (mean - self.kind.offset) / self.kind.factor

    @property
    def at_chance(self) -> bool:
        """Whether less than half of the loss of the constant answer has been learnt away."""
        return math.isfinite(self.constant) and not self.data_loss < self.constant / 2

    @property
    def nothing_learnt(self) -> bool:
        """Whether the loss lies less than three standard errors of a count below that of the constant answer."""
        error = standard_errors(sum(each.numel() for each in self.targets))
        return error <= 0.5 and self.data_loss > (1 - error) * self.constant


def standard_errors(count: int) -> float:
    """Three standard errors of a count, as a share; beyond one half so few examples tell nothing."""
    return 3 / math.sqrt(max(count, 1))


def finite(values: Tensor) -> bool:
    """Whether all entries are finite: a finite sum shows it in a fraction of the time, an overflowed one does not."""
    return bool(torch.isfinite(values.sum())) or bool(torch.isfinite(values).all())


def require(condition: bool, message: str) -> None:
    """Raise a ValueError unless ``condition`` holds."""
    if not condition:
        raise ValueError(message)


def check_model(model: object) -> None:
    """Refuse what cannot be read, by name."""
    require(isinstance(model, nn.Module), f"model must be a torch.nn.Module, got {type(model).__name__}")
    assert isinstance(model, nn.Module)
    kind = type(model).__name__
    require(kind not in WRAPPERS, f"model must be the module inside its wrapper, got {kind}")
    require(
        not isinstance(model, torch.jit.ScriptModule), "model must not be compiled by torch.jit, got a ScriptModule"
    )
    for name, parameter in model.named_parameters():
        lazy = isinstance(parameter, nn.parameter.UninitializedParameter)
        require(not lazy, f"model must be initialised: run one batch first, {name} has no shape yet")
        held = parameter.layout == torch.strided and not parameter.is_meta
        require(held, f"model must hold dense parameters, {name} is {parameter.layout} on {parameter.device}")
        require(
            parameter.dtype in FLOATS, f"model must have real floating-point parameters, {name} is {parameter.dtype}"
        )
    trained = any(parameter.requires_grad for parameter in model.parameters())
    require(trained, "model must have a parameter with requires_grad=True, all are frozen")


def check_optimizer(model: nn.Module, optimizer: object) -> None:
    """Refuse an optimiser of another model, or one whose step wants a closure."""
    if optimizer is None:
        return
    is_one = isinstance(optimizer, torch.optim.Optimizer)
    require(is_one, f"optimizer must be a torch.optim.Optimizer, got {type(optimizer).__name__}")
    assert isinstance(optimizer, torch.optim.Optimizer)
    require(not isinstance(optimizer, torch.optim.LBFGS), "optimizer must step without a closure, got LBFGS")
    own = {id(parameter) for parameter in model.parameters()}
    held = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    require(bool(own & held), "optimizer must hold parameters of model, it holds none of them")


def take(name: str, batches: object, most: int) -> list[tuple[Any, Any]]:
    """Return the first batches as pairs of inputs and target."""
    require(isinstance(batches, Iterable) and not isinstance(batches, Tensor | str), f"{name} must be an iterable of "
            f"pairs (inputs, target), got {type(batches).__name__}")  # fmt: skip
    assert isinstance(batches, Iterable)
    found = list(islice(batches, most))
    require(bool(found), f"{name} must hold at least one batch, got none")
    for batch in found:
        pair = isinstance(batch, Sequence) and not isinstance(batch, Tensor | str) and len(batch) == 2
        require(pair, f"{name} must hold pairs (inputs, target), got {type(batch).__name__}")
    return found


@dataclass
class Pull:
    """What the batches of a step do to the weights, with the random state from which they were seen."""

    random: list[tuple[Any, Any]]
    losses: list[float] = field(default_factory=list)
    gradients: list[Tensor | None] = field(default_factory=list)

    def add(self, loss: float, gradients: list[Tensor | None]) -> None:
        """Add a batch; the sum keeps the dtype of the weights, as it would in their own gradients."""
        self.losses.append(loss)
        whole = self.gradients or [None] * len(gradients)
        self.gradients = [_plus(a, b) for a, b in zip(whole, gradients, strict=True)]


class Recorder:
    """Runs the network; see :func:`record`."""

    def __init__(self, run: Run, loss: Loss, autocast: torch.dtype | None, scale: float) -> None:
        self.run, self.loss, self.autocast, self.scale = run, loss, autocast, scale
        self.first = Pull([])

    def forward(self, batch: tuple[Any, Any]) -> tuple[Any, Tensor]:
        """Return output and loss of a batch."""
        inputs, target = batch
        with self._precision(inputs):
            output = self.run.model(*inputs) if isinstance(inputs, tuple | list) else self.run.model(inputs)
            value = self.loss(output, target)
        scalar = isinstance(value, Tensor) and value.numel() == 1
        require(scalar, "loss must return one number, got " + (
            f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__))  # fmt: skip
        return output, value

    def _precision(self, inputs: Any) -> AbstractContextManager[Any]:
        if self.autocast is None:
            return nullcontext()
        first = next(self.run.model.parameters())
        return torch.autocast(first.device.type, dtype=self.autocast)

    def still(self, batches: list[tuple[Any, Any]]) -> None:
        """Look at every batch with the weights as they are."""
        run, squares = self.run, 0.0
        total: list[Tensor | None] = []
        first: list[Tensor | None] = []
        self.first = Pull(torch_states())
        for number, batch in enumerate(batches):
            watch = Watch(run.model, "all" if number == 0 else "units")
            with watch.names() if number == 0 else nullcontext(), watch:
                output, value = self.forward(batch)
            if number == 0:
                run.passages, run.first_nonfinite = watch.passages, watch.first_nonfinite
                require(value.requires_grad, "loss must depend on a parameter of model, the graph is cut before it")
            self._count_units(watch)
            self._keep(batch, output, value)
            found = self._backward(value, watch.leaves)
            if number < run.accumulate and run.optimizer is not None:
                self.first.add(run.losses[-1], found)
            gradients = [None if each is None else self._unscaled(each.float()) for each in found]
            first = first or gradients
            squares += self._note(gradients) if value.requires_grad else 0.0
            total = [_plus(a, b) for a, b in zip(total or [None] * len(found), gradients, strict=True)]
        self._weigh_penalty(batches[0][1], first)
        self._find_symmetry(first)
        self._noise(total, squares, len(batches))

    def _count_units(self, watch: Watch) -> None:
        kept = [passage for passage in watch.passages if passage.units is not None]
        for index, passage in enumerate(kept):
            assert passage.units is not None
            before = self.run.units.get(index)
            same = before is not None and before.shape == passage.units.shape
            self.run.units[index] = before | passage.units if same and before is not None else passage.units

    def _keep(self, batch: tuple[Any, Any], output: Any, value: Tensor) -> None:
        run, (inputs, target) = self.run, batch
        first = inputs[0] if isinstance(inputs, tuple | list) else inputs
        if isinstance(first, Tensor):
            run.inputs.append(first.detach())
        if isinstance(target, Tensor):
            run.targets.append(target.detach())
        if isinstance(output, Tensor):
            run.outputs.append(output.detach())
        run.losses.append(value.item())

    def _note(self, gradients: list[Tensor | None]) -> float:
        """Add one gradient to the record and return its squared norm."""
        run, total = self.run, 0.0
        for parameter, gradient in zip(run.trained, gradients, strict=True):
            if gradient is None:
                continue
            square = square_sum(gradient)
            if not math.isfinite(square) and run.bad_gradient is None:
                run.bad_gradient = run.names[id(parameter)]
            if square != 0:
                run.touched.add(id(parameter))
            run.gradients[id(parameter)] = run.gradients.get(id(parameter), 0.0) + square
            total += square
        run.norms.append(math.sqrt(total) if total >= 0 else math.nan)
        return total

    def _backward(self, value: Tensor, leaves: list[Tensor]) -> list[Tensor | None]:
        """Return the scaled gradients of the trained parameters, and run the hooks of ``leaves``."""
        trained = self.run.trained
        if not value.requires_grad:
            return [None] * len(trained)
        found = torch.autograd.grad(value * self.scale, [*trained, *leaves], allow_unused=True)[: len(trained)]
        for parameter, each in zip(trained, found, strict=True):
            dense = each is None or each.layout == torch.strided
            require(dense, f"model must have dense gradients, {self.run.names[id(parameter)]} gets a sparse one")
        return list(found)

    def _unscaled(self, gradient: Tensor) -> Tensor:
        return gradient if self.scale == 1 else gradient / self.scale

    def _weigh_penalty(self, target: Any, gradients: list[Tensor | None]) -> None:
        """Compare the force of a penalty inside the loss with that of the data: its graph does not pass the output."""
        if not self.run.outputs:
            return
        value = self.loss(self.run.outputs[0], target)
        if not value.requires_grad:
            return
        found = torch.autograd.grad(value, self.run.trained, allow_unused=True)
        for parameter, force, whole in zip(self.run.trained, found, gradients, strict=True):
            if force is not None and whole is not None:
                self.run.penalty_wins[id(parameter)] = (force.abs() > (whole - force).abs()).float().mean().item()
                sizes = force.float().abs()[parameter != 0]
                if parameter.dim() > 1 and len(sizes) and (sizes.max() - sizes.min()) <= 1e-3 * sizes.mean():
                    self.run.l1_strength = sizes.mean().item()

    def _find_symmetry(self, gradients: list[Tensor | None]) -> None:
        """List weights whose rows are equal and get equal gradients: no step can part them."""
        for parameter, gradient in zip(self.run.trained, gradients, strict=True):
            if gradient is None or parameter.dim() < 2 or parameter.shape[0] < 2:
                continue
            rows, pulls = parameter.detach().flatten(1), gradient.flatten(1)
            if bool((rows == rows[:1]).all()) and bool(((pulls - pulls[:1]).abs() <= 1e-5 * pulls.abs().max()).all()):
                self.run.symmetric.append(self.run.names[id(parameter)])

    def _noise(self, total: list[Tensor | None], squares: float, count: int) -> None:
        """Split the mean squared gradient into that of the mean, without bias, and the rest."""
        if count < 2:
            return
        mean_square = sum(square_sum(each / count) for each in total if each is not None)
        scatter = (squares - count * mean_square) / (count - 1)
        self.run.noise, self.run.signal = scatter, mean_square - scatter / count

    def understand(self) -> None:
        """Recognise the loss, and compute that of the best constant answer."""
        run = self.run
        if not run.outputs or len(run.outputs) != len(run.targets):
            return
        output, target = run.outputs[0], run.targets[0]
        run.kind = recognise(self.loss, output, target)
        if run.kind is not None and all(each.shape[1:] == target.shape[1:] for each in run.targets):
            classes = int(max(each.max().item() for each in run.targets)) + 1 if not target.is_floating_point() else 0
            run.constant = constant_loss(run.kind.name, torch.cat(run.targets), classes)

    def evaluate(self, batches: list[tuple[Any, Any]], held: list[tuple[Any, Any]]) -> None:
        """Look at the first batches, and at held-out ones, in evaluation mode."""
        run = self.run
        modes = [(module, module.training) for module in run.model.modules()]
        with torch.no_grad():
            run.model.eval()
            for number, batch in enumerate(batches):
                watch = Watch(run.model, "modes")
                with ExitStack() as stack:
                    for each in (watch.names(), watch) if number == 0 else ():
                        stack.enter_context(each)
                    run.eval_losses.append(self.forward(batch)[1].item())
                run.evaluated = run.evaluated or watch.passages
            for batch in held:
                run.held_losses.append(self.forward(batch)[1].item())
                if isinstance(batch[0], Tensor):
                    run.held_inputs.append(batch[0].detach())
        for module, training in modes:
            module.training = training

    def train(self, batches: list[tuple[Any, Any]]) -> None:
        """Take the steps of the reader's own loop."""
        size = self.run.accumulate
        for start in range(0, len(batches) - size + 1, size):
            part = batches[start : start + size]
            if not self._step(part, self._pull(part) if start else self.first):
                return

    def _pull(self, batches: list[tuple[Any, Any]]) -> Pull:
        """Take the gradients of a step."""
        pull = Pull(torch_states())
        for batch in batches:
            value = self.forward(batch)[1]
            pull.add(value.item(), self._backward(value, []))
        return pull

    def _step(self, batches: list[tuple[Any, Any]], pull: Pull) -> bool:
        run, optimizer = self.run, self.run.optimizer
        assert optimizer is not None
        optimizer.zero_grad()
        pulled = [(p, each) for p, each in zip(run.trained, pull.gradients, strict=True) if each is not None]
        owned, gradients = [p for p, _ in pulled], [self._unscaled(each) for _, each in pulled]
        for parameter, gradient in zip(owned, gradients, strict=True):
            parameter.grad = gradient.clone()  # clipping and the optimiser write into it
        if run.max_norm is not None:
            nn.utils.clip_grad_norm_(owned, run.max_norm)
        weights = [parameter.detach().clone() for parameter in owned]
        optimizer.step()
        moves = [parameter.detach() - weight for parameter, weight in zip(owned, weights, strict=True)]
        predicted = sum((g.float() * m.float()).sum().item() for g, m in zip(gradients, moves, strict=True))
        for put_back, state in pull.random:  # the same masks again
            put_back(state)
        with torch.no_grad():
            after = sum(self.forward(batch)[1].item() for batch in batches)
        looked = [] if run.steps else list(zip(moves, weights, gradients, strict=True))
        run.steps.append(
            Step(
                sum(pull.losses), after, predicted, _norm(gradients),
                [id(parameter) for parameter in owned],
                [_ratio(move, weight) for move, weight, _ in looked],
                [_stuck(move, gradient) for move, _, gradient in looked],
            )
        )  # fmt: skip
        return math.isfinite(after)


def _few(batches: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Return the first two batches, or as many as it takes to know a loss within its half."""
    sizes = [target.numel() if isinstance(target, Tensor) else 0 for _, target in batches]
    enough = (count for count in range(2, len(batches)) if standard_errors(sum(sizes[:count])) <= 0.5)
    return batches[: next(enough, 2)]


def _norm(tensors: list[Tensor]) -> float:
    return math.sqrt(sum(map(square_sum, tensors)))


def _plus(a: Tensor | None, b: Tensor | None) -> Tensor | None:
    return b if a is None else a if b is None else a + b


def _ratio(move: Tensor, weight: Tensor) -> float:
    size = weight.float().norm().item()
    return move.float().norm().item() / size if size > 0 else math.nan


def _stuck(move: Tensor, gradient: Tensor) -> float:
    """Share of the weights with a gradient that the step did not change."""
    wanted = gradient != 0
    return ((move == 0) & wanted).sum().item() / max(wanted.sum().item(), 1)


def record(
    model: nn.Module,
    loss: Loss,
    batches: Iterable[Any],
    optimizer: torch.optim.Optimizer | None = None,
    *,
    steps: int = 8,
    held_out: Iterable[Any] | None = None,
    max_norm: float | None = None,
    accumulate: int = 1,
    autocast: torch.dtype | None = None,
    loss_scale: float = 1.0,
    taken: int = 0,
) -> Run:
    """Run a network over a few batches, without changing it, and return what was seen."""
    check_model(model)
    check_optimizer(model, optimizer)
    require(callable(loss), f"loss must be callable, got {type(loss).__name__}")
    for name, value, least in (("steps", steps, 1), ("accumulate", accumulate, 1), ("taken", taken, 0)):
        whole = isinstance(value, int) and not isinstance(value, bool) and value >= least
        require(whole, f"{name} must be an integer in [{least}, inf), got {value!r}")
    for name, number in (("max_norm", max_norm), ("loss_scale", loss_scale)):
        positive = number is None or (isinstance(number, int | float) and 0 < number < math.inf)
        require(positive, f"{name} must be a number in (0, inf), got {number!r}")
    half = (None, torch.float16, torch.bfloat16)
    require(autocast in half, f"autocast must be None, torch.float16 or torch.bfloat16, got {autocast!r}")
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    with unchanged(model, optimizer, batches), torch.enable_grad():
        chosen = take("batches", batches, steps)
        held = [] if held_out is None else take("held_out", held_out, steps)
        require(accumulate <= len(chosen), f"accumulate must be at most the number of batches, got {accumulate}")
        run = Run(model, optimizer, max_norm, accumulate, taken, names)
        recorder = Recorder(run, loss, autocast, loss_scale)
        recorder.evaluate(_few(chosen), held)  # first: a forward pass in training mode moves running statistics
        recorder.still(chosen)
        recorder.understand()
        if optimizer is not None:
            recorder.train(chosen)
    return run
