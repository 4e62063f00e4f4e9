"""What the nan_triage example shows, and what torch says of NaN behind an unselected branch."""

import math
from functools import partial

import pytest
import torch

from examples import nan_triage
from tests.examples import assert_deterministic, assert_plain, numbers_of, result_of

result = partial(result_of, nan_triage)
numbers = partial(numbers_of, nan_triage)


@pytest.mark.parametrize("fault", [*nan_triage.FAULTS, "none"])
def test_every_fault_is_found_and_a_sound_network_is_not_blamed(fault):
    assert result().verdicts[fault] == [fault] * nan_triage.SEEDS


@pytest.mark.parametrize("fault", nan_triage.FAULTS)
def test_every_fault_is_one(fault):
    """Each planted run ends in something that is not finite; without the fault none does."""
    last = nan_triage.watch(fault, 7)[-1]
    assert not (last.activations and last.loss and last.gradient)
    assert nan_triage.diagnose(nan_triage.watch(fault, 7)) == fault
    sound = nan_triage.watch("none", 7)
    assert len(sound) == nan_triage.STEPS
    assert sound[-1].gradient


def test_a_rate_that_is_too_large_shows_later_than_all_others():
    assert numbers()["quick"] == 0
    assert numbers()["late"] >= 2


def test_the_layer_is_named():
    assert result().layers == ["hidden"] * nan_triage.SEEDS


def test_without_the_question_about_weights_a_rate_looks_like_another_fault(monkeypatch):
    monkeypatch.setattr(nan_triage, "GROWN", math.inf)
    assert nan_triage.diagnose(nan_triage.watch("rate", 0)) != "rate"


@pytest.mark.parametrize("repair", [lambda y: y, torch.nan_to_num])
def test_a_branch_that_is_not_selected_gives_nan_and_a_repaired_output_does_not_help(repair):
    x = torch.nn.Parameter(torch.tensor([0.0, 4.0]))
    repair(torch.where(x > 0, x.sqrt(), 0)).sum().backward()
    assert x.grad[0].isnan()
    torch.nn.utils.clip_grad_norm_([x], 1.0)
    assert x.grad.isnan().all()


def test_a_safe_argument_before_the_function_helps():
    x = torch.tensor([0.0, 4.0], requires_grad=True)
    torch.where(x > 0, torch.where(x > 0, x, 1).sqrt(), 0).sum().backward()
    assert x.grad.tolist() == [0, 0.25]


def test_other_functions_with_an_infinite_slope_do_the_same():
    x = torch.zeros(2, requires_grad=True)
    assert torch.autograd.grad((x / x.norm()).sum(), x)[0].isnan().all()
    p = torch.tensor([0.0, 0.5], requires_grad=True)
    assert torch.autograd.grad(torch.where(p > 0, p * p.log(), 0).sum(), p)[0][0].isnan()


@pytest.mark.filterwarnings("ignore:Anomaly Detection", "ignore:Error detected")
def test_anomaly_detection_names_the_operation():
    x = torch.zeros(1, requires_grad=True)
    with torch.autograd.set_detect_anomaly(True):
        loss = torch.where(x > 0, x.sqrt(), 0).sum()
        with pytest.raises(RuntimeError, match="SqrtBackward"):
            loss.backward()


def test_repeatable():
    assert_deterministic(nan_triage, result())


def test_published():
    assert_plain(numbers())
