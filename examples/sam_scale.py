"""
Sharpness-aware minimisation (SAM), where it helps, and how much its radius depends on the scale of the weights.

Digits, few examples, a small ReLU network, full-batch descent; SAM takes the gradient at the point a radius further up
the gradient. Prediction: with a fifth of the labels wrong it memorises fewer of them and gains accuracy, with clean
labels there is little to gain. Then the first layer is multiplied by three and the second divided by three. Prediction:
the function at the start is the same, but the radius now means something else, and so does the gain.
"""

from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.gradients import he_std
from optnotes.site.figures.bounds import ranges

SEEDS, TRAIN, TEST, HIDDEN, NOISE, STEPS, LR, RADIUS, FACTOR = 24, 150, 300, 40, 0.2, 250, 0.3, 1.0, 3.0
T95 = 2.069  # the quantile of Student's distribution for 24 seeds
ARMS = {"noisy": (NOISE, 1.0), "clean": (0.0, 1.0), "scaled": (NOISE, FACTOR)}

STATED = {
    "least_noisy": (3, 6.5),
    "most_noisy": (5, 8),
    "least_clean": (-2, 0),
    "most_clean": (-1, 1),
    "sam_noisy": (0.77, 0.82),
    "sam_scaled": (0.7, 0.75),
    "plain_noisy": (0.72, 0.76),
    "plain_scaled": (0.66, 0.71),
}


@dataclass(frozen=True)
class Result:
    """By arm, one entry per seed: test accuracy of plain descent and of SAM; how far the scaled function is off."""

    plain: dict[str, Tensor]
    sam: dict[str, Tensor]
    same: float


def data(noise: float, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
    """Images, given labels and true labels, one random order per seed."""
    pixels, truth = (torch.tensor(each) for each in load_digits(return_X_y=True))
    rows = torch.stack([torch.randperm(len(truth), generator=generator)[: TRAIN + TEST] for _ in range(SEEDS)])
    X, true = pixels[rows].double() / 6 - 0.8, truth[rows]
    other = (true + torch.randint(1, 10, true.shape, generator=generator)) % 10
    return X, torch.where(torch.rand(true.shape, generator=generator) < noise, other, true), true


def outputs(X: Tensor, layers: list[Tensor]) -> Tensor:
    """Logits of one hidden layer, a network per seed."""
    return (X @ layers[0]).relu() @ layers[1]


def gradient(X: Tensor, y: Tensor, layers: list[Tensor]) -> list[Tensor]:
    """Gradient of the mean loss of each network."""
    layers = [each.detach().requires_grad_() for each in layers]
    loss = cross_entropy(outputs(X, layers).flatten(0, 1), y.flatten()) * SEEDS
    return list(torch.autograd.grad(loss, layers))


def ascended(layers: list[Tensor], slopes: list[Tensor], radius: float) -> list[Tensor]:
    """The point a radius further up the gradient, the norm being that of all layers together."""
    norm = sum((each.square().sum((1, 2), keepdim=True) for each in slopes), torch.zeros(())).sqrt()
    return [layer + radius * slope / norm for layer, slope in zip(layers, slopes, strict=True)]


def start(factor: float, generator: torch.Generator) -> list[Tensor]:
    """He's initialisation, the first layer multiplied, the second divided."""
    sizes = ((64, HIDDEN, factor), (HIDDEN, 10, 1 / factor))
    return [scale * he_std(i) * torch.randn(SEEDS, i, o, generator=generator).double() for i, o, scale in sizes]


def train(noise: float, factor: float, radius: float) -> Tensor:
    """Test accuracy on true labels; a radius of zero is plain descent."""
    generator = torch.Generator().manual_seed(34)
    X, given, true = data(noise, generator)
    layers = start(factor, generator)
    for _ in range(STEPS):
        slopes = gradient(X[:, :TRAIN], given[:, :TRAIN], layers)
        if radius:
            slopes = gradient(X[:, :TRAIN], given[:, :TRAIN], ascended(layers, slopes, radius))
        layers = [layer - LR * slope for layer, slope in zip(layers, slopes, strict=True)]
    return (outputs(X[:, TRAIN:], layers).argmax(-1) == true[:, TRAIN:]).double().mean(1)


def compute() -> Result:
    """Train plainly and with SAM: wrong labels, clean labels, and wrong labels from the scaled start."""
    one, other = (start(factor, torch.Generator().manual_seed(1)) for factor in (1.0, FACTOR))
    X, _, _ = data(0.0, torch.Generator().manual_seed(2))
    same = (outputs(X, one) - outputs(X, other)).abs().max().item()
    plain, sam = ({arm: train(*how, radius) for arm, how in ARMS.items()} for radius in (0.0, RADIUS))
    return Result(plain, sam, same)


def numbers(result: Result) -> dict[str, float | int]:
    """Accuracies, and paired gains in percentage points with the ends of their 95% intervals."""
    found: dict[str, float | int] = {"seeds": SEEDS, "noise": NOISE, "factor": FACTOR, "radius": RADIUS}
    for arm in ARMS:
        difference = 100 * (result.sam[arm] - result.plain[arm])
        found |= {f"plain_{arm}": result.plain[arm].mean().item(), f"sam_{arm}": result.sam[arm].mean().item()}
        gain, half = difference.mean().item(), T95 * difference.std().item() / SEEDS**0.5
        found |= {f"least_{arm}": gain - half, f"most_{arm}": gain + half}
    return found | {"same": result.same} | ranges(found, STATED)
