"""Checks shared by the activations: a derivative against autograd and torch, extremes included."""

from collections.abc import Callable

import torch
from torch import Tensor

GRID = torch.cat([torch.linspace(-6, 6, 49), torch.tensor([-1000.0, -40.0, -1e-30, 1e-30, 40.0, 1000.0])]).double()

Function = Callable[[Tensor], Tensor]


def autograd(function: Function, x: Tensor) -> Tensor:
    x = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(function(x).sum() + 0 * x.sum(), x)  # a step function has no graph of its own
    return slope


def check(function: Function, derivative: Function, oracle: Function) -> None:
    """Values and slopes agree with torch on a grid with zero and the extremes, in both precisions."""
    for dtype in (torch.float32, torch.float64):
        x = GRID.to(dtype)
        torch.testing.assert_close(function(x), oracle(x))
        torch.testing.assert_close(derivative(x), autograd(oracle, x))
        torch.testing.assert_close(derivative(x), autograd(function, x))
        assert autograd(derivative, x).isfinite().all()
