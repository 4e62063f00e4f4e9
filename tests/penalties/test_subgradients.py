"""Subgradients of L1 and Elastic Net."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from optnotes.penalties import elastic_net_subgradient, l1_subdifferential, l1_subgradient
from tests.laws import seeds

W = torch.tensor([-2.0, 0.0, 5.0], dtype=torch.float64)


def sparse_weights(seed):
    w = torch.randn(6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    w[::2] = 0.0
    return w


def test_l1_subdifferential_value():
    lower, upper = l1_subdifferential(W, lam=0.7)
    assert lower.tolist() == [-0.7, -0.7, 0.7]
    assert upper.tolist() == [-0.7, 0.7, 0.7]


@given(seeds(), st.floats(0.01, 3.0), st.floats(0, 1))
def test_l1_subdifferential_satisfies_the_defining_inequality(seed, lam, share):
    """Every slope in the set stays below the penalty: lam|u| >= lam|w| + g (u - w) for all u."""
    w = sparse_weights(seed)
    lower, upper = l1_subdifferential(w, lam)
    g = lower + share * (upper - lower)
    u = 3 * torch.linspace(-1, 1, 101, dtype=torch.float64)[:, None]
    assert (lam * u.abs() >= lam * w.abs() + g * (u - w) - 1e-12).all()


@given(seeds(), st.floats(0.01, 3.0), st.floats(0.0, 3.0))
def test_single_subgradients_satisfy_the_defining_inequality(seed, l1, l2):
    """No plane through (w, f(w)) with the slope g rises above f: f(u) >= f(w) + g (u - w) for all u."""
    w = sparse_weights(seed)
    steps = torch.eye(6, dtype=torch.float64)
    u = w + torch.cat(
        [size * steps for size in (1e-4, -1e-4, 1.0, -1.0)]
    )  # near w, too: far away any convex f is higher

    def penalised(w):  # the data loss is the squared distance to one
        return (w - 1).square().sum(-1) + l1 * w.abs().sum(-1) + l2 / 2 * w.square().sum(-1)

    below = l1 * w.abs().sum() + (u - w) @ l1_subgradient(w, l1)
    assert (l1 * u.abs().sum(-1) >= below - 1e-12).all()
    below = penalised(w) + (u - w) @ elastic_net_subgradient(2 * (w - 1), w, l1, l2)
    assert (penalised(u) >= below - 1e-12).all()


@given(seeds(), st.floats(0.01, 3.0))
def test_l1_subdifferential_is_no_wider_than_needed(seed, lam):
    """A slope a little outside the set violates the inequality somewhere."""
    w = sparse_weights(seed)
    _, upper = l1_subdifferential(w, lam)
    g = upper + 1e-3 * lam
    u = torch.stack([w / 2, w * 2, w - 1, w + 1])
    assert (lam * u.abs() < lam * w.abs() + g * (u - w) - 1e-12).any(dim=0).all()


def test_l1_subgradient_value():
    assert l1_subgradient(W, lam=0.7).tolist() == [-0.7, 0.0, 0.7]


def test_l1_subgradient_matches_autograd_also_at_zero():
    w = W.clone().requires_grad_()
    (0.7 * w.abs().sum()).backward()
    assert w.grad is not None
    assert w.grad.tolist() == l1_subgradient(W, lam=0.7).tolist()


@given(seeds(), st.floats(0.01, 3.0))
def test_l1_subgradient_has_the_least_norm_in_the_subdifferential(seed, lam):
    """No slope of the set is closer to zero."""
    w = sparse_weights(seed)
    lower, upper = l1_subdifferential(w, lam)
    expected = torch.clamp(torch.zeros_like(w), lower, upper)
    torch.testing.assert_close(l1_subgradient(w, lam), expected)


def test_elastic_net_subgradient_value():
    grad = torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64)
    expected = [1.0 - 0.1 - 0.3 * 2.0, 2.0, 3.0 + 0.1 + 0.3 * 5.0]
    torch.testing.assert_close(elastic_net_subgradient(grad, W, l1=0.1, l2=0.3).tolist(), expected)


@given(seeds(), st.floats(0.01, 2.0), st.floats(0.01, 2.0))
def test_elastic_net_subgradient_matches_autograd(seed, l1, l2):
    """It is what automatic differentiation returns for the penalised loss."""
    w = sparse_weights(seed).requires_grad_()
    loss = (w**3).sum() + l1 * w.abs().sum() + l2 / 2 * w.square().sum()
    (expected,) = torch.autograd.grad(loss, w)
    w = w.detach()
    torch.testing.assert_close(elastic_net_subgradient(3 * w**2, w, l1, l2), expected)
