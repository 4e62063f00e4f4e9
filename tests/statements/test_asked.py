"""What the pages answer to questions about libraries, asked of the libraries as installed."""

import inspect
import re
from ast import literal_eval
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import (
    ElasticNet,
    ElasticNetCV,
    LinearRegression,
    LogisticRegression,
    Ridge,
    RidgeCV,
    SGDClassifier,
    lars_path,
)
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import RobustScaler, StandardScaler
from torch import Tensor, nn
from torch.nn import functional

from optnotes.site.words.text import LANGUAGES, ROOT

SEEDS = st.integers(0, 10_000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_check_for_vanishing_prints_norms_whose_ratio_no_scale_of_the_loss_changes(language, capsys):
    page = (ROOT / "docs" / language / "questions" / "31-vanishing-gradients.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    torch.manual_seed(0)
    model = nn.Sequential(*(each for _ in range(6) for each in (nn.Linear(5, 5), nn.Sigmoid())), nn.Linear(5, 3))
    x, y, printed = torch.randn(16, 5), torch.randint(3, (16,)), {}
    for scale in (1.0, 1e-5):
        loss = lambda z, labels, scale=scale: scale * functional.cross_entropy(z, labels)  # noqa: E731
        exec(code, {"model": model, "x": x, "y": y, "loss_function": loss})
        printed[scale] = torch.tensor([float(each) for each in literal_eval(capsys.readouterr().out)])
        for layer in model:
            layer._forward_hooks.clear()
    outputs = [x]
    for layer in model:
        outputs.append(layer(outputs[-1]))
    grads = torch.autograd.grad(functional.cross_entropy(outputs[-1], y), outputs[1:])
    torch.testing.assert_close(printed[1.0], torch.stack([each.norm() for each in grads]), rtol=0.06, atol=0)
    torch.testing.assert_close(printed[1e-5] / printed[1e-5][-1], printed[1.0] / printed[1.0][-1], rtol=0.15, atol=0)
    assert printed[1.0][0] < 1e-3 * printed[1.0][-1]


def accumulated(model: nn.Module, X: Tensor, y: Tensor, parts: int, divide: bool = True) -> Tensor:
    """The gradient after so many micro-batches."""
    model.zero_grad()
    for batch, labels in zip(X.chunk(parts), y.chunk(parts), strict=True):
        loss = functional.cross_entropy(model(batch), labels)
        (loss / parts if divide else loss).backward()
    return torch.cat([each.grad.flatten() for each in model.parameters()])


@settings(max_examples=20)
@given(SEEDS, st.sampled_from([2, 4, 8]), st.sampled_from(["none", "layer", "group"]))
def test_micro_batches_make_the_gradient_of_the_large_batch(seed, parts, norm):
    torch.manual_seed(seed)
    layer = {"none": nn.Identity(), "layer": nn.LayerNorm(8), "group": nn.GroupNorm(2, 8)}[norm]
    model = nn.Sequential(nn.Linear(5, 8), layer, nn.ReLU(), nn.Linear(8, 3)).double()
    X, y = torch.randn(16, 5).double(), torch.randint(3, (16,))
    large = accumulated(model, X, y, 1)
    torch.testing.assert_close(accumulated(model, X, y, parts), large)
    torch.testing.assert_close(accumulated(model, X, y, parts, divide=False), parts * large)


def test_batch_normalisation_makes_another_gradient_and_moves_its_averages_at_every_micro_batch():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3)).double()
    X, y = torch.randn(16, 5).double(), torch.randint(3, (16,))
    large = accumulated(model, X, y, 1)
    assert (accumulated(model, X, y, 4) - large).norm() > 0.05 * large.norm()
    assert model[1].num_batches_tracked == 1 + 4
    assert isinstance(nn.SyncBatchNorm.convert_sync_batchnorm(model)[1], nn.SyncBatchNorm)


@pytest.mark.parametrize(
    ("layer", "shape"), [(nn.BatchNorm1d, (1, 4)), (nn.BatchNorm2d, (1, 4, 1, 1)), (nn.BatchNorm2d, (1, 4, 3, 3))]
)
def test_one_value_per_channel_is_refused(layer, shape):
    norm, x = layer(4), torch.randn(shape)
    if x.numel() == 4:
        with pytest.raises(ValueError, match="Expected more than 1 value per channel when training"):
            norm(x)
        assert norm.eval()(x).isfinite().all()
    else:
        assert norm(x).isfinite().all()


