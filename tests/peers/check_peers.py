"""What the pages say of Keras, flax, JAX and optax, held against these libraries as installed: nox -s peers."""

import math
import os

os.environ["KERAS_BACKEND"] = "torch"

import flax.linen as flax
import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import pytest
import torch

from optnotes.activations import gelu, gelu_tanh, leaky_relu
from optnotes.descent import adamw_step, momentum_step
from optnotes.gradients import clip_by_norm
from optnotes.normalization import batch_norm, batch_norm_running, running_momentum
from optnotes.penalties import keras_l2, l2_loss

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
keras.config.set_epsilon(1e-7)

BATCH = np.random.default_rng(0).normal(3.0, 2.5, (6, 4))
GRID = torch.linspace(-3, 3, 31).double()


def close(found, expected):
    # Keras computes constants of its layers in float32, whatever the dtype.
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=3e-6, atol=3e-6)


def running_of_keras(momentum):
    layer = keras.layers.BatchNormalization(momentum=momentum, epsilon=1e-5)
    layer(torch.tensor(BATCH), training=True)
    return layer.moving_mean.numpy(), layer.moving_variance.numpy()


def running_of_flax(momentum):
    layer = flax.BatchNorm(use_running_average=False, momentum=momentum, param_dtype=jnp.float64)
    state = layer.init(jax.random.key(0), BATCH)
    _, state = layer.apply(state, BATCH, mutable=["batch_stats"])
    return state["batch_stats"]["mean"], state["batch_stats"]["var"]


@pytest.mark.parametrize("running", [running_of_keras, running_of_flax])
def test_the_running_variance_of_keras_and_flax_is_biased_and_their_momentum_weighs_the_old_value(running):
    old = 0.8
    start = torch.zeros(4).double(), torch.ones(4).double()
    mean, variance = batch_norm_running(*start, torch.tensor(BATCH), momentum=running_momentum(old))
    found_mean, found_variance = running(old)
    close(found_mean, mean)
    n = len(BATCH)
    close((np.asarray(found_variance) - old) * n / (n - 1), variance - old)
    assert not np.allclose(found_variance, variance, rtol=0.01)


def test_defaults_of_batch_and_layer_norm_are_those_of_the_page():
    assert keras.layers.BatchNormalization().epsilon == keras.layers.LayerNormalization().epsilon == 1e-3
    assert keras.layers.BatchNormalization().momentum == flax.BatchNorm(use_running_average=True).momentum == 0.99
    assert flax.BatchNorm(use_running_average=True).epsilon == 1e-5
    assert flax.LayerNorm().epsilon == flax.GroupNorm(2).epsilon == flax.RMSNorm().epsilon == 1e-6


def test_normalisation_itself_is_ours():
    one, zero = torch.ones(4).double(), torch.zeros(4).double()
    ours = batch_norm(torch.tensor(BATCH), one, zero, eps=1e-3)
    layer = keras.layers.BatchNormalization()
    close(layer(torch.tensor(BATCH), training=True).detach(), ours)


def test_the_l2_regulariser_of_keras_has_no_half():
    w = torch.tensor([1.5, -2.0]).double()
    ours = l2_loss(torch.tensor(0.0).double(), w, lam=0.3)
    close(keras.regularizers.L2(keras_l2(l2=0.3))(w), ours)


def stepped(optimizer, gradients):
    """The gradients that a Keras optimiser applies: plain descent with rate one, from zero."""
    weights = [keras.Variable(np.zeros_like(g)) for g in gradients]
    optimizer.apply([torch.tensor(g) for g in gradients], weights)
    return [-w.numpy() for w in weights]


GRADIENTS = [np.array([3.0, 4.0]), np.array([0.0, 2.0, 1.0])]


def test_clipnorm_of_keras_cuts_each_tensor_and_global_clipnorm_all():
    each = stepped(keras.optimizers.SGD(1.0, clipnorm=1.5), GRADIENTS)
    for found, g in zip(each, GRADIENTS, strict=True):
        close(found, clip_by_norm(torch.tensor(g), c=1.5))
    together = clip_by_norm(torch.tensor(np.concatenate(GRADIENTS)), c=1.5)
    close(np.concatenate(stepped(keras.optimizers.SGD(1.0, global_clipnorm=1.5), GRADIENTS)), together)


