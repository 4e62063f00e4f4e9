"""What the penalty_limits example shows: a lower training loss with decay, and an error that only rises."""

from functools import partial

import torch
from sklearn.linear_model import Ridge
from torch import nn

from examples import penalty_limits
from optnotes.site.figures.digits import load_digits
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, penalty_limits)
numbers = partial(numbers_of, penalty_limits)


def test_decay_in_front_of_normalisation_lowers_the_training_loss_in_every_seed():
    plain, decayed = result().losses
    assert (decayed < 0.7 * plain).all()


def test_the_installed_layers_and_optimiser_do_the_same(monkeypatch):
    """Few steps of the first net, with nn.BatchNorm1d and the decay of torch.optim.SGD."""
    monkeypatch.setattr(penalty_limits, "STEPS", 20)
    ours = penalty_limits.training_losses(torch.Generator().manual_seed(5))
    generator, width = torch.Generator().manual_seed(5), penalty_limits.WIDTH
    pixels, digits = load_digits()
    X, y = (pixels[: penalty_limits.EXAMPLES] / 16 - 0.3).float(), digits[: penalty_limits.EXAMPLES]
    layers = []
    for rows, columns in ((width, 64), (width, width), (10, width)):
        drawn = torch.randn(penalty_limits.SEEDS, rows, columns, generator=generator) * columns**-0.5
        layers.append(nn.Linear(columns, rows, bias=False))
        layers[-1].weight.data.copy_(drawn[0])
    norms = [nn.BatchNorm1d(width, affine=False) for _ in range(2)]
    net = nn.Sequential(layers[0], norms[0], nn.ReLU(), layers[1], norms[1], nn.ReLU(), layers[2])
    groups = [{"params": [layer.weight for layer in layers[:2]], "weight_decay": 1.0}, {"params": [layers[2].weight]}]
    optimizer = torch.optim.SGD(groups, lr=penalty_limits.LR)
    for _ in range(20):
        loss = nn.functional.cross_entropy(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert abs(ours[1, 0] - loss.item()) < 1e-4


def test_the_error_on_new_data_only_rises_with_the_strength():
    assert (result().errors.diff(dim=0) > 0).all()
    assert numbers()["error_strong"] > 1.5 * numbers()["error_none"]


def test_the_fit_is_ridge_regression():
    """The weights of one draw, from scikit-learn; the error counts what they miss along each direction."""
    generator = torch.Generator().manual_seed(3)
    found = penalty_limits.errors(generator)
    generator = torch.Generator().manual_seed(3)
    scale = torch.ones(penalty_limits.COLUMNS, dtype=torch.float64)
    scale[0] = penalty_limits.STRONG**0.5
    sizes = (penalty_limits.COLUMNS, 1)
    X, e = (torch.randn(penalty_limits.ROWS, k, generator=generator, dtype=torch.float64) for k in sizes)
    y = X[:, 0] + penalty_limits.NOISE * e[:, 0]
    for alpha, error in zip(penalty_limits.ALPHAS[1:], found[1:], strict=True):
        fitted = Ridge(alpha, fit_intercept=False).fit((X * scale).numpy(), y.numpy())
        w = torch.tensor(fitted.coef_) * scale
        w[0] -= 1
        assert abs(w.square().sum() - error) < 1e-8


def test_repeatable():
    assert_deterministic(penalty_limits, result())


def test_published():
    assert_plain(numbers())
