"""The table of notation: on one page a letter has one meaning, and what the table says is that of the docstrings."""

import re

import pytest
from lxml import html

import optnotes
from optnotes.site.formulas.notation import (
    NOTATION_FILE,
    Use,
    anchor,
    defined,
    faults,
    letter,
    load_notation,
    meanings,
    place_of,
    uses,
)
from optnotes.site.formulas.typelines import kind
from optnotes.site.pages.questionpages import DERIVATION, FORMULA
from optnotes.site.words.data import DataError
from optnotes.site.words.docstrings import read
from optnotes.site.words.text import LANGUAGES, ROOT, translate
from tests.site.minisite import MiniSite

KNOWN = optnotes.formulas()
PAGES = [
    (path.stem[:2], FORMULA.findall(path.read_text("utf-8")), DERIVATION.findall(path.read_text("utf-8")))
    for path in sorted((ROOT / "docs" / "en" / "questions").glob("*.md"))
]
NOTATION = load_notation()
USES = uses(PAGES, KNOWN)
LINES = defined(PAGES, KNOWN, NOTATION)
ENTRIES = [entry for each in KNOWN.values() for entry in (*read(each).returns, *read(each).parameters) if entry.symbol]


def test_one_letter_has_one_meaning_on_a_page():
    assert list(faults(USES, LINES, NOTATION)) == []


def test_every_symbol_of_a_formula_leads_to_its_place_in_the_table():
    places = {anchor(key) for key in USES} | {f"notation-{sign.id}" for sign in NOTATION.signs}
    assert {place_of(entry.symbol, NOTATION.signs) for entry in ENTRIES} <= places
    assert place_of(r"\frac{\partial f_i}{\partial x_i}", NOTATION.signs) == "notation-partial"


def test_anchors_are_of_one_letter_each():
    keys = list(USES)
    assert len({anchor(key) for key in keys}) == len(keys)


def test_the_sizes_are_those_of_the_type_lines():
    shapes = [kind(entry).shape or () for entry in ENTRIES]
    assert NOTATION.sizes.keys() == {size for shape in shapes for size in shape if size.isalpha()}


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"W_{l+1}", "W"),
        (r"\hat{w}_j", r"\hat w"),
        (r"\lambda_1", r"\lambda_1"),
        (r"\phi'(x)", r"\phi'"),
        (r"\sigma_w^2", r"\sigma_w^2"),
        (r"\nabla \mathcal{L}(w)", None),
        (r"a b", None),
    ],
)
def test_a_letter_keeps_what_names_it_and_drops_indices(tex, expected):
    assert letter(tex) == expected


def planted(monkeypatch, name, old, new):
    """What the check says when the docstring of one function means something else by a letter."""
    function = next(each for full, each in KNOWN.items() if full.endswith(f".{name}"))
    assert old in function.__doc__
    monkeypatch.setattr(function, "__doc__", function.__doc__.replace(old, new))
    return list(faults(uses(PAGES, KNOWN), LINES, NOTATION))


@pytest.mark.parametrize("name", ["ridge_solution", "ridge_noise_gain_bound"])
def test_a_second_meaning_on_a_page_is_noticed(monkeypatch, name):
    (said,) = planted(monkeypatch, name, r"Penalty :math:`\alpha`.", r"Momentum :math:`\alpha`.")
    assert said.startswith(r"page 36: '\alpha' means ")
    assert f"momentum ({name})" in said


def test_a_wording_that_changes_leaves_its_group(monkeypatch):
    said = planted(monkeypatch, "ridge_alpha", r"Parameter :math:`\alpha` of", r"Argument :math:`\alpha` of")
    assert len(said) == 2
    assert "page 36: '\\alpha' means penalty" in said[0]
    assert "expected words that a docstring has for '\\alpha', got 'parameter of ridge'" in said[1]


def test_a_second_meaning_in_a_derivation_is_noticed(monkeypatch):
    found = dict(USES)
    mask = next(use for use in found["m"] if use.page == "38")
    found["m"] = [*found["m"], Use(mask.page, "made", (), {"en": "mean of a feature", "ru": "среднее признака"})]
    (said,) = faults(found, LINES, NOTATION)
    assert said == "page 38: 'm' means mask of zeros and ones (inverted_dropout); mean of a feature (made)"


BROKEN = ["optnotes.gradients.lstm_direct_path", "optnotes.penalties.elastic_net_loss"]
SAID = (
    "page 32: 'a' means what the input gate writes at each step (lstm_direct_path); line 1 of even_split (even_split)"
)


