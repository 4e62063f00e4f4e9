"""What the nonfinite_clipping example shows."""

from functools import partial

import torch

from examples import nonfinite_clipping
from optnotes.gradients import clip_by_norm
from tests.examples import assert_plain, numbers_of, result_of

result = partial(result_of, nonfinite_clipping)
numbers = partial(numbers_of, nonfinite_clipping)


def test_infinity_becomes_nan_and_zeros_by_norm_and_the_threshold_by_value():
    assert result().by_norm["inf"].isnan().tolist() == [True, False, False]
    assert result().by_norm["inf"][1:].tolist() == [0, 0]
    assert result().by_value["inf"].tolist() == [1, 1, -0.5]


def test_nan_spreads_by_norm_and_stays_alone_by_value():
    assert result().by_norm["nan"].isnan().all()
    assert result().by_value["nan"].isnan().tolist() == [True, False, False]
    assert result().by_value["nan"][1:].tolist() == [1, -0.5]


def test_overflowing_norm_gives_zeros_although_everything_is_finite():
    gradient = torch.tensor(nonfinite_clipping.GRADIENTS["overflow"])
    assert gradient.isfinite().all()
    assert result().by_norm["overflow"].tolist() == [0, 0, 0]
    # In double precision, and in the formula of this site, it is an ordinary clip.
    exact = clip_by_norm(gradient.double(), nonfinite_clipping.THRESHOLD)
    torch.testing.assert_close(clip_by_norm(gradient, nonfinite_clipping.THRESHOLD).double(), exact)
    torch.testing.assert_close(exact.norm().item(), nonfinite_clipping.THRESHOLD)


def test_who_refuses_what():
    assert result().refused == {"inf": (True, True), "nan": (True, True), "overflow": (True, False)}


def test_ordinary_gradient_is_refused_by_nobody():
    entries = (3.0, -4.0)
    assert not nonfinite_clipping.refuses_torch(entries)
    assert not nonfinite_clipping.refuses_site(entries)
    torch.testing.assert_close(nonfinite_clipping.clipped_by_torch(entries, by_norm=True), torch.tensor([0.6, -0.8]))


def test_repeatable():
    again = nonfinite_clipping.compute()
    for name in ("by_norm", "by_value"):
        # NaN is expected here, and equal to NaN.
        torch.testing.assert_close(getattr(again, name), getattr(result(), name), rtol=0, atol=0, equal_nan=True)
    assert again.refused == result().refused


def test_published():
    assert_plain(numbers())