def test_without_running_statistics_the_answer_depends_on_the_batch_in_eval_mode_too():
    torch.manual_seed(0)
    x = torch.randn(8, 3)
    free, kept = nn.BatchNorm1d(3, track_running_stats=False).eval(), nn.BatchNorm1d(3).eval()
    assert not torch.allclose(free(x)[:4], free(x[:4]), atol=0.01)
    assert torch.equal(kept(x)[:4], kept(x[:4]))


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM])
def test_the_second_piece_goes_back_into_the_first_unless_the_state_is_detached(cell):
    def train(between, retain=False):
        torch.manual_seed(0)
        net, state = cell(2, 3), None
        optimizer = torch.optim.SGD(net.parameters(), 0.1)
        for piece in torch.randn(3, 4, 1, 2):
            output, state = net(piece, between(state))
            optimizer.zero_grad()
            output.sum().backward(retain_graph=retain)
            optimizer.step()

    def detached(state):
        return (
            tuple(map(torch.detach, state)) if isinstance(state, tuple) else state if state is None else state.detach()
        )

    train(detached)
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        train(lambda state: state)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        train(lambda state: state, retain=True)


@pytest.mark.parametrize("bad", [float("inf"), float("nan")])
def test_the_loss_scale_halves_step_after_step_while_the_gradient_is_not_finite_by_itself(bad):
    w = torch.ones(1, requires_grad=True)
    optimizer, scaler = torch.optim.SGD([w], 0.1), torch.amp.GradScaler("cpu", init_scale=2.0**16)
    for step in range(1, 21):
        optimizer.zero_grad()
        scaler.scale((w * bad).sum()).backward()
        scaler.step(optimizer)
        scaler.update()
        assert scaler.get_scale() == 2.0 ** (16 - step)
    assert w.item() == 1


WIDTHS = [256, 512, 256, 512, 512, 128, 256, 512, 128]


def passes(mode: str, widths: list[int], seeds: int = 30) -> list[float]:
    """Growth of the mean square of the signal, of a component of the gradient, and of its whole squared norm."""
    found = []
    for seed in range(seeds):
        generator = torch.Generator().manual_seed(seed)
        signals = [torch.randn(32, widths[0], generator=generator, requires_grad=True)]
        for number, (rows, columns) in enumerate(pairwise(widths)):
            W = nn.init.kaiming_normal_(torch.empty(columns, rows), mode=mode, nonlinearity="relu", generator=generator)
            signals.append((signals[-1].relu() if number else signals[-1]) @ W.T)
            signals[-1].retain_grad()
        first, last = signals[1], signals[-1]
        (last * torch.randn(last.shape, generator=generator)).sum().backward()
        back = first.grad.square(), last.grad.square()
        pairs = (last.square().mean(), first.square().mean()), (back[0].mean(), back[1].mean())
        found.append([(a / b).item() for a, b in (*pairs, (back[0].sum(), back[1].sum()))])
    return torch.tensor(found).mean(0).tolist()


@pytest.mark.parametrize("mode", ["fan_in", "fan_out"])
def test_each_fan_keeps_its_pass_and_misses_the_other_by_the_ratio_of_first_to_last_width(mode):
    signal, component, norm = passes(mode, WIDTHS)
    ratio = WIDTHS[1] / WIDTHS[-1]
    expected = (1, 1 / ratio, 1) if mode == "fan_in" else (ratio, 1, ratio)
    assert (signal, component, norm) == pytest.approx(expected, rel=0.1)


def test_the_fans_of_a_convolution_count_the_places_of_the_kernel():
    fans = nn.init._calculate_fan_in_and_fan_out(torch.empty(6, 4, 3, 5))
    assert fans == (4 * 15, 6 * 15)


def test_labels_that_are_all_ignored_make_a_loss_of_nan_and_a_gradient_of_zero():
    z, y = torch.randn(5, 3, requires_grad=True), torch.full((5,), -100)
    loss = functional.cross_entropy(z, y)
    loss.backward()
    assert loss.isnan()
    assert (z.grad == 0).all()
    assert functional.cross_entropy(z, y, reduction="sum") == 0
    mixed = torch.tensor([0, -100, 2, -100, 1])
    kept = mixed >= 0
    torch.testing.assert_close(functional.cross_entropy(z, mixed), functional.cross_entropy(z[kept], mixed[kept]))


def test_softmax_over_the_batch_makes_the_answer_depend_on_the_neighbours():
    torch.manual_seed(0)
    z = torch.randn(6, 4)
    torch.testing.assert_close(z.softmax(0).sum(0), torch.ones(4))
    assert not torch.allclose(z.softmax(0)[:3], z[:3].softmax(0), atol=0.01)
    torch.testing.assert_close(z.softmax(-1)[:3], z[:3].softmax(-1))


