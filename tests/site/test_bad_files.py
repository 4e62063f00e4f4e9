"""Malformed claims, drills, labels and translations are named by file, line, field and what was expected."""

import copy
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from optnotes.site.records.questions import load_question
from optnotes.site.words import text as site_text
from optnotes.site.words.data import DataError, read
from optnotes.site.words.text import docstring_catalogue, load_catalogue, site_labels

GOOD = """claims:
- id: 37-01
  claim: {ru: слова, en: words}
  verdict: wrong
  correction: {ru: верно, en: right}
  sources: [Key]
  test: tests/claims/test_37.py::test_37_01
drill:
- id: 37-d1
  level: basic
  kind: recall
  question: {ru: что, en: what}
  answer: {ru: это, en: this}
"""
WRONG = (None, 0, 1.5, True, "", " ", [], [[]], {}, {"x": 1}, "2026-11-23")


def test_a_good_file_passes(tmp_path):
    path = tmp_path / "37.yaml"
    path.write_text(GOOD, "utf-8")
    question = load_question(path)
    assert (question.claims[0].verdict, question.drill[0].level) == ("wrong", "basic")
    assert question.claims[0].sources == ("Key",)


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("id: 37-01", "id: a: b", 2, "expected YAML, got: mapping values are not allowed"),
        ("drill:", "drills:", 1, "field 'drill': expected to be there, with claims, drill, got nothing"),
        ("id: 37-01", "id: 37-02", 2, "field 'claims[0].id': expected one of 37-01, got '37-02'"),
        ("wrong", "bad", 4, "field 'claims[0].verdict': expected one of holds, condition, imprecise, wrong, got 'bad'"),
        (
            "  correction: {ru: верно, en: right}\n",
            "",
            4,
            "'claims[0].verdict': expected the field 'correction' beside",
        ),
        (
            "{ru: верно, en: right}",
            "{ru: верно}",
            5,
            "field 'claims[0].correction.en': expected to be there, with ru, en",
        ),
        ("{ru: верно,", "{de: gut, ru: верно,", 5, "field 'claims[0].correction.de': expected one of ru, en"),
        ("en: words", "en: ''", 3, "field 'claims[0].claim.en': expected text, got ''"),
        ("[Key]", "[]", 6, "field 'claims[0].sources': expected at least one key of docs/references.bib, got []"),
        ("[Key]", "Key", 6, "field 'claims[0].sources': expected a list, got 'Key'"),
        ("[Key]", "[7]", 6, "field 'claims[0].sources[0]': expected text, got 7"),
        ("tests/claims/test_37.py::test_37_01", "later", 7, "field 'claims[0].test': expected a test, such as"),
        ("level: basic", "level: hard", 10, "field 'drill[0].level': expected one of basic, solid, deep, got 'hard'"),
        (
            "  level: basic\n",
            "",
            9,
            "field 'drill[0].level': expected to be there, with id, level, kind, question, answer",
        ),
        (
            "basic",
            "basic\n  hint: no",
            11,
            "field 'drill[0].hint': expected one of id, level, kind, question, answer, value (opt",
        ),
        ("basic", "basic\n  level: deep", 11, "field 'drill[0].level': expected one value, got a second one"),
    ],
)
def test_broken_files_are_named_by_line_and_field(tmp_path, old, new, line, expected):
    path = tmp_path / "37.yaml"
    path.write_text(GOOD.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError) as error:
        load_question(path)
    assert str(error.value).startswith(f"{path}:{line}: ")
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("content", "expected"), [(b"", "expected fields"), (b"\xff", "expected UTF-8"), (b"- a", "a map")]
)
def test_files_that_are_no_mapping_are_named(tmp_path, content, expected):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"x\.yaml:1: .*{expected}"):
        load_catalogue(path)


def places(value, above=()):
    """Paths to every field and item below a value."""
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*above, key)
        yield from places(child, (*above, key))


