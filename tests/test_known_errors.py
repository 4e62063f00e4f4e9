"""Formulas that are often printed or coded wrongly: ours is right, and the wrong variant is told apart.

The numbers E1 … E24 are those of the project's list of errors seen in public resources. E20 and E22 are about causes,
not formulas: E20 gives one explanation of batch normalisation as settled, E22 concludes from accuracy alone that
gradients vanished; what each takes for granted is computed here.
"""

import math

import pytest
import torch
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression

from optnotes.activations import sigmoid_derivative, tanh
from optnotes.adam import adam_step
from optnotes.batch_norm_passes import batch_norm_running
from optnotes.conditioning import condition_number, gd_iterations
from optnotes.conventions import logistic_c
from optnotes.cross_entropy import bce_with_logits, bce_with_logits_gradient, cross_entropy
from optnotes.dropout import inverted_dropout
from optnotes.exponential_units import elu
from optnotes.generalization import empirical_risk, generalization_gap
from optnotes.gradient_descent import weight_decay_step
from optnotes.gradient_flow import output_delta
from optnotes.initialization import he_std, linear_default
from optnotes.mean_field import gradient_gain, variance_step
from optnotes.normalization import batch_norm, bn_relu_growth
from optnotes.penalties import l1_loss, l2_loss
from optnotes.proximal import proximal_gradient_step
from optnotes.rectifiers import leaky_relu, relu, relu_derivative
from optnotes.recurrent import rnn_jacobian
from optnotes.ridge import ridge_solution
from optnotes.scaling import fit_minmax, fit_standardizer, standardize
from optnotes.subgradients import l1_subgradient
from optnotes.whitening import covariance, pca_whiten
from tests.texreader import TexError, evaluate

ZERO = torch.zeros((), dtype=torch.float64)
W = torch.tensor([3.0, -4.0], dtype=torch.float64)


def test_e01_held_out_rows_do_not_move_the_scaler():
    train = torch.tensor([[0.0], [2.0]], dtype=torch.float64)
    held_out = torch.tensor([[10.0]], dtype=torch.float64)
    assert standardize(held_out, *fit_standardizer(train)).item() == 9.0  # mean 1, standard deviation 1
    joint = standardize(held_out, *fit_standardizer(torch.cat([train, held_out])))
    assert joint.item() < 2  # no value among three lies further than √2 from their mean


def test_e02_half_the_squared_norm_is_not_the_norm():
    assert l2_loss(ZERO, W, lam=1.0).item() == 12.5
    assert torch.linalg.vector_norm(W).item() == 5.0


def test_e03_the_gap_of_an_overfitted_model_is_positive():
    train, held_out = torch.tensor([0.0, 0.2]), torch.tensor([0.4, 1.0])
    assert generalization_gap(held_out, train).item() == pytest.approx(0.6)


def test_e04_the_default_of_a_linear_layer_is_not_he_but_a_sixth_of_it():
    _, std = linear_default(400)
    chi = gradient_gain(torch.tensor(1.0, dtype=torch.float64), relu_derivative, weight_variance=400 * std**2)
    assert chi.item() == pytest.approx(1 / 6)
    assert chi.item() ** (30 / 2) == pytest.approx(2e-12, rel=0.1)  # norm of the gradient over thirty layers


def test_e05_elu_uses_its_alpha():
    x = torch.tensor([-1.0], dtype=torch.float64)
    assert elu(x, alpha=2.0).item() == pytest.approx(2 * math.expm1(-1))
    assert elu(x, alpha=2.0).item() != pytest.approx(math.expm1(-1))


def test_e06_adam_divides_by_the_corrected_second_moment():
    w, grad, zeros = W, torch.tensor([0.5, 2.0], dtype=torch.float64), torch.zeros(2, dtype=torch.float64)
    after, _, v = adam_step(w, grad, zeros, zeros, 1, 0.1, 0.0)
    torch.testing.assert_close(after, w - 0.1 * torch.sign(grad), atol=1e-6, rtol=0)  # eps is 1e-8
    uncorrected = w - 0.1 * grad / v.sqrt()
    assert (uncorrected - after).abs().min() > 1.0