def test_the_poisson_loss_takes_a_logarithm_and_silent_outputs_of_relu_have_no_gradient():
    assert nn.PoissonNLLLoss().log_input
    z = torch.tensor([-1.0, -2.0], requires_grad=True)
    functional.mse_loss(z.relu(), torch.ones(2)).backward()
    assert (z.grad == 0).all()


@given(SEEDS, st.integers(3, 12), st.integers(2, 5))
def test_the_whole_lasso_path_keeps_at_most_as_many_features_as_examples(seed, n, times):
    generator = np.random.default_rng(seed)
    X, y = generator.normal(size=(n, n * times)), generator.normal(size=n)
    for rows, targets, most in ((X, y, n), (X - X.mean(0), y - y.mean(), n - 1)):
        coefficients = lars_path(rows, targets, method="lasso")[2]
        assert (np.abs(coefficients) > 1e-9).sum(0).max() <= most


def test_elastic_net_keeps_more_features_than_examples():
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(13, 52)), generator.normal(size=13)
    assert (ElasticNet(alpha=0.01, l1_ratio=0.5, max_iter=100_000).fit(X, y).coef_ != 0).sum() > 13


def test_l1_needs_another_solver_than_the_default_and_is_written_as_a_ratio():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 5))
    y = (X[:, 0] > 0).astype(int)
    assert inspect.signature(LogisticRegression).parameters["solver"].default == "lbfgs"
    with pytest.raises(ValueError, match="Solver lbfgs supports only 'l2' or None penalties"):
        LogisticRegression(l1_ratio=1).fit(X, y)
    for solver in ("saga", "liblinear"):
        assert (LogisticRegression(l1_ratio=1, C=0.5, solver=solver, max_iter=10_000).fit(X, y).coef_ == 0).any()
    with pytest.warns(FutureWarning, match=re.escape("'penalty' was deprecated in version 1.8")):
        LogisticRegression(penalty="l2").fit(X, y)
    guessed = generator.integers(0, 2, len(y))
    free, weak = (LogisticRegression(C=C, tol=1e-8, max_iter=1000).fit(X, guessed).coef_ for C in (np.inf, 1e9))
    np.testing.assert_allclose(free, weak, rtol=1e-3)


@settings(max_examples=8)
@given(SEEDS, st.integers(8, 15), st.integers(2, 6), st.booleans())
def test_ridgecv_leaves_every_example_out_by_default(seed, n, features, intercept):
    generator = np.random.default_rng(seed)
    X, y, grid = generator.normal(size=(n, features)), generator.normal(size=n), [0.03, 1.0, 30.0]
    found = RidgeCV(grid, fit_intercept=intercept, store_cv_results=True).fit(X, y).cv_results_
    for column, alpha in zip(found.T, grid, strict=True):
        model = Ridge(alpha, fit_intercept=intercept)
        left_out = y - cross_val_predict(model, X, y, cv=LeaveOneOut())
        np.testing.assert_allclose(column, left_out**2, rtol=1e-6, atol=1e-12)
        share = np.array([model.fit(X, unit).predict(X)[i] for i, unit in enumerate(np.eye(n))])
        np.testing.assert_allclose((y - model.fit(X, y).predict(X)) / (1 - share), left_out, rtol=1e-6, atol=1e-9)
    assert tuple(inspect.signature(RidgeCV).parameters["alphas"].default) == (0.1, 1.0, 10.0)


@given(SEEDS, st.integers(2, 6))
def test_a_scaler_fitted_part_by_part_ends_at_the_same_numbers(seed, parts):
    X = np.random.default_rng(seed).normal(3, 2, size=(30, 4))
    whole, piecewise = StandardScaler().fit(X), StandardScaler()
    for part in np.array_split(X, parts):
        piecewise.partial_fit(part)
    np.testing.assert_allclose((piecewise.mean_, piecewise.scale_), (whole.mean_, whole.scale_))


def test_quartiles_that_coincide_leave_outliers_as_they_are():
    column = np.r_[np.zeros(80), np.random.default_rng(0).normal(size=19), 1e4][:, None]
    scaler = RobustScaler().fit(column)
    assert scaler.scale_ == 1
    assert scaler.transform(column).max() == 1e4


