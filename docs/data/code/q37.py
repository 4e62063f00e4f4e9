"""Code with errors for the drill of question 37; what is cured stands beside it."""

import torch


def proximal_step(w, grad, lr, lam):
    w = w - lr * grad
    return torch.sign(w) * (w.abs() - lam).clamp(min=0)


def proximal_step_cured(w, grad, lr, lam):
    w = w - lr * grad
    return torch.sign(w) * (w.abs() - lr * lam).clamp(min=0)


def shrink(v, threshold):
    return torch.relu(v - threshold)


def shrink_cured(v, threshold):
    return torch.sign(v) * torch.relu(v.abs() - threshold)