@pytest.mark.parametrize(("steps", "wrong"), [(1, 1.0), (10, 2.06), (100, 1.025), (1000, 0.40), (2000, 0.34)])
def test_e06_adam_corrects_with_the_power_of_the_step(steps, wrong):
    """For a constant gradient every step is the learning rate; dividing by one minus beta itself is right only once."""
    w = m = v = torch.zeros(1, dtype=torch.float64)
    grad = torch.full_like(w, 0.5)
    for t in range(1, steps + 1):
        before = w
        w, m, v = adam_step(w, grad, m, v, t, 1.0, 0.0)
    assert (before - w).item() == pytest.approx(1.0, rel=1e-6)
    uncorrected = m / (1 - 0.9) / (v / (1 - 0.999)).sqrt()
    assert uncorrected.item() == pytest.approx(wrong, abs=0.005)


def test_e07_activations_take_arrays_and_stay_finite():
    x = torch.tensor([1000.0, -1000.0])
    assert tanh(x).tolist() == [1.0, -1.0]
    assert relu(x).tolist() == [1000.0, 0.0]
    assert ((x.exp() - (-x).exp()) / (x.exp() + (-x).exp())).isnan().all()


def test_e08_a_step_subtracts_the_gradient_of_the_penalty_and_not_its_value():
    grad = torch.tensor([0.5, 0.25], dtype=torch.float64)
    after = weight_decay_step(W, grad, lr=0.1, lam=0.3)
    torch.testing.assert_close(after, W - 0.1 * torch.func.grad(lambda w: (grad * w).sum() + 0.3 / 2 * (w @ w))(W))
    assert not torch.allclose(after, W - 0.1 * l2_loss((grad * W).sum(), W, lam=0.3))


def test_e08_and_e12_weight_decay_is_scaled_by_the_learning_rate():
    grad = torch.zeros(2, dtype=torch.float64)
    torch.testing.assert_close(weight_decay_step(W, grad, lr=0.1, lam=0.3), (1 - 0.1 * 0.3) * W)
    assert not torch.allclose(weight_decay_step(W, grad, lr=0.1, lam=0.3), (1 - 0.3) * W)


def test_e09_leaky_relu_is_not_linear():
    x = torch.tensor([1.0, -1.0], dtype=torch.float64)
    assert leaky_relu(x, a=0.1).sum().item() == pytest.approx(0.9)


def test_e09_inverted_dropout_needs_no_factor_at_test_time():
    h, p = W, 0.2
    masks = [torch.tensor([a, b], dtype=torch.float64) for a in (0.0, 1.0) for b in (0.0, 1.0)]
    chances = [(1 - p) ** mask.sum().item() * p ** (2 - mask.sum().item()) for mask in masks]
    mean = sum(chance * inverted_dropout(h, mask, p) for chance, mask in zip(chances, masks, strict=True))
    torch.testing.assert_close(mean, h)
    assert not torch.allclose(mean, p * h)


def test_e09_scaling_saves_steps():
    """Not the computation of a gradient, whose operations depend on the sizes alone."""
    X = torch.tensor([[1.0, 100.0], [2.0, -300.0], [3.0, 100.0], [0.0, 200.0]], dtype=torch.float64)
    before, after = X - X.mean(0), standardize(X, *fit_standardizer(X))
    steps = [gd_iterations(condition_number(Z.mT @ Z / 4).item(), 1e-6) for Z in (before, after)]
    assert steps[0] > 1000 * steps[1]


def test_e10_whitening_divides_by_the_root_of_the_eigenvalue():
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(200, 3, generator=generator, dtype=torch.float64) * torch.tensor([1.0, 3.0, 0.2])
    mu, sigma = covariance(X)
    lam, V = torch.linalg.eigh(sigma)
    white = pca_whiten(X, mu, lam, V)
    identity = torch.eye(3, dtype=torch.float64)
    torch.testing.assert_close(covariance(white)[1], identity)
    wrong = (X - mu) @ V / lam
    assert (covariance(wrong)[1] - identity).abs().max() > 1
    singular = torch.linalg.svdvals(sigma).sort().values
    torch.testing.assert_close(singular, lam)  # of a covariance they are the eigenvalues, not their squares
    assert not torch.allclose(singular.sqrt(), lam)


