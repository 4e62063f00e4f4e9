"""Autocast changes no formula: the precision of the arguments is kept, as the conventions page promises."""

import pytest
import torch

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
