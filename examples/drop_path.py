"""
Dropping whole branches of a residual network: why the division, and why a mask for each example.

Digits, few examples, a fifth of the labels wrong, five residual blocks, full-batch descent. Prediction: with a mask for
each example the noise in the gradient is far below that of one mask for the whole batch; divided by the probability of
keeping, a branch has the mean at inference that training saw, and without the division it is too strong there and
accuracy is lost. Whether dropping branches helps at all here theory does not say.
"""

from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.dropout import inverted_dropout, standard_dropout
from optnotes.gradients import he_std

SEEDS, TRAIN, TEST, WIDTH, BLOCKS, NOISE, P, STEPS, LR, DRAWS = 8, 150, 300, 32, 5, 0.2, 0.5, 180, 0.1, 12
MOST = 4  # percentage points, beyond the interval of what dropping with division changes
T95 = 2.365  # the quantile of Student's distribution for eight seeds
Layers = tuple[Tensor, ...]


@dataclass(frozen=True)
class Result:
    """Test accuracy by way of training, one entry per seed; noise of the first gradient over its length by mask."""

    accuracy: dict[str, Tensor]
    noise: dict[str, float]


def data(generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Images, given labels and true labels, one random order per seed."""
    pixels, truth = (torch.tensor(each) for each in load_digits(return_X_y=True))
    rows = torch.stack([torch.randperm(len(truth), generator=generator)[: TRAIN + TEST] for _ in range(SEEDS)])
    X, true = pixels[rows].double() / 6 - 0.8, truth[rows]
    other = (true + torch.randint(1, 10, true.shape, generator=generator)) % 10
    return X, torch.where(torch.rand(true.shape, generator=generator) < NOISE, other, true), true


def masks(way: str, generator: torch.Generator) -> Tensor | None:
    """A mask for each block and example, or for each block and the whole batch."""
    if way == "plain":
        return None
    shape = BLOCKS, SEEDS, 1 if way == "batch" else TRAIN, 1
    return (torch.rand(shape, generator=generator) >= P).double()


def outputs(X: Tensor, layers: Layers, way: str, kept: Tensor | None) -> Tensor:
    """Logits; a kept branch is divided by the probability of keeping unless the way is undivided."""
    h = X @ layers[0]
    for block, weights in enumerate(layers[1]):
        branch = h.relu() @ weights
        if kept is not None:
            mask = kept[block].expand_as(branch)
            branch = standard_dropout(branch, mask) if way == "undivided" else inverted_dropout(branch, mask, P)
        h = h + branch
    return h @ layers[2]


def gradient(X: Tensor, y: Tensor, layers: Layers, way: str, kept: Tensor | None) -> Layers:
    """Gradient of the mean loss of each network."""
    layers = tuple(each.detach().requires_grad_() for each in layers)
    loss = cross_entropy(outputs(X, layers, way, kept).flatten(0, 1), y.flatten()) * SEEDS
    return torch.autograd.grad(loss, layers)


def start(generator: torch.Generator) -> Layers:
    """First layer, branches small enough for their number, last layer."""
    first, last = ((SEEDS, 64, WIDTH), (SEEDS, WIDTH, 10))
    branches = he_std(WIDTH) / BLOCKS**0.5 * torch.randn(BLOCKS, SEEDS, WIDTH, WIDTH, generator=generator)
    ends = [torch.randn(shape, generator=generator) / shape[1] ** 0.5 for shape in (first, last)]
    return ends[0].double(), branches.double(), ends[1].double()


def train(way: str) -> Tensor:
    """Test accuracy on true labels, without masks."""
    generator = torch.Generator().manual_seed(35)
    X, given, true = data(generator)
    layers = start(generator)
    for _ in range(STEPS):
        slopes = gradient(X[:, :TRAIN], given[:, :TRAIN], layers, way, masks(way, generator))
        layers = tuple(layer - LR * slope for layer, slope in zip(layers, slopes, strict=True))
    return (outputs(X[:, TRAIN:], layers, way, None).argmax(-1) == true[:, TRAIN:]).double().mean(1)


def scatter(way: str) -> float:
    """Root mean square of the noise that masks bring into the first gradient of the branches, over its length."""
    generator = torch.Generator().manual_seed(35)
    X, given, _ = data(generator)
    layers = start(generator)
    found = [
        gradient(X[:, :TRAIN], given[:, :TRAIN], layers, way, masks(way, generator))[1].transpose(0, 1).flatten(1)
        for _ in range(DRAWS)
    ]
    drawn = torch.stack(found)
    mean = drawn.mean(0)
    return float(((drawn - mean).square().sum(2).mean(0).sqrt() / mean.norm(dim=1)).mean())


def compute() -> Result:
    """Train each way; draw masks at the start."""
    accuracy = {way: train(way) for way in ("plain", "example", "undivided")}
    return Result(accuracy, {way: scatter(way) for way in ("example", "batch")})


def numbers(result: Result) -> dict[str, float | int]:
    """Paired differences from plain training in percentage points with half their 95% intervals; noise."""
    found: dict[str, float | int] = {"seeds": SEEDS, "p": P, "most": MOST}
    for way in ("example", "undivided"):
        difference = 100 * (result.accuracy[way] - result.accuracy["plain"])
        found |= {f"gain_{way}": difference.mean().item(), f"half_{way}": T95 * difference.std().item() / SEEDS**0.5}
    return found | {f"noise_{way}": value for way, value in result.noise.items()}
