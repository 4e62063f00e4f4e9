"""Indices mean what they say over several layers and steps: one table holds every indexed name of a whole run."""

import re
from itertools import pairwise

import pytest
import torch

from tests.formula_docs import read
from tests.tex.test_formulas import FORMULAS, READ

INDEX = re.compile(r"_(?:\{([lLt])([+-]1)?\}|([lLt]))(?![A-Za-z])")
LAYERS, STEPS = 4, 5
CONSTANTS = {"lr": 0.13, "lam": 0.4, "beta1": 0.8, "beta2": 0.6, "beta": 0.7, "eps": 0.01}


def square(s):
    return 0.1 * s**2 + s


def slope(s):
    return 0.2 * s + 1


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def network():
    """Signals, weights and gradients of a net whose layers all have different widths."""
    widths = [3, 5, 2, 6, 4]
    weights = [normal(b, a, seed=a).requires_grad_() for a, b in pairwise(widths)]
    biases = [normal(b, seed=10 * b).requires_grad_() for b in widths[1:]]
    table, h = {"h_0": normal(3, seed=0), "\\phi'": slope}, normal(3, seed=0)
    hs, zs = [], []
    for W, b in zip(weights, biases, strict=True):
        zs.append(W @ h + b)
        h = square(zs[-1])
        hs.append(h)
    loss = (h - normal(4, seed=1)).square().sum()
    found = iter(torch.autograd.grad(loss, [*weights, *biases, *zs, *hs]))
    for name, values in (("W", weights), ("b", biases), ("z", zs), ("h", hs)):
        for number, value in enumerate(values, 1):
            table[f"{name}_{number}"] = value.detach()
            table[f"\\nabla_{{{name}_{number}}} \\mathcal{{L}}"] = next(found)
    for number in range(1, LAYERS + 1):
        table[f"\\delta_{number}"] = table[f"\\nabla_{{z_{number}}} \\mathcal{{L}}"]
        W, grad = (table[key] for key in (f"W_{number}", f"\\nabla_{{W_{number}}} \\mathcal{{L}}"))
        table[f"e_{number}"] = (W * grad).sum()
    return table


def widths():
    """Mean squares of signal and gradient in wide layers whose widths differ, by the moments of a normal number."""
    sizes, q = [40, 80, 20, 60, 30], [0.8]
    table = {"\\phi": square, "\\phi'": slope, "\\sigma_w^2": 1.7, "\\sigma_b^2": 0.3}
    for number in range(1, LAYERS + 1):
        q.append(1.7 * (0.03 * q[-1] ** 2 + q[-1]) + 0.3)
        table[f"n_{number}"] = sizes[number]
        table[f"\\chi_{number}"] = torch.tensor(1.7 * (0.04 * q[-1] + 1), dtype=torch.float64)
    table |= {f"q_{number}": torch.tensor(value, dtype=torch.float64) for number, value in enumerate(q)}
    for number in range(1, LAYERS):
        fan_in, fan_out = sizes[number], sizes[number + 1]
        W, delta = (1.7 / fan_in) ** 0.5 * normal(4000, fan_out, fan_in, seed=number), normal(4000, fan_out, 1, seed=9)
        back = slope(q[number] ** 0.5 * normal(4000, fan_in, seed=8)) * (W.mT @ delta)[..., 0]
        table[f"c_{number}"] = back.square().mean() / delta.square().mean()
    return table


def descent(make, rule):
    """What an optimiser of torch does with a quadratic whose minimum is not at zero."""
    H, w_star = torch.diag(torch.tensor([0.5, 2.0, 3.0], dtype=torch.float64)), normal(3, seed=2)
    w = normal(3, seed=3).requires_grad_()
    table: dict[str, object] = {"H": H, "w^*": w_star, "m_0": torch.zeros(3).double(), "v_0": torch.zeros(3).double()}
    optimiser = make([w])
    table["w_0"] = w.detach().clone()
    for step in range(1, STEPS + 1):
        optimiser.zero_grad()
        ((w - w_star) @ H @ (w - w_star) / 2).backward()
        table[f"g_{step}"] = table[f"\\nabla \\mathcal{{L}}(w_{step - 1})"] = w.grad.clone()
        optimiser.step()
        table[f"w_{step}"] = w.detach().clone()
        table |= {f"{symbol}_{step}": optimiser.state[w][key].clone() for symbol, key in rule.items()}
    return table


def memory():
    """An LSTM of torch; its second bias is zero."""
    cell = torch.nn.LSTMCell(2, 3).double()
    torch.nn.init.zeros_(cell.bias_hh)
    table = {
        "W": cell.weight_ih.detach().reshape(4, 3, 2),
        "U": cell.weight_hh.detach().reshape(4, 3, 3),
        "b": cell.bias_ih.detach().reshape(4, 3),
        "h_0": normal(3, seed=4),
        "c_0": normal(3, seed=5),
    }
    for step in range(1, STEPS + 1):
        table[f"x_{step}"] = normal(2, seed=10 + step)
        state = cell(table[f"x_{step}"][None], (table[f"h_{step - 1}"][None], table[f"c_{step - 1}"][None]))
        table[f"h_{step}"], table[f"c_{step}"] = (each[0].detach() for each in state)
    return table


