"""Autocast changes no formula: the precision of the arguments is kept, as the conventions page promises."""

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
import torch

from optnotes._formula import _autocast
from optnotes._precision import full_precision
from tests.contracts.arguments import FORMULAS, POINTS, WITH_TENSORS, converted, tensors
from tests.points import Draw


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", WITH_TENSORS)
def test_autocast_changes_nothing(name, dtype):
    arguments = converted(POINTS[name](Draw(0)), lambda tensor: tensor.to(dtype))
    try:
        expected = FORMULAS[name](**arguments)
    except ValueError:  # half precision, refused
        return
    with torch.autocast("cpu", dtype=torch.bfloat16):
        actual = FORMULAS[name](**arguments)
    torch.testing.assert_close(actual, expected, rtol=0, atol=0)
    assert {tensor.dtype for tensor in tensors(actual)} == {dtype}


def test_on_another_device_its_own_autocast_is_asked(monkeypatch):
    there = SimpleNamespace(is_cpu=False, device=SimpleNamespace(type="elsewhere"))
    for known, on in ((True, True), (True, False), (False, True)):
        monkeypatch.setattr(torch.amp, "is_autocast_available", lambda kind, known=known: known and kind == "elsewhere")
        monkeypatch.setattr(torch, "is_autocast_enabled", lambda kind, on=on: on and kind == "elsewhere")
        assert _autocast(there) == (known and on)


def test_a_device_without_autocast_needs_no_context(monkeypatch):
    monkeypatch.setattr(torch.amp, "is_autocast_available", lambda kind: False)
    assert isinstance(full_precision(torch.ones(1)), nullcontext)
