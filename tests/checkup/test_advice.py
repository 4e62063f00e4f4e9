"""What the newer findings say is so: the cause goes when its advice is followed, and nothing is said without it."""

import math

import pytest
import torch
from torch import nn

from optnotes.checkup import checkup
from optnotes.checkup._data import _codes
from optnotes.checkup._losses import LossKind
from optnotes.checkup._run import Run
from optnotes.checkup._training import _loss_error
from tests.checkup.nets import cnn
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
    return checkup(model, MSE, batches, optimizer, steps=256 // batch, taken=1000)


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


def left(X, y):
    """Findings and loss after 150 steps near the largest stable rate."""
    model = nn.Linear(X.shape[1], 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.9 / torch.linalg.eigvalsh(X.T @ X / len(X))[-1].item())
    for _ in range(150):
        optimizer.zero_grad()
        (MSE(model(X), y) / 2).backward()
        optimizer.step()
    batches = list(zip(X.split(64), y.split(64), strict=True))
    report = checkup(model, MSE, batches, optimizer, steps=4, taken=150)
    return [finding.cause for finding in report.findings], MSE(model(X), y).item()


def test_slow_directions_may_be_a_matter_of_units_and_go_with_standardising():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        scales = torch.tensor([1 / 8, 1 / 8, 1 / 3, 1, 1, 1, 8])
        Z = torch.randn(256, 7)
        y = Z.sum(1, keepdim=True)
        raw, scaled = left(Z * scales, y), left((Z - Z.mean(0)) / Z.std(0), y)
    assert "ill-conditioned" in raw[0]
    assert "ill-conditioned" not in scaled[0]
    assert scaled[1] < 1e-6 * raw[1]


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


def test_a_number_whose_square_does_not_fit_is_no_overflow():
    """1e25 has a place in float32, its square has none; where a product has none either, it overflows."""
    torch.manual_seed(0)
    for size, causes in ((1e25, []), (1e39, ["overflow"])):
        model = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 1, bias=False))
        nn.init.constant_(model[0].weight, size / 1e20)
        nn.init.constant_(model[1].weight, 1e-3 / size)
        batches = [(1e20 * torch.rand(8, 4), torch.rand(8, 1)) for _ in range(2)]
        report = checkup(model, MSE, batches, torch.optim.SGD(model.parameters(), 1e-30))
        assert [each.cause for each in report.findings if each.cause in ("overflow", "nonfinite-gradient")] == causes
        assert math.isfinite(report.layers[0]["signal"]) == (not causes)


@pytest.mark.parametrize(("count", "expected"), [(9, 3 * 0.2 / 3), (8, 3 / math.sqrt(8 * 50) * 0.7)])
def test_the_error_of_the_loss_comes_from_its_scatter_where_that_is_known_within_a_half(count, expected):
    """A variance out of n numbers has the relative error √(2/(n − 1)), one half at nine."""
    run = Run(nn.Linear(1, 1), None, None, 1, 0, {}, kind=LossKind("cross_entropy", -2.0, 0.0, False), constant=0.7)
    losses = torch.linspace(-1, 1, count, dtype=torch.float64)
    run.losses = (5 + 2 * 0.2 * losses / losses.std()).tolist()
    run.targets = [torch.zeros(50)] * count
    assert _loss_error(run) == pytest.approx(expected)
    run.losses[0] = math.nan
    assert math.isfinite(_loss_error(run))


def test_copies_are_found_among_held_out_examples_and_nothing_else():
    g = torch.Generator().manual_seed(0)
    X, other = torch.randn(2, 64, 1, 8, 8, generator=g)
    both = torch.cat([X[:10], other[10:]])
    near = X + 1e-6 * X.sign()
    for held, copies in ((both, 10), (other, 0), (near, 0), (X[:2], 0), (X.flip(0), 64)):
        loader = [(held.flatten(1), torch.zeros(len(held)).long())]
        report = checkup(
            cnn(norm=False), nn.CrossEntropyLoss(), [(X.flatten(1), torch.zeros(64).long())], held_out=loader
        )
        shares = [each.slots["value"] for each in report.findings if each.cause == "leak"]
        assert shares == ([copies / len(held)] if copies else [])


def test_equal_examples_have_equal_codes_whatever_their_zeros_and_precision():
    bits = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 10)
    assert len(set(_codes(bits).tolist())) == 2**10
    assert torch.equal(_codes(bits), _codes(-bits.double().mul(-1)))
    assert torch.equal(_codes(bits[:1]), _codes(-bits[:1]))