ADAM = {"lr": 0.13, "weight_decay": 0.4, "betas": (0.8, 0.6), "eps": 0.01}
MOMENTS = {"m": "exp_avg", "v": "exp_avg_sq"}
TABLES = {
    **dict.fromkeys(("backprop", "euler_inner_product", "layer_gradients", "output_delta"), network),
    **dict.fromkeys(("component_gain", "gradient_gain", "variance_step"), widths),
    "adam_step": lambda: descent(lambda ws: torch.optim.Adam(ws, **ADAM), MOMENTS),
    "adamw_step": lambda: descent(lambda ws: torch.optim.AdamW(ws, **ADAM), MOMENTS),
    "gd_quadratic_step": lambda: descent(lambda ws: torch.optim.SGD(ws, 0.13), {}),
    "weight_decay_step": lambda: descent(lambda ws: torch.optim.SGD(ws, 0.13, weight_decay=0.4), {}),
    "momentum_step": lambda: descent(lambda ws: torch.optim.SGD(ws, 0.13, 0.7), {"v": "momentum_buffer"}),
    "lstm_step": memory,
}
# Formulas with such names that no chain can test, and why.
ALIKE = {
    "xavier_bound": "the two widths may be exchanged",
    "xavier_std": "the two widths may be exchanged",
    "scalar_chain": "its indices are those of the first and the last layer, which no parameter has",
}


def at(symbol, place):
    """A symbol with its index counted from a place: ``W_{l+1}`` in layer 2 is ``W_3``."""

    def number(index):
        return f"_{(LAYERS if 'L' in (index[1], index[3]) else place) + int(index[2] or 0)}"

    return INDEX.sub(number, symbol or "")


def names_of(full):
    """Symbols of the parameters by their names, and those of what is returned."""
    doc = read(FORMULAS[full])
    return {entry.name: entry.symbol for entry in doc.parameters}, [entry.symbol for entry in doc.returns]


def indexed(full):
    parameters, returned = names_of(full)
    return any(INDEX.search(symbol or "") for symbol in (*parameters.values(), *returned))


def wrong(function, parameters, returned, table):
    """Places at which the function does not give what stands in the table under the names of its docstring."""
    tried = 0
    for place in range(1, max(LAYERS, STEPS)):
        keys = {name: at(symbol, place) for name, symbol in parameters.items()}
        results = [at(symbol, place) for symbol in returned]
        # The gradient of Adam has no index: it is that at the weights before the step.
        keys = {name: f"g_{place}" if key == "g" else key for name, key in keys.items()}
        given = {name: table.get(key, place if key == "t" else CONSTANTS.get(name)) for name, key in keys.items()}
        if any(value is None for value in given.values()) or any(key not in table for key in results):
            continue  # beyond the ends of the table
        tried += 1
        try:
            value = function(**given)
        except ValueError as error:  # of another size
            yield place, str(error)
            continue
        for key, one in zip(results, value if isinstance(value, tuple) else (value,), strict=True):
            tolerance = 0.05 if key.startswith("c_") and one.ndim == 0 else 1e-9  # measured over random weights
            if one.shape != table[key].shape or not torch.allclose(one, table[key], rtol=tolerance, atol=1e-9):
                yield place, key
    if not tried:
        yield "nowhere", "all names of the docstring stand in the table"


SHORT = {full.rpartition(".")[2]: full for full in READ}


def test_every_formula_with_such_an_index_has_its_table():
    assert {full.rpartition(".")[2] for full in READ if indexed(full)} == TABLES.keys() | ALIKE.keys()


@pytest.mark.parametrize("name", TABLES)
def test_indices_mean_what_they_say(name):
    assert list(wrong(FORMULAS[SHORT[name]], *names_of(SHORT[name]), TABLES[name]())) == []


def shifts(parameters, returned):
    """The same names, one of them with the next or the last index wherever it stands."""
    for symbol in {symbol for symbol in (*parameters.values(), *returned) if INDEX.search(symbol or "")}:
        for step in (-1, 1):

            def moved(index, step=step):
                letter, by = index[1] or index[3], int(index[2] or 0) + step
                return f"_{{{letter}{by:+d}}}" if by else f"_{letter}"

            other = INDEX.sub(moved, symbol)
            if INDEX.search(other):  # and not two layers further
                swap = {symbol: other}
                changed = {name: swap.get(each, each) for name, each in parameters.items()}
                yield f"{symbol} -> {other}", (changed, [swap.get(each, each) for each in returned])


@pytest.mark.parametrize("name", TABLES)
def test_a_name_with_another_index_is_noticed(name):
    function, table = FORMULAS[SHORT[name]], TABLES[name]()
    planted = dict(shifts(*names_of(SHORT[name])))
    assert planted
    assert [label for label, names in planted.items() if not list(wrong(function, *names, table))] == []