def test_a_letter_that_a_line_defines_is_no_other_letter_of_the_page():
    page = [("32", BROKEN, [])]
    told = faults(uses(page, KNOWN), defined(page, KNOWN, NOTATION), NOTATION)
    assert [fault for fault in told if fault.startswith("page")] == [SAID]


def test_a_letter_that_lines_of_two_derivations_define_is_told(tmp_path):
    text = NOTATION_FILE.read_text("utf-8")
    assert ", ridge_orthonormal, ridge_solution, soft" in text
    path = tmp_path / "notation.yaml"
    path.write_text(text.replace(", ridge_orthonormal, ridge_solution, soft", ", ridge_solution, soft"), "utf-8")
    (said,) = faults(USES, defined(PAGES, KNOWN, load_notation(path)), load_notation(path))
    assert said.startswith("page 37: 'J' means what the weights minimise (")
    assert said.endswith("; line 2 of ridge_orthonormal (ridge_orthonormal)")


def test_the_build_refuses_a_letter_that_a_line_gives_a_second_meaning(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{toctree}\nquestions/32-a\nnotation\n```\n")
    site.page("questions/32-a", "# 32. A\n\n" + "".join(f"```{{formula}} {name}\n```\n\n" for name in BROKEN))
    site.page("notation", "# Letters\n\n```{notation} letters\n```\n")
    assert SAID in site.build(guards=True).warnings


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("of: [linear_default]", "of: [ridge_solution]", "a line that defines 'a', as others do, got 'ridge_solution'"),
        ('page: "38"\n    symbol: y', 'page: "34"\n    symbol: y', "a letter with two meanings there"),
        ("        - drop probability\n", "        - drop chance\n", "a docstring has for 'p', got 'drop chance'"),
        ("        - drop probability\n", "        - probabilities\n", "words of one group, got 'probabilities' in two"),
    ],
)
def test_an_entry_that_nothing_needs_is_told(tmp_path, old, new, expected):
    text = NOTATION_FILE.read_text("utf-8")
    assert old in text
    path = tmp_path / "notation.yaml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert expected in " ".join(faults(USES, LINES, load_notation(path)))


def test_a_bad_file_is_told_where(tmp_path):
    path = tmp_path / "notation.yaml"
    path.write_text(NOTATION_FILE.read_text("utf-8").replace("  - id: product", "  - idea: product"), "utf-8")
    with pytest.raises(DataError, match=r"notation.yaml:\d+: field 'signs\[0\].id': expected to be there"):
        load_notation(path)


def test_words_of_a_group_are_its_name_or_those_of_a_docstring():
    groups = meanings(USES, NOTATION)
    (noise,) = groups[r"\epsilon'"]
    assert noise.said.given["en"].startswith("noise of the fresh targets")
    (penalty,) = [each for each in groups[r"\alpha"] if "36" in each.pages]
    assert penalty.said.entries[0].text == r"Penalty :math:`\alpha`."
    assert penalty.pages == ["35", "36"]
    assert groups["w"][0].name["en"] == "Weights."


def test_a_symbol_of_a_box_leads_to_its_place_as_a_formula(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-a\nnotation\n```\n")
    site.page("questions/37-a", "# 37. A\n\n```{formula} optnotes.penalties.lambda_max\n```\n")
    site.page("notation", "# Letters\n\n```{notation} letters\n```\n")
    built = site.build()
    assert built.warnings == ""
    terms = html.fromstring(built.page("questions/37-a")).xpath("//dl[contains(@class, 'symbols')]/dt")
    places = html.fromstring(built.page("notation")).xpath("//@id")
    assert terms
    for term in terms:
        ((link, symbol),) = ((link, link.xpath("math//annotation/text()")) for link in term.xpath("a"))
        assert symbol
        assert link.get("href").removeprefix("../notation.html#") in places


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_meaning_of_a_symbol_reads_without_the_symbol(language):
    linking = re.compile(r"(^|\s)(of|for|in|to|by|with|at|для|из|в|на|по|от|при|с|к|и|than|the|a)[,;:.]?(\s|$)")
    for full, function in KNOWN.items():
        doc = read(function)
        for entry in (*doc.returns, *doc.parameters):
            if entry.symbol:
                before, symbol, after = translate(entry.text, language).partition(f" :math:`{entry.symbol}`")
                assert symbol, f"{full}: {entry.text}"
                assert not linking.search(before.split()[-1]), f"{full}: {before}{after}"
