"""PReLU: values, torch.nn.PReLU and autograd for inputs and slopes."""

import pytest
import torch
from hypothesis import given

from optnotes.activations import leaky_relu, prelu, prelu_derivative, prelu_slope_gradient, relu
from tests.laws import normal, seeds

X = torch.tensor([[-3.0, 2.0], [4.0, -1.0], [0.0, 0.0]], dtype=torch.float64)
A = torch.tensor([0.5, 0.25], dtype=torch.float64)


def test_values():
    assert prelu(X, A).tolist() == [[0.5 * -3.0, 2.0], [4.0, 0.25 * -1.0], [0.0, 0.0]]
    assert prelu_derivative(X, A).tolist() == [[0.5, 1.0], [1.0, 0.25], [0.5, 0.25]]


def test_slope_gradient_value():
    grad = torch.tensor([[2.0, 7.0], [5.0, 3.0], [9.0, 9.0]], dtype=torch.float64)
    assert prelu_slope_gradient(grad, X).tolist() == [2.0 * -3.0, 3.0 * -1.0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(seed=seeds())
def test_values_and_gradients_match_torch(dtype, seed):
    """One call of torch.nn.PReLU gives the output, the gradient of the inputs and that of the slopes."""
    layer = torch.nn.PReLU(3, dtype=dtype)
    layer.weight.data = normal(seed, 3).to(dtype)
    x, grad = normal(seed + 1, 5, 3).to(dtype), normal(seed + 2, 5, 3).to(dtype)
    x[0] = torch.tensor([0.0, 1000.0, -1000.0], dtype=dtype)
    inputs = x.clone().requires_grad_()
    output = layer(inputs)
    output.backward(grad)
    torch.testing.assert_close(prelu(x, layer.weight.detach()), output.detach())
    torch.testing.assert_close(grad * prelu_derivative(x, layer.weight.detach()), inputs.grad)
    torch.testing.assert_close(prelu_slope_gradient(grad, x), layer.weight.grad)


@given(seeds())
def test_one_shared_slope_takes_the_sum_over_channels(seed):
    layer = torch.nn.PReLU(dtype=torch.float64)
    x, grad = normal(seed, 5, 3), normal(seed + 1, 5, 3)
    layer(x).backward(grad)
    torch.testing.assert_close(prelu_slope_gradient(grad, x).sum(), layer.weight.grad.squeeze())


@given(seeds())
def test_special_slopes(seed):
    """Slope zero is ReLU, slope one the identity, any slope below one LeakyReLU."""
    x = normal(seed, 5, 2)
    assert torch.equal(relu(x), prelu(x, torch.zeros_like(A)))
    assert torch.equal(x, prelu(x, torch.ones_like(A)))
    torch.testing.assert_close(prelu(x, torch.full_like(A, 0.3)), leaky_relu(x, a=0.3))


def test_gradcheck():
    x, a = X[:2].clone().requires_grad_(), A.clone().requires_grad_()
    assert torch.autograd.gradcheck(prelu, (x, a))
