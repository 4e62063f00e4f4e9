"""What nox -s machines relies on: another rounding that is only that, and comparisons that notice what differs."""

import json

import pytest
import torch

from tests.machines import compare, variants
from tests.machines.__main__ import Outcome, narrowest, report
from tests.machines.margins import compared
from tests.machines.rounding import OtherRounding

FIGURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="90pt" height="60pt" viewBox="0 0 90 60">'
    '<rect width="90" height="60" fill="#ffffff"/><path d="M {} 5 V 55" stroke="#0064a8" stroke-width="2"/></svg>'
)


def normal(*shape, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1), dtype=dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize(
    "compute",
    [
        lambda X: X @ X.mT,
        lambda X: X.sum(1),
        lambda X: X.square().mean(1),
        lambda X: X.exp(),
        lambda X: X.abs() ** X.mean(0),
        lambda X: torch.softmax(X, 1),
        lambda X: torch.linalg.svdvals(X),
        lambda X: torch.linalg.solve(X @ X.mT + torch.eye(len(X)), X),
        lambda X: torch.func.vmap(torch.func.grad(lambda row: row.tanh().square().sum()))(X),
    ],
)
def test_another_rounding_is_within_rounding_and_not_the_same(compute, dtype):
    X = normal(40, 300, dtype=dtype)
    here = compute(X)
    with OtherRounding(3):
        there, again = compute(X), compute(X)
    assert not torch.equal(here, there)
    assert torch.equal(there, again)
    assert (here - there).abs().max() < 300 * torch.finfo(dtype).eps * here.abs().max()


def test_what_is_exact_on_every_processor_stays_exact():
    X = torch.randint(-9, 9, (30, 30), generator=torch.Generator().manual_seed(2)).double()
    with OtherRounding(3):
        assert torch.equal(X @ X, (X.long() @ X.long()).double())
        assert X.sum().item() == X.long().sum().item()
        assert torch.equal(torch.zeros(3).exp(), torch.ones(3))
        assert torch.equal(normal(30, 30) * 3 + X, normal(30, 30).mul(3).add(X))


def test_every_variant_is_unpinned_and_the_short_form_knows_its_two():
    assert all("OPTNOTES_UNPINNED" in variants.settings(name) for name in variants.VARIANTS)
    assert set(variants.SHORT) < set(variants.VARIANTS)
    assert variants.settings("none").keys() < variants.settings("oldest").keys()


def page(text, alt="a curve"):
    return f'<html><body><p>First line.\n{text}</p><script>1.18</script><img alt="{alt}"></body></html>'.encode()


def test_a_text_that_differs_is_shown_with_both_readings(tmp_path):
    for name, text, alt in (("one", "It is 1.18.", "falls to 5%"), ("other", "It is 1.19.", "falls to 6%")):
        (tmp_path / name / "_explorers").mkdir(parents=True)
        (tmp_path / name / "page.html").write_bytes(page(text, alt))
        words = {"paths": [name], "frames": [[0]], "readouts": ["same"]}
        (tmp_path / name / "_explorers" / "e.json").write_text(json.dumps(words))
    found = compare.words_changed(tmp_path / "one", tmp_path / "other")
    assert [(change.one, change.other) for change in found] == [
        ("It is 1.18.", "It is 1.19."),
        ("alt: falls to 5%", "alt: falls to 6%"),
    ]
    (tmp_path / "other" / "page.html").unlink()
    assert [change.page for change in compare.words_changed(tmp_path / "one", tmp_path / "other")] == ["page.html"]


@pytest.mark.parametrize("points", [0, 3, 9])
def test_a_line_that_moves_is_measured_in_pixels(points):
    one, other = (FIGURE.format(x).encode() for x in (30, 30 + points))
    assert abs(compare.moved(one, other) - points * 96 / 72) <= 1


def test_a_line_that_is_missing_is_far():
    assert compare.moved(FIGURE.format(45).encode(), FIGURE.format(-9).encode()) > compare.MOST_PIXELS


def test_distances_to_the_limit():
    assert compared(0.72, ">", 0.7)[0] == pytest.approx(0.02)
    assert compared(torch.tensor(3.0), "<=", 5)[0] == pytest.approx(2)
    assert compared(1.02, "==", pytest.approx(1.0, abs=0.05))[0] == pytest.approx(0.03)
    assert compared(torch.tensor(0.3, requires_grad=True) * 2, "<", 0.7)[0] == pytest.approx(0.1)
    assert compared("a", "==", "b") is None
    assert compared(torch.ones(3), "<", 2) is None


def test_a_comparison_nearer_to_its_limit_than_it_moves_is_a_fault(tmp_path, capsys):
    outcomes = [Outcome("none", margins={"law": [0.5, 1.0, 0.5], "net": [0.03, 0.73, 0.7]}), Outcome("oldest")]
    outcomes[1].margins = {"law": [0.5 + 1e-9, 1.0, 0.5], "net": [0.01, 0.71, 0.7]}
    assert [place for _, place, _ in narrowest(outcomes)] == ["net", "law"]
    for name in ("none", "oldest"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "words.json").write_text(json.dumps({"q": name if name == "none" else "none"}))
    assert report(outcomes, tmp_path, short=True) == 1
    assert "1 comparisons nearer" in capsys.readouterr().out
    (tmp_path / "oldest" / "words.json").write_text(json.dumps({"q": "1.19"}))
    outcomes[0].failed = ["FAILED tests/test_x.py"]
    assert report(outcomes, tmp_path, short=True) == 3
