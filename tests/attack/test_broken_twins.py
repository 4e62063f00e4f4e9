"""Each search refutes the sentence that says more: on a wider domain, or without the condition it names."""

import warnings
from dataclasses import replace
from functools import partial

import pytest
import torch

from optnotes.penalties import ridge_solution
from tests.attack import (
    test_31,
    test_32,
    test_33,
    test_34,
    test_35,
    test_36,
    test_37,
    test_38,
    test_40,
    test_additions,
    test_conditions,
    test_fits,
    test_inputs,
    test_laws,
    test_layers,
    test_losses,
    test_signals,
)
from tests.attack.nets import plain
from tests.attack.search import Choice, Interval, whole


def widened(statement, **domain):
    return replace(statement, domain={**statement.domain, **domain})


def rewritten(statement, **arguments):
    """The same search with another argument of the margin."""
    return replace(statement, margin=partial(statement.margin, **arguments))


def each_weight_is_too_small(seed, n, d, rho, share):
    X, w = test_37.design(seed, n, d, rho)
    found = test_37.lasso(X, X @ w, share * test_37.lambda_max(X, X @ w).item())
    return (w.abs() - found.abs())[w != 0].min().item() + 1e-9


def correlated_lose_lambda(seed, d, lam):
    X, w = test_37.design(seed, 40, d, 0.5)
    return 1e-6 - ((w - test_37.lasso(X, X @ w, lam)) * w.sign() - lam).abs().max().item()


def proximal_misses_zero(seed, rho, rate, share):
    X, w = test_37.design(seed, 30, 10, rho)
    lam, path = share * test_37.lambda_max(X, X @ w).item(), torch.zeros(10, dtype=torch.float64)
    for _ in range(60):
        path = test_37.softshrink(path - rate * X.T @ (X @ path - X @ w) / 30, rate * lam)
    return 0.5 - int((path == 0).sum())


def sigmoid_dies_behind(seed, depth, scale):
    net = plain(seed, torch.nn.Sigmoid(), "layer", behind=True, depth=depth, std=scale / 128**0.5)
    return 0.5 - test_33.per_layer(net, seed, depth)


def data_help_alone(d, share, noise):
    n = max(4, round(share * d))
    return 1 - test_34.error_on_new(2 * n, d, noise, 0.0) / test_34.error_on_new(n, d, noise, 0.0)


def ridge_ignores_units(seed, factor, p):
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.randn(40, 3, generator=generator).double(), torch.randn(40, generator=generator).double()
    other = X * torch.tensor([factor, 1.0, 1.0]).double()
    return 1e-9 - (X @ ridge_solution(X, y, 40 * p) - other @ ridge_solution(other, y, 40 * p)).abs().max().item()


