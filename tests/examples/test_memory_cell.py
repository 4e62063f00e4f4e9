"""What the memory_cell example shows: tanh bounds what a step adds, a gate forgets, and without either all piles up."""

import math
from functools import partial

import torch
from torch import nn

from examples import memory_cell
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, memory_cell)
numbers = partial(numbers_of, memory_cell)


def test_tanh_keeps_the_memory_small_and_relu_does_not():
    assert numbers()["tanh_most"] <= 5
    assert numbers()["relu_least"] >= 1000


def test_without_forgetting_the_output_saturates():
    assert numbers()["saturated_least"] >= 0.7
    forgetting = (torch.tanh(result().tanh).abs() > 0.99).double().mean()
    assert forgetting < 0.05


def test_what_tanh_adds_in_a_step_is_at_most_one():
    assert result().unforgetting.abs().max() <= memory_cell.STEPS


def test_the_installed_cell_has_the_same_memory():
    generator = torch.Generator().manual_seed(39)
    shape = (memory_cell.SEEDS, 4 * memory_cell.WIDTH, memory_cell.WIDTH)
    W, U = (torch.randn(shape, generator=generator).double() / math.sqrt(memory_cell.WIDTH) for _ in range(2))
    x = torch.randn(memory_cell.STEPS, memory_cell.SEEDS, memory_cell.WIDTH, memory_cell.BATCH, generator=generator)
    for seed in (0, 7):
        cell = nn.LSTM(memory_cell.WIDTH, memory_cell.WIDTH).double()
        cell.weight_ih_l0.data, cell.weight_hh_l0.data = W[seed], U[seed]
        for bias in (cell.bias_ih_l0, cell.bias_hh_l0):
            nn.init.zeros_(bias)
        cell.bias_ih_l0.data[memory_cell.WIDTH : 2 * memory_cell.WIDTH] = memory_cell.BIAS
        _, (_, c) = cell(x[:, seed].double().mT)
        torch.testing.assert_close(c[0].mT, result().tanh[seed])


def test_repeatable():
    assert_deterministic(memory_cell, result())


def test_published():
    assert_plain(numbers())
