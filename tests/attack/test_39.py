"""Question 39: dead units."""

import numpy as np
import pytest
import torch
from sklearn.neural_network import MLPClassifier, MLPRegressor
from torch import nn

from optnotes.site.figures.digits import load_digits
from tests.attack.search import SEED, Interval, Statement


def revives(seed, bias, decay, rate):
    """Steps until decay of the weights alone brings a dead unit with a positive bias back, against the prediction."""
    generator = torch.Generator().manual_seed(seed)
    X = 1 + torch.rand(50, 4, generator=generator).double()
    linear = nn.Linear(4, 1).double()
    with torch.no_grad():
        linear.weight.copy_(-1 - torch.rand(1, 4, generator=generator))
        linear.bias.fill_(bias)
    at_start = (X @ linear.weight.detach().T).max().item()
    optimizer = torch.optim.SGD(
        [{"params": [linear.weight], "weight_decay": decay}, {"params": [linear.bias], "weight_decay": 0.0}], lr=rate
    )
    needed = torch.tensor(bias / -at_start).log() / torch.tensor(1 - rate * decay).log()
    for _ in range(int(1.1 * needed) + 3):
        out = linear(X).relu()
        if (out > 0).any():
            return 1.0
        optimizer.zero_grad()
        out.sum().backward()
        optimizer.step()
    return -1.0


DECAY_REVIVES = Statement(
    "with a positive bias decay of the weights brings a dead unit back",
    {
        "seed": SEED,
        "bias": Interval(0.1, 3.0, log=True),
        "decay": Interval(0.02, 0.5, log=True),
        "rate": Interval(0.05, 1.0, log=True),
    },
    revives,
    draws=15,
    steps=5,
)


ANY_SLOPE_FROM_ZERO_TO_ONE_SERVES = Statement(
    "a line through zero with a slope from zero to one nowhere rises above ReLU",
    {"slope": Interval(0.0, 1.0), "at": Interval(-50.0, 50.0)},
    lambda slope, at: max(at, 0.0) - slope * at + 1e-12,
)


@pytest.mark.parametrize("statement", [ANY_SLOPE_FROM_ZERO_TO_ONE_SERVES])
def test_the_search_finds_no_counter_example(statement):
    statement.check()


def test_other_slopes_do_not_serve():
    for slope in (-0.1, 1.1):
        assert min(max(at, 0.0) - slope * at for at in (-1.0, 1.0)) < 0


def test_old_only_the_layers_below_or_the_data():
    """Refuted: neither changes here, and decay of the matrix alone brings the unit back."""
    assert DECAY_REVIVES.nearest_miss().margin > 0


def test_the_mean_of_raw_pixels_makes_the_gram_matrix_steep():
    pixels, _ = load_digits()
    raw, centred = pixels / 16, (pixels - pixels.mean(0)) / 16
    steep, flat = (torch.linalg.eigvalsh(X.T @ X / len(X))[-1].item() for X in (raw, centred))
    assert steep > 10 * flat


def test_old_inputs_that_are_never_negative_push_all_weights_the_same_way():
    """Refuted over a batch: the signs of a unit's gradient are far from all equal, raw or centred."""
    pixels, digits = load_digits()
    torch.manual_seed(0)
    X, hidden = (pixels[:128] / 16).float(), nn.Linear(64, 32)
    nn.functional.cross_entropy(nn.Linear(32, 10)(hidden(X).relu()), digits[:128]).backward()
    grad = hidden.weight.grad[:, X.var(0) > 0]
    share = torch.maximum((grad > 0).float().mean(1), (grad < 0).float().mean(1)).mean()
    assert share < 0.9


def test_the_activation_of_scikit_learn_is_that_of_the_hidden_layers():
    """A regression net with ReLU has answers below zero, and a classifier ends in softmax."""
    X = np.linspace(-1, 1, 50)[:, None]
    kwargs = {"activation": "relu", "hidden_layer_sizes": (8,), "solver": "lbfgs", "random_state": 0, "max_iter": 500}
    assert MLPRegressor(**kwargs).fit(X, X[:, 0]).predict(X).min() < -0.5
    assert MLPClassifier(**kwargs).fit(X, np.digitize(X[:, 0], [-0.3, 0.3])).out_activation_ == "softmax"