def test_e11_a_spectral_norm_above_one_does_not_imply_explosion():
    weight = torch.tensor([[0.9, 10.0], [0.0, 0.9]], dtype=torch.float64)
    assert torch.linalg.matrix_norm(weight, 2).item() > 10
    product = rnn_jacobian(weight, torch.ones(200, 2, dtype=torch.float64), torch.ones_like)
    assert torch.linalg.matrix_norm(product, 2).item() < 1e-4


def test_e12_both_terms_of_the_binary_cross_entropy_carry_the_minus():
    a, y = torch.tensor([0.7], dtype=torch.float64), torch.tensor([0.2], dtype=torch.float64)
    p = 1 / (1 + math.exp(-0.7))
    right = -(0.2 * math.log(p) + 0.8 * math.log(1 - p))
    wrong = -0.2 * math.log(p) + 0.8 * math.log(1 - p)
    assert bce_with_logits(a, y).sum().item() == pytest.approx(right)
    assert bce_with_logits(a, y).sum().item() != pytest.approx(wrong)


def regression():
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(100, 50, generator=generator, dtype=torch.float64)
    return X, X[:, :5].sum(1) + 0.1 * torch.randn(100, generator=generator, dtype=torch.float64)


@pytest.mark.parametrize("alpha", [1e-3, 1.0, 1e4])
def test_e13_ridge_selects_no_features(alpha):
    assert (ridge_solution(*regression(), alpha) != 0).all()


def test_e14_ranges_are_those_of_the_data():
    wine = load_wine()
    lower, upper = fit_minmax(torch.as_tensor(wine.data))
    ranges = dict(zip(wine.feature_names, zip(lower.tolist(), upper.tolist(), strict=True), strict=True))
    assert ranges["proline"] == (278, 1680)  # not 0 to 1000
    assert ranges["hue"] == (0.48, 1.71)  # not 1 to 10


def test_e15_subgradient_steps_give_no_zeros_and_proximal_steps_do():
    X, y = regression()
    lr = 1 / torch.linalg.eigvalsh(X.T @ X / 100).max().item()
    sub = prox = torch.zeros(50, dtype=torch.float64)
    for _ in range(2000):
        sub = sub - lr * (X.T @ (X @ sub - y) / 100 + l1_subgradient(sub, 0.1))
        prox = proximal_gradient_step(X, y, prox, lr, 0.1, 0.0)
    assert int((sub == 0).sum()) == 0
    assert int((prox == 0).sum()) >= 40


def test_e15_the_step_multiplies_the_penalty_too():
    X, y = regression()
    w = proximal_gradient_step(X, y, torch.zeros(50, dtype=torch.float64), 0.1, 0.5, 0.0)
    z = 0.1 * X.T @ y / 100
    torch.testing.assert_close(w.abs().sum(), torch.clamp(z.abs() - 0.1 * 0.5, min=0).sum())
    assert (z.abs() <= 0.5).all()  # a threshold without the step would leave nothing
    assert (w != 0).any()


def test_e15_the_squared_norm_is_summed_once_and_its_slope_has_a_two():
    X, y = regression()
    w = torch.linspace(-1, 1, 50, dtype=torch.float64)
    total = 100 * empirical_risk((X @ w - y) ** 2)
    torch.testing.assert_close(total, torch.linalg.vector_norm(X @ w - y) ** 2)
    twice = sum(torch.linalg.vector_norm(X @ w - y) ** 2 for _ in y)
    assert twice > 99 * total
    slope = torch.func.grad(lambda w: 100 * empirical_risk((X @ w - y) ** 2))(w)
    torch.testing.assert_close(slope, 2 * X.T @ (X @ w - y))


