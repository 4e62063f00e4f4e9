"""Exercises of question 33."""

import torch


# %% 33-x1 given
def he_bound(fan, slope=0.0):
    return (2 / ((1 + slope**2) * fan)) ** 0.5


# %% 33-x1 answer
def he_bound_cured(fan, slope=0.0):
    ### BEGIN SOLUTION
    return (6 / ((1 + slope**2) * fan)) ** 0.5
    ### END SOLUTION


# %% 33-x1 test
generator = torch.Generator().manual_seed(0)
bound = he_bound_cured(50)
weights = bound * (2 * torch.rand(200_000, generator=generator) - 1)
assert abs(weights.var().item() - 2 / 50) < 0.002


# %% 33-x2 given
def residual_gain_bounds(jacobian):
    norm = torch.linalg.matrix_norm(jacobian, 2)
    return 1 - norm, 1 + norm


# %% 33-x2 answer
def breaking():
    ### BEGIN SOLUTION
    return {"jacobian": torch.tensor([[-3.0, 0.0], [0.0, 0.5]])}
    ### END SOLUTION


# %% 33-x2 test
def exact(jacobian):
    norm = torch.linalg.matrix_norm(jacobian, 2)
    return torch.relu(1 - norm), 1 + norm


found = breaking()
assert found["jacobian"].isfinite().all()
assert not torch.allclose(residual_gain_bounds(**found)[0], exact(**found)[0], rtol=0.01, atol=0.01)
