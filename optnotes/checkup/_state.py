"""What a check-up may not change: it is put aside before, and put back bit for bit after."""

import copy
import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn


@contextmanager
def unchanged(model: nn.Module, optimizer: torch.optim.Optimizer | None, batches: Iterable[Any]) -> Iterator[None]:
    """Give back model, gradients, buffers, modes, optimiser and random states as they were, whatever happens inside."""
    kept_random = random_states(batches)
    kept_model = _Kept(model)
    kept_optimizer = None if optimizer is None else _lend(optimizer)
    try:
        yield
    finally:
        kept_model.restore()
        if optimizer is not None and kept_optimizer is not None:
            _take_back(optimizer, kept_optimizer)
        for put_back, state in kept_random:
            put_back(state)


class _Kept:
    """Attributes of all modules, values of all their tensors, and gradients."""

    def __init__(self, model: nn.Module) -> None:
        self.attributes = [(module, dict(module.__dict__)) for module in model.modules()]
        self.tables: list[tuple[dict[str, Any], dict[str, Any]]] = [
            (table, dict(table)) for module in model.modules() for table in (module._parameters, module._buffers)
        ]
        self.parameters = list(model.parameters())
        self.gradients = [parameter.grad for parameter in self.parameters]
        held = {id(tensor): tensor for _, table in self.tables for tensor in table.values() if tensor is not None}
        for _, attributes in self.attributes:
            held |= {id(value): value for value in attributes.values() if isinstance(value, Tensor) and value.is_leaf}
        self.tensors = [(tensor, tensor.detach().clone()) for tensor in held.values()]
        for parameter in self.parameters:  # the gradients that accumulate in the loop stay untouched
            parameter.grad = None

    def restore(self) -> None:
        for module, attributes in self.attributes:
            module.__dict__.clear()
            module.__dict__.update(attributes)
        for table, entries in self.tables:
            table.clear()
            table.update(entries)
        with torch.no_grad():
            for tensor, value in self.tensors:
                tensor.copy_(value)
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter.grad = gradient


def _lend(optimizer: torch.optim.Optimizer) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Put the state of the optimiser aside and let it work on a copy."""
    kept = dict(optimizer.__dict__), [dict(group) for group in optimizer.param_groups]
    working: defaultdict[Any, Any] = defaultdict(dict)
    for parameter, state in optimizer.state.items():
        working[parameter] = {
            name: value.clone() if isinstance(value, Tensor) else copy.deepcopy(value) for name, value in state.items()
        }
    optimizer.state = working
    for group in optimizer.param_groups:
        group |= {name: value.clone() for name, value in group.items() if isinstance(value, Tensor)}
    return kept


def _take_back(optimizer: torch.optim.Optimizer, kept: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    attributes, groups = kept
    optimizer.__dict__.clear()
    optimizer.__dict__.update(attributes)
    for group, options in zip(optimizer.param_groups, groups, strict=True):
        group.clear()
        group.update(options)


def torch_states() -> list[tuple[Any, Any]]:
    """Pairs of what puts a random state of torch back, and that state."""
    kept: list[tuple[Any, Any]] = [(torch.set_rng_state, torch.get_rng_state())]
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        kept.append((torch.cuda.set_rng_state_all, torch.cuda.get_rng_state_all()))
    return kept


def random_states(batches: Iterable[Any]) -> list[tuple[Any, Any]]:
    """Return such pairs for torch, Python, NumPy and the order of the batches."""
    kept = [*torch_states(), (random.setstate, random.getstate())]
    if "numpy" in sys.modules:  # data sets draw from it; torch alone would not load it
        numpy = sys.modules["numpy"]
        kept.append((numpy.random.set_state, numpy.random.get_state()))
    for owner in (batches, getattr(batches, "sampler", None)):
        generator = getattr(owner, "generator", None)
        if isinstance(generator, torch.Generator):
            kept.append((generator.set_state, generator.get_state()))
    return kept