def test_e16_c_is_the_inverse_of_n_times_the_strength_not_of_the_strength():
    X, target = regression()
    y = (target > 0).double()

    def slope(c):
        model = LogisticRegression(C=c, fit_intercept=False, tol=1e-10).fit(X.numpy(), y.numpy())
        w = torch.as_tensor(model.coef_[0])
        return (X.T @ (torch.sigmoid(X @ w) - y) / 100 + 0.3 * w).abs().max().item()

    assert slope(logistic_c(0.3, 100)) < 1e-5
    assert slope(1 / 0.3) > 1e-2


def test_e16_the_number_of_monomials_is_polynomial_in_the_degree():
    monomials = sum(1 for i in range(4) for j in range(4) for k in range(4) if i + j + k <= 3)
    assert monomials == math.comb(3 + 3, 3)


def test_e17_the_squared_norm_is_the_sum_of_squares():
    assert 2 * l2_loss(ZERO, W, lam=1.0).item() == (W**2).sum().item()
    assert torch.linalg.vector_norm(W).item() != (W**2).sum().item()


def test_e18_plain_depth_need_not_make_gradients_vanish():
    q = torch.tensor(1.0, dtype=torch.float64)
    plain = gradient_gain(q, relu_derivative, weight_variance=100 * he_std(100) ** 2).item() ** 56
    assert plain == pytest.approx(1.0)
    assert gradient_gain(q, sigmoid_derivative, weight_variance=1.0).item() ** 56 < 1e-30  # this is what vanishing is


def test_e19_the_slope_of_the_sigmoid_is_largest_at_zero():
    assert sigmoid_derivative(torch.tensor([0.0])).item() == 0.25
    assert sigmoid_derivative(torch.tensor([5.0])).item() < 0.01


def test_e19_the_lasso_loss_squares_the_residual():
    X, y = torch.tensor([[1.0, 2.0], [3.0, 1.0]], dtype=torch.float64), torch.tensor([1.0, -1.0], dtype=torch.float64)
    residual = y - X @ W  # 6 and -6: without the square they cancel, and only the penalty would be left
    penalised = l1_loss(empirical_risk(residual**2), W, lam=0.5).item()
    assert penalised == 36 + 0.5 * 7
    assert l1_loss(empirical_risk(residual), W, lam=0.5).item() == 0.5 * 7 != penalised


def test_e20_noise_behind_batch_norm_shifts_the_inputs_of_the_next_layer_again():
    """What Santurkar and co-authors did: the layer takes the shift between batches away, noise brings it back."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(64, 5, generator=generator, dtype=torch.float64)
    ones, zeros = torch.ones(5, dtype=torch.float64), torch.zeros(5, dtype=torch.float64)

    def shift(noise):
        """Largest distance between the unit means of two batches."""
        batches = [batch_norm(x * scale, ones, zeros, eps=1e-5) + noise * scale for scale in (1.0, 3.0)]
        return (batches[0].mean(0) - batches[1].mean(0)).abs().max().item()

    assert shift(noise=0.0) < 1e-12
    assert shift(noise=0.5) > 0.9


def test_e21_batch_norm_with_relu_explodes_at_the_start():
    assert bn_relu_growth(1) == pytest.approx(math.pi / (math.pi - 1))
    assert bn_relu_growth(50) > 1e8  # of the squared norm: the norm grows ten thousand times


def test_e22_accuracy_does_not_tell_a_vanished_gradient_from_a_healthy_one():
    """Two networks guess at chance: in one the gradient shrinks to nothing on its way, in the other it does not."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(400, 100, generator=generator, dtype=torch.float64)
    ratios, accuracies = [], []
    for gain in (0.2, 1.0):
        states = [x.clone().requires_grad_()]
        for _ in range(15):
            weight = gain * he_std(100) * torch.randn(100, 100, generator=generator, dtype=torch.float64)
            states.append((states[-1] @ weight).relu())
        labels = torch.arange(400) % 10
        logits = states[-1] @ torch.randn(100, 10, generator=generator, dtype=torch.float64)
        first, last = torch.autograd.grad(torch.nn.functional.cross_entropy(logits, labels), [states[0], states[-1]])
        ratios.append((first.norm() / last.norm()).item())
        accuracies.append((logits.argmax(1) == labels).double().mean().item())
    assert all(0.05 < accuracy < 0.15 for accuracy in accuracies)
    assert ratios[0] < 1e-9
    assert 0.2 < ratios[1] < 5


