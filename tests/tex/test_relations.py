"""What a bound says with its relation is tried: it holds, it is attained, and elsewhere it is not."""

import math
import re
from functools import cache

import pytest
import torch
from torch.nn import functional

from optnotes.activations import exponential_units
from optnotes.gradients import clip_by_norm, clip_by_value
from optnotes.site.tex.parser import COMPARE
from optnotes.site.tex.tokens import tokens
from tests.formula_docs import code_values, read
from tests.points import Draw
from tests.tex.test_formulas import FORMULAS, READ

# On which sides of the right side the left one is seen: a bound is attained somewhere, and elsewhere it is not.
SIGNS = {"\\le": {-1, 0}, "\\ge": {0, 1}, "=": {0}, "\\ne": {-1, 1}, "<": {-1}, ">": {1}}


def first_relation(tex):
    return next(token.text for token in tokens(tex) if token.text in COMPARE)


def growth(weights, slopes, start):
    """By what the layers multiply the norm of a vector on its way back."""
    back = start
    for weight, slope in zip(weights, slopes, strict=True):
        back = slope * (weight.T @ back)
    return (back.norm() / start.norm()).item()


def chains(draw):
    """Any matrices, and those that change no length."""
    weights, slopes, start = draw.normal(4, 5, 5), draw.uniform(-1, 1, 4, 5), draw.normal(5)
    yield {"weights": weights, "slopes": slopes}, growth(weights, slopes, start)
    weights, slopes = 0.7 * torch.linalg.qr(weights).Q, torch.full((4, 5), -0.3, dtype=torch.float64)
    yield {"weights": weights, "slopes": slopes}, growth(weights, slopes, start)


def clipped(draw):
    c, d = draw.real(0.3, 2), draw.integer(3, 9)
    for cut in (1, d):  # components above the threshold
        gradient = torch.where(torch.arange(d) < cut, *torch.tensor([10 * c, c / 7], dtype=torch.float64))
        yield {"c": c, "d": d}, clip_by_value(gradient, c).norm().item()


def steps(draw):
    """Gradients of random directions, and of one direction for long enough that the momentum has settled."""
    lr, c, momentum = draw.real(0.01, 1), draw.real(0.3, 2), draw.real(0.2, 0.7)
    for count, directions in ((5, draw.normal(5, 6)), (400, draw.normal(6).expand(400, 6))):
        w = torch.zeros(6, dtype=torch.float64, requires_grad=True)
        optimiser = torch.optim.SGD([w], lr=lr, momentum=momentum)
        for number in range(count):
            before = w.detach().clone()
            w.grad = clip_by_norm(100 * directions[number], c)
            optimiser.step()
        yield {"lr": lr, "c": c, "momentum": momentum}, (w.detach() - before).norm().item()


def recurrent(draw):
    length = draw.integer(3, 6)
    weight = draw.normal(4, 4)
    for matrix, slopes in (
        (weight, draw.uniform(-0.8, 0.8, length, 4)),
        (torch.linalg.qr(weight).Q, torch.full((length, 4), 0.8, dtype=torch.float64)),
    ):
        jacobian = torch.eye(4, dtype=torch.float64)
        for slope in slopes:
            jacobian = torch.diag(slope) @ matrix @ jacobian
        yield {"W": matrix, "slope": 0.8, "steps": length}, torch.linalg.matrix_norm(jacobian, 2).item()


def grouped(draw):
    """Elastic Net without its L1 part is solved at once; twins have equal weights."""
    n, l2 = draw.integer(20, 40), draw.real(0.2, 2)
    for share in (draw.real(0.2, 0.8), 0.0):
        one = draw.normal(n)
        X = torch.stack([one, one + share * draw.normal(n)], 1)
        X = (X - X.mean(0)) / X.std(0, correction=0)
        y = draw.normal(n)
        y = y - y.mean()
        w = torch.linalg.solve(X.T @ X / n + l2 * torch.eye(2, dtype=torch.float64), X.T @ y / n)
        correlation = 1.0 if share == 0 else (X[:, 0] @ X[:, 1] / n).item()
        yield {"y": y, "l2": l2, "correlation": correlation}, (w[0] - w[1]).abs().item()


BOUNDS = {
    "optnotes.gradients.chain_lower_bound": chains,
    "optnotes.gradients.chain_upper_bound": chains,
    "optnotes.gradients.max_step": steps,
    "optnotes.gradients.rnn_jacobian_bound": recurrent,
    "optnotes.gradients.value_clip_norm_bound": clipped,
    "optnotes.penalties.grouping_bound": grouped,
}


@cache
def seen(name):
    """Signs of left side minus right side at some draws."""
    found = set()
    for seed in range(4):
        for arguments, left in BOUNDS[name](Draw(seed)):
            (right,) = code_values(FORMULAS[name], arguments)
            equal = math.isclose(left, right.item(), rel_tol=1e-9, abs_tol=1e-9)
            found.add(0 if equal else int(math.copysign(1, left - right.item())))
    return found


def true(name, tex):
    """Whether the first relation of an equation is the one that is seen."""
    return first_relation(tex) == "=" if name not in BOUNDS else SIGNS[first_relation(tex)] == seen(name)


@pytest.mark.parametrize("name", READ)
def test_the_first_relation_of_an_equation_is_true(name):
    assert true(name, read(FORMULAS[name]).tex)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("other", SIGNS)
def test_another_relation_is_noticed(name, other):
    tex = read(FORMULAS[name]).tex
    relation = first_relation(tex)
    assert true(name, tex.replace(relation, other, 1)) == (other == relation)


CONSTANTS = {repr(value) for value in vars(exponential_units).values() if isinstance(value, float)}


def long_constants(tex):
    return set(re.findall(r"\d\.\d{7,}", tex))


@pytest.mark.parametrize("name", READ)
def test_long_constants_of_an_equation_have_all_the_digits_of_the_code(name):
    assert long_constants(read(FORMULAS[name]).tex) <= CONSTANTS


def test_selu_has_its_constants():
    """Those that keep mean zero and variance one, as torch has them."""
    assert len(CONSTANTS) == 2
    x = torch.tensor([1.0, -40.0], dtype=torch.float64)
    scale, product = functional.selu(x).abs().tolist()
    assert {repr(scale)} <= CONSTANTS
    assert any(float(scale) * float(each) == pytest.approx(product, rel=1e-15) for each in CONSTANTS)
