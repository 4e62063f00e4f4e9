"""No translation is missing, stale or contradictory; the checks notice each of these."""

import re

import pytest

import optnotes
from optnotes.site.words.data import DataError
from optnotes.site.words.docstrings import read
from optnotes.site.words.text import (
    DATA,
    ROOT,
    catalogue_path,
    docstring_catalogue_paths,
    load_catalogue,
    translate_kind,
)
from tests.site.catalogues import docstring_units, label_gaps, text_keys, translation_gaps

EXAMPLES = sorted(path for path in (ROOT / "examples").glob("*.py") if "def figure(" in path.read_text("utf-8"))
UNITS = [("optnotes.x", "Weights {0}."), ("optnotes.y", "Step.")]
GOOD_PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8"

msgid "Weights {0}."
msgstr "Веса {0}."

msgid "Step."
msgstr "Шаг."
"""
GOOD_LABELS = "alt: {ru: 'а {x:.1f}', en: 'a {x:.2f}'}\ncaption: {ru: б, en: b}\naxis: {ru: в, en: c}\n"
SOURCE = "def figure(result, text, theme):\n    return text('axis')\n"


def test_every_docstring_paragraph_has_a_russian_translation():
    assert translation_gaps(docstring_units(), docstring_catalogue_paths("ru")) == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_label_of_an_example_exists_in_both_languages(path):
    assert label_gaps(catalogue_path(path.stem), path.read_text("utf-8")) == []


def test_no_catalogue_is_orphaned():
    expected = {"site", *(path.stem for path in EXAMPLES)}
    assert expected == {path.stem for path in (DATA / "text").glob("*.yaml")}


def test_every_label_of_the_site_is_used_and_exists():
    sources = "".join(path.read_text("utf-8") for path in ROOT.glob("optnotes/site/**/*.py"))
    sources += (ROOT / "conf.py").read_text("utf-8")
    sources += "".join(path.read_text("utf-8") for path in ROOT.glob("docs/_templates/*.html"))
    patterns = {
        re.sub(r"\\\{[^}]*\\\}", r"\\w+", re.escape(key))
        for key in re.findall(r'["\']([a-z]+\.[a-z{][^"\' ]*)["\']', sources)
    }
    # The script of the drill page is handed all words that bear its name.
    script = (ROOT / "docs" / "_static" / "practice.js").read_text("utf-8")
    patterns |= {rf"practice\.{word}" for word in re.findall(r"\w+", script)}
    for key in load_catalogue(DATA / "text" / "site.yaml"):
        assert any(re.fullmatch(pattern, key) for pattern in patterns), f"site.yaml: entry '{key}' is used nowhere"


def test_good_translations_pass(tmp_path):
    path = tmp_path / "good.po"
    path.write_text(GOOD_PO, "utf-8")
    assert translation_gaps(UNITS, [path]) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('msgid "Step."\nmsgstr "Шаг."', "", "optnotes.y: no translation of: Step."),
        ('"Шаг."', '""', "bad.po:7: no translation of: Step."),
        ("Веса {0}", "Веса", "bad.po:4: placeholders differ: Weights {0}."),
        ("Веса {0}", "Веса {1}", "bad.po:4: placeholders differ: Weights {0}."),
    ],
)
def test_broken_translations_are_named(tmp_path, old, new, expected):
    path = tmp_path / "bad.po"
    path.write_text(GOOD_PO.replace(old, new), "utf-8")
    (message,) = translation_gaps(UNITS, [path])
    assert message == expected


def test_stale_and_repeated_translations_are_named(tmp_path):
    first, second = tmp_path / "a.po", tmp_path / "b.po"
    first.write_text(GOOD_PO, "utf-8")
    second.write_text('msgid "Step."\nmsgstr "Ход."\n\nmsgid "Gone."\nmsgstr "Нет."\n', "utf-8")
    assert translation_gaps(UNITS, [first, second]) == [
        "b.po:1: stands already in a.po:7: Step.",
        "b.po:4: no docstring holds: Gone.",
    ]


def test_good_labels_pass(tmp_path):
    path = tmp_path / "good.yaml"
    path.write_text(GOOD_LABELS, "utf-8")
    assert text_keys(SOURCE) == {"axis"}
    assert label_gaps(path, SOURCE) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("axis: {ru: в, en: c}\n", "", "bad.yaml: no entry 'axis'"),
        ("{x:.2f}", "{y:.2f}", "bad.yaml: entry 'alt' uses different numbers"),
        ("axis", "axes", "bad.yaml: no entry 'axis'"),
    ],
)
def test_broken_labels_are_named(tmp_path, old, new, expected):
    path = tmp_path / "bad.yaml"
    path.write_text(GOOD_LABELS.replace(old, new), "utf-8")
    assert label_gaps(path, SOURCE)[0].startswith(expected)


def test_a_label_without_its_translation_is_named(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("alt: {ru: а}\n", "utf-8")
    with pytest.raises(DataError, match=r"bad\.yaml:1: field 'alt\.en': expected to be there, with ru, en"):
        load_catalogue(path)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Tensor of shape (n, d)", "Tensor формы (n, d)"),
        ("Tensor of the shape of w with entries in [0, 1]", "Tensor той же формы, что и w с элементами из [0, 1]"),
        ("Tensor of any shape", "Tensor любой формы"),
        ("float in (0, inf)", "float из (0, inf)"),
        ("callable", "callable"),
    ],
)
def test_type_lines_are_translated(kind, expected):
    assert translate_kind(kind, "ru") == expected
    assert translate_kind(kind, "en") == kind


def test_no_type_line_keeps_english_words_in_russian():
    for function in optnotes.formulas().values():
        doc = read(function)
        for entry in (*doc.parameters, *doc.returns):
            assert not re.search(r"\b(of|in|with|the|any|shape)\b", translate_kind(entry.kind, "ru")), entry.kind