def test_e23_a_norm_without_its_left_bar_cannot_be_read():
    good = evaluate(r"R = \lambda \lVert w \rVert_1", {r"\lambda": 0.5, "w": W})
    assert good["R"].item() == 3.5
    with pytest.raises(TexError):
        evaluate(r"R = \lambda w \rVert_1", {r"\lambda": 0.5, "w": W})


@pytest.mark.parametrize(("weight_variance", "std"), [(2.0, 1.0), (1.0, 2.0**-25)])
def test_e24_weights_of_variance_one_over_width_lose_the_signal_of_relu(weight_variance, std):
    q = torch.tensor(1.0, dtype=torch.float64)
    for _ in range(50):
        q = variance_step(q, relu, weight_variance, bias_variance=0.0)
    assert q.sqrt().item() == pytest.approx(std, rel=1e-9)


# Errors of public code, of the kinds that the pages' readers bring along.


def focal_loss(a, y, alpha, focus, detached=False):
    """Focal loss of Lin and co-authors: the weight of a class, and of an example by what is missing of its chance."""
    p = torch.sigmoid(a)
    missing = y * (1 - p) + (1 - y) * p
    weight = y * alpha + (1 - y) * (1 - alpha)
    return (weight * (missing.detach() if detached else missing) ** focus * bce_with_logits(a, y)).sum()


def test_a_detached_chance_loses_a_part_of_the_gradient_of_the_focal_loss():
    a, y = torch.tensor([1.5, -0.7], dtype=torch.float64), torch.tensor([1.0, 0.0], dtype=torch.float64)
    right = torch.func.grad(focal_loss)(a, y, 0.25, 2.0)
    lost = torch.func.grad(lambda a: focal_loss(a, y, 0.25, 2.0, detached=True))(a)
    h = 1e-6
    for i in range(2):
        step = h * torch.eye(2, dtype=torch.float64)[i]
        quotient = (focal_loss(a + step, y, 0.25, 2.0) - focal_loss(a - step, y, 0.25, 2.0)) / (2 * h)
        assert right[i].item() == pytest.approx(quotient.item(), rel=1e-7)
        assert abs(lost[i].item()) < 0.7 * abs(quotient.item())  # of equal value, and yet another slope
    torch.testing.assert_close(focal_loss(a, y, 0.25, 2.0), focal_loss(a, y, 0.25, 2.0, detached=True))


