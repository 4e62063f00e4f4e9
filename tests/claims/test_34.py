"""Question 34, overfitting: what the note says, held against computation."""

import math

import pytest
import torch
from sklearn.linear_model import LogisticRegression

from examples import double_descent, noisy_labels, optimism, starting_point
from optnotes.generalization import empirical_risk, generalization_gap, min_norm_interpolant, ols_errors
from tests.claims.items import code, number, right
from tests.examples import numbers_of


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def squares(X, w, y):
    return (X @ w - y).square()


def test_34_01():
    """Imprecise: a training loss of zero occurs with a perfect, a harmless and a ruinous fit alike."""
    # Without noise least squares brings both errors to zero together.
    X, new, w = normal(50, 8, seed=1), normal(200, 8, seed=2), normal(8, seed=3)
    fitted = torch.linalg.lstsq(X, (X @ w)[:, None], driver="gelsd").solution[:, 0]
    assert max(empirical_risk(squares(A, fitted, A @ w)).item() for A in (X, new)) < 1e-20
    # With noise: five strong features and thousands of weak ones, which take up the noise and spread it thin.
    scale, n, sigma = torch.cat([torch.ones(5), 0.03 * torch.ones(4000)]).double(), 100, 0.5
    X, new = normal(n, 4005, seed=4) * scale, normal(400, 4005, seed=5) * scale
    true = torch.cat([torch.ones(5), torch.zeros(4000)]).double()
    y, fresh = X @ true + sigma * normal(n, seed=6), new @ true + sigma * normal(400, seed=7)
    benign = min_norm_interpolant(X, y)
    assert empirical_risk(squares(X, benign, y)) < 1e-20
    assert empirical_risk(squares(new, benign, fresh)) < 1.5 * sigma**2
    # The same training loss with a polynomial through 15 noisy points of a sine: this is overfitting.
    x = torch.linspace(-1, 1, 15, dtype=torch.float64)
    between = torch.linspace(-1, 1, 400, dtype=torch.float64)
    y = torch.sin(3 * x) + 0.3 * normal(15, seed=8)
    ruinous = torch.linalg.solve(torch.linalg.vander(x), y)
    held_out = squares(torch.linalg.vander(between, N=15), ruinous, torch.sin(3 * between))
    train = squares(torch.linalg.vander(x), ruinous, y)
    assert empirical_risk(train) < 1e-18
    assert generalization_gap(held_out, train) > 1
    # And a network: on clean labels the lower training loss goes with the higher accuracy.
    found = numbers_of(noisy_labels)
    assert found["clean_train_last"] < found["train_last"]
    assert found["clean_accuracy_last"] > found["accuracy_last"] + 0.1


def test_34_02():
    """Holds, in the extreme: labels drawn at random, with nothing to learn, are learned by heart."""
    curves = noisy_labels.train(0.9, n=150, epochs=60)
    fitted = 0.1 * curves["right"][-1] + 0.9 * curves["wrong"][-1]
    assert fitted.mean() > 0.99
    assert curves["accuracy"][-1].mean() < 0.25
    # At a fifth of wrong labels too: nearly all of them are fitted in the end, against guessing at one in ten.
    assert numbers_of(noisy_labels)["wrong_last"] > 0.95


def test_34_03():
    """Holds: past its minimum the validation loss rises, and for least squares the price has a formula."""
    found = numbers_of(noisy_labels)
    assert found["rise"] > 1.3
    assert found["accuracy_stop"] - found["accuracy_last"] > 0.05
    law = ols_errors(optimism.SIGMA, optimism.CHOSEN, optimism.N)[2]
    # Standard error over 400 noise draws: below 0.015.
    assert abs(numbers_of(optimism)["optimism"] - law) < 0.04
    # A model with too many features gives away exactly what it gains on the training targets.
    gain, loss = (numbers_of(optimism)[f"{key}_predicted"] - optimism.SIGMA**2 for key in ("train", "fresh"))
    torch.testing.assert_close(-gain, loss)


def test_34_04():
    """Imprecise: one Newton step and thousands of gradient steps overfit alike; the minimiser decides."""
    found = numbers_of(optimism)
    assert found["difference"] < 1e-6
    torch.testing.assert_close(found["newton_fresh"], found["descent_fresh"], rtol=1e-6, atol=0.0)
    # How far along its path the training goes does matter.
    assert found["best_fresh"] < 0.9 * found["newton_fresh"]
    # So does the minimiser: equal training error, other start or other optimiser, other error on new data.
    ends = numbers_of(starting_point)
    assert ends["train"] < 1e-6
    assert ends["error_zero"] < ends["error_adam"] < ends["error_far"]


def test_34_05():
    """Condition: worse than the best point of the path, but not a law in the size of the model."""
    found = numbers_of(noisy_labels)
    assert found["valid_last"] > 1.3 * found["valid_stop"]
    assert found["test_last"] > found["test_stop"]
    # Larger models fit the training set at least as well; the error on new data rises, peaks and falls.
    wide = numbers_of(double_descent)
    assert wide["relu_peak"] == wide["relu_n"]
    assert wide["relu_error_peak"] > 5 * wide["relu_error_first"] > 5 * wide["relu_error_last"]


def test_34_d14():
    assert number("34-d14") == 2**2 * (1 + 10 / 40)


def test_34_d15():
    assert number("34-d15") == ((1 - 2) ** 2 + (5 - 2) ** 2) / 2 + 1**2


def test_34_d16():
    assert math.isclose(number("34-d16"), 1 - 18 / 20 + 1 + 18 / (20 - 18 - 1))


def test_34_d17():
    chance = torch.Generator().manual_seed(0)
    X = torch.randn(60, 2000, generator=chance).numpy()
    y = torch.arange(60).remainder(2).numpy()
    wrong, cured = (score(X, y, LogisticRegression()) for score in code("34-d17"))
    assert wrong > 0.8
    assert cured < 0.7


def test_34_d18():
    x = torch.arange(10.0)[:, None]
    y = torch.zeros(10, 1)
    wrong, cured = (
        [loss(torch.nn.Identity(), list(zip(x.split(size), y.split(size), strict=True))) for size in (10, 9, 4)]
        for loss in code("34-d18")
    )
    assert cured == pytest.approx([28.5] * 3)
    assert wrong[0] == pytest.approx(28.5)
    assert wrong[1] > 1.5 * 28.5


def test_34_d19():
    numbers = numbers_of(double_descent)
    assert right("34-d19", "Where there are as many features as examples")
    assert numbers["peak"] == numbers["n"]
    assert numbers["error_peak"] > 3 * numbers["error_last"]