def test_a_dropped_direction_may_hold_all_of_the_signal():
    generator = np.random.default_rng(0)
    common = generator.normal(size=(500, 1))
    X = StandardScaler().fit_transform(common + 0.05 * generator.normal(size=(500, 2)))
    y = X[:, 0] - X[:, 1]
    kept = PCA(n_components=0.99, whiten=True).fit_transform(X)
    assert LinearRegression().fit(X, y).score(X, y) > 0.999
    assert LinearRegression().fit(kept, y).score(kept, y) < 0.01


def test_a_fresh_forget_gate_remembers_one_plus_the_exponential_of_its_bias():
    for bias in (0.0, 1.0, 2.0, float(np.log(99))):
        gate = torch.tensor(bias).sigmoid().item()
        assert 1 / (1 - gate) == pytest.approx(1 + np.exp(bias), rel=1e-5)
        assert gate ** (1 + np.exp(bias)) == pytest.approx(np.exp(-1), abs=0.13)


def test_a_class_weight_multiplies_the_odds_of_a_model_that_fits_and_moves_the_boundary_of_another():
    generator = np.random.default_rng(0)
    x = np.r_[generator.normal(size=5000), generator.exponential(3, 5000)][:, None]
    y, weight = np.repeat([0, 1], 5000), {0: 1, 1: 9}

    def factors(X, labels):
        plain, heavy = (LogisticRegression(C=np.inf, class_weight=each).fit(X, labels) for each in (None, weight))
        return np.exp(heavy.decision_function(X) - plain.decision_function(X))

    wrong_form = factors(x, y)
    assert wrong_form.max() > 10 * wrong_form.min()
    shares = np.eye(3)[generator.integers(0, 3, 3000)]  # one indicator a group: any shares can be fitted
    right_form = factors(shares, (generator.random(3000) < shares @ [0.1, 0.4, 0.7]).astype(int))
    np.testing.assert_allclose(right_form, 9, rtol=0.02)


def test_two_examples_closer_than_the_root_of_epsilon_are_no_plus_and_minus_one():
    pair = torch.tensor([[0.0, 1e-3, 1.0], [0.0, 2e-3, 2.0]])
    found = nn.BatchNorm1d(3)(pair)[1].tolist()
    assert found == pytest.approx([0, 0.16, 1], abs=0.01)


def test_equal_inputs_with_different_labels_cannot_be_memorised():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 100), nn.ReLU(), nn.Linear(100, 2))
    optimizer = torch.optim.Adam(net.parameters(), 0.01)
    X, y = torch.ones(4, 3), torch.tensor([0, 1, 0, 1])
    for _ in range(200):
        loss = functional.cross_entropy(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss.item() == pytest.approx(np.log(2), abs=1e-3)


def test_deep_units_are_silent_at_the_start_with_zero_biases_and_centred_inputs():
    generator = torch.Generator().manual_seed(0)
    h, silent = torch.randn(100, 64, generator=generator), []
    for _ in range(50):
        z = h @ nn.init.kaiming_normal_(torch.empty(64, 64), nonlinearity="relu", generator=generator).T
        silent.append((z <= 0).all(0).double().mean().item())
        h = z.relu()
    assert silent[0] == 0
    assert silent[-1] > 0.1


def test_gelu_lets_the_gradient_grow_behind_matrices_of_spectral_norm_one():
    x = torch.full((1, 8), 1.2, dtype=torch.float64, requires_grad=True)
    z = x
    for _ in range(20):
        z = functional.gelu(z) + 0.35
    assert torch.autograd.grad(z.sum(), x)[0].min() > 1.5


def test_eval_changes_what_is_computed_and_no_grad_what_is_remembered():
    torch.manual_seed(38)
    model, x = nn.Sequential(nn.Linear(6, 40), nn.BatchNorm1d(40), nn.Dropout(0.3)), torch.randn(9, 6)
    with torch.no_grad():
        assert not model(x).requires_grad
        assert (model(x) == 0).double().mean() > 0.1  # dropout is still on
    model.eval()
    first, second = model(x), model(x)
    assert first.requires_grad
    assert torch.equal(first, second)
    with torch.no_grad():
        assert torch.equal(model(x), first)


def test_averaged_weights_need_statistics_of_their_own():
    """AveragedModel holds those gathered with the jittering weights; update_bn computes those of the averaged ones."""
    torch.manual_seed(35)
    x = torch.randn(200, 3) + 2
    model = nn.Sequential(nn.Linear(3, 5), nn.BatchNorm1d(5, affine=False))
    averaged = torch.optim.swa_utils.AveragedModel(model)
    for _ in range(40):
        model[0].weight.data = torch.randn(5, 3)
        model(x)
        averaged.update_parameters(model)
    assert averaged.eval()(x).std(0).sub(1).abs().max() > 0.5
    torch.optim.swa_utils.update_bn([x], averaged)
    assert averaged.eval()(x).std(0).sub(1).abs().max() < 0.05


def test_the_search_for_both_numbers_of_elastic_net_begins_at_the_critical_strength_over_the_ratio():
    generator = np.random.default_rng(37)
    X = StandardScaler().fit_transform(generator.normal(size=(50, 4)))
    y = X @ [2.0, -1.0, 0.0, 0.5] + generator.normal(size=50)
    found = ElasticNetCV(l1_ratio=[0.3, 0.9], cv=3).fit(X, y)
    critical = np.abs(X.T @ (y - y.mean())).max() / len(y)
    for ratio, alphas in zip((0.3, 0.9), found.alphas_, strict=True):
        assert abs(alphas[0] - critical / ratio) < 1e-9
        assert (np.diff(alphas) < 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_mean_filled_in_becomes_zero_and_before_scaling_shrinks_the_deviation(seed):
    rng = np.random.default_rng(seed)
    X = rng.gamma(2.0, size=(60, 1)) + 3
    missing = rng.random(60) < 0.3
    X[missing] = np.nan
    filled = SimpleImputer().fit_transform(X)
    before, after = StandardScaler().fit(filled), StandardScaler().fit(X)
    assert np.abs(before.transform(filled)[missing]).max() < 1e-12
    assert np.isnan(after.transform(X)[missing]).all()
    assert before.scale_ / after.scale_ == pytest.approx(np.sqrt(1 - missing.mean()))
    assert (before.scale_ < 0.97 * after.scale_).all()


def test_neighbours_of_an_imputer_change_with_the_scale():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.normal(size=40), 1000 * rng.normal(size=40), rng.normal(size=40)])
    X[:, 2] += 3 * X[:, 0]
    truth = X[:10, 2].copy()
    X[:10, 2] = np.nan
    scaler = StandardScaler().fit(X)
    raw = KNNImputer(n_neighbors=3).fit_transform(X)[:10, 2]
    scaled = scaler.inverse_transform(KNNImputer(n_neighbors=3).fit_transform(scaler.transform(X)))[:10, 2]
    assert np.abs(scaled - truth).mean() < 0.6 * np.abs(raw - truth).mean()


