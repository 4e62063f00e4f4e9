"""What the fault_diagnosis example shows."""

from functools import partial

import torch

from examples import fault_diagnosis
from tests.examples import assert_deterministic, assert_drawn, assert_plain, numbers_of, placeholders, result_of

result = partial(result_of, fault_diagnosis)
numbers = partial(numbers_of, fault_diagnosis)


def test_learning_rate_border_is_exact():
    assert numbers()["right"] == numbers()["runs"]
    # The border is met from both sides, not only far away from it.
    near = result().load["border"]
    assert near.min() < 0.9
    assert near.max() > 1.1
    assert 0 < numbers()["grew_border"] < numbers()["seeds"]


def test_growth_does_not_depend_on_the_learning_rate():
    for one, other in (("healthy", "border"), ("healthy", "step"), ("explosion", "hidden")):
        assert torch.equal(result().growth[one], result().growth[other])


def test_growth_is_the_gain_of_the_weights():
    found = numbers()
    # All layers are multiplied by the same gain, and ReLU is homogeneous: the difference is in the last residual only.
    assert abs(found["growth_explosion"] / found["growth_healthy"] / found["gain"] - 1) < 0.01
    assert found["growth_healthy_largest"] < 1.2 < 1.4 < found["growth_explosion_smallest"]


def test_excess_over_the_gain_comes_from_the_output_itself():
    X, y = fault_diagnosis.data()
    # Huge random targets make the gradient independent of the output.
    generator = torch.Generator().manual_seed(3)
    targets = 1e6 * torch.randn(y.shape, generator=generator, dtype=torch.float64)
    independent = fault_diagnosis.readings(1.0, X, targets)[0].log().mean().exp().item()
    assert abs(independent - 1) < 0.015 < numbers()["growth_healthy"] - 1


def test_both_readings_together_name_the_fault():
    for case in fault_diagnosis.CASES:
        exploding, too_large = result().growth[case] > 1.2, result().load[case] > 1
        assert exploding.all().item() is (case in ("explosion", "hidden"))
        assert exploding.any().item() is (case in ("explosion", "hidden"))
        if case != "border":
            assert (too_large == (case in ("step", "explosion"))).all()


def test_broken_border_without_the_two_is_wrong():
    wrong = [(2 * result().load[case] > 1) != result().grew[case] for case in fault_diagnosis.CASES]
    assert torch.cat(wrong).any()


def test_repeatable():
    assert_deterministic(fault_diagnosis, result())


def test_published():
    assert_plain(numbers())
    assert_drawn(fault_diagnosis, result())
    assert {"gain"} <= placeholders("fault_diagnosis", "alt")
