"""
What a cross-validated number promises, and what new data say.

Six cases. The best of many useless models, chosen and judged by the same folds, or by nested ones. Copies of one
person on both sides of the split, or grouped. A random walk split at random, or in time. The strength of a lasso at the
least error, or the largest within one standard error of it. Gradient descent stopped where held-out data say: for the
final fit on all data the number of steps is the median over the folds. And descent stopped within cross-validation, by
the very fold on which it is judged, or by a part of the others. Prediction: the careless split promises too much in the
first three and in the last; one standard error keeps fewer useless features at about the same error; the median of the
folds does nearly as well as the best number of steps.
"""

import math
from dataclasses import dataclass

import torch
from sklearn.linear_model import lasso_path
from sklearn.model_selection import GroupKFold, KFold, TimeSeriesSplit, cross_val_score
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from torch import Tensor

SEED, SEEDS, FOLDS = 34, 12, 5
MODELS, EXAMPLES = 100, 50
PEOPLE, COPIES, FEATURES = 40, 5, 10
DAYS = 300
ROWS, COLUMNS, USEFUL, STEPS, LR, REPEATS = 80, 40, 5, 150, 0.1, 40


@dataclass(frozen=True)
class Result:
    """Per seed: what each way of splitting promises and what new data say, in the order of the names."""

    chosen: Tensor
    people: Tensor
    walk: Tensor
    one_error: Tensor
    stopping: Tensor
    judged: Tensor


def folds(n: int, generator: torch.Generator) -> list[Tensor]:
    """Rows of each fold."""
    return list(torch.randperm(n, generator=generator).chunk(FOLDS))


def others(held: Tensor, n: int) -> Tensor:
    """Whether each row is outside a fold."""
    return torch.ones(n, dtype=torch.bool).index_fill(0, held, False)


def choose(generator: torch.Generator) -> list[float]:
    """Accuracy of the best of many models that guess, on the folds that chose it, on outer folds, and on new data."""
    right = torch.rand(MODELS, 2 * EXAMPLES, generator=generator) < 0.5
    seen, new = right[:, :EXAMPLES].double(), right[:, EXAMPLES:].double()
    outer = []
    for held in folds(EXAMPLES, generator):
        rest = others(held, EXAMPLES)
        outer.append(seen[seen[:, rest].mean(1).argmax()][held].mean())
    winner = seen.mean(1).argmax()
    return [seen[winner].mean().item(), torch.stack(outer).mean().item(), new[winner].mean().item()]


def copies(generator: torch.Generator) -> list[float]:
    """Accuracy of nearest neighbours when nothing but the person can be learned: random folds, groups, new people."""
    centres = torch.randn(2 * PEOPLE, FEATURES, generator=generator)
    labels = (torch.rand(2 * PEOPLE, generator=generator) < 0.5).long()
    noise = 0.1 * torch.randn(2 * PEOPLE, COPIES, FEATURES, generator=generator)
    X, y = (centres[:, None] + noise).flatten(0, 1).numpy(), labels.repeat_interleave(COPIES).numpy()
    half, groups = PEOPLE * COPIES, torch.arange(PEOPLE).repeat_interleave(COPIES).numpy()
    model = KNeighborsClassifier(1)
    mixed = cross_val_score(model, X[:half], y[:half], cv=KFold(FOLDS, shuffle=True, random_state=0)).mean()
    apart = cross_val_score(model, X[:half], y[:half], cv=GroupKFold(FOLDS), groups=groups).mean()
    return [float(mixed), float(apart), float(model.fit(X[:half], y[:half]).score(X[half:], y[half:]))]