@st.composite
def broken(draw, good):
    """The data with one field removed, made another, or joined by one that nobody knows."""
    data = copy.deepcopy(good)
    *above, last = draw(st.sampled_from(sorted(places(data), key=str)))
    parent = data
    for key in above:
        parent = parent[key]
    if isinstance(last, int) or draw(st.booleans()):
        parent[last] = draw(st.sampled_from(WRONG))
    elif draw(st.booleans()):
        del parent[last]
    else:
        parent[f"{last}x"] = parent[last]
    return data, f"[{last}]" if isinstance(last, int) else last


def refused(load, path):
    """The error of a file that must not be read."""
    with pytest.raises(DataError) as error:
        load(path)
    message = str(error.value)
    found = re.match(rf"{re.escape(str(path))}:(\d+): ", message)
    assert found, message
    assert 1 <= int(found[1]) <= len(path.read_bytes().splitlines()) + 1
    assert "expected" in message
    return message


def labels_of(path):
    """A catalogue, held to the labels it must have."""
    read(path).fields(("alt", "x"))
    return load_catalogue(path)


def is_legal(before, after):
    """Whether the change leaves a file that may be read: a list emptied, a correction dropped where the claim holds."""
    if isinstance(before, dict) and isinstance(after, dict):
        optional = {"correction"} if before.get("verdict") == "holds" else set()
        return set(after) - set(before) == set() and all(
            is_legal(before[key], after[key]) if key in after else key in optional for key in before
        )
    if isinstance(before, list):
        kept = isinstance(after, list) and len(after) == len(before)
        return after == [] != before or (kept and all(map(is_legal, before, after)))
    return before == after or (isinstance(before, str) and isinstance(after, str) and bool(after.strip()))


@pytest.mark.parametrize(
    ("good", "load"), [(GOOD, load_question), ("alt: {ru: а, en: b}\nx: {ru: в, en: c}\n", labels_of)]
)
@given(data=st.data())
def test_whatever_is_broken_in_a_file_is_named(tmp_path_factory, good, load, data):
    before = yaml.safe_load(good)
    after, field = data.draw(broken(before))
    path = tmp_path_factory.mktemp("bad") / "37.yaml"
    path.write_text(yaml.safe_dump(after, allow_unicode=True, sort_keys=False), "utf-8")
    try:
        load(path)
    except DataError:
        assert field in refused(load, path)
    else:
        assert is_legal(before, after)


@given(st.data())
def test_a_file_cut_or_stirred_is_read_or_named(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bad") / "37.yaml"
    start = data.draw(st.integers(0, len(GOOD)))
    insert = data.draw(
        st.text("\t:-{}[]'\"&*!|>%@`#, \n\0й", max_size=4) | st.sampled_from(["&a [*a]", "!!python/name:os", "\ud800"])
    )
    stirred = GOOD[:start] + insert + GOOD[start + data.draw(st.integers(0, 20)) :]
    path.write_bytes(stirred.encode("utf-8", "surrogatepass"))
    try:
        load_question(path)
    except DataError:
        refused(load_question, path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('msgid "a"\nmsgstr "б"\nmsgfoo "c"\n', r"x\.po:3: expected a gettext catalogue, got: "),
        ('"loose"\n', r"x\.po:1: expected a gettext catalogue, got: Got line starting with"),
        ('msgid "a"\nmsgstr "б\n', r"x\.po:2: expected a closing quote, got: msgstr \"б"),
        (b'msgid "a"\nmsgstr "\xff"\n', r"x\.po:\d: expected a gettext catalogue in UTF-8, got: .*decode"),
    ],
)
def test_broken_translations_are_named(tmp_path, monkeypatch, content, expected):
    path = tmp_path / "x.po"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setattr(site_text, "docstring_catalogue_paths", lambda language: [path])
    with pytest.raises(DataError, match=expected):
        docstring_catalogue.__wrapped__("ru")


def test_the_words_of_the_site_itself_are_named(tmp_path, monkeypatch):
    path = tmp_path / "site.yaml"
    path.write_text("site.home: {ru: а}\n", "utf-8")
    monkeypatch.setattr(site_text, "SITE_CATALOGUE", path)
    with pytest.raises(DataError, match=r"site\.yaml:1: field 'site\.home\.en': expected to be there"):
        site_labels.__wrapped__("ru")
