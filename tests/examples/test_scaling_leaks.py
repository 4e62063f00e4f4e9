"""What the scaling_leaks example shows."""

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.model_selection import PredefinedSplit, cross_val_score
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from examples import scaling_leaks
from examples.scaling_leaks import FOLDS, KEPT, SEEDS, WIDTHS, N
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, scaling_leaks)
numbers = partial(numbers_of, scaling_leaks)


@pytest.mark.parametrize("way", scaling_leaks.WAYS)
def test_cross_validation_matches_scikit_learn(monkeypatch, way):
    monkeypatch.setattr(scaling_leaks, "SEEDS", 2)
    ours = scaling_leaks.cross_validate(60, torch.Generator().manual_seed(5))[way]
    X = torch.randn(2, N, 60, generator=torch.Generator().manual_seed(5), dtype=torch.float64).numpy()
    y = np.where(np.arange(N) % 2 == 0, -1, 1)
    folds = PredefinedSplit(np.arange(N) // (N // FOLDS))
    kind, _, where = way.partition("_")
    step = StandardScaler() if kind == "scaler" else SelectKBest(f_classif, k=KEPT)
    for A, accuracy in zip(X, ours, strict=True):
        if where == "inside":
            reference = cross_val_score(make_pipeline(step, NearestCentroid()), A, y, cv=folds)
        else:
            reference = cross_val_score(NearestCentroid(), step.fit_transform(A, y), y, cv=folds)
        assert accuracy.item() == pytest.approx(reference.mean())


def test_the_scaler_leaks_nothing_visible():
    assert numbers()["scaler_leak"] < 0.01


def test_inside_the_folds_accuracy_is_chance():
    # Accuracies of one data set scatter by about 0.1; the mean over the seeds by 0.016, here within three of them.
    assert numbers()["inside_gap"] < 3 * 0.1 / SEEDS**0.5


def test_selection_on_all_data_leaks_as_predicted():
    # The same standard error; the law takes expected order statistics and neglects the spread of the weights.
    assert numbers()["selection_gap"] < 0.05
    assert numbers()["selection_outside"] > 0.85
    law = [scaling_leaks.leaky_accuracy(width) for width in WIDTHS]
    assert law == sorted(law)


def test_without_a_choice_selection_does_not_leak():
    assert WIDTHS[0] == KEPT
    torch.testing.assert_close(result().accuracy["selection_outside"][0], result().accuracy["selection_inside"][0])
    assert scaling_leaks.leaky_accuracy(KEPT) == pytest.approx(0.5, abs=0.02)


def test_broken_twin_that_selects_by_noise_leaks_nothing(monkeypatch):
    monkeypatch.setattr(scaling_leaks, "WIDTHS", (640,))
    topk = torch.Tensor.topk
    monkeypatch.setattr(torch.Tensor, "topk", lambda self, k: topk(torch.arange(self.shape[-1]).expand_as(self), k))
    broken = scaling_leaks.compute().accuracy["selection_outside"].mean().item()
    assert broken == pytest.approx(0.5, abs=0.05)


def test_repeatable():
    assert_deterministic(scaling_leaks, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(scaling_leaks, result())
    assert placeholders("scaling_leaks", "alt") == {"selection_outside", "width"}
