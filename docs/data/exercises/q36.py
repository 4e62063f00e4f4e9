"""Exercises of question 36."""

import torch


# %% 36-x1 answer
def adamw_step(w, grad, m, v, t, lr, lam, beta1=0.9, beta2=0.999, eps=1e-8):
    ### BEGIN SOLUTION
    m = beta1 * m + (1 - beta1) * grad
    v = beta2 * v + (1 - beta2) * grad**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    w = (1 - lr * lam) * w - lr * m_hat / (v_hat.sqrt() + eps)
    return w, m, v
    ### END SOLUTION


# %% 36-x1 test
generator = torch.Generator().manual_seed(0)
weights = torch.randn(5, generator=generator, dtype=torch.float64)
parameter = torch.nn.Parameter(weights.clone())
optimizer = torch.optim.AdamW([parameter], lr=0.1, weight_decay=0.3)
m = v = torch.zeros(5, dtype=torch.float64)
for t in (1, 2, 3):
    parameter.grad = torch.randn(5, generator=generator, dtype=torch.float64)
    optimizer.step()
    weights, m, v = adamw_step(weights, parameter.grad, m, v, t, lr=0.1, lam=0.3)
assert torch.allclose(weights, parameter)


# %% 36-x2 given
def ridge_solution(X, y, alpha):
    return torch.linalg.solve(X.T @ X + alpha, X.T @ y)


# %% 36-x2 answer
def ridge_solution_cured(X, y, alpha):
    ### BEGIN SOLUTION
    identity = torch.eye(X.shape[1], dtype=X.dtype)
    return torch.linalg.solve(X.T @ X + alpha * identity, X.T @ y)
    ### END SOLUTION
