"""Exercises of question 32."""

import torch


# %% 32-x1 given
def tanh_derivative(z):
    return 1 - torch.tanh(z) ** 2


def rnn_jacobian(W, z, dphi):
    jacobian = torch.eye(len(W), dtype=W.dtype)
    for step in z:
        jacobian = jacobian @ (dphi(step)[:, None] * W)
    return jacobian


# %% 32-x1 answer
def rnn_jacobian_cured(W, z, dphi):
    ### BEGIN SOLUTION
    jacobian = torch.eye(len(W), dtype=W.dtype)
    for step in z:
        jacobian = dphi(step)[:, None] * W @ jacobian
    return jacobian
    ### END SOLUTION


# %% 32-x2 given
def clip_by_norm(g, c, eps=0.0):
    norm = (g * g).sum().sqrt()
    return g * min(1.0, c / (norm + eps))


# %% 32-x2 answer
def breaking():
    ### BEGIN SOLUTION
    return {"g": torch.tensor([3e20, -4e20]), "c": 1.0}
    ### END SOLUTION


# %% 32-x2 test
def exact(g, c, eps=0.0):
    largest = g.abs().max()
    norm = largest * (g / largest).norm()
    return g * min(1.0, c / (norm + eps))


found = breaking()
assert found["g"].dtype == torch.float32
assert 0 < found["c"] < float("inf")
assert exact(**found).isfinite().all()
assert not torch.allclose(clip_by_norm(**found), exact(**found), rtol=0.01, atol=0.01 * found["c"])
