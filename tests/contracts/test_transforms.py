"""Every formula under the transforms of torch: vmap over any dimension, autocast, compilation and export."""

from contextlib import suppress

import pytest
import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from tests.contracts.arguments import FORMULAS, POINTS, WITH_TENSORS, converted, tensors
from tests.contracts.test_formulas import stack
from tests.points import Draw


def split(name, seed=0):
    """Arguments that are tensors, or lists of them, and the others."""
    arguments = POINTS[name](Draw(seed))
    moving = {key: value for key, value in arguments.items() if tensors(value)}
    return moving, {key: value for key, value in arguments.items() if key not in moving}


def batches(name, count):
    """Several draws of the tensors that fit together, or one several times, and the other arguments."""
    draws, (_, fixed) = [split(name, seed)[0] for seed in range(count)], split(name)
    with suppress(RuntimeError, ValueError):  # other shapes, or numbers that do not go with them
        stack(draws)
        [FORMULAS[name](**draw, **fixed) for draw in draws]
        return draws, fixed
    return [draws[0]] * count, fixed


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_vmap_over_any_dimension_is_the_loop(name):
    """Each tensor is mapped over each of its dimensions, or left out, and the batch comes out in any place."""
    draws, fixed = batches(name, 3)
    sizes = {key: tensors(value)[0].ndim for key, value in draws[0].items()}
    for place in range(-1, max(sizes.values()) + 1):
        for alone in (None, *sizes) if len(sizes) > 1 else (None,):
            dims = {key: min(place % (size + 1), size) for key, size in sizes.items()}
            if alone is not None:
                dims[alone] = None
            loop = [draw | ({alone: draws[0][alone]} if alone is not None else {}) for draw in draws]
            try:
                expected = stack([FORMULAS[name](**draw, **fixed) for draw in loop])
            except ValueError:  # eigenvalues of one matrix with the vectors of another, say
                continue
            mapped = {
                key: converted(stack([draw[key] for draw in draws]), lambda t, d=dims[key]: t.movedim(0, d))
                if dims[key] is not None
                else draws[0][key]
                for key in sizes
            }
            # A result that does not depend on the batch has no place for it but the first (in torch, an error).
            out = place if alone is None and min(part.ndim for part in tensors(expected)) > max(place, 0) else 0
            actual = torch.func.vmap(lambda m: FORMULAS[name](**m, **fixed), in_dims=(dims,), out_dims=out)(mapped)
            torch.testing.assert_close(
                [part.movedim(out, 0) for part in tensors(actual)], tensors(expected), msg=f"{dims}, out {out}"
            )


@pytest.mark.parametrize("name", WITH_TENSORS)
def test_nested_vmap_over_unlike_dimensions_is_the_loop(name):
    draws, fixed = batches(name, 6)
    expected = stack([FORMULAS[name](**draw, **fixed) for draw in draws])
    inner = torch.func.vmap(lambda m: FORMULAS[name](**m, **fixed), in_dims=-1)
    # The outer batch of two comes first, the inner one of three last.
    actual = torch.func.vmap(inner)(converted(stack(draws), lambda t: t.unflatten(0, (2, 3)).movedim(1, -1)))
    torch.testing.assert_close([part.flatten(0, 1) for part in tensors(actual)], tensors(expected))


class Module(torch.nn.Module):
    """A formula as a module: its tensors come as inputs, in their order."""

    def __init__(self, name):
        super().__init__()
        self.formula, self.arguments = FORMULAS[name], POINTS[name](Draw(0))

    def forward(self, *inputs: Tensor):
        entries = iter(inputs)
        return self.formula(**converted(self.arguments, lambda _: next(entries)))


def compiled(module, inputs):
    torch.compiler.reset()
    return torch.compile(module, fullgraph=True, backend="aot_eager")


def exported(module, inputs):
    return torch.export.export(module, inputs).module()


def traced(module, inputs):
    return make_fx(module)(*inputs)


@pytest.mark.parametrize("graph", [compiled, exported, traced])
@pytest.mark.parametrize("name", WITH_TENSORS)
def test_the_graph_gives_the_values_of_the_formula(name, graph):
    """In one piece, and for other values than those at which it was recorded."""
    (first, second), _ = batches(name, 2)
    module, inputs = Module(name), tuple(tensors(first))
    recorded = graph(module, inputs)
    for values in (inputs, tuple(tensors(second))):
        torch.testing.assert_close(recorded(*values), module(*values))
