"""What the logit_control example shows."""

from functools import partial

import pytest
import torch

from examples import logit_control
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, logit_control)
numbers = partial(numbers_of, logit_control)


def test_logits_grow_with_the_square_of_the_scale():
    found = numbers()
    assert found["large_std"] == pytest.approx(logit_control.SCALE**2 * found["plain_std"])
    assert found["plain_std"] == pytest.approx(1, abs=0.1)


def test_large_logits_kill_the_jacobian_and_the_cures_bring_it_back():
    found = numbers()
    assert found["large_top"] > 0.85
    assert found["large_slope"] < found["plain_slope"]
    assert found["normed_slope"] == pytest.approx(found["plain_slope"], rel=0.1)
    assert found["normed_std"] == pytest.approx(1, abs=0.1)
    assert found["capped_largest"] <= logit_control.CAP


def test_qk_norm_forgets_the_scale():
    unit = partial(torch.nn.functional.rms_norm, normalized_shape=(64,), eps=0.0)
    q = torch.randn(3, 64, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    torch.testing.assert_close(unit(100 * q), unit(q))


def test_the_z_loss_brings_the_normaliser_to_one():
    assert numbers()["log_z_before"] > 7
    assert numbers()["log_z_after"] < 1e-3


def test_repeatable():
    assert_deterministic(logit_control, result())


def test_published():
    assert_plain(numbers())
