"""What the underflow_depth example shows."""

import math
from functools import partial

import pytest
import torch

from examples import underflow_depth
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, underflow_depth)
numbers = partial(numbers_of, underflow_depth)


@pytest.mark.parametrize(("dtype", "exponent"), [(torch.float16, -24), (torch.bfloat16, -133), (torch.float32, -149)])
def test_smallest_is_the_last_number_above_zero(dtype, exponent):
    smallest = underflow_depth.smallest(dtype)
    assert smallest == 2.0**exponent
    assert torch.tensor(smallest, dtype=torch.float64).to(dtype) > 0
    assert torch.tensor(smallest / 2.01, dtype=torch.float64).to(dtype) == 0


@pytest.mark.parametrize("name", ["float16", "float16_scaled", "bfloat16", "float32"])
def test_the_range_of_the_format_predicts_the_depth(name):
    # The largest of 64 components outlives the mean square by up to log10(3) decades, and rounding reaches down to half
    # the smallest number, log10(2) decades: together less than a layer of 0.85 decades.
    assert abs(numbers()[f"alive_{name}"] - numbers()[f"predicted_{name}"]) < 1


def test_a_wider_format_postpones_the_zero_and_does_not_stop_the_decay():
    n = numbers()
    assert n["alive_float16"] < n["alive_float16_scaled"] < n["alive_bfloat16"] < n["alive_float32"] < n["layers"]
    slopes = (result().size["float64"][-1] / result().size["float64"][0]).log10() / (underflow_depth.LAYERS - 1)
    # Measured decay per layer within one per cent of the gain's prediction.
    torch.testing.assert_close(-slopes.mean().item(), n["decades_per_layer"], rtol=0.01, atol=0.0)


def test_a_loss_scale_buys_its_own_decades():
    bought = numbers()["alive_float16_scaled"] - numbers()["alive_float16"]
    # A whole number of layers, so one layer of tolerance.
    assert abs(bought - numbers()["scale_decades"] / numbers()["decades_per_layer"]) < 1


@pytest.mark.parametrize("name", ["float16", "float16_scaled", "bfloat16", "float32"])
def test_before_the_threshold_the_formats_agree_with_float64(name):
    size, exact = result().size[name], result().size["float64"]
    dtype, scale = underflow_depth.FORMATS[name]
    above = exact > 1e3 * underflow_depth.smallest(dtype) / scale
    # Rounding to 8 bits in every layer leaves a relative error of a few per cent after fifty layers.
    assert (size[above] / exact[above] - 1).abs().max() < 0.05


def test_zero_is_forever():
    for size in result().size.values():
        assert ((size[:-1] > 0) | (size[1:] == 0)).all()


def test_broken_twin_with_the_normal_range_misses_the_depth_of_bfloat16(monkeypatch):
    start = result().size["float64"][0].mean().item()
    monkeypatch.setattr(underflow_depth, "smallest", lambda dtype: torch.finfo(dtype).tiny)
    broken = underflow_depth.predicted_layers(result().gain, start, "bfloat16")
    assert broken - numbers()["alive_bfloat16"] < -math.log10(128) / numbers()["decades_per_layer"] + 1


def test_repeatable():
    assert_deterministic(underflow_depth, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(underflow_depth, result())
    assert {"alive_float16", "alive_float32"} <= placeholders("underflow_depth", "alt")


def test_eps_of_adam_rounds_to_zero_in_float16():
    assert torch.tensor(1e-8, dtype=torch.float16) == 0
    assert torch.tensor(1e-8, dtype=torch.bfloat16) > 0
