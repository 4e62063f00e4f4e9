"""
One penalty in four parametrisations: the converters against the libraries.

The same data are fitted by minimising this site's loss and by scikit-learn with converted strengths; one step of SGD
with weight decay is compared with the gradient of the penalised loss. Prediction: with the converters both agree to
solver accuracy; with the classic mistakes (no half on the L2 part, no number of examples in Ridge or in C) they do
not. Measured: the largest difference between weights, each way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from torch import Tensor

from optnotes.outputs import bce_with_logits
from optnotes.penalties import (
    elastic_net_loss,
    elastic_net_to_sklearn,
    l2_gradient,
    l2_loss,
    logistic_c,
    proximal_gradient_step,
    ridge_alpha,
)
from optnotes.site.figures.bounds import bound

N, D, L1, L2, LR = 120, 6, 0.3, 0.7, 0.1
WEIGHTS = (2.0, -1.5, 1.0, 0.6, 0.0, 0.0)


@dataclass(frozen=True)
class Result:
    """Weights that minimise this site's loss, and the libraries' weights by name of the conversion."""

    site: dict[str, Tensor]
    libraries: dict[str, dict[str, Tensor]]


def data() -> tuple[Tensor, Tensor, Tensor]:
    """Features, real targets and labels zero or one, from one linear model without intercept."""
    generator = torch.Generator().manual_seed(37)
    normal = partial(torch.randn, generator=generator, dtype=torch.float64)
    X = normal(N, D)
    y = X @ torch.tensor(WEIGHTS, dtype=torch.float64) + normal(N)
    return X, y, (y > 0).double()


def proximal(X: Tensor, y: Tensor, l1: float, l2: float) -> Tensor:
    """Minimise the Elastic Net loss with proximal steps."""
    w = torch.zeros(D, dtype=X.dtype)
    for _ in range(400):
        w = proximal_gradient_step(X, y, w, LR, l1, l2)
    return w


def newton(loss: Callable[[Tensor], Tensor]) -> Tensor:
    """Minimise a smooth convex loss."""
    slope = torch.func.grad(loss)
    w = torch.zeros(D, dtype=torch.float64)
    for _ in range(12):
        w = w - torch.linalg.solve(torch.func.jacrev(slope)(w), slope(w))
    return w


def sgd(w: Tensor, grad: Tensor, weight_decay: float) -> Tensor:
    """Take one step of torch.optim.SGD."""
    parameter = torch.nn.Parameter(w.clone())
    parameter.grad = grad.clone()
    torch.optim.SGD([parameter], lr=LR, weight_decay=weight_decay).step()
    return parameter.detach()


def compute() -> Result:
    """Fit every model with the right strength and with each mistake."""
    X, y, labels = data()
    start, grad = X[0], X[1]

    def fitted(model: Lasso | ElasticNet | Ridge | LogisticRegression, targets: Tensor = y) -> Tensor:
        return torch.tensor(model.fit(X.numpy(), targets.numpy()).coef_).flatten()

    def net(l1: float, l2: float) -> Tensor:
        alpha, l1_ratio = elastic_net_to_sklearn(l1, l2)
        return fitted(ElasticNet(alpha=alpha, l1_ratio=l1_ratio, fit_intercept=False, tol=1e-14, max_iter=10_000))

    def ridge(alpha: float) -> Tensor:
        return fitted(Ridge(alpha=alpha, fit_intercept=False))

    def logistic(C: float) -> Tensor:
        return fitted(LogisticRegression(C=C, fit_intercept=False, tol=1e-12, solver="newton-cholesky"), labels)

    site = {
        "lasso": proximal(X, y, L1, 0.0),
        "elastic_net": proximal(X, y, L1, L2),
        "ridge": newton(lambda w: elastic_net_loss((X @ w - y).square().mean() / 2, w, 0.0, L2)),
        "logistic": newton(lambda w: l2_loss(bce_with_logits(X @ w, labels).mean(), w, L2)),
        "sgd": start - LR * l2_gradient(grad, start, L2),
    }
    libraries = {
        "lasso": {
            "right": fitted(Lasso(alpha=L1, fit_intercept=False, tol=1e-14)),
            "no_n": fitted(Lasso(alpha=N * L1, fit_intercept=False, tol=1e-14)),
        },
        "elastic_net": {"right": net(L1, L2), "no_half": net(L1, L2 / 2), "swapped": net(L2, L1)},
        "ridge": {"right": ridge(ridge_alpha(L2, N)), "no_n": ridge(L2), "no_half": ridge(2 * ridge_alpha(L2, N))},
        "logistic": {"right": logistic(logistic_c(L2, N)), "no_n": logistic(1 / L2), "not_inverted": logistic(L2)},
        "sgd": {"right": sgd(start, grad, L2), "no_half": sgd(start, grad, L2 / 2)},
    }
    return Result(site, libraries)


def numbers(result: Result) -> dict[str, float | int]:
    """Largest difference between weights for each model and conversion."""
    return {"n": N, "l1": L1, "l2": L2} | {
        f"{model}_{conversion}": bound(gap, 1e-9) if conversion == "right" else gap
        for model, conversions in result.libraries.items()
        for conversion, gap in ((name, (w - result.site[model]).abs().max().item()) for name, w in conversions.items())
    }
