"""L2, L1 and Elastic Net losses: values, oracles and laws."""

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import l1_loss as torch_l1_loss

from optnotes.penalties import elastic_net_loss, l1_loss, l2_gradient, l2_loss
from tests.laws import seeds

W = torch.tensor([3.0, -4.0], dtype=torch.float64)
LOSS = torch.tensor(1.0, dtype=torch.float64)


def test_l2_loss_value():
    expected = 1.0 + 0.2 / 2 * (3.0**2 + 4.0**2)
    assert l2_loss(LOSS, W, lam=0.2).item() == expected


def test_l2_gradient_value():
    grad = torch.tensor([1.0, 1.0], dtype=torch.float64)
    torch.testing.assert_close(l2_gradient(grad, W, lam=0.2).tolist(), [1.0 + 0.2 * 3.0, 1.0 - 0.2 * 4.0])


@given(seeds(), st.floats(0.01, 5.0))
def test_l2_gradient_is_the_gradient_of_l2_loss(seed, lam):
    """It is what automatic differentiation returns for the penalised loss."""
    w = torch.randn(7, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).requires_grad_()
    (expected,) = torch.autograd.grad(l2_loss((w**3).sum(), w, lam), w)
    w = w.detach()
    torch.testing.assert_close(l2_gradient(3 * w**2, w, lam), expected)


def test_l2_gradient_matches_weight_decay_of_torch_sgd():
    w = torch.nn.Parameter(W.clone())
    w.grad = torch.tensor([0.5, 0.25], dtype=torch.float64)
    expected = W - 0.1 * l2_gradient(w.grad, W, lam=0.3)
    torch.optim.SGD([w], lr=0.1, weight_decay=0.3).step()
    torch.testing.assert_close(w.detach(), expected)


def test_l1_loss_value():
    assert l1_loss(LOSS, W, lam=0.3).item() == 1.0 + 0.3 * (3.0 + 4.0)


@given(seeds(), st.floats(0.01, 5.0))
def test_l1_loss_matches_torch(seed, lam):
    w = torch.randn(7, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    expected = LOSS + lam * torch_l1_loss(w, torch.zeros_like(w), reduction="sum")
    torch.testing.assert_close(l1_loss(LOSS, w, lam), expected)


@given(seeds(), st.floats(0.2, 3.0), st.floats(0.2, 3.0))
def test_a_laplace_prior_amounts_to_an_l1_penalty(seed, sigma, scale):
    """The posterior density has the gradient of the penalised loss, times n over the noise variance."""
    generator = torch.Generator().manual_seed(seed)
    X, y = torch.randn(9, 4, generator=generator).double(), torch.randn(9, generator=generator).double()
    w = torch.randn(4, generator=generator).double()

    def log_density(w):
        noise, prior = torch.distributions.Normal(X @ w, sigma), torch.distributions.Laplace(torch.zeros_like(w), scale)
        return noise.log_prob(y).sum() + prior.log_prob(w).sum()

    def penalised(w):
        return l1_loss((y - X @ w).square().mean() / 2, w, lam=sigma**2 / (9 * scale))

    torch.testing.assert_close(torch.func.grad(log_density)(w), -9 / sigma**2 * torch.func.grad(penalised)(w))


def test_elastic_net_loss_value():
    expected = 1.0 + 0.1 * (3.0 + 4.0) + 0.6 / 2 * (3.0**2 + 4.0**2)
    torch.testing.assert_close(elastic_net_loss(LOSS, W, l1=0.1, l2=0.6).item(), expected)


@given(seeds(), st.floats(0.01, 2.0), st.floats(0.01, 2.0))
def test_elastic_net_adds_both_penalties(seed, l1, l2):
    """Elastic Net minus the data loss is the L1 penalty plus the L2 penalty."""
    w = torch.randn(7, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    expected = l1_loss(LOSS, w, l1) + l2_loss(LOSS, w, l2) - LOSS
    torch.testing.assert_close(elastic_net_loss(LOSS, w, l1, l2), expected)
