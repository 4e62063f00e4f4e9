"""
Relatives of the lasso: the relaxed lasso on a sparse regression, the group lasso on categories.

The relaxed lasso fits the features that a lasso selected once more, with the penalty multiplied by a share φ between
zero and one; strength and share are chosen on held-out data. Prediction: where the noise is weak it chooses a strong
first penalty and a small share, predicts better than the lasso and keeps fewer useless features; where the noise is
strong there is little to gain. The group lasso penalises the length of the weights of all levels of a category.
Prediction: a category leaves as a whole, while the lasso keeps some of its levels. Measured: expected errors, useless
features kept, and categories kept in part.
"""

import warnings
from dataclasses import dataclass

import torch
from sklearn.linear_model import Lasso, lasso_path
from torch import Tensor

SEEDS, N, D, USEFUL, STRENGTHS, SHARES, NOISES = 12, 70, 40, 5, 15, (0.0, 0.3, 1.0), (0.5, 4.0)
CATEGORIES, LEVELS, ROWS, EFFECTS, PASSES, SHARE = 8, 5, 300, 2, 400, 0.3


@dataclass(frozen=True)
class Result:
    """Errors and useless kept, (noises, seeds, lasso and relaxed, 2); levels kept, (seeds, 2, categories)."""

    relaxed: Tensor
    levels: Tensor


def relax(X: Tensor, y: Tensor, first: Tensor, lam: float) -> Tensor:
    """Weights for every share: those that the first lasso kept, under a weaker penalty."""
    kept, found = first != 0, torch.zeros(len(SHARES), len(first), dtype=X.dtype)
    for row, share in zip(found, SHARES, strict=True):
        if not kept.any() or share == 1:
            row.copy_(first)
        elif share:
            fitted = Lasso(share * lam, fit_intercept=False, tol=1e-6, max_iter=5000).fit(X[:, kept], y)
            row[kept] = torch.tensor(fitted.coef_)
        else:
            row[kept] = torch.linalg.lstsq(X[:, kept], y, driver="gelsd").solution
    return found


def choose(noise: float, generator: torch.Generator) -> Tensor:
    """Expected error and useless features of the best lasso and of the best relaxed one, chosen on held-out data."""
    X, e = (torch.randn(2 * N, k, generator=generator, dtype=torch.float64) for k in (D, 1))
    w = torch.zeros(D, dtype=torch.float64)
    w[:USEFUL] = 1
    y = X @ w + noise * e[:, 0]
    lams, path, _ = lasso_path(X[:N].numpy(), y[:N].numpy(), alphas=STRENGTHS, eps=0.02)
    firsts = torch.tensor(path.T.copy())
    found = torch.stack([relax(X[:N], y[:N], each, lam) for each, lam in zip(firsts, lams, strict=True)])
    held_out = (y[N:] - found @ X[N:].mT).square().mean(-1)
    best = found[held_out[:, -1].argmin(), -1], found.flatten(0, 1)[held_out.argmin()]
    return torch.stack([torch.stack([(each - w).square().sum(), (each[USEFUL:] != 0).sum().double()]) for each in best])


def categories(generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Centred dummies of several categories, of shape (rows, categories, levels), and targets; two have effects."""
    drawn = torch.randint(LEVELS, (ROWS, CATEGORIES), generator=generator)
    X = torch.nn.functional.one_hot(drawn, LEVELS).double()
    effects = torch.randn(EFFECTS, LEVELS, generator=generator, dtype=torch.float64)
    noise = torch.randn(ROWS, generator=generator, dtype=torch.float64)
    y = (X[:, :EFFECTS] * effects).sum((1, 2)) + noise
    return X - X.mean(0), y - y.mean()


def group_lasso(X: Tensor, y: Tensor, lam: float) -> Tensor:
    """Proximal gradient descent; its step shortens the weights of a group, or leaves none of them."""
    flat, w = X.flatten(1), torch.zeros(X.shape[1:], dtype=X.dtype)
    lr = len(y) / torch.linalg.matrix_norm(flat, 2).square()
    for _ in range(PASSES):
        v = w - lr * (flat.mT @ (flat @ w.flatten() - y)).reshape(w.shape) / len(y)
        w = v * (1 - lr * lam / v.norm(dim=1, keepdim=True)).clamp(min=0)
    return w


def kept_levels(generator: torch.Generator) -> Tensor:
    """How many levels of each category the lasso and the group lasso keep, each at the same share of its critical λ."""
    X, y = categories(generator)
    pull = torch.einsum("nkl,n->kl", X, y) / len(y)
    lasso = Lasso(SHARE * pull.abs().max().item(), fit_intercept=False, tol=1e-10, max_iter=100_000)
    single = torch.tensor(lasso.fit(X.flatten(1), y).coef_).reshape(pull.shape)
    return torch.stack([(w != 0).sum(1) for w in (single, group_lasso(X, y, SHARE * pull.norm(dim=1).max().item()))])


def compute() -> Result:
    """Try both relatives on several data sets."""
    generator = torch.Generator().manual_seed(370)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chosen = [torch.stack([choose(noise, generator) for _ in range(SEEDS)]) for noise in NOISES]
        levels = torch.stack([kept_levels(generator) for _ in range(SEEDS)])
    return Result(torch.stack(chosen).round(decimals=8), levels)


def numbers(result: Result) -> dict[str, float | int]:
    """Mean errors and useless features kept; mean number of categories kept in part and as a whole."""
    found: dict[str, float | int] = {"seeds": SEEDS, "categories": CATEGORIES, "levels": LEVELS, "effects": EFFECTS}
    for noise, rows in zip(("weak", "strong"), result.relaxed.mean(1).tolist(), strict=True):
        for method, (error, useless) in zip(("lasso", "relaxed"), rows, strict=True):
            found |= {f"error_{method}_{noise}": error, f"useless_{method}_{noise}": useless}
    for method, levels in zip(("lasso", "group"), result.levels.unbind(1), strict=True):
        whole, part = levels == LEVELS, (levels > 0) & (levels < LEVELS)
        found |= {f"whole_{method}": whole.sum(1).double().mean().item()}
        found |= {f"part_{method}": part.sum(1).double().mean().item()}
    return found
