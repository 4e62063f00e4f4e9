"""The TeX reader with mpmath in place of torch: an equation's value to at least fifty digits."""

import importlib.util
import math
import operator
import sys
from contextlib import ExitStack
from types import ModuleType, SimpleNamespace
from unittest import mock

import mpmath as mp
import numpy as np
import torch

import tests.tex

# Fifty are compared; the others are for equations that cancel, down to the smallest number of float64.
DIGITS = 400


class High(np.ndarray):
    """An array of mpmath numbers, or of truth values, with the few methods of a tensor that the reader uses."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        found = getattr(ufunc, method)(*(np.asarray(part) for part in inputs), **kwargs)
        return np.asarray(found, dtype=object).view(High)

    def __getitem__(self, key):
        return np.asarray(np.asarray(self)[key], dtype=object).view(High)

    def item(self):
        return np.asarray(self).item()

    def double(self):
        return entrywise(number)(self)

    int = double

    def abs(self):
        return abs(self)

    def sqrt(self):
        return entrywise(mp.sqrt)(self)

    def sum(self, axis=None, **_):
        return high(np.asarray(self).sum(axis=axis))

    def mean(self, **_):
        return self.sum() / self.size

    def all(self, axis=None, **_):
        return np.asarray(np.asarray(self).astype(bool).all(axis=axis), dtype=object).view(High)

    def __matmul__(self, other):
        return high(np.dot(np.asarray(self), np.asarray(other)))


def high(value) -> High:
    """Numbers, tensors or arrays as mpmath numbers, exactly."""
    if isinstance(value, torch.Tensor):
        value = value.double().numpy()
    return entrywise(number)(np.asarray(value, dtype=object))


def number(value):
    return mp.mpf(bool(value) if isinstance(value, np.bool_) else value)


def entrywise(function):
    """The function of numbers on every entry."""

    def apply(x):
        found = np.empty(x.size, dtype=object)
        found[:] = [function(y) for y in np.asarray(x).flatten().tolist()]
        return found.reshape(x.shape).view(High)

    return apply


def matrix(a):
    return mp.matrix(a.tolist())


def matrix_norm(a, order):
    return high(mp.norm(matrix(a), "f") if order == "fro" else max(mp.svd_r(matrix(a), compute_uv=False)))


def matrix_power(a, exponent):
    power = matrix(a) ** exponent
    return high(np.array(power.tolist(), dtype=object))


def vector_norm(a, order):
    return high(mp.norm(np.asarray(a).flatten().tolist(), mp.inf if order == math.inf else order))


def eigh(a):
    values, vectors = mp.eigsy(matrix(a))
    return high(list(values)), high(np.array(vectors.tolist(), dtype=object))


def where(condition, a, b):
    return high(np.where(np.asarray(condition).astype(bool), np.asarray(a), np.asarray(b)))


def softmax(a, _):
    exponentials = entrywise(mp.exp)(a)
    return exponentials / exponentials.sum()


def stacked(values):
    return np.stack([np.asarray(value) for value in values]).astype(object).view(High)


def fake_torch() -> ModuleType:
    """What the reader asks of torch, computed by mpmath."""
    names = {
        name: entrywise(getattr(mp, name))
        for name in ("exp", "log", "sin", "cos", "acos", "tanh", "cosh", "sinh", "erf")
    }
    names |= {name: getattr(operator, name) for name in ("eq", "ne", "lt", "gt", "le", "ge")}
    module = ModuleType("torch")
    module.__dict__.update(names)
    module.__dict__.update(
        Tensor=High,
        float64="high",
        sqrt=entrywise(mp.sqrt),
        digamma=entrywise(mp.digamma),
        sign=entrywise(mp.sign),
        special=SimpleNamespace(ndtr=entrywise(mp.ncdf)),
        tensor=lambda value, dtype: high(value),
        eye=lambda n, dtype: high(np.eye(n)),
        arange=lambda low, end, step, dtype: high(np.arange(low, end, step)),
        outer=lambda a, b: high(np.outer(a, b)),
        diag=lambda a: high(np.diag(np.asarray(a))),
        trace=lambda a: high(np.trace(np.asarray(a))),
        stack=stacked,
        broadcast_tensors=lambda *values: [v.view(High) for v in np.broadcast_arrays(*map(np.asarray, values))],
        where=where,
        maximum=lambda a, b: where(a >= b, a, b),
        minimum=lambda a, b: where(a <= b, a, b),
        softmax=softmax,
        allclose=lambda a, b: bool((abs(a - b) < 1e-12).all()),
        linalg=SimpleNamespace(matrix_norm=matrix_norm, matrix_power=matrix_power, vector_norm=vector_norm, eigh=eigh),
    )
    return module


def reader() -> ModuleType:
    """A copy of ``tests.tex.reader`` that computes with mpmath."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(sys.modules, {"torch": fake_torch()}))
        for name in ("values", "reader"):
            spec = importlib.util.find_spec(f"tests.tex.{name}")
            module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            stack.enter_context(mock.patch.object(tests.tex, name, module, create=True))
            spec.loader.exec_module(module)
        return module