def walk(generator: torch.Generator) -> list[float]:
    """Mean squared error of nearest neighbours in time on a random walk: random folds, splits in time, the future."""
    y = torch.randn(DAYS + DAYS // 6, generator=generator, dtype=torch.float64).cumsum(0).numpy()
    X, model = torch.arange(len(y)).double()[:, None].numpy(), KNeighborsRegressor(2)
    found = []
    for split in (KFold(FOLDS, shuffle=True, random_state=0), TimeSeriesSplit(FOLDS)):
        scores = cross_val_score(model, X[:DAYS], y[:DAYS], cv=split, scoring="neg_mean_squared_error")
        found.append(-float(scores.mean()))
    future = ((model.fit(X[:DAYS], y[:DAYS]).predict(X[DAYS:]) - y[DAYS:]) ** 2).mean()
    return [*found, float(future)]


def regression(generator: torch.Generator, noise: float) -> tuple[Tensor, Tensor, Tensor]:
    """Features, targets, and true weights, few of which are not zero."""
    X, e = (torch.randn(ROWS, k, generator=generator, dtype=torch.float64) for k in (COLUMNS, 1))
    w = torch.zeros(COLUMNS, dtype=torch.float64)
    w[:USEFUL] = 1
    return X, X @ w + noise * e[:, 0], w


def one_standard_error(generator: torch.Generator) -> list[float]:
    """Error on new data and useless features kept, at the least error and at one standard error."""
    X, y, w = regression(generator, 2.0)
    strengths = torch.logspace(0.3, -1.7, 25, dtype=torch.float64).numpy()
    errors = []
    for held in folds(ROWS, generator):
        rest = others(held, ROWS)
        path = torch.tensor(lasso_path(X[rest].numpy(), y[rest].numpy(), alphas=strengths)[1].copy())
        errors.append((X[held] @ path - y[held, None]).square().mean(0))
    mean = torch.stack(errors).mean(0)
    error = torch.stack(errors).std(0) / FOLDS**0.5
    low = int(mean.argmin())
    strong = int((mean <= mean[low] + error[low]).double().argmax())
    path = torch.tensor(lasso_path(X.numpy(), y.numpy(), alphas=strengths)[1].copy())
    fresh = (path - w[:, None]).square().sum(0) + 4.0
    kept = (path[USEFUL:] != 0).sum(0)
    return [fresh[low].item(), fresh[strong].item(), float(kept[low]), float(kept[strong])]


def descend(X: Tensor, y: Tensor) -> Tensor:
    """Weights after each step of gradient descent from zero: a geometric series along each eigenvector."""
    curvature, directions = torch.linalg.eigh(X.T @ X / len(y))
    factors = torch.pow(1 - LR * curvature, torch.arange(STEPS)[:, None])
    steps: Tensor = LR * factors.cumsum(0) * (directions.T @ X.T @ y / len(y)) @ directions.T
    return steps


def final_fit(generator: torch.Generator) -> list[float]:
    """Error on new data after the median number of steps of the folds, after the best one, and at the end."""
    X, y, w = regression(generator, 3.0)
    stops = []
    for held in folds(ROWS, generator):
        rest = others(held, ROWS)
        path = descend(X[rest], y[rest])
        stops.append((path @ X[held].T - y[held]).square().mean(1).argmin())
    fresh = (descend(X, y) - w).square().sum(1) + 9.0
    stop = int(torch.stack(stops).median())
    return [fresh[stop].item(), fresh.min().item(), fresh[-1].item(), float(stop + 1)]


def judged(generator: torch.Generator) -> list[float]:
    """Error of descent stopped by the fold that judges it, or by another part, and both on new data."""
    X, y, w = regression(generator, 3.0)
    found = []
    for held in folds(ROWS, generator):
        rest = others(held, ROWS)
        stop, fit = rest.nonzero()[:, 0].tensor_split([len(held)])
        errors = []
        for rows, judge in ((rest, held), (fit, stop)):
            path = descend(X[rows], y[rows])
            last = path[(path @ X[judge].T - y[judge]).square().mean(1).argmin()]
            errors += [(X[held] @ last - y[held]).square().mean(), (last - w).square().sum() + 9.0]
        found.append(torch.stack(errors))
    same, new, apart, new_apart = torch.stack(found).mean(0).tolist()
    return [same, apart, new, new_apart]


def compute() -> Result:
    """Run every case on every seed."""
    generator = torch.Generator().manual_seed(SEED)
    cases = dict.fromkeys((choose, copies, walk, one_standard_error, final_fit), SEEDS) | {judged: REPEATS}
    found = ([case(generator) for _ in range(times)] for case, times in cases.items())
    return Result(*(torch.tensor(each, dtype=torch.float64) for each in found))


def numbers(result: Result) -> dict[str, float | int]:
    """Means over seeds."""
    found: dict[str, float | int] = {"seeds": SEEDS, "models": MODELS, "examples": EXAMPLES, "people": PEOPLE}
    found |= {"copies": COPIES, "folds": FOLDS, "repeats": REPEATS}
    found["chosen_bound"] = 0.5 + math.sqrt(math.log(MODELS) / (2 * EXAMPLES))
    names = {
        "chosen": ("same", "nested", "new"),
        "people": ("mixed", "grouped", "new"),
        "walk": ("mixed", "ordered", "new"),
        "one_error": ("least", "strong", "kept_least", "kept_strong"),
        "stopping": ("median", "best", "end", "steps"),
        "judged": ("same", "apart", "new", "new_apart"),
    }
    for case, keys in names.items():
        means = getattr(result, case).mean(0).tolist()
        found |= {f"{case}_{key}": value for key, value in zip(keys, means, strict=True)}
    return found
