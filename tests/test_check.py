"""The check of results: undefined entries are refused, infinite ones are not."""

import pytest
import torch

from optnotes import _check


def test_only_undefined_entries_are_refused():
    infinite = torch.tensor([float("inf"), -float("inf")])
    assert _check.defined(infinite) is infinite  # their sum is not a number, they are numbers
    with pytest.raises(ValueError, match="not a number"):
        _check.defined(torch.tensor([1.0, float("nan")]))
