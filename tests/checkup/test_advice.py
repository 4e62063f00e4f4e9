"""What the newer findings say is so: the cause goes when its advice is followed, and nothing is said without it."""

import math

import pytest
import torch
from torch import nn

from optnotes.checkup import checkup
from tests.checkup.runs import load, prepared

FAULTS = {fault.id: fault for fault in load()[0]}
MSE = nn.MSELoss()


def line(rate, batch, seed=0, noise=4.0):
    """A linear model with noisy targets, trained by single examples: all of its loss can be computed."""
    g = torch.Generator().manual_seed(seed)
    X = torch.randn(3200, 4, generator=g)
    y = X.sum(1, keepdim=True) + noise * torch.randn(3200, 1, generator=g)
    model = nn.Linear(4, 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=rate)
    batches = list(zip(X.split(batch), y.split(batch), strict=True))
    for x, target in batches[: 1000 // batch]:
        optimizer.zero_grad()
        MSE(model(x), target).backward()
        optimizer.step()
    return model, batches[1000 // batch :], optimizer


def look(rate, batch):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model, batches, optimizer = line(rate, batch)
    return checkup(model, MSE, batches, optimizer, steps=128, taken=1000 // batch)


def test_noise_keeps_up_the_loss_that_the_formula_says():
    """Rate η and curvature 2 of five directions: the noise N of the gradient keeps up ηN/4, here with N = 4·5·loss."""
    found = look(0.02, 1).asdict()
    assert found["gradient_noise/noise"] == pytest.approx(4 * 5 * found["baseline/loss"], rel=0.3)
    assert found["gradient_noise/floor"] == pytest.approx(0.02 * found["gradient_noise/noise"] / 4, rel=0.25)


@pytest.mark.parametrize(("rate", "batch", "noisy"), [(0.08, 1, True), (0.01, 1, False), (0.08, 16, False)])
def test_a_smaller_rate_or_a_larger_batch_takes_the_noise_away(rate, batch, noisy):
    assert ("noise" in [finding.cause for finding in look(rate, batch).findings]) == noisy


def test_whitening_takes_the_slow_directions_away():
    model, loss, batches, optimizer, options = prepared(FAULTS["common-factor"].plans["tuning"], 0)
    report = checkup(model, loss, batches, optimizer, **options)
    assert report.findings[0].cause == "ill-conditioned"
    assert report.findings[0].slots["limit"] > 100
    (share,) = (finding.slots["value"] for finding in report.findings if finding.cause == "ill-conditioned")
    assert report.asdict()["features/slow_error"] == share
    X = torch.cat([x for x, _ in batches])
    values, vectors = torch.linalg.eigh(torch.cov(X.T))
    kept = values > 1e-6 * values[-1]
    whiten = vectors[:, kept] @ torch.diag(values[kept].rsqrt()) @ vectors[:, kept].T
    white = [((x - X.mean(0)) @ whiten, y) for x, y in batches]
    whole = checkup(model, loss, white, optimizer, **options)
    assert "ill-conditioned" not in [finding.cause for finding in whole.findings]


def test_a_share_explained_by_chance_is_taken_off():
    """Targets without a relation to the features leave a share of slow directions near zero, not d/n."""
    g = torch.Generator().manual_seed(0)
    shares = []
    for _ in range(20):
        X = torch.randn(128, 20, generator=g) * 0.01 + torch.randn(128, 1, generator=g)
        batches = [(X, torch.randn(128, 1, generator=g))]
        model = nn.Linear(20, 1)
        nn.init.zeros_(model.weight)
        shares.append(checkup(model, MSE, batches).asdict()["features/slow_error"])
    assert abs(sum(shares) / 20) < 20 / 128 / 3


def test_few_examples_raise_no_alarm_about_what_was_learnt():
    """Three standard errors of fewer than 36 examples are more than half of a loss."""
    torch.manual_seed(0)
    model = nn.Linear(4, 3)
    for size, causes in ((35, []), (64, ["chance"])):
        batches = [(torch.randn(size, 4), torch.randint(3, (size,)))]
        report = checkup(model, nn.CrossEntropyLoss(), batches, taken=1000, held_out=batches)
        assert [finding.cause for finding in report.findings if finding.cause == "chance"] == causes
        assert ("fewer than 36" in report.text()) == (size == 35)
        assert math.isfinite(report.asdict()["baseline/constant"])
