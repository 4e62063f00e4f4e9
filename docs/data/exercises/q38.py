"""Exercises of question 38."""

from itertools import product

import torch


# %% 38-x1 answer
def dropout_expected_loss(X, y, w, p):
    ### BEGIN SOLUTION
    penalty = (w**2 * (X**2).sum(dim=0)).sum()
    return ((y - X @ w).square().sum() + p / (1 - p) * penalty) / len(y)
    ### END SOLUTION


# %% 38-x1 test
features = torch.tensor([[1.0, -2.0], [0.5, 1.5]], dtype=torch.float64)
targets = torch.tensor([0.7, -0.4], dtype=torch.float64)
weights = torch.tensor([0.8, -0.3], dtype=torch.float64)
mean = 0.0
for kept in product((0.0, 1.0), repeat=4):
    mask = torch.tensor(kept, dtype=torch.float64).reshape(2, 2)
    chance = torch.where(mask == 1, 0.75, 0.25).prod()
    mean += chance * (targets - mask * features / 0.75 @ weights).square().mean()
assert torch.allclose(dropout_expected_loss(features, targets, weights, 0.25), mean)


# %% 38-x2 given
def normalised_geometric_mean(logits, probabilities):
    s = torch.sigmoid(logits)
    on = (s**probabilities).prod()
    off = ((1 - s) ** probabilities).prod()
    return on / (on + off)


# %% 38-x2 answer
def breaking():
    ### BEGIN SOLUTION
    return {"logits": torch.tensor([200.0, -200.0]), "probabilities": torch.tensor([0.5, 0.5])}
    ### END SOLUTION


# %% 38-x2 test
def exact(logits, probabilities):
    return torch.sigmoid((probabilities * logits).sum())


found = breaking()
assert found["logits"].isfinite().all()
assert (found["probabilities"] >= 0).all()
assert abs(found["probabilities"].sum() - 1) < 1e-6
assert not torch.allclose(normalised_geometric_mean(**found), exact(**found), rtol=0.01, atol=0.01)
