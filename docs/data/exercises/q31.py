"""Exercises of question 31."""

import torch


# %% 31-x1 given
def tanh_derivative(z):
    return 1 - torch.tanh(z) ** 2


# %% 31-x1 answer
def backprop(delta, W, z, dphi):
    ### BEGIN SOLUTION
    return dphi(z) * (W.T @ delta)
    ### END SOLUTION


# %% 31-x1 test
inputs = torch.tensor([0.4, -1.1], dtype=torch.float64, requires_grad=True)
weights = torch.tensor([[0.3, -0.8], [1.2, 0.5]], dtype=torch.float64)
outputs = torch.tanh(weights @ torch.tanh(inputs))
outputs.sum().backward()
signal = backprop((1 - outputs**2).detach(), weights, inputs.detach(), tanh_derivative)
assert torch.allclose(signal, inputs.grad)


# %% 31-x2 given
def gradient_decades(gain, depth):
    return torch.log10(gain**depth)


# %% 31-x2 answer
def breaking():
    ### BEGIN SOLUTION
    return {"gain": torch.tensor(0.1), "depth": 100}
    ### END SOLUTION


# %% 31-x2 test
def exact(gain, depth):
    return depth * torch.log10(gain)


found = breaking()
assert (found["gain"] > 0).all()
assert found["depth"] >= 0
assert exact(**found).isfinite().all()
assert not torch.allclose(gradient_decades(**found), exact(**found), rtol=0.01, atol=0.01)
