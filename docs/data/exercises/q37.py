"""Exercises of question 37."""

import torch


# %% 37-x1 answer
def elastic_net_prox(v, lr, l1, l2):
    ### BEGIN SOLUTION
    return torch.sign(v) * torch.relu(v.abs() - lr * l1) / (1 + lr * l2)
    ### END SOLUTION


# %% 37-x1 test
point = torch.tensor([1.2, -0.9, 0.1], dtype=torch.float64)
step = elastic_net_prox(point, lr=0.5, l1=0.6, l2=0.8)


def objective(w):
    return (w - point) ** 2 / 2 + 0.5 * (0.6 * w.abs() + 0.8 / 2 * w**2)


assert all((objective(step) < objective(step + shift)).all() for shift in (-0.01, 0.01))


# %% 37-x2 given
def kkt_violation(X, y, w, l1, l2):
    c = X.T @ (y - X @ w) / len(y) - l2 * w
    return (c - l1 * torch.sign(w)).abs()


# %% 37-x2 answer
def kkt_violation_cured(X, y, w, l1, l2):
    ### BEGIN SOLUTION
    c = X.T @ (y - X @ w) / len(y) - l2 * w
    active = (c - l1 * torch.sign(w)).abs()
    return torch.where(w != 0, active, torch.relu(c.abs() - l1))
    ### END SOLUTION


# %% 37-x2 test
design = torch.tensor([[1.0, 0.0], [0.0, 2.0]], dtype=torch.float64)
targets = torch.tensor([3.0, 0.2], dtype=torch.float64)
minimum = torch.tensor([2.2, 0.0], dtype=torch.float64)
violation = kkt_violation_cured(design, targets, minimum, l1=0.4, l2=0.0)
assert violation.abs().max() < 1e-12
