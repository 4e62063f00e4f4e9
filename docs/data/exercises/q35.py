"""Exercises of question 35."""

import torch


# %% 35-x1 answer
def patience_step(loss, best, waited, patience, min_delta=0.0):
    ### BEGIN SOLUTION
    improved = loss < best - min_delta
    best = torch.where(improved, loss, best)
    waited = torch.where(improved, torch.zeros_like(waited), waited + 1)
    return best, waited, (waited >= patience).to(waited.dtype)
    ### END SOLUTION


# %% 35-x1 test
best, waited = torch.tensor(1.0), torch.tensor(0.0)
stops = []
for loss in (0.75, 0.5, 0.25, 0.5, 0.25):
    best, waited, stop = patience_step(torch.tensor(loss), best, waited, patience=3, min_delta=0.25)
    stops.append(float(stop))
assert stops == [0.0, 0.0, 0.0, 0.0, 1.0]
assert float(best) == 0.5
assert float(waited) == 3.0
best, waited, stop = patience_step(torch.tensor(0.2), best, waited, patience=3)
assert float(best) < 0.5


# %% 35-x2 given
def gd_filter(lams, lr, steps):
    return 1 - (1 - lr * lams) ** steps


# %% 35-x2 answer
def breaking():
    ### BEGIN SOLUTION
    return {"lams": torch.tensor([1e-6]), "lr": 0.01, "steps": 1000}
    ### END SOLUTION


# %% 35-x2 test
def exact(lams, lr, steps):
    return -torch.expm1(steps * torch.log1p(-lr * lams))


found = breaking()
assert found["lams"].dtype == torch.float32
assert (found["lams"] >= 0).all()
assert found["lr"] > 0
assert (found["lr"] * found["lams"] < 0.5).all()
assert found["steps"] >= 0
assert not torch.allclose(gd_filter(**found), exact(**found), rtol=0.01, atol=0.0)
