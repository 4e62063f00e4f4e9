"""
An ensemble of separately trained nets against the subnets of one: deep ensemble and Monte Carlo dropout.

Digits, one hidden layer, many data sets; on each several nets trained with dropout, which differ in their initial
weights. Prediction: by Jensen's inequality the mean of the nets, each without dropout, has a smaller loss than the nets
have on average; the same inequality says nothing on the mean of as many passes with dropout through one of them, since
these are other predictions. Measured: test loss on clean and on noisy pixels of all three.
"""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from optnotes.descent import adam_step
from optnotes.dropout import inverted_dropout
from optnotes.gradients import he_std
from optnotes.site.figures.digits import load_digits

SEEDS, MEMBERS, N, N_TEST, H, STEPS, LR, P, SIGMA = 10, 5, 100, 150, 64, 60, 0.02, 0.5, 0.4


@dataclass(frozen=True)
class Result:
    """Test loss of each data set, by prediction and kind of pixels."""

    loss: dict[str, Tensor]


def compute() -> Result:
    """Train all nets at once, then predict."""
    generator, (pixels, labels) = torch.Generator().manual_seed(38), load_digits()
    pixels = pixels.float() / 16
    order = torch.stack([torch.randperm(len(labels), generator=generator) for _ in range(SEEDS)])
    X, y, X_test, y_test = (part[order[:, at]] for at in (slice(N), slice(N, N + N_TEST)) for part in (pixels, labels))
    shapes = (X.shape[2], H), (H, 10)
    weights = [he_std(i) * torch.randn(MEMBERS, SEEDS, i, o, generator=generator) for i, o in shapes]
    moments = [[torch.zeros_like(w), torch.zeros_like(w)] for w in weights]

    def masked(hidden: Tensor) -> Tensor:
        return inverted_dropout(hidden, (torch.rand(hidden.shape, generator=generator) >= P).float(), P)

    for step in range(1, STEPS + 1):
        W, V = (w.requires_grad_() for w in weights)
        logits = masked((X @ W).relu()) @ V
        loss = cross_entropy(logits.flatten(0, 2), y.expand(MEMBERS, -1, -1).flatten(), reduction="sum") / N
        slopes = torch.autograd.grad(loss, (W, V))
        with torch.no_grad():
            for i, (m, v) in enumerate(moments):
                weights[i], *moments[i] = adam_step(weights[i], slopes[i], m, v, step, LR, 0.0)
    noise, found = torch.randn(X_test.shape, generator=generator), {}
    with torch.no_grad():
        for name, sigma in (("clean", 0.0), ("noisy", SIGMA)):
            hidden = ((X_test + sigma * noise) @ weights[0]).relu()
            shares = (hidden @ weights[1]).softmax(-1)
            passes = torch.stack([(masked(hidden[0]) @ weights[1][0]).softmax(-1) for _ in range(MEMBERS)])
            predictions = {"mc": passes.mean(0), "ensemble": shares.mean(0)}
            for key, each in (predictions | {f"member_{i}": shares[i] for i in range(MEMBERS)}).items():
                found[f"{key}_{name}"] = -each.gather(-1, y_test[..., None])[..., 0].log().mean(1)
    return Result(found)


def numbers(result: Result) -> dict[str, float | int]:
    """Mean test loss of each prediction; that of a member is the mean over the members."""
    found: dict[str, float | int] = {"members": MEMBERS, "seeds": SEEDS, "sigma": SIGMA, "p": P}
    for name in ("clean", "noisy"):
        members = torch.stack([result.loss[f"member_{i}_{name}"] for i in range(MEMBERS)])
        found[f"member_{name}"] = members.mean().item()
        found |= {f"{key}_{name}": result.loss[f"{key}_{name}"].mean().item() for key in ("mc", "ensemble")}
        gain = result.loss[f"ensemble_{name}"] - result.loss[f"mc_{name}"]
        found |= {f"ahead_{name}": gain.mean().item(), f"error_{name}": gain.std().item() / SEEDS**0.5}
    return found
