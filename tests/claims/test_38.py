"""Question 38, dropout: what the note says, held against computation."""

import math

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from examples import (
    coadaptation,
    dropout_saddles,
    dropout_steps,
    dropout_width,
    mask_conventions,
    mc_dropout,
    variance_shift,
    well_escape,
)
from optnotes.dropout import (
    dropout_expected_loss,
    dropout_penalty_gradient,
    dropout_ridge,
    dropout_variance_ratio,
    inverted_dropout,
)
from tests.claims.items import code, curves, number
from tests.dropout.masks import all_masks, mean
from tests.examples import numbers_of, result_of


def normal(*shape, seed):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def torch_dropout(p, x):
    with torch.random.fork_rng():
        torch.manual_seed(38)
        return torch.nn.Dropout(p)(x)


def test_38_01():
    """Holds: in training each entry is zero with probability p, and p is the probability of dropping."""
    x = 2.0 + normal(200, 200, seed=1).abs()
    dropped = torch_dropout(0.3, x)
    zero = dropped == 0
    torch.testing.assert_close(dropped[~zero], x[~zero] / 0.7)
    # Five standard deviations of the share of zeros; read as a keep probability, 0.3 would give 0.7 zeros.
    assert abs(zero.double().mean().item() - 0.3) < 5 * (0.3 * 0.7 / x.numel()) ** 0.5


def test_38_02():
    """Condition: values from 0.2 to 0.5 help the wide net, which would like more still, and harm the narrow ones."""
    test = {p: result_of(dropout_width).test[dropout_width.WIDE, p].mean() for p in dropout_width.PROBABILITIES}
    for p in (0.2, 0.5):
        assert test[p] < 0.8 * test[0.0]
    assert numbers_of(dropout_width)["best_p"] > 0.5
    best = result_of(dropout_width).best
    for width in (4, 8, 16):
        assert best[width, 0.5].mean() > 1.1 * best[width, 0.0].mean()


def test_38_03():
    """Condition: a net with dropout survives the loss of units, but so does one that has only seen Gaussian noise."""
    found = numbers_of(coadaptation)
    assert found["removed_wins"] == found["seeds"]
    assert found["removed_dropout"] > found["removed_plain"] + 0.1
    assert abs(found["removed_dropout"] - found["removed_gaussian"]) < 0.03
    # In linear regression the whole mean effect is a quadratic penalty, whatever the features do together.
    X, y, w = normal(3, 2, seed=2) + 0.4, normal(3, seed=3), normal(2, seed=4)
    masks, p = all_masks(3, 2), 0.3
    losses = torch.stack([(y - inverted_dropout(X, mask, p) @ w).square().mean() for mask in masks])
    penalty = p / (1 - p) * (w.square() * X.square().mean(0)).sum()
    torch.testing.assert_close(mean(losses, masks, p), (y - X @ w).square().mean() + penalty)
    torch.testing.assert_close(mean(losses, masks, p), dropout_expected_loss(X, y, w, p))


def test_38_04():
    """Imprecise: at p = 0.5 a weight still depends on the other feature; only as p tends to one it does not."""
    z = torch.linalg.qr(normal(50, 2, seed=5)).Q * 50**0.5
    X = torch.stack([z[:, 0], 0.8 * z[:, 0] + 0.6 * z[:, 1]], 1)
    y = X @ torch.tensor([1.0, 1.0], dtype=torch.float64)
    together = dropout_ridge(X, y, 0.5)[0]
    alone = dropout_ridge(X[:, :1], y, 0.5)[0]
    assert (together - alone).abs() > 0.1 * alone
    marginal = X[:, 0] @ y / (X[:, 0] @ X[:, 0])
    p = 0.999
    # The weights of the standard scheme are larger by 1 / (1 - p).
    torch.testing.assert_close(dropout_ridge(X, y, p)[0] / (1 - p), marginal, rtol=0.01, atol=0.0)
    # The units of a net with dropout are still correlated, about as much as those of a net without.
    found = numbers_of(coadaptation)
    assert found["correlation_dropout"] > 0.75 * found["correlation_plain"] > 0.2


def test_38_05():
    """Condition: the wide net overfits less and the narrow one gets worse; pixel noise hurts hardly less."""
    found = numbers_of(dropout_width)
    assert found["test_wide_with"] < 0.7 * found["test_wide_without"]
    assert found["best_narrow_with"] > 1.2 * found["best_narrow_without"]
    assert found["eval_mode_narrow_with"] > 1.5 * found["eval_mode_narrow_without"]
    found = numbers_of(coadaptation)
    assert 0 < found["pixels_dropout"] - found["pixels_plain"] < 0.05


