"""What the cures_by_hand example shows: numbers that a pencil finds, too."""

import math
from functools import partial

import pytest
import torch
from torch.nn import functional

from examples import cures_by_hand
from optnotes.gradients import he_std
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, cures_by_hand)
numbers = partial(numbers_of, cures_by_hand)
PENCIL = {
    "square": 25,  # (49 + 1 + 25 + 25) / 4
    "kept": 12.5,  # (49 + 1) / 4
    "kept_sum": 50,
    "xavier_after": 12.5,  # 50 / 4
    "he_after": 25,  # 50 / 2
    "default_after": 25 / 6,  # 50 / 12
    "xavier_inverse": 4,
    "he_inverse": 2,
    "default_inverse": 12,
    "xavier_left": 2.0**-25,
    "he_left": 1,
    "default_left": 6.0**-25,
    "chain": -0.006,
    "residual": 1.144,  # 1.1 × 0.8 × 1.3
    "single": 0.2,
    "double": -0.05,  # -0.02 + 0.03 - 0.06
    "paths": 8,
    "shortcut_growth": 2.0**25,
    "scaled_growth": 1.02**25,
}


@pytest.mark.parametrize("name", PENCIL)
def test_a_pencil_finds_the_same(name):
    assert math.isclose(numbers()[name], PENCIL[name], rel_tol=1e-6)


def test_the_paths_add_up_to_the_product_of_the_blocks():
    found = numbers()
    assert math.isclose(1 + found["single"] + found["double"] + found["chain"], found["residual"])


def test_gelu_with_he_weights_loses_what_a_wide_net_loses():
    """Four nets of width 512 each: the geometric mean lies within a decade of the prediction, ReLU keeps its norm."""
    logs = {"gelu": [], "relu": []}
    for seed in range(4):
        for name, found in logs.items():
            generator = torch.Generator().manual_seed(seed)
            x = torch.randn(4, 512, generator=generator, dtype=torch.float64).requires_grad_()
            h = x
            for _ in range(numbers()["depth"]):
                W = torch.randn(512, 512, generator=generator, dtype=torch.float64) * he_std(512)
                h = getattr(functional, name)(h @ W.T)
            grad = torch.randn(h.shape, generator=generator, dtype=torch.float64)
            (below,) = torch.autograd.grad((h * grad).sum(), x)
            found.append((below.norm() / grad.norm()).log10().item())
    mean = {name: sum(found) / len(found) for name, found in logs.items()}
    assert abs(mean["gelu"] - math.log10(numbers()["gelu_left"])) < 1.5
    assert mean["gelu"] < -4
    assert abs(mean["relu"]) < 1


def test_repeatable():
    assert_deterministic(cures_by_hand, result())


def test_published():
    assert_plain(numbers())