def test_alpha_of_the_focal_loss_belongs_to_the_positive_class():
    a, positive = torch.tensor([0.3], dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    negative = torch.zeros_like(positive)
    plain = [bce_with_logits(a, y).item() for y in (positive, negative)]
    weighted = [focal_loss(a, y, 0.25, 0.0).item() for y in (positive, negative)]
    assert [w / p for w, p in zip(weighted, plain, strict=True)] == pytest.approx([0.25, 0.75])
    by_number = torch.tensor([0.25, 0.75])[positive.long()]  # a list whose first entry goes to class zero
    assert by_number.item() == 0.75


@pytest.mark.parametrize("smoothing", ["the share of the right class is not taken away", "a whole share for each"])
def test_a_smoothed_target_that_does_not_sum_to_one_is_refused(smoothing):
    classes, eps = 7, 0.1
    hard = torch.eye(classes, dtype=torch.float64)[2]
    z = torch.linspace(-1, 1, classes, dtype=torch.float64)
    right = (1 - eps) * hard + eps / classes
    expected = torch.nn.functional.cross_entropy(z, torch.tensor(2), label_smoothing=eps)
    torch.testing.assert_close(cross_entropy(z, right), expected)
    wrong = (1 - eps / classes) * hard + eps / classes if "taken" in smoothing else (1 - eps) * hard + 1 / classes
    with pytest.raises(ValueError, match=r"^y must (sum to 1|have entries in)"):
        cross_entropy(z, wrong)


def test_class_weights_apply_once():
    """As a factor of the loss; with a sampler that draws by them as well they would apply as squares."""
    a = torch.tensor([0.4, -1.1, 0.8, 0.2], dtype=torch.float64)
    y = torch.tensor([1.0, 0.0, 0.0, 0.0], dtype=torch.float64)
    weights = torch.where(y == 1, 3.0, 1.0)  # three times as many negatives
    once = (weights * bce_with_logits(a, y)).sum()
    balanced = torch.nn.functional.binary_cross_entropy_with_logits(a, y, reduction="sum", pos_weight=a.new_tensor(3.0))
    torch.testing.assert_close(once, balanced)
    gradient = weights * bce_with_logits_gradient(torch.zeros_like(a), y)
    assert gradient[y == 1].sum().item() == pytest.approx(-gradient[y == 0].sum().item())  # the classes are level
    twice = weights * gradient
    assert twice[y == 1].sum().item() == pytest.approx(-3 * twice[y == 0].sum().item())


def test_features_are_scaled_by_column_and_with_the_statistics_of_training():
    X = torch.tensor([[1.0, 100.0], [2.0, 300.0], [4.0, 200.0]], dtype=torch.float64)
    Z = standardize(X, *fit_standardizer(X))
    torch.testing.assert_close(Z.mean(0), torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(Z.std(0, correction=0), torch.ones(2, dtype=torch.float64))
    rows = standardize(X.T, *fit_standardizer(X.T)).T  # each example by itself: two features are always 1 and -1
    torch.testing.assert_close(rows, torch.tensor([[-1.0, 1.0]] * 3, dtype=torch.float64))
    new = X[:1] + 10
    assert not torch.allclose(standardize(new, *fit_standardizer(X)), Z[:1])
    torch.testing.assert_close(standardize(new, *fit_standardizer(new)), torch.zeros_like(new))  # nothing is left


@pytest.mark.parametrize(("steps", "share"), [(1, 0.1), (10, 0.65), (50, 0.995)])
def test_running_statistics_start_at_mean_zero_and_variance_one(steps, share):
    """From a variance of zero the first evaluations divide by far too little."""
    x = torch.tensor([[1.0], [3.0], [8.0]], dtype=torch.float64)
    layer = torch.nn.BatchNorm1d(1, dtype=torch.float64)
    mean, var = torch.zeros(1, dtype=torch.float64), torch.ones(1, dtype=torch.float64)
    wrong = torch.zeros_like(var)
    for _ in range(steps):
        layer(x)
        _, wrong = batch_norm_running(mean, wrong, x, 0.1)
        mean, var = batch_norm_running(mean, var, x, 0.1)
    torch.testing.assert_close([mean, var], [layer.running_mean, layer.running_var])
    assert (wrong / x.var(0)).item() == pytest.approx(share, abs=0.002)
    assert (var - wrong).item() == pytest.approx(0.9**steps)


def test_a_mask_from_normal_numbers_keeps_another_share():
    p, generator = 0.3, torch.Generator().manual_seed(0)
    noise, uniform = torch.randn(100_000, generator=generator), torch.rand(100_000, generator=generator)
    h = torch.ones(100_000)
    means = [inverted_dropout(h, (draw > p).to(h), p).mean().item() for draw in (uniform, noise)]
    assert means == pytest.approx([1.0, 0.382 / 0.7], abs=0.01)


def test_the_slope_of_relu_leaves_the_incoming_gradient_alone():
    x, incoming = torch.tensor([-1.0, 0.0, 2.0]), torch.tensor([5.0, 6.0, 7.0])
    assert output_delta(incoming, x, relu_derivative).tolist() == [0.0, 0.0, 7.0]  # slope zero at zero, not one
    assert incoming.tolist() == [5.0, 6.0, 7.0]
