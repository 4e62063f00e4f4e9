"""Exercises of question 40."""

import torch


# %% 40-x1 given
def batch_norm_running(mean, var, x, momentum):
    mean = (1 - momentum) * mean + momentum * x.mean(dim=0)
    var = (1 - momentum) * var + momentum * x.var(dim=0, correction=0)
    return mean, var


# %% 40-x1 answer
def batch_norm_running_cured(mean, var, x, momentum):
    ### BEGIN SOLUTION
    mean = (1 - momentum) * mean + momentum * x.mean(dim=0)
    var = (1 - momentum) * var + momentum * x.var(dim=0, correction=1)
    return mean, var
    ### END SOLUTION


# %% 40-x1 test
batch = torch.tensor([[1.0, -2.0], [4.0, 0.5], [2.5, 3.0]])
layer = torch.nn.BatchNorm1d(2, momentum=0.3)
layer(batch)
mean, var = batch_norm_running_cured(torch.zeros(2), torch.ones(2), batch, 0.3)
assert torch.allclose(mean, layer.running_mean)
assert torch.allclose(var, layer.running_var)


# %% 40-x2 given
def fit_standardizer(X):
    mu = X.mean(dim=0)
    variance = (X**2).mean(dim=0) - mu**2
    return mu, torch.where(variance > 0, variance.sqrt(), 1.0)


# %% 40-x2 answer
def breaking():
    ### BEGIN SOLUTION
    return {"X": torch.tensor([[10000.0], [10001.0], [10003.0]])}
    ### END SOLUTION


# %% 40-x2 test
def exact(X):
    mu = X.mean(dim=0)
    s = (X - mu).square().mean(dim=0).sqrt()
    return mu, torch.where(X.amax(dim=0) == X.amin(dim=0), 1.0, s)


found = breaking()
assert found["X"].dtype == torch.float32
assert found["X"].isfinite().all()
assert exact(**found)[1].isfinite().all()
assert not torch.allclose(fit_standardizer(**found)[1], exact(**found)[1], rtol=0.01, atol=0.0)
