"""The back-propagation recursion against autograd, and the Euler identity that hides vanishing gradients."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from torch.nn.functional import leaky_relu

from optnotes.gradients import backprop, euler_inner_product, layer_gradients, output_delta
from tests.laws import seeds

WIDTHS = (3, 6, 5, 4, 2)


def _dtanh(z):
    return 1 - torch.tanh(z) ** 2


def _network(seed, widths=WIDTHS):
    generator = torch.Generator().manual_seed(seed)
    weights = [torch.randn(m, n, generator=generator, dtype=torch.float64) for n, m in pairwise(widths)]
    biases = [torch.randn(m, generator=generator, dtype=torch.float64) for m in widths[1:]]
    return weights, biases, torch.randn(widths[0], generator=generator, dtype=torch.float64)


def _loss(h):
    return (h * torch.arange(1, len(h) + 1)).sin().sum()


@given(seeds())
def test_recursion_matches_autograd(seed):
    """The recursion run from the last layer to the first gives the gradients autograd gives."""
    weights, biases, x = _network(seed)
    leaves = [w.clone().requires_grad_() for w in weights], [b.clone().requires_grad_() for b in biases]
    h, hs, zs = x, [x], []
    for weight, bias in zip(*leaves, strict=True):
        zs.append(weight @ h + bias)
        h = torch.tanh(zs[-1])
        hs.append(h)
    expected = torch.autograd.grad(_loss(h), [*leaves[0], *leaves[1]])

    output = hs[-1].detach().requires_grad_()
    (grad,) = torch.autograd.grad(_loss(output), output)
    zs, hs = [z.detach() for z in zs], [h.detach() for h in hs]
    delta = output_delta(grad, zs[-1], _dtanh)
    weight_grads, bias_grads = [], []
    for layer in reversed(range(len(weights))):
        weight_grad, bias_grad = layer_gradients(delta, hs[layer])
        weight_grads.insert(0, weight_grad)
        bias_grads.insert(0, bias_grad)
        if layer:
            delta = backprop(delta, weights[layer], zs[layer - 1], _dtanh)
    for want, have in zip(expected, [*weight_grads, *bias_grads], strict=True):
        torch.testing.assert_close(want, have, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_output_delta_value(dtype):
    grad, z = torch.tensor([2.0, -1.0], dtype=dtype), torch.tensor([3.0, -5.0], dtype=dtype)
    expected = torch.tensor([2 * 3.0 * 2.0, 2 * -5.0 * -1.0], dtype=dtype)
    torch.testing.assert_close(expected, output_delta(grad, z, lambda z: 2 * z))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_backprop_value(dtype):
    delta = torch.tensor([1.0, -2.0], dtype=dtype)
    weight = torch.tensor([[2.0, -4.0, 0.5], [1.0, 3.0, -1.0]], dtype=dtype)
    z = torch.tensor([3.0, 5.0, -2.0], dtype=dtype)
    expected = torch.tensor(
        [3.0 * (2.0 * 1.0 + 1.0 * -2.0), 5.0 * (-4.0 * 1.0 + 3.0 * -2.0), -2.0 * (0.5 * 1.0 + -1.0 * -2.0)],
        dtype=dtype,
    )
    torch.testing.assert_close(expected, backprop(delta, weight, z, lambda z: z))


def test_inactive_relu_unit_passes_nothing_on_this_example_only():
    weight, delta = torch.tensor([[2.0, -4.0]]), torch.tensor([1.5])
    masks = [backprop(delta, weight, z, lambda z: (z > 0).to(z.dtype)) for z in torch.tensor([[-1.0, 2.0], [1.0, 2.0]])]
    assert [mask.tolist() for mask in masks] == [[0.0, -6.0], [3.0, -6.0]]


def test_relu_derivative_at_zero_is_zero_in_torch():
    z = torch.tensor([-2.0, -1e-9, 0.0, 1e-9, 2.0], requires_grad=True)
    torch.relu(z).sum().backward()
    assert z.grad.tolist() == [0.0, 0.0, 0.0, 1.0, 1.0]


def test_layer_gradients_gradcheck():
    weights, _, x = _network(seed=5)
    assert torch.autograd.gradcheck(layer_gradients, (weights[0][:, 0].clone().requires_grad_(), x.requires_grad_()))


def test_backprop_gradcheck():
    weights, biases, _ = _network(seed=6)
    arguments = [part.clone().requires_grad_() for part in (biases[1], weights[1], biases[0])]
    assert torch.autograd.gradcheck(lambda delta, weight, z: backprop(delta, weight, z, _dtanh), arguments)


def test_layer_gradients_do_not_share_memory():
    delta = torch.tensor([1.0, 2.0])
    _, bias_grad = layer_gradients(delta, torch.tensor([3.0]))
    bias_grad.zero_()
    assert delta.tolist() == [1.0, 2.0]


@given(seeds())
def test_euler_identity(seed):
    """Without biases, a LeakyReLU network has the same inner product of weight and gradient in every layer."""
    weights, _, x = _network(seed)
    leaves = [w.clone().requires_grad_() for w in weights]
    h = x
    for weight in leaves:
        h = leaky_relu(weight @ h, 0.2)
    grads = torch.autograd.grad(_loss(h), leaves)
    products = torch.stack([euler_inner_product(w, g) for w, g in zip(weights, grads, strict=True)])
    torch.testing.assert_close(products[-1].expand(len(weights)), products, rtol=1e-8, atol=1e-8)


def test_euler_identity_needs_no_biases_and_homogeneity():
    weights, _, x = _network(seed=3)
    leaves = [w.clone().requires_grad_() for w in weights]
    h = x
    for weight in leaves:
        h = torch.tanh(weight @ h)
    grads = torch.autograd.grad(_loss(h), leaves)
    products = [euler_inner_product(w, g).item() for w, g in zip(weights, grads, strict=True)]
    assert max(products) - min(products) > 0.01


def test_weight_gradients_hide_the_decay_that_activation_gradients_show():
    generator = torch.Generator().manual_seed(0)
    n, layers = 64, 12
    weights = [0.5 * (2 / n) ** 0.5 * torch.randn(n, n, generator=generator) for _ in range(layers)]
    leaves = [w.requires_grad_() for w in weights]
    h, hs = torch.randn(n, generator=generator), []
    for weight in leaves:
        h = torch.relu(weight @ h)
        hs.append(h)
    *weight_grads, first, last = torch.autograd.grad(h.square().sum(), [*leaves, hs[0], hs[-1]])
    assert weight_grads[0].norm() / weight_grads[-1].norm() > 0.1
    assert first.norm() / last.norm() < 1e-2


def test_a_dead_unit_has_a_gradient_at_its_output_but_none_at_its_input():
    z = torch.tensor([[-1.0, 0.5], [-2.0, 1.5]], dtype=torch.float64, requires_grad=True)
    h = torch.relu(z)
    h.retain_grad()
    (h @ torch.tensor([3.0, -2.0], dtype=torch.float64)).sum().backward()
    assert (z.grad == 0).all(dim=0).tolist() == [True, False]
    assert (h.grad == 0).all(dim=0).tolist() == [False, False]
