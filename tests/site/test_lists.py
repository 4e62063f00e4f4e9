"""The lists for programs say what the pages say, and keep their schema."""

import json

import lxml.html
import pytest
from jsonschema import Draft202012Validator

from optnotes.site.takeaway import lists
from optnotes.site.words.text import LANGUAGES
from tests.site.minisite import MiniSite

PAGE = """# 37. Page

```{formula} optnotes.penalties.l1_loss
```

```{formula} optnotes.penalties.l1_subdifferential
```

```{formula} optnotes.gradients.clip_by_norm
```

```{footbibliography}
```
"""
SCHEMA = json.loads(lists.SCHEMA.read_text("utf-8"))


def faults(content):
    return [error.message for error in Draft202012Validator(SCHEMA).iter_errors(content)]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Both languages of a site with two formulas, and the symptoms."""
    found = {}
    for language in LANGUAGES:
        site = MiniSite(tmp_path_factory.mktemp(language))
        site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\n```\n")
        site.page("questions/37-page", PAGE)
        found[language] = site.build(language).out
    return found


def test_the_schema_is_one():
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", lists.LISTS)
def test_each_list_keeps_the_schema(built, language, name):
    content = json.loads((built[language] / f"{name}.json").read_text("utf-8"))
    assert faults(content) == []
    assert content["language"] == language
    assert (built[language] / content["$schema"]).is_file()


def test_a_formula_is_described_in_the_language_of_its_site(built):
    ru, en = (json.loads((built[one] / "formulas.json").read_text("utf-8"))["formulas"] for one in ("ru", "en"))
    assert [entry["id"] for entry in ru] == [entry["id"] for entry in en]
    assert [entry["id"] for entry in ru] == ["eq-l1-loss", "eq-l1-subdifferential", "eq-clip-by-norm"]
    assert [entry["tex"] for entry in ru] == [entry["tex"] for entry in en]
    assert ru[0]["summary"] != en[0]["summary"]
    assert any(r"$\lambda$" in symbol["meaning"] for symbol in ru[0]["symbols"])
    assert ru[1]["mark"] == "derived"
    page, anchor = ru[1]["address"].split("#")
    assert f'id="{anchor}"' in (built["ru"] / page).read_text("utf-8")


def test_a_derivation_has_its_lines_and_reasons(built):
    found, _ = json.loads((built["en"] / "derivations.json").read_text("utf-8"))["derivations"]
    data = lists.load_derivation(lists.derivation_path("l1_subdifferential"))
    assert found["formula"] == "eq-l1-subdifferential"
    assert [step["kind"] for step in found["steps"]] == [step.kind for step in data.steps]
    assert "checked" not in found["steps"][-1]["reason"]
    assert "statement" not in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_follows_from_a_formula_is_listed_with_what_it_states(built, language):
    _, found = json.loads((built[language] / "derivations.json").read_text("utf-8"))["derivations"]
    data = lists.load_derivation(lists.derivation_path("clipping_keeps_direction"))
    assert (found["id"], found["formula"]) == ("derivation-clipping-keeps-direction", "eq-clip-by-norm")
    assert found["statement"] == data.statement[language]
    assert len(found["steps"]) == len(data.steps)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>A <b>bold</b>\n word.</p>", "A bold word."),
        (r'<p>A <math><mi>λ</mi><annotation encoding="x">\lambda</annotation></math> here.</p>', r"A $\lambda$ here."),
        ('<summary><span class="level level-deep">deep</span> Why?</summary>', "Why?"),
        ('<p>Checked. <span class="step-kind">at points</span></p>', "Checked."),
        ("<p>Text<!-- note --> goes on.</p>", "Text goes on."),
    ],
)
def test_words_are_those_a_reader_reads(html, expected):
    assert lists.said(lxml.html.fragment_fromstring(html)) == expected


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda entry: entry.pop("mark"), "'mark' is a required property"),
        (lambda entry: entry.update(mark="guessed"), "'guessed' is not one of"),
        (lambda entry: entry.update(address="elsewhere"), "does not match"),
        (lambda entry: entry.update(extra=1), "Additional properties"),
        (lambda entry: entry["evidence"].update(tests=0), "less than the minimum"),
    ],
)
def test_a_spoiled_list_breaks_the_schema(built, spoil, expected):
    content = json.loads((built["en"] / "formulas.json").read_text("utf-8"))
    spoil(content["formulas"][0])
    assert expected in " ".join(faults(content))