def test_38_06():
    """Holds: dropout makes the gradient noisy, also where every example is fitted; and its mean there is not zero."""
    found = numbers_of(dropout_steps)
    assert found["noise"] > 0.3
    assert found["noise_excess"] < 0.1
    X, w, p, masks = normal(3, 2, seed=6), normal(2, seed=7), 0.3, all_masks(3, 2)
    y = X @ w

    def gradients(features):
        return 2 * features * (features @ w - y)[:, None]

    assert gradients(X).abs().max() < 1e-12
    with_dropout = torch.stack([gradients(inverted_dropout(X, mask, p)).mean(0) for mask in masks])
    average = mean(with_dropout, masks, p)
    torch.testing.assert_close(average, dropout_penalty_gradient(X, w, p))
    assert mean((with_dropout - average).square(), masks, p).min().sqrt() > 0.1
    assert average.abs().min() > 0.1


def test_38_07():
    """Imprecise: dropout parts identical units but never leaves the zero saddle; weak noise stays in a minimum."""
    found = numbers_of(dropout_saddles)
    assert found["apart_dropout"] > 0.1
    assert found["apart_plain"] < 1e-3
    assert found["same_dropout"] < 0.5 * found["same_plain"]
    assert found["zero_largest"] == 0
    assert found["zero_dropout"] == found["start"] > 5 * found["zero_added"]
    found = numbers_of(well_escape)
    assert found["escaped_weak"] < 0.05 < 0.95 < found["escaped_strong"]


def test_38_08():
    """Holds: every net needs more steps with dropout, at this rate averaging the noise saves few of them."""
    steps = result_of(dropout_steps).steps
    assert (steps[:, dropout_steps.TRAINED.index(0.5)] > steps[:, 0]).all()
    found = numbers_of(dropout_steps)
    assert found["not_reached"] == 0
    assert 1.3 < found["slowdown"] < found["slowdown_largest"] < 4
    assert -0.1 < found["delay_removed"] < 0.25


def test_38_09():
    """Condition: better on new data for a wide net trained to the end, little gained if it is stopped, narrow worse."""
    found = numbers_of(dropout_width)
    assert found["test_wide_with"] < 0.7 * found["test_wide_without"]
    assert 0.9 < found["best_wide_with"] / found["best_wide_without"] < 1.02
    assert found["best_narrow_with"] > 1.2 * found["best_narrow_without"]


def test_38_10():
    """Holds: in eval mode the layer is the identity; Monte Carlo dropout leaves it on, and gains on shifted data."""
    x = normal(5, 4, seed=8)
    layer = torch.nn.Dropout(0.3)
    assert not torch.equal(torch_dropout(0.3, x), x)
    assert torch.equal(layer.eval()(x), x)
    found = numbers_of(mc_dropout)
    assert found["average_noisy"] < 0.9 * found["single_noisy"]
    # Not a gain everywhere: on clean pixels the average is too cautious.
    assert found["ece_average_clean"] > found["ece_single_clean"]


def test_38_11():
    """Imprecise: only the standard scheme scales at inference; scaling inverted dropout again is off by 1 - p."""
    found = numbers_of(mask_conventions)
    for name, factor in (("standard", 1.0), ("standard_unscaled", 1.25), ("standard_swapped", 0.25), ("inverted", 1.0)):
        torch.testing.assert_close(found[f"{name}_factor"], factor)
    torch.testing.assert_close(found["inverted_rescaled_factor"], 0.8)
    # Exact for a linear unit and for the geometric mean of a sigmoid, not through a ReLU.
    assert max(found["linear_error"], found["sigmoid_error"]) < 1e-12
    assert found["relu_mean"] > found["relu_pass"] + 0.1
    assert found["sigmoid_mean"] > found["sigmoid_pass"] + 0.01


def test_38_12():
    """Condition: no parameters and one number to choose; effective for the wide net, harmful for the narrow one."""
    layer = torch.nn.Dropout(0.3)
    assert not list(layer.parameters())
    assert not layer.state_dict()
    found = numbers_of(dropout_width)
    assert found["test_wide_with"] < 0.7 * found["test_wide_without"]
    assert found["test_narrow_with"] > 1.1 * found["test_narrow_without"]