@pytest.mark.parametrize("seed", range(3))
def test_a_temperature_keeps_the_order_and_goes_from_the_largest_to_all_alike(seed):
    z = torch.randn(5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    softmaxes = {T: torch.softmax(z / T, 0) for T in (1e-3, 0.5, 1.0, 2.0, 1e6)}
    for T in (0.5, 1.0, 2.0):
        assert torch.equal(softmaxes[T].argsort(), z.argsort())
    tops = [p.max().item() for p in softmaxes.values()]
    assert tops == sorted(tops, reverse=True)
    assert softmaxes[1e-3].max() > 1 - 1e-6
    torch.testing.assert_close(softmaxes[1e6], torch.full_like(z, 0.2), rtol=1e-4, atol=0)


def test_an_infinite_threshold_returns_the_norm_and_clips_nothing():
    parameter = nn.Parameter(torch.zeros(2))
    parameter.grad = torch.tensor([3.0, 4.0])
    assert nn.utils.clip_grad_norm_([parameter], float("inf")).item() == pytest.approx(5)
    assert parameter.grad.tolist() == [3.0, 4.0]


@pytest.mark.filterwarnings("ignore:Stochastic Optimizer:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("seed", range(3))
def test_mlpclassifier_returns_to_the_best_weights_and_sgdclassifier_keeps_the_last(seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(200, 5))
    y = X[:, 0] + 1.5 * rng.normal(size=200) > 0
    shared = {"early_stopping": True, "n_iter_no_change": 5, "random_state": seed}

    def net(epochs):
        return MLPClassifier((20,), learning_rate_init=0.01, max_iter=epochs, **shared).fit(X, y)

    stopped = net(200)
    best = int(np.argmax(stopped.validation_scores_)) + 1
    assert best < stopped.n_iter_ < 200
    assert (stopped.coefs_[0] == net(best).coefs_[0]).all()

    line = SGDClassifier(**shared).fit(X, y)
    assert line.n_iter_ < 1000

    def after(epochs):
        return SGDClassifier(max_iter=epochs, tol=None, **shared).fit(X, y).coef_

    assert (line.coef_ == after(line.n_iter_)).all()
    assert np.abs(line.coef_ - after(line.n_iter_ - 5)).max() > 1
