"""Every formula is a definition, a convention, a theorem with its place, or derived."""

import pytest

import optnotes
from optnotes.site.records.derivations import derived
from optnotes.site.records.marks import KINDS, MARKS_FILE, count_marks, load_marks
from optnotes.site.words.data import DataError
from optnotes.site.words.docstrings import read


def test_every_formula_has_one_mark_and_every_mark_a_formula():
    assert load_marks().keys() == {function.__name__ for function in optnotes.formulas().values()}
    assert sum(count_marks().values()) == len(optnotes.formulas())
    assert count_marks()["derived"] == len(derived())
    assert list(count_marks()) == list(KINDS)


def test_a_theorem_is_cited_by_its_formula():
    references = {function.__name__: read(function).references for function in optnotes.formulas().values()}
    theorems = {name: mark for name, mark in load_marks().items() if mark.kind == "theorem"}
    assert theorems
    for name, mark in theorems.items():
        assert mark.source in references[name]
        assert mark.place["ru"] != mark.place["en"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("  - relu\n", "  - relu\n  - relu\n", "one mark for each formula, got a second one for 'relu'"),
        ("  - relu\n", "  - ridge_solution\n", "no mark beside a derivation, got one for 'ridge_solution'"),
        ("    source: Newman1986\n", "", "expected to be there, with source, place"),
        ("convention:\n", "conventions:\n", "'convention': expected to be there"),
    ],
)
def test_a_malformed_file_is_refused(tmp_path, old, new, expected):
    source = MARKS_FILE.read_text("utf-8")
    assert old in source
    path = tmp_path / "marks.yaml"
    path.write_text(source.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError, match=expected):
        load_marks(path)
