"""What passes through a network: every layer, activation, softmax, dropout and normalisation, by interception."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

LINEAR = {"linear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"}
PRODUCTS = {"matmul", "__matmul__", "mm", "addmm"}
RECTIFIERS = {"relu", "relu_", "relu6", "threshold"}
SMOOTH = {"leaky_relu", "leaky_relu_", "prelu", "elu", "elu_", "selu", "gelu", "silu", "mish", "softplus"}
SATURATING = {"sigmoid", "sigmoid_", "tanh", "tanh_"}
ACTIVATIONS = RECTIFIERS | SMOOTH | SATURATING
SOFTMAX = {"softmax", "log_softmax"}
DROPOUT = {"dropout", "dropout_", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"}
NORMS = {"batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm"}
RECURRENT = {"rnn_tanh", "rnn_relu", "lstm", "gru"}
CELLS = {"rnn_tanh_cell", "rnn_relu_cell", "lstm_cell", "gru_cell"}
# Mean square of weights times fan-in that keeps the mean square of the signal, by what follows the layer.
NEEDED_GAIN = dict.fromkeys(RECTIFIERS | {"gelu", "silu", "mish", "leaky_relu", "leaky_relu_"}, 2.0)
# A slope this much below its largest value makes a step this much longer; see BUDGET in _run.
FLAT = 0.01


@dataclass
class Passage:
    """One call: what kind, in which module, and what was read of its values and of the gradient at its output."""

    kind: str
    op: str
    name: str
    dtype: torch.dtype
    weight: Tensor | None = None
    read: dict[str, float] = field(default_factory=dict)
    units: Tensor | None = None
    gradient: float = math.nan
    by_time: Tensor | None = None


class Watch(TorchFunctionMode):
    """Record what passes through: ``all`` of it, only which ``units`` are on, or only what has two ``modes``."""

    def __init__(self, model: nn.Module, what: Literal["all", "units", "modes"]) -> None:
        super().__init__()
        self.full, self.units, self.modes = what == "all", what != "modes", what != "units"
        self.passages: list[Passage] = []
        self.first_nonfinite: str | None = None
        self.leaves: list[Tensor] = []
        self._stack: list[str] = []
        self._model = model

    @contextmanager
    def names(self) -> Iterator[None]:
        """Know in which module a call happens."""
        handles = []
        for name, module in self._model.named_modules():
            handles.append(module.register_forward_pre_hook(self._entering(name or type(module).__name__)))
            handles.append(module.register_forward_hook(lambda *_: self._stack.pop() and None, always_call=True))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _entering(self, name: str) -> Callable[..., None]:
        return lambda *_: self._stack.append(name)

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Call ``func`` and read what it returns."""
        kwargs = kwargs or {}
        op = getattr(func, "__name__", "")
        if op in RECURRENT and args and isinstance(args[0], Tensor) and self.full:
            args = self._follow_time(op, args)
        if op in CELLS and self.full:
            self._follow_cell(op, args)
        result = func(*args, **kwargs)
        out = result[0] if isinstance(result, tuple) and result else result
        if isinstance(out, Tensor) and out.is_floating_point():
            self._read(op, args, kwargs, out)
        return result

    def where(self) -> str:
        """Name of the module that is running."""
        return self._stack[-1] if self._stack else type(self._model).__name__

    def _add(self, kind: str, op: str, out: Tensor, weight: Tensor | None = None) -> Passage:
        passage = Passage(kind, op, self.where(), out.dtype, weight)
        self.passages.append(passage)
        return passage

    def _read(self, op: str, args: Any, kwargs: Any, out: Tensor) -> None:
        with torch._C.DisableTorchFunction(), torch.no_grad():
            if self.units and (op in LINEAR or (op in PRODUCTS and any(isinstance(arg, nn.Parameter) for arg in args))):
                self._read_linear(op, args, kwargs, out)
            elif self.units and op in ACTIVATIONS:
                self._read_activation(op, out)
            elif self.modes and op in DROPOUT:
                passage = self._add("dropout", op, out)
                p, training = _dropout(args, kwargs)
                passage.read = {"p": p, "on": float(training)}
            elif self.modes and op in NORMS:
                self._read_norm(op, args, kwargs, out)
            elif self.full and op in SOFTMAX:
                self._read_softmax(op, args, kwargs, out)
            elif self.full and op == "scaled_dot_product_attention":
                self._read_attention(out, args[0], args[1], kwargs.get("scale"), kwargs.get("attn_mask"))
            elif self.full and op == "multi_head_attention_forward":
                self._read_heads(args, kwargs, out)

    def _read_linear(self, op: str, args: Any, kwargs: Any, out: Tensor) -> None:
        weight = next((arg for arg in args if isinstance(arg, nn.Parameter) and arg.dim() > 1), None)
        weight = kwargs.get("weight", weight if op in PRODUCTS else args[1] if len(args) > 1 else None)
        if weight is None:
            return
        passage = self._add("linear", op, out, weight)
        if not self.full:
            return
        mean_square = square_sum(out) / max(out.numel(), 1)
        if not math.isfinite(mean_square) and self.first_nonfinite is None:
            self.first_nonfinite = passage.name
        fan_in = weight.shape[0] if op in PRODUCTS else weight[0].numel()
        passage.read = {
            "rms": math.sqrt(mean_square) if mean_square >= 0 else math.nan,
            "gain": weight.detach().float().square().mean().item() * fan_in,
            "fan_in": float(fan_in),
        }
        if out.requires_grad:
            out.register_hook(lambda grad: _note(passage, grad))  # type: ignore[no-untyped-call]

    def _read_activation(self, op: str, out: Tensor) -> None:
        passage = self._add("activation", op, out)
        last = next((p for p in reversed(self.passages) if p.kind == "linear"), None)
        axis = 1 if last is not None and last.op.startswith("conv") and out.dim() > 2 else out.dim() - 1
        if op in RECTIFIERS and out.dim() > 1:
            others = [other for other in range(out.dim()) if other != axis]
            passage.units = (out > 0).float().amax(others) > 0  # any() takes several times as long
        if not self.full:
            return
        if op in RECTIFIERS:
            passage.read = {"slope": (out > 0).float().mean().item()}
        elif op in SATURATING:
            h = out.float()
            slope = (1 - h.square()) if op.startswith("tanh") else 4 * h * (1 - h)
            top = 1.0 if op.startswith("tanh") else 1 / 16
            passage.read = {"flat": (slope < FLAT).float().mean().item(), "slope": top * slope.square().mean().item()}
            if op.startswith("sigmoid"):
                passage.read["least"], passage.read["most"] = 0.0, 1.0
        else:
            passage.read = {"slope": (out > 0).float().mean().item()}

    def _read_softmax(self, op: str, args: Any, kwargs: Any, out: Tensor) -> None:
        passage = self._add("softmax", op, out)
        axis = kwargs.get("dim", args[1] if len(args) > 1 else -1)
        passage.read = {"size": float(out.shape[axis if isinstance(axis, int) else -1])}
        if op == "softmax" and isinstance(axis, int):
            passage.read["freedom"] = _freedom(out, axis)

    def _read_attention(self, out: Tensor, query: Tensor, key: Tensor, scale: float | None, mask: Any) -> None:
        passage = self._add("softmax", "attention", out)
        passage.read = {"size": float(key.shape[-2])}
        logits = query.float() @ key.float().transpose(-1, -2) * (scale or query.shape[-1] ** -0.5)
        passage.read["freedom"] = _freedom(_masked(logits, mask).softmax(-1), -1)

    def _read_heads(self, args: Any, kwargs: Any, out: Tensor) -> None:
        query, key, _, width, heads, weight, bias = args[:7]
        if weight is None or key.shape[-1] != width:
            return
        passage = self._add("softmax", "attention", out)
        passage.read = {"size": float(key.shape[0])}
        start = torch.zeros(3 * width, dtype=weight.dtype, device=weight.device) if bias is None else bias
        q = nn.functional.linear(query, weight[:width], start[:width])
        k = nn.functional.linear(key, weight[width : 2 * width], start[width : 2 * width])
        split = [part.reshape(part.shape[0], -1, heads, width // heads).permute(1, 2, 0, 3).float() for part in (q, k)]
        logits = split[0] @ split[1].transpose(-1, -2) / math.sqrt(width // heads)
        mask = kwargs.get("attn_mask")
        usable = mask if isinstance(mask, Tensor) and mask.dim() == 2 else None
        if usable is not None and usable.dtype == torch.bool:
            usable = ~usable  # here True forbids, in scaled_dot_product_attention it allows
        passage.read["freedom"] = _freedom(_masked(logits, usable).softmax(-1), -1)

    def _read_norm(self, op: str, args: Any, kwargs: Any, out: Tensor) -> None:
        passage = self._add("norm", op, out)
        if op != "batch_norm":
            return
        x = args[0].detach().float()
        named = ("running_mean", "running_var", "weight", "bias", "training")
        given = dict(zip(named, args[1:6], strict=False)) | {key: kwargs[key] for key in named if key in kwargs}
        axes = [axis for axis in range(x.dim()) if axis != 1]
        passage.read = {"count": float(x.numel() / x.shape[1]), "on": float(bool(given.get("training")))}
        mean, var = x.mean(axes), x.var(axes, correction=0)
        passage.read["variance"] = var.mean().item()
        running_mean, running_var = given.get("running_mean"), given.get("running_var")
        if running_mean is not None and running_var is not None:
            spread = var.clamp_min(torch.finfo(torch.float32).tiny)
            offset = ((running_mean.float() - mean).square() / spread).clamp_max(1e12)
            passage.read["mean_offset"] = offset.median().sqrt().item()
            passage.read["var_ratio"] = (running_var.float() / spread).clamp(1e-12, 1e12).log().median().exp().item()

    def _follow_time(self, op: str, args: Any) -> Any:
        """Read the gradient at the input of a recurrent layer, step by step."""
        x = args[0] if args[0].requires_grad else args[0].detach().requires_grad_()
        packed = len(args) > 1 and isinstance(args[1], Tensor) and args[1].dim() == 1
        passage = Passage("recurrent", op, self.where(), x.dtype)
        self.passages.append(passage)
        if x.dim() == 3 and not packed:
            batch_first = bool(args[-1])

            def note(grad: Tensor) -> None:
                passage.by_time = grad.detach().float().movedim(1 if batch_first else 0, 0).flatten(1).norm(dim=1)

            x.register_hook(note)
            self.leaves += [x] if x.is_leaf else []  # a hook of a leaf runs only if its gradient is asked for
        return (x, *args[1:])

    def _follow_cell(self, op: str, args: Any) -> None:
        state = args[1][0] if isinstance(args[1], tuple | list) else args[1]
        passage = Passage("cell", op, self.where(), state.dtype)
        self.passages.append(passage)
        if state.requires_grad:
            state.register_hook(lambda grad: _note(passage, grad))


def square_sum(values: Tensor) -> float:
    """Sum of squares; not finite only where an entry is not: squares beyond float32 are taken in float64."""
    found = values.float().square().sum().item()
    return found if math.isfinite(found) else values.double().square().sum().item()


def _note(passage: Passage, grad: Tensor) -> None:
    values = grad.detach()
    passage.gradient = math.sqrt(square_sum(values))
    size = values.float().abs()
    if values.dtype in (torch.float16, torch.bfloat16):
        small = torch.finfo(values.dtype).smallest_normal
        nonzero = (size > 0).sum().item()
        passage.read["subnormal"] = ((size > 0) & (size < small)).sum().item() / max(nonzero, 1)
        passage.read["zero"] = (size == 0).float().mean().item()


def _freedom(p: Tensor, axis: int) -> float:
    """Mean sum of p(1 − p), the trace of the softmax Jacobian: zero where one entry has it all."""
    return (1 - p.float().square().sum(axis)).mean().item()


def _masked(logits: Tensor, mask: Any) -> Tensor:
    if not isinstance(mask, Tensor):
        return logits
    return logits.masked_fill(~mask, -math.inf) if mask.dtype == torch.bool else logits + mask


def _dropout(args: Any, kwargs: Any) -> tuple[float, bool]:
    given = dict(zip(("p", "training"), args[1:3], strict=False)) | kwargs
    return float(given.get("p", 0.5)), bool(given.get("training", True))