def test_optax_clips_by_the_norm_of_all_and_adds_nothing_to_it():
    found, _ = optax.clip_by_global_norm(1.5).update(GRADIENTS, optax.EmptyState())
    together = torch.tensor(np.concatenate(GRADIENTS))
    close(np.concatenate(found), clip_by_norm(together, c=1.5))
    # torch divides by the norm plus 1e-6: here the norm is so small that this shows.
    small = np.array([3e-6, 4e-6])
    found, _ = optax.clip_by_global_norm(1e-6).update([small], optax.EmptyState())
    np.testing.assert_allclose(found[0], clip_by_norm(torch.tensor(small), c=1e-6), rtol=1e-6)
    weight = torch.nn.Parameter(torch.zeros(2).double())
    weight.grad = torch.tensor(small)
    torch.nn.utils.clip_grad_norm_(weight, 1e-6)
    np.testing.assert_allclose(weight.grad.norm(), 1e-6 * 5 / 6, rtol=1e-6)


RATE, BETA1, BETA2, EPS, DECAY = 0.1, 0.9, 0.99, 0.03, 0.2
START, PULLS = torch.tensor([1.0, -2.0]).double(), [torch.tensor([0.3, -0.02]).double()] * 3


def ours_after(steps, eps):
    w, m, v = START, torch.zeros(2).double(), torch.zeros(2).double()
    for t, g in enumerate(PULLS[:steps], start=1):
        w, m, v = adamw_step(w, g, m, v, t, lr=RATE, beta1=BETA1, beta2=BETA2, eps=eps(t), lam=DECAY)
    return w


@pytest.mark.parametrize("steps", [1, 3])
def test_epsilon_of_keras_stands_before_the_correction(steps):
    weight = keras.Variable(START.numpy())
    rule = keras.optimizers.AdamW(RATE, beta_1=BETA1, beta_2=BETA2, epsilon=EPS, weight_decay=DECAY)
    for g in PULLS[:steps]:
        rule.apply([g], [weight])
    close(weight.numpy(), ours_after(steps, lambda t: EPS / math.sqrt(1 - BETA2**t)))
    assert not np.allclose(weight.numpy(), ours_after(steps, lambda t: EPS), rtol=1e-3)


@pytest.mark.parametrize("steps", [1, 3])
def test_epsilon_of_optax_stands_after_the_correction_and_decay_is_multiplied_by_the_rate(steps):
    rule = optax.adamw(RATE, b1=BETA1, b2=BETA2, eps=EPS, weight_decay=DECAY)
    weight = jnp.array(START.numpy())
    state = rule.init(weight)
    for g in PULLS[:steps]:
        update, state = rule.update(jnp.array(g.numpy()), state, weight)
        weight = optax.apply_updates(weight, update)
    close(weight, ours_after(steps, lambda t: EPS))


def test_decay_of_adamw_differs_by_default():
    assert keras.optimizers.AdamW().weight_decay == 0.004
    weight = jnp.array([1.0])
    rule = optax.adamw(1.0)
    update, _ = rule.update(jnp.zeros(1), rule.init(weight), weight)
    close(update, [-1e-4])


def momentum_after(rates):
    w, v = START, torch.zeros(2).double()
    for lr in rates:
        w, v = momentum_step(w, PULLS[0], v, lr, beta=BETA1)
    return w


def test_momentum_of_keras_and_optax_is_ours_until_the_rate_changes():
    weight = keras.Variable(START.numpy())
    rule = keras.optimizers.SGD(RATE, momentum=BETA1)
    also = optax.sgd(RATE, momentum=BETA1)
    other = jnp.array(START.numpy())
    state = also.init(other)
    for _ in range(3):
        rule.apply([PULLS[0]], [weight])
        update, state = also.update(jnp.array(PULLS[0].numpy()), state, other)
        other = optax.apply_updates(other, update)
    close(weight.numpy(), momentum_after([RATE] * 3))
    close(other, momentum_after([RATE] * 3))
    rule.learning_rate = RATE / 10
    rule.apply([PULLS[0]], [weight])
    assert not np.allclose(weight.numpy(), momentum_after([RATE] * 3 + [RATE / 10]), rtol=1e-3)