def test_38_13():
    """Holds: the gap between test and training loss shrinks, for the narrow net as well, though that one gets worse."""
    found = numbers_of(dropout_width)
    for size in ("wide", "narrow"):
        assert found[f"gap_{size}_with"] < 0.65 * found[f"gap_{size}_without"]
    assert found["test_narrow_with"] > found["test_narrow_without"]


def test_38_14():
    """Condition: the test loss falls where there was overfitting, and rises with the gap closed where there was not."""
    test = result_of(dropout_width).test
    wins = (test[dropout_width.WIDE, 0.5] < test[dropout_width.WIDE, 0.0]).sum()
    assert wins == dropout_width.SEEDS
    found = numbers_of(dropout_width)
    assert found["gap_narrow_with"] < found["gap_narrow_without"]
    assert found["best_narrow_with"] > 1.2 * found["best_narrow_without"]
    # Exactly: on noiseless data the penalty only adds error.
    X, w = normal(40, 3, seed=9), torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64)
    assert (dropout_ridge(X, X @ w, 0.0) - w).norm() < 1e-12 < 0.1 < (dropout_ridge(X, X @ w, 0.5) - w).norm()


def test_38_15():
    """Holds: the number of steps grows with p, while a step costs the same matrix products."""
    steps = result_of(dropout_steps).steps.mean(0)
    assert (steps.diff() > 0).all()
    layers = torch.nn.Linear(64, 32), torch.nn.Linear(32, 10)
    x, counts = torch.randn(50, 64, generator=torch.Generator().manual_seed(1)), []
    for middle in (torch.nn.ReLU(), torch.nn.Sequential(torch.nn.ReLU(), torch.nn.Dropout(0.5))):
        with FlopCounterMode(display=False) as counter, torch.random.fork_rng():
            torch.nn.Sequential(layers[0], middle, layers[1])(x).sum().backward()
        counts.append(counter.get_total_flops())
    assert counts[0] == counts[1] > 0


def test_38_16():
    """Holds: over p the test loss falls, then rises above the one without dropout; the best p depends on the net."""
    found = numbers_of(dropout_width)
    assert 0 < found["best_p"] < found["largest_p"]
    assert found["test_best_p"] < 0.7 * found["test_wide_without"]
    assert found["test_largest_p"] > 1.2 * found["test_wide_without"]
    assert found["best_narrow_without"] < found["best_narrow_with"]


def test_38_17():
    """Holds: narrow nets get worse, and before batch normalisation the stored variance is wrong at inference."""
    found = numbers_of(dropout_width)
    assert found["best_narrow_with"] > 1.2 * found["best_narrow_without"]
    found = numbers_of(variance_shift)
    assert found["ratio_error"] < 0.1
    assert found["ratio_smallest"] > found["centred"] == 2.0
    assert found["last"] < 0.2 < 0.99 < found["behind"]
    centred, one = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    torch.testing.assert_close(dropout_variance_ratio(centred, one, 0.5).item(), 2.0)


def test_38_d17():
    outcomes, shares = [0.0, 3 / 0.8], [0.2, 0.8]
    mean = sum(h * share for h, share in zip(outcomes, shares, strict=True))
    assert math.isclose(number("38-d17"), sum((h - mean) ** 2 * s for h, s in zip(outcomes, shares, strict=True)))


def test_38_d18():
    square = (1 + 2**2) / 0.5  # the mean square of what is kept and doubled
    assert math.isclose(number("38-d18"), square - 2**2)


def test_38_d19():
    assert math.isclose(number("38-d19"), 5 * 0.6)


def test_38_d20():
    torch.manual_seed(0)
    x = torch.ones(1, 4)
    wrong, cured = (network(4, 32, 2).eval() for network in code("38-d20"))
    assert not torch.equal(wrong(x), wrong(x))
    assert torch.equal(cured(x), cured(x))
    cured.train()
    assert not torch.equal(cured(x), cured(x))


def test_38_d21():
    torch.manual_seed(0)
    h = torch.ones(100_000)
    wrong, cured = (dropout(h, 0.2).mean().item() for dropout in code("38-d21"))
    assert abs(wrong - 0.25) < 0.01
    assert abs(cured - 1) < 0.01


def test_38_d22():
    inverted, plain, mean = curves("38-d22", 0, 0.625, 1)
    assert inverted == pytest.approx([0, 1, 4])
    assert plain == pytest.approx([0, 0.25, 0.16])
    assert mean == pytest.approx([1, 0.5, 0.2])
