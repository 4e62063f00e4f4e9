"""What the knobs_together example shows: decay and dropout do not add up, and normalisation decides which one gains."""

from functools import partial

import torch
from torch import nn

from examples import knobs_together
from examples.knobs_together import DECAYS, DROPS, HIDDEN, RATES, SEEDS, STEPS, TEST, TRAIN, VALID
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, knobs_together)
numbers = partial(numbers_of, knobs_together)


def test_decay_gains_without_normalisation_and_hardly_anything_in_front_of_it():
    assert numbers()["decay_bare"] - numbers()["decay_bare_half"] > 4
    assert numbers()["decay_normed_most"] <= 2


def test_dropout_gains_more_with_normalisation():
    assert numbers()["dropout_normed"] - numbers()["dropout_normed_half"] > 2
    assert numbers()["dropout_bare"] + numbers()["dropout_bare_half"] < 5


def test_the_second_method_adds_nothing_to_the_first():
    assert numbers()["second_most"] <= 2


def test_settings_within_the_grid_are_chosen_on_validation_data():
    """The plain nets have the rate that is best on validation data, whatever the test data say."""
    one = knobs_together.Result(*({"bare": each["bare"].clone()} for each in (result().valid, result().test)))
    one.valid["bare"][1, 0, 0], one.test["bare"][1, 0, 0] = 2.0, 0.1
    assert (knobs_together.tuned(one, "bare", False, False) == one.test["bare"][1, 0, 0]).all()
    one.valid["bare"][0, 2, 0], one.test["bare"][0, 2, 0] = 3.0, 0.3
    assert (knobs_together.tuned(one, "bare", False, True) == one.test["bare"][1, 0, 0]).all()
    assert (knobs_together.tuned(one, "bare", True, False) == one.test["bare"][0, 2, 0]).all()


def trained_by_torch(normed, lr, decay, p):
    """Accuracies of the first seed with the installed layers and optimiser; dropout needs the masks of the example."""
    generator = torch.Generator().manual_seed(35)
    X, given, true = knobs_together.data(generator)
    starts = [
        torch.randn(SEEDS, o, i, generator=generator)[0] * (2 / i) ** 0.5
        for o, i in ((HIDDEN, 64), (HIDDEN, HIDDEN), (10, HIDDEN))
    ]
    bias = [not normed, not normed, True]
    linear = [nn.Linear(start.shape[1], start.shape[0], bias=on) for start, on in zip(starts, bias, strict=True)]
    for layer, start in zip(linear, starts, strict=True):
        layer.weight.data.copy_(start)
        if layer.bias is not None:
            layer.bias.data.zero_()
    norms = [nn.BatchNorm1d(HIDDEN, affine=False) if normed else nn.Identity() for _ in range(2)]
    groups = [
        {"params": [layer.weight for layer in linear], "weight_decay": decay},
        {"params": [layer.bias for layer in linear if layer.bias is not None], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=lr)

    def network(h, training):
        for layer, norm in zip(linear, norms, strict=False):
            h = norm.train(training)(layer(h)).relu()
            if training:
                drawn = torch.rand(SEEDS, HIDDEN, TRAIN, generator=generator)[0].T
                h = h * (drawn >= p) / (1 - p)
        return linear[2](h)

    for _ in range(knobs_together.STEPS):
        loss = nn.functional.cross_entropy(network(X[0].T[:TRAIN], True), given[0, :TRAIN])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    answers = network(X[0].T, False).argmax(1)
    right = (answers == given[0])[TRAIN : TRAIN + VALID], (answers == true[0])[-TEST:]
    return [each.float().mean().item() for each in right]


def test_the_installed_layers_and_optimiser_do_the_same(monkeypatch):
    """A few steps of the first seed in corners of the grid; without normalisation a large rate shows what decays."""
    # Behind a pixel that never changes the slope in front of batch normalisation is rounding alone, and Adam makes full
    # steps of what is large against its eps: noise of float32 is, that of float64 is not. One answer of two hundred may
    # be a tie.
    X, *labels = knobs_together.data(torch.Generator().manual_seed(35))
    monkeypatch.setattr(knobs_together, "STEPS", STEPS // 4)
    monkeypatch.setattr(knobs_together, "data", lambda _: (X.double(), *labels))
    corners = [(1, 0, 0), (0, 2, 1), (1, 1, 1)]
    torch.set_default_dtype(torch.float64)
    try:
        for normed, rates, more in ((True, RATES, []), (False, (0.01, 0.1), [(1, 2, 0)])):
            monkeypatch.setattr(knobs_together, "RATES", rates)
            ours = knobs_together.train(normed)
            for rate, decay, drop in corners + more:
                theirs = trained_by_torch(normed, rates[rate], DECAYS[decay], DROPS[drop])
                for one, other in zip(ours, theirs, strict=True):
                    assert abs(one[rate, decay, drop, 0] - other) < 1.1 / VALID
    finally:
        torch.set_default_dtype(torch.float32)


def test_repeatable():
    assert_deterministic(knobs_together, result())


def test_published():
    assert_plain(numbers())