def test_slopes_of_leaky_relu_and_forms_of_gelu():
    x = GRID.numpy()
    close(jax.nn.leaky_relu(x), leaky_relu(GRID, a=0.01))
    close(keras.ops.leaky_relu(GRID), leaky_relu(GRID, a=0.2))
    close(keras.layers.LeakyReLU()(GRID), leaky_relu(GRID, a=0.3))
    for approximate in (jax.nn.gelu(x), keras.ops.gelu(GRID), flax.gelu(x)):
        close(approximate, gelu_tanh(GRID))
    close(keras.activations.gelu(GRID), gelu(GRID))
    close(jax.nn.gelu(x, approximate=False), gelu(GRID))


def test_dropout_takes_the_probability_of_dropping_and_scales_what_stays():
    ones = np.ones((200, 200))
    kept = keras.layers.Dropout(0.2, seed=0)(torch.tensor(ones), training=True).detach().numpy()
    also = flax.Dropout(0.2, deterministic=False).apply({}, ones, rngs={"dropout": jax.random.key(0)})
    for found in (kept, np.asarray(also)):
        assert set(np.unique(found)) == {0.0, 1.25}
        assert 0.18 < (found == 0).mean() < 0.22


def test_first_weights_are_those_of_the_page():
    dense = keras.layers.Dense(3)
    assert isinstance(dense.kernel_initializer, keras.initializers.GlorotUniform)
    assert isinstance(keras.layers.Conv2D(3, 3).kernel_initializer, keras.initializers.GlorotUniform)
    assert isinstance(dense.bias_initializer, keras.initializers.Zeros)
    cell = keras.layers.LSTM(3)
    assert isinstance(cell.cell.recurrent_initializer, keras.initializers.Orthogonal)
    assert cell.cell.unit_forget_bias
    kernel = flax.Dense(400).init(jax.random.key(0), np.ones((1, 300)))["params"]["kernel"]
    assert abs(np.asarray(kernel).var() * 300 - 1) < 0.03  # LeCun: one over the fan-in


def test_keras_keeps_the_last_weights_unless_told_and_measures_validation_with_the_penalties():
    assert keras.callbacks.EarlyStopping().restore_best_weights is False
    penalty = keras.regularizers.L2(0.5)
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, kernel_regularizer=penalty)])
    net.compile(optimizer="sgd", loss="mse")
    target = np.zeros((6, 1))
    total = net.evaluate(BATCH, target, verbose=0)
    data = float(np.mean(np.asarray(net.predict(BATCH, verbose=0)) ** 2))
    penalised = float(penalty(net.layers[0].kernel).detach())
    assert penalised > 0.01
    np.testing.assert_allclose(total, data + penalised, rtol=1e-5)


def test_losses_of_keras_take_probabilities_unless_told():
    assert keras.losses.CategoricalCrossentropy().get_config()["from_logits"] is False
    assert keras.losses.BinaryCrossentropy().get_config()["from_logits"] is False


def test_alpha_of_focal_loss_is_off_by_default_in_keras_and_optax():
    focal = keras.losses.BinaryFocalCrossentropy()
    assert (focal.alpha, focal.gamma, focal.apply_class_balancing) == (0.25, 2.0, False)
    logits, labels = jnp.array([1.3]), jnp.array([0.0])
    p = 1 / (1 + math.exp(-1.3))
    close(optax.sigmoid_focal_loss(logits, labels), [-(p**2) * math.log(1 - p)])


def test_training_mode_of_a_whole_keras_model_switches_normalisation_along_with_dropout():
    dropout, norm = keras.layers.Dropout(0.5), keras.layers.BatchNormalization()
    model = keras.Sequential([keras.Input((4,)), norm, dropout])
    before = norm.moving_mean.numpy().copy()
    dropout(norm(torch.tensor(BATCH)), training=True)
    assert (norm.moving_mean.numpy() == before).all()
    model(torch.tensor(BATCH), training=True)
    assert (norm.moving_mean.numpy() != before).all()
