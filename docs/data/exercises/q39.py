"""Exercises of question 39."""

import torch


# %% 39-x1 answer
def cross_entropy_gradient(z, y):
    ### BEGIN SOLUTION
    powers = torch.exp(z - z.max())
    return powers / powers.sum() - y
    ### END SOLUTION


# %% 39-x1 test
logits = torch.tensor([1000.0, 998.0, -1000.0], dtype=torch.float64, requires_grad=True)
smoothed = torch.tensor([0.1, 0.8, 0.1], dtype=torch.float64)
torch.nn.functional.cross_entropy(logits, smoothed).backward()
assert torch.allclose(cross_entropy_gradient(logits.detach(), smoothed), logits.grad)


# %% 39-x2 given
def bce_with_logits(a, y):
    p = torch.sigmoid(a)
    return -y * torch.log(p) - (1 - y) * torch.log(1 - p)


# %% 39-x2 answer
def breaking():
    ### BEGIN SOLUTION
    return {"a": torch.tensor(40.0), "y": torch.tensor(0.0)}
    ### END SOLUTION


# %% 39-x2 test
def exact(a, y):
    return torch.relu(a) - a * y + torch.log1p(torch.exp(-a.abs()))


found = breaking()
assert found["a"].isfinite().all()
assert ((found["y"] >= 0) & (found["y"] <= 1)).all()
assert exact(**found).isfinite().all()
assert not torch.allclose(bce_with_logits(**found), exact(**found), rtol=0.01, atol=0.01)