def two_uncentred_features(seed, rho, scale):
    """Raw against standardised features, whose means are gone, in a model without a bias."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(60, 2, generator=generator).double()
    X = torch.stack([X[:, 0] + 1, rho * X[:, 0] + (1 - rho**2) ** 0.5 * X[:, 1] - scale], 1)
    standard = test_40.standardize(X, *test_40.fit_standardizer(X))
    return (torch.linalg.cond(X.T @ X) / torch.linalg.cond(standard.T @ standard) - 1).item()


def drops_anywhere(seed, cell, layers, hidden, p, length):
    """Whether the outputs of a recurrent net differ with dropout, whatever the number of its layers."""
    with torch.random.fork_rng(), warnings.catch_warnings():
        torch.manual_seed(seed)
        warnings.simplefilter("ignore")
        net = cell(3, hidden, num_layers=layers, dropout=p)
        x = torch.randn(length, 4, 3)
        return (net(x)[0] - net.eval()(x)[0]).abs().max().item() - 1e-6


def spread_of_shares(seed, keys, p):
    shares = (2 * torch.randn(keys, generator=torch.Generator().manual_seed(seed))).double().softmax(0)
    return (p / (1 - p) * shares.square().sum()).item()


TWINS = {
    "sigmoid, scales up to twelve": widened(test_31.NO_SCALE_UP_TO_FOUR, scale=Interval(0.1, 12.0)),
    "He without the factor": replace(
        test_31.MEAN_SQUARE_IS_KEPT,
        margin=lambda seed, width, depth: (
            0.1 - abs(test_31.ratios(seed, width, depth, scale=1.5).square().mean().item() - 1)
        ),
    ),
    "sigmoid layers of scale five": widened(test_31.FOURFOLD, scale=Choice((1.0, 5.0))),
    "orthogonal matrices keep the sum": widened(test_31.ORTHOGONAL, p=Choice((2, 1))),
    "an input of zero with decay": widened(test_31.ZERO_INPUT, decay=Choice((0.0, 0.1))),
    "where as it is": widened(test_31.SAFE_WHERE, safe=Choice((True, False))),
    "clipping by the norm of all turns": widened(test_32.CLIPPING_IN_PARTS_TURNS, way=Choice(("tensor", "all"))),
    "any normalisation explodes": widened(test_32.BATCH_NORM_EXPLODES, norm=Choice(("batch", "layer"))),
    "zero weights beside biases": widened(test_33.ZEROS_ARE_STUCK, biases=Choice((False, True))),
    "equal weights beside biases": widened(test_33.EQUALS_STAY_COPIES, biases=Choice((False, True))),
    "any activation fades": widened(test_33.GELU_FADES, unit=Choice(("GELU", "ReLU"))),
    "standardising is best": widened(test_40.AT_MOST_D_TIMES, most=Choice(("d", "one"))),
    "any transform of the columns": widened(test_40.TREES_SEE_THE_ORDER, how=Choice(("exp", "square"))),
    "a power keeps the skew": widened(test_40.AFFINE_KEEPS_SKEW, scaler=Choice(("standard", "power"))),
    "two requests": widened(test_40.ONE_REQUEST, rows=Choice((1, 2))),
    "warm-up below the bound": widened(test_32.WARM_UP_POSTPONES, over=Interval(0.5, 1.5)),
    "Adam with a penalty": widened(test_32.ADAM_IGNORES_A_FACTOR, decay=Choice((0.0, 0.1))),
    "Adam near eps": widened(test_32.ADAM_IGNORES_A_FACTOR, factor=Interval(1e-10, 1.0, log=True)),
    "layer norm behind the sigmoid": replace(test_33.FRONT_OF_SIGMOID, margin=sigmoid_dies_behind),
    "depth with the same rate": widened(test_33.DEPTHS_ALIKE, divided=Choice((True, False))),
    "batch norm in front of ReLU": widened(test_33.FRONT_OF_RELU, norm=Choice(("layer", "batch"))),
    "more data alone": replace(
        widened(test_34.MORE_DATA_WITH_A_PENALTY, share=Interval(0.45, 0.55)), margin=data_help_alone, draws=4, steps=0
    ),
    "the winner measured again": rewritten(test_34.THE_CHOSEN_FLATTERS, apart=True),
    "all weights only decay": rewritten(test_34.UNTOUCHED_ONLY_DECAYS, everything=True),
    "a degree from the largest margin": replace(
        test_34.TO_THE_LARGEST_MARGIN, margin=lambda **at: 5 - test_34.angle(**at, grow=False)
    ),
    "the same function of tanh": rewritten(test_34.SHARPNESS_IS_A_MATTER_OF_SCALE, unit=torch.tanh),
    "stopping at the risk of ridge": rewritten(test_35.STOPPING_COSTS_LITTLE, bound=1.1),
    "filters at any step": widened(test_35.FILTERS_STAY_CLOSE, small=Interval(1e-6, 1.0, log=True)),
    "a weaker penalty": widened(test_35.AT_THE_MINIMUM, factor=Interval(0.01, 10.0, log=True)),
    "the turn with momentum": replace(
        test_36.PLAIN_SGD,
        margin=lambda seed, decay: 0.06 - abs(test_36.sgd_turn(seed, decay, 0.9) - 1),
        draws=1,
        steps=0,
    ),
    "every weight too small": replace(test_37.SUM_IS_TOO_SMALL, margin=each_weight_is_too_small),
    "correlated columns lose lambda": replace(test_37.ORTHONORMAL_LOSE_LAMBDA, margin=correlated_lose_lambda),
    "no step lands on zero": replace(test_37.SUBGRADIENT_MISSES_ZERO, margin=proximal_misses_zero),
    "half of the gap": rewritten(test_37.GAP_BOUNDS_THE_EXCESS, part=0.5),
    "one threshold for all": rewritten(test_37.OWN_THRESHOLD, divided=False),
    "alpha times n for the lasso": rewritten(test_37.NORMALIZE_CONVERTS, power=1.0),
    "a dummy beside a correlated feature": rewritten(test_37.DUMMY_LASTS, rho=0.5),
    "the set where the condition holds": widened(test_37.NO_STRENGTH_FINDS_THE_SET, over=Interval(0.1, 0.9)),
    "the lasso keeps groups whole": rewritten(test_37.GROUPS_ARE_WHOLE, single=True),
    "a split of unequal signs": widened(test_37.EVERY_SPLIT_COSTS_THE_SAME, share=Interval(-1.0, 2.0)),
    "a plain second lasso": rewritten(test_37.ADAPTIVE_IS_A_SECOND_LASSO, plain=True),
    "one layer drops as well": replace(test_38.DROPS_BETWEEN_LAYERS, margin=drops_anywhere),
    "the sum stays one": replace(test_38.SHARES_KEEP_THEIR_MEAN, margin=lambda **at: -spread_of_shares(**at)),
    "an adapter that has learned": rewritten(test_38.ADAPTER_STARTS_ALIKE, second=0.1),
    "a sigmoid commutes": rewritten(test_38.RELU_COMMUTES, phi=torch.sigmoid),
    "better than the best net": rewritten(test_38.ENSEMBLE_IS_NO_WORSE, reference=torch.min),
    "small weights stay": rewritten(test_38.ZERO_WEIGHTS_STAY, scale=0.1),
    "noisy data lose as well": rewritten(test_38.EXACT_DATA_LOSE, noise=3.0),
    "the noise at any rate": widened(test_38.OBJECTIVE_SLOWS, lr=Interval(0.9, 1.0), p=Choice((0.5, 0.65))),
    "ridge ignores the units": replace(test_38.FACTOR_CHANGES_NOTHING, margin=ridge_ignores_units),
    "any scale": widened(test_40.SCALE_DOES_NOT_MATTER, log_scale=Interval(0.0, 9.0)),
    "two features, centred or not": replace(test_40.TWO_CENTRED_FEATURES, margin=two_uncentred_features),
    "any norm, whatever the batch": widened(test_layers.THE_BATCH_DOES_NOT_MATTER, kind=Choice(("layer", "batch"))),
    "layer norm removes the contrast": widened(test_layers.CONTRAST_IS_REMOVED, kind=Choice(("instance", "layer"))),
    "two examples of any spread": widened(test_layers.TWO_EXAMPLES, spread=Interval(1e-4, 100.0, log=True)),
    "a bias before batch norm at inference": widened(test_layers.BIAS_DOES_NOTHING, training=Choice((True, False))),
    "growth without the norm": widened(test_layers.QK_NORM, normalised=Choice((True, False))),
    "softmax over two logits": widened(test_losses.ONE_LOGIT, logits=Choice((1, 2))),
    "Huber without its factor": widened(test_losses.HUBER_IS_SMOOTH_L1, factor=Choice((1, 2))),
    "the gap without smoothing": widened(test_losses.SMOOTHED_GAP, kept=Choice((True, False))),
    "the odds squared": widened(test_losses.ODDS, power=Choice((1, 2))),
    "a second softmax is harmless": widened(test_losses.HARMLESS, twice=Choice(("log", "softmax"))),
    "gradients beside shortcuts": widened(
        test_conditions.A_PLAIN_LAYER_PASSES_TO_ITS_WEIGHTS, shortcut=Choice((True,))
    ),
    "kernels keep the length": widened(test_conditions.KERNELS_STRETCH_THREEFOLD_AT_MOST, bound=Choice((1.0,))),
    "equal weights of any sign": widened(test_conditions.EQUAL_POSITIVE_WEIGHTS_LEARN, fill=Interval(-0.5, 0.5)),
    "few examples without noise": widened(test_conditions.ENOUGH_EXAMPLES, more=whole(-4, 4)),
    "masks near the minimum": replace(
        widened(test_conditions.MASKS_OF_EXAMPLES_ARE_LESS_NOISY, trained=Choice((300,))), draws=4, steps=0
    ),
    "a grid between the eigenvalues": widened(test_conditions.GRID_HOLDS_WHAT_MATTERS, times=Choice((1.0,))),
    "the band of SGD": replace(
        widened(test_conditions.ADAM_WANDERS_FARTHER, optimizer=Choice(("SGD",))), draws=2, steps=0
    ),
    "the path as the data are": widened(test_conditions.PATH_BEGINS_CENTRED, centred=Choice((False,))),
    "a power at once": widened(test_conditions.POWER_AFTER_STANDARDISING, way=Choice(("both", "power"))),
    "log1p in any unit": widened(test_conditions.LOGARITHM_IN_ANY_UNIT, log=Choice(("log", "log1p"))),
    "dummies without an intercept": widened(test_conditions.DUMMIES_WITH_AN_INTERCEPT, intercept=Choice((True, False))),
    "the saddle at any rate": widened(test_conditions.RUNS_INTO_THE_SADDLE, rate=Interval(0.1, 2.5)),
    "a random label for each row": widened(test_conditions.RANDOM_LABELS_SHOW_COPIES, common=Choice((True, False))),
    "rows beside an intercept": widened(test_conditions.APPENDED_ROWS, intercept=Choice((True, False))),
    "L2 presses alike": widened(test_laws.WEIGHTS_ARE_PRESSED_ALIKE, p=Choice((1, 2))),
    "dropout at all times": widened(test_laws.DROPOUT_RESTS_AT_INFERENCE, training=Choice((True, False))),
    "larger weights turn farther": widened(test_laws.SMALLER_WEIGHTS_TURN_FARTHER, shrink=Interval(0.5, 3.0)),
    "the scale squared, as for descent": widened(test_laws.SCALE_ACTS_TO_THE_FIRST_POWER, power=Choice((2,))),
    "Adam in the span": widened(test_laws.DESCENT_STAYS_IN_THE_SPAN, optimizer=Choice(("Adam",))),
    "few rows for Newton": widened(test_laws.NEWTON_AND_DESCENT_MEET, n=whole(3, 12), d=whole(8, 12)),
    "shapes made equal": widened(test_laws.BROADCAST_LEARNS_THE_MEAN, squeezed=Choice((True,))),
    "a derivative at zero": widened(test_signals.NO_DERIVATIVE_AT_ZERO, unit=Choice(("relu", "tanh"))),
    "any unit is silent": widened(test_signals.ONLY_WHERE_IT_IS_SILENT, unit=Choice(("relu", "tanh"))),
    "the zero comes at any gain": widened(test_signals.FORMATS_POSTPONE, gain=Interval(0.02, 0.95)),
    "SGD has a rate for each": widened(test_signals.ADAM_HAS_A_RATE_FOR_EACH, optimizer=Choice(("Adam", "SGD"))),
    "the logit saturates": widened(test_signals.SATURATED_AT_ANY_DEPTH, saturating=Choice((True, False))),
    "no gain grows": widened(test_signals.GROWS_ONLY_ABOVE_ONE, gain=Interval(0.05, 1.5)),
    "small branches do not grow": widened(test_signals.ZERO_BRANCHES_DO_NOT_GROW, last=Choice((0.0, 0.1))),
    "clipped steps with momentum": widened(test_signals.CLIPPED_STEPS_HAVE_ONE_LENGTH, momentum=Choice((0.0, 0.9))),
    "steps below the threshold": widened(test_signals.CLIPPED_STEPS_HAVE_ONE_LENGTH, size=Interval(0.1, 2.0, log=True)),
    "a scale at the input": widened(test_signals.LOSS_SCALE_ACTS_BACKWARD, where=Choice(("loss", "input"))),
    "gradients that know the weights": widened(test_signals.ADAM_KNOWS_GRADIENTS_ALONE, peeks=Choice((0, 1))),
    "GELU needs no factor": widened(test_signals.TANH_IS_LINEAR_AT_ZERO, unit=Choice(("tanh", "gelu"))),
    "the default divides by three": widened(test_signals.DEFAULT_DIVIDES_BY_SIX, times=Choice((2 / 3,))),
    "a mean square of c": replace(
        test_signals.ONE_OVER_N_HALVES,
        margin=lambda times, **at: test_signals.divided_in_each_layer(times=times, **at) - 5 * (times < 1),
    ),
    "no scale is exact for ReLU": widened(test_signals.NO_SCALE_IS_EXACT, unit=Choice(("gelu", "silu", "relu"))),
    "weak branches without the shortcut": widened(test_signals.WEAK_BRANCHES_DO_NO_HARM, shortcut=Choice((1, 0))),
    "SELU at any gain": widened(test_signals.SELU_NEEDS_A_GAIN_OF_ONE, off=Interval(0.0, 0.6)),
    "a kink elsewhere": widened(
        test_signals.MEAN_IS_EXACT_AT_EVERY_VARIANCE, power=Interval(-1.0, 2.0), unit=Choice(("relu", "shifted"))
    ),
    "each error costs more": widened(test_fits.CONFIDENT_ERRORS_COST_MORE, sure=Interval(0.2, 0.9999)),
    "labels that are seen": widened(test_fits.ENTROPY_IS_THE_FLOOR, sees=Choice((False, True))),
    "right labels pull apart": widened(test_fits.WRONG_LABELS_PULL_APART, wrong=Choice((True, False))),
    "a free intercept loses": widened(test_fits.PENALISED_INTERCEPT_FOLLOWS_A_PART, penalised=Choice((1.0, 0.0))),
    "the unit to the first power": widened(test_fits.PENALTY_SEES_NUMBERS, power=Choice((1, 2))),
    "penalty and decay under momentum": widened(
        test_fits.DECAY_IS_THE_PENALTY_WITHOUT_MOMENTUM, momentum=Choice((0.0, 0.5))
    ),
    "penalty and decay under Adam": widened(
        test_fits.DECAY_IS_THE_PENALTY_WITHOUT_MOMENTUM, name=Choice(("SGD", "Adam"))
    ),
    "one normal at the corner": replace(
        widened(test_fits.DISC_HAS_ONE_NORMAL, angle=Choice((0.0,)), p=Choice((1,))), draws=200
    ),
    "soft threshold drops all below": widened(test_fits.RELU_DROPS_ALL_BELOW, keep=Choice(("positive", "both"))),
    "the largest level for reference": replace(
        test_fits.REFERENCE_IS_A_MEDIAN,
        margin=lambda **at: 1e-6 - abs(test_fits.fitted_levels(**at)[0].max() - test_fits.fitted_levels(**at)[1]),
    ),
    "any noise removes nothing": widened(
        test_fits.GAUSSIAN_NOISE_REMOVES_NOTHING, noise=Choice(("gaussian", "bernoulli"))
    ),
    "features without a correlation": widened(test_fits.WEIGHTS_DEPEND_ON_EACH_OTHER, rho=Interval(0.0, 1e-4)),
    "any noise waits": widened(test_fits.WEAK_NOISE_WAITS, noise=Interval(0.02, 2.0, log=True)),
    "one mask forgets": widened(test_fits.NEW_MASKS_FORGET, mask=Choice(("new", "one"))),
    "dropout keeps what SELU settles at": widened(
        test_fits.ALPHA_DROPOUT_KEEPS_BOTH, kind=Choice(("AlphaDropout", "Dropout"))
    ),
    "sigmoids name one class": widened(test_inputs.SOFTMAX_NAMES_ONE_CLASS, output=Choice(("softmax", "sigmoid"))),
    "deviations grow in any net": widened(test_inputs.DEVIATIONS_GROW, name=Choice(("gelu", "tanh"))),
    "ELU by where": widened(test_inputs.ELU_STAYS_FINITE, code=Choice(("ours", "where"))),
    "any map takes nothing": widened(test_inputs.INVERTIBLE_MAPS_TAKE_NOTHING, singular=Choice((False, True))),
    "offset and variance of the population": widened(test_inputs.OFFSET_ALONE, mean=Choice(("sample", "population"))),
    "extremes that are clipped": widened(test_inputs.NEW_EXTREMES_LEAVE, clip=Choice((False, True))),
    "a factor of one feature": widened(test_inputs.INNER_NORMS_SEE_A_SUM, columns=Choice((6, 1))),
    "ReLU forgets the scale": widened(test_inputs.SATURATING_NETS_FORGET_THE_SCALE, unit=Choice(("tanh", "relu"))),
    "layer norm puts one over the variance": widened(test_signals.BEHIND_LAYER_NORM, over=Choice(("variance",))),
    "batch norm puts one over the mean square": widened(test_signals.BEHIND_BATCH_NORM, over=Choice(("square",))),
    "scale one as scikit-learn gives it": widened(
        test_inputs.ONLY_EXACTLY_CONSTANT_COLUMNS, scaler=Choice(("ours", "scikit-learn"))
    ),
    "descent leaves the span": widened(test_laws.ADAM_LEAVES_THE_SPAN, optimizer=Choice(("Adam", "momentum"))),
    "parts of two lengths": widened(test_additions.ACCUMULATION, uneven=Choice((0, 3))),
    "batch norm in each part": widened(test_additions.ACCUMULATION, norm=Choice(("layer", "batch"))),
    "signs at any threshold": widened(test_additions.NOTHING_BUT_SIGNS, share=Interval(1e-6, 2.0, log=True)),
    "a cap without a bound": widened(test_additions.CAP_BOUNDS_EVERY_LOGIT, bend=Choice(("tanh", "sinh"))),
    "a temperature for each class": widened(test_additions.ONE_TEMPERATURE_KEEPS_DECISIONS, each=Choice((False, True))),
    "one label on the wrong side": widened(test_additions.SEPARABLE_HAS_NO_MINIMUM, wrong=Choice((False, True))),
    "sigmoids see differences": widened(test_additions.ONLY_DIFFERENCES_MATTER, output=Choice(("softmax", "sigmoid"))),
    "a deviation sees ranks": widened(
        test_additions.ANY_OUTLIER_IS_THE_LAST_RANK, scaler=Choice(("quantile", "standard"))
    ),
    "no intercept for the zero": widened(
        test_additions.LEAST_SQUARES_FOLLOWS_THE_UNIT, intercept=Choice((True, False))
    ),
    "no map separates AND": widened(test_losses.XOR, xor=Choice((True, False))),
}


@pytest.mark.parametrize("name", TWINS)
def test_the_search_refutes_the_sentence_that_says_more(name):
    assert TWINS[name].nearest_miss().margin < 0
