"""Malformed directives and roles: each gives a warning with its file and line, never a traceback or a hang."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sphinx.errors import ExtensionError

from optnotes.site.promises import files
from tests.contracts.fuzz import limit
from tests.site.minisite import NOTEBOOK, MiniSite

RAW = st.text(
    st.characters(codec="utf-8", exclude_characters="`\r\n\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029<>"),
    min_size=1,
    max_size=12,
)
WORDS = RAW.map(str.strip).filter(lambda word: word and not word.startswith((":", "{", "-", "#")))
JUNK = st.sampled_from(["99", "37 38", "../37", "37.yaml", "all 37", "№", "[]", "0", "*", "optnotes", "a.b.c"]) | WORDS
# What each directive takes; anything else is junk.
GOOD = {
    "formula": ["optnotes.penalties.lambda_max"],
    "formula-index": [""],
    "claims": ["37"],
    "claims-index": [""],
    "drill": ["37", "all"],
    "cite-this": ["", "site"],
}
ROLES = {
    "num": st.sampled_from(["sample.x:.999999999f", "sample.x:zz", "sample.x:", "sample", "sample.x.y"]) | WORDS,
    "count": WORDS,
    "eq": WORDS.map(lambda word: f"eq-{word}"),
}


@st.composite
def blocks(draw):
    """A malformed directive, or a paragraph with a malformed role."""
    name = draw(st.sampled_from([*GOOD, *ROLES]))
    if name in ROLES:
        return f"Words {{{name}}}`{draw(ROLES[name])}` and words."
    argument = draw(st.sampled_from(GOOD[name]))
    match draw(st.sampled_from(["argument", "option", "body"])):
        case "argument":
            argument = draw(JUNK.filter(lambda word: word not in GOOD[name]))
            return f"```{{{name}}} {argument}\n```"
        case "option":
            return f"```{{{name}}} {argument}\n:unknown: {draw(WORDS)}\n```"
        case _:
            return f"```{{{name}}} {argument}\n\n{draw(WORDS)}\n```"


def assert_named(warnings, page, text):
    """Each block of a page is named by a line that lies within it."""
    named = {int(line) for line in re.findall(rf"{page}\.md:(\d+): (?:WARNING|ERROR)", warnings)}
    line = 1
    for block in text.split("\n\n\n"):
        end = line + block.count("\n")
        if "```{" in block or "}`" in block:
            assert any(line <= n <= end for n in named), f"lines {line}-{end} are not named: {block!r}\n{warnings}"
        line = end + 3


@settings(max_examples=max(2, settings.default.max_examples // 50), suppress_health_check=list(HealthCheck))
@given(st.lists(blocks(), min_size=20, max_size=30))
def test_whatever_is_malformed_is_named_by_its_line(tmp_path_factory, malformed):
    site = MiniSite(tmp_path_factory.mktemp("site"))
    site.write("examples/sample.py", "def numbers(result):\n    return {'x': 0.125}\n")
    cell = (
        "```{code-cell}\nfrom examples import sample\n"
        "from optnotes.site.figures.publish import show\nshow(sample, None)\n```\n"
    )
    site.page("index", NOTEBOOK + "# Home\n\n" + cell + "\n```{toctree}\npage\n```\n")
    text = "\n\n\n".join(["# Page", *malformed, "```{footbibliography}\n```"])
    site.page("page", text)
    with limit(120):
        warnings = site.build("en").warnings
    assert "Traceback" not in warnings
    assert_named(warnings, "page", text.rpartition("\n\n\n")[0])


def test_a_good_page_has_nothing_to_name(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{cite-this} site\n```\n\n\n{count}`claims`\n")
    assert site.build("en").warnings == ""
    with pytest.raises(AssertionError, match="lines 4-5 are not named"):
        assert_named("", "index", "# Home\n\n\n```{cite-this} site\n```")


def test_a_malformed_file_stops_the_build_before_any_page(tmp_path, monkeypatch):
    bad = tmp_path / "37.yaml"
    bad.write_text("claims: []\ndrill: 3\n", "utf-8")
    monkeypatch.setattr(files, "question_path", lambda number: bad)
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n")
    with pytest.raises(ExtensionError, match=r"37\.yaml:2: field 'drill': expected a list, got 3"):
        site.build("en")
