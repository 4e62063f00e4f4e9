"""Exercises of question 34."""

import torch


# %% 34-x1 answer
def min_norm_interpolant(X, y):
    ### BEGIN SOLUTION
    return X.T @ torch.linalg.solve(X @ X.T, y)
    ### END SOLUTION


# %% 34-x1 test
design = torch.tensor([[1.0, 2.0, -1.0], [0.5, -1.0, 3.0]], dtype=torch.float64)
targets = torch.tensor([1.5, -2.0], dtype=torch.float64)
shortest = min_norm_interpolant(design, targets)
free = torch.linalg.cross(design[0], design[1])
assert torch.allclose(design @ shortest, targets)
assert all(shortest.norm() < (shortest + step * free).norm() for step in (-0.1, 0.1))


# %% 34-x2 given
def bias_variance(predictions, truth, sigma):
    bias = predictions.mean() - truth
    return sigma**2 + bias**2 + predictions.var()


# %% 34-x2 answer
def bias_variance_cured(predictions, truth, sigma):
    ### BEGIN SOLUTION
    bias = predictions.mean() - truth
    return sigma**2 + bias**2 + predictions.var(correction=0)
    ### END SOLUTION


# %% 34-x2 test
predicted = torch.tensor([1.0, 2.5, 4.0], dtype=torch.float64)
assert torch.allclose(bias_variance_cured(predicted, 2.0, 0.0), (predicted - 2.0).square().mean())
