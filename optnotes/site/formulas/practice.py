"""Tasks of drill items: numbers and curves that the formulas give, and code with an error beside its cure."""

import hashlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from optnotes import formulas as every_formula
from optnotes.site.records.questions import Call, Pictures
from optnotes.site.words.text import DATA

CURED = "_cured"
SAMPLES = 48
WIDTH, HEIGHT, MARGIN = 120, 80, 6


@cache
def formulas() -> dict[str, Callable[..., Any]]:
    """The public formulas by their short names."""
    return {full.rpartition(".")[2]: function for full, function in every_formula().items()}


def evaluate(call: Call, **more: Any) -> float:
    """Return the number that is meant."""
    function = formulas()[call.formula]
    parameters = inspect.signature(function).parameters
    found = function(**{name: _argument(parameters[name], value) for name, value in (call.arguments | more).items()})
    parts = found if isinstance(found, tuple) else (found,)
    return float(torch.cat([torch.as_tensor(part, dtype=torch.float64).flatten() for part in parts])[call.entry])


def _argument(parameter: inspect.Parameter, value: Any) -> Any:
    return torch.tensor(value, dtype=torch.float64) if parameter.annotation is torch.Tensor else value


@cache
def code_file(number: str) -> ModuleType:
    """Code with errors, a module for each question."""
    path = code_path(number)
    spec = spec_from_file_location(f"optnotes_code_{number}", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module  # inspect finds the source of a class by it
    spec.loader.exec_module(module)
    return module


def code_path(number: str) -> Path:
    """File that holds the code of one question."""
    return DATA / "code" / f"q{number}.py"


def code_of(number: str, name: str) -> tuple[str, str]:
    """Return the code with its error, and the cured one, as a reader sees both."""
    module = code_file(number)
    wrong, cured = (textwrap.dedent(inspect.getsource(getattr(module, name + end))) for end in ("", CURED))
    return wrong, cured.replace(name + CURED, name)


def shuffled(item: str, options: Iterable[Any]) -> list[tuple[int, Any]]:
    """Return the options with their places in the file, in an order that depends on the item alone."""
    return sorted(enumerate(options), key=lambda pair: hashlib.sha256(f"{item}/{pair[0]}".encode()).digest())


def paths(pictures: Pictures) -> list[str]:
    """Return the curves as paths of SVG, all on the same axes, and the two axes as the last one."""
    xs = torch.linspace(pictures.start, pictures.end, SAMPLES + 1, dtype=torch.float64).tolist()
    curves = [[evaluate(picture.call, **{pictures.along: x}) for x in xs] for picture in pictures.curves]
    low, high = min(0.0, *(min(ys) for ys in curves)), max(0.0, *(max(ys) for ys in curves))

    def across(value: float) -> float:
        return MARGIN + (value - pictures.start) / (pictures.end - pictures.start) * (WIDTH - 2 * MARGIN)

    def up(value: float) -> float:
        return HEIGHT - MARGIN - (value - low) / (high - low) * (HEIGHT - 2 * MARGIN)

    drawn = ["M" + "L".join(f"{across(a):.1f} {up(b):.1f}" for a, b in zip(xs, ys, strict=True)) for ys in curves]
    zero = across(min(max(0.0, pictures.start), pictures.end))
    return [*drawn, f"M{MARGIN} {up(0):.1f}H{WIDTH - MARGIN}M{zero:.1f} {MARGIN}V{HEIGHT - MARGIN}"]
