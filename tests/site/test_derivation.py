"""A derivation stands in the box of its formula, line by line, in the language of the page."""

import re

import pytest
from lxml import html

from optnotes.site.pages import derivation
from optnotes.site.records.derivations import derivation_path, load_derivation
from optnotes.site.words.data import DataError
from optnotes.site.words.text import site_labels
from tests.site.minisite import MiniSite
from tests.tex.derivations import tex_of

BIB = "@misc{{{}, title={{T}}, author={{A, B}}, year={{2013}}}}\n"
NAME = "inverted_dropout_moments"
LABEL = "derivation-inverted-dropout-moments"
PAGE = """# Page

```{formula} optnotes.dropout.inverted_dropout
```

```{formula} optnotes.dropout.inverted_dropout_moments
```

```{footbibliography}
```
"""


@pytest.fixture(scope="module")
def boxes(tmp_path_factory):
    site = MiniSite(tmp_path_factory.mktemp("site"))
    keys = ("Srivastava2014", "TorchDocs", "Wager2013")
    site.write(
        "references.bib", "".join(f"@misc{{{key}, title={{T}}, author={{A, B}}, year={{2014}}}}\n" for key in keys)
    )
    site.page("index", PAGE)
    found = {}
    for language in ("ru", "en"):
        built = site.build(language)
        assert built.warnings == ""
        (found[language],) = html.fromstring(built.page("index")).xpath(f"//details[@id='{LABEL}']")
    return found


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_line_is_shown_with_its_reason_in_order(boxes, language):
    steps = load_derivation(derivation_path(NAME)).steps
    lines = boxes[language].xpath("ol/li")
    assert len(lines) == len(steps)
    for line, step in zip(lines, steps, strict=True):
        shown = " ".join(" ".join(line.xpath(".//annotation/text()")[0].split()).split())
        assert " ".join(tex_of(step).split()).startswith(shown.removesuffix(","))
        assert all(word in line.text_content() for word in re.sub(r"\$[^$]*\$", "", step.reason[language]).split())


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_formula_that_is_used_is_linked_and_the_formula_itself_is_not(boxes, language):
    links = boxes[language].xpath("ol/li//a/@href")
    assert links == ["#equation-eq-inverted-dropout"]


def test_buttons_wait_for_a_script_and_all_lines_stand_without_it(boxes):
    (walk,) = boxes["en"].xpath("p[@class='walk']")
    assert walk.get("hidden") is not None
    assert [button.text for button in walk] == ["Show step by step", "Next step", "All steps"]
    assert not boxes["en"].xpath("ol/li[contains(@class, 'later')]")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind: mean", "kind: guess", "inverted_dropout_moments.yaml:14: field 'steps[1].kind': expected one of"),
        ("  - formula: inverted_dropout_moments", "  - formula: relu", "expected the last step to be 'formula: inv"),
        ("law: uniform 0.1 0.4", "draw: uniform", "expected to be there, with symbol, law"),
        ("  - formula: inverted_dropout\n", "  - formula: inverted_dropout\n    tex: x = 1\n", "no equation beside a"),
        (
            "  - formula: inverted_dropout\n",
            "  - kind: equality\n    tex: x = 1\n",
            "expected a first step of the kind def",
        ),
        ("    tex: \\mathbb{E}[m_i] = 1 - p\n", "", "expected the field 'tex', or 'formula'"),
    ],
)
def test_a_malformed_file_is_refused_with_line_and_field(tmp_path, old, new, expected):
    source = derivation_path(NAME).read_text("utf-8")
    assert source.count(old) >= 1
    path = tmp_path / f"{NAME}.yaml"
    path.write_text(source.replace(old, new, 1), "utf-8")
    with pytest.raises(DataError) as error:
        load_derivation(path)
    assert expected in str(error.value)


def test_pages_are_read_again_when_a_derivation_of_theirs_comes_or_goes(tmp_path, monkeypatch):
    site = MiniSite(tmp_path)
    site.page(
        "index", "# Page\n\n```{formula} optnotes.penalties.lambda_max\n```\n\n```{footbibliography}\n```\n", "en"
    )
    site.page("other", "# Other\n\n```{formula} optnotes.penalties.l1_loss\n```\n\n```{footbibliography}\n```\n", "en")
    site.page("counted", "# Counted\n\n{count}`derived`\n", "en")
    for names, read in (
        (["ridge_solution"], "3 added, 0 changed"),
        (["ridge_solution"], "0 added, 0 changed"),
        (["ridge_solution", "lambda_max"], "0 added, 2 changed"),
    ):
        monkeypatch.setattr(derivation, "derived", lambda names=names: names)
        assert read in site.build("en").status


def test_a_page_changes_with_the_formulas_that_its_derivations_pull(tmp_path):
    assert "gd_quadratic_step" in {step.formula for step in load_derivation(derivation_path("contraction_rate")).steps}
    site = MiniSite(tmp_path)
    shown = "# Page\n\n```{formula} optnotes.descent.contraction_rate\n```\n\n```{footbibliography}\n```\n"
    site.page("index", shown, "en")
    assert any(file.endswith("optnotes/descent/steps.py") for file in site.build("en").dependencies["index"])


@pytest.mark.parametrize(("language", "head"), [("ru", "Следствие: "), ("en", "What follows: ")])
def test_what_follows_from_a_formula_stands_in_its_box(tmp_path, language, head):
    site = MiniSite(tmp_path)
    site.write("references.bib", "".join(BIB.format(key) for key in ("Pascanu2013", "TorchDocs")))
    site.page("index", "# P\n\n```{formula} optnotes.gradients.clip_by_norm\n```\n\n```{footbibliography}\n```\n")
    built = site.build(language)
    assert built.warnings == ""
    (box,) = html.fromstring(built.page("index")).xpath("//details[contains(@class, 'derivation')]")
    name = "clipping_keeps_direction"
    assert box.get("id") == f"derivation-{name.replace('_', '-')}"
    assert box.xpath("string(summary)").startswith(head)
    steps = load_derivation(derivation_path(name)).steps
    kinds = [line.xpath("string(.//span[@class='step-kind'])") for line in box.xpath("ol/li")]
    assert len(kinds) == len(steps)
    assert site_labels(language)("step.attained") in kinds


def test_a_page_may_show_what_follows_from_a_formula_elsewhere(tmp_path):
    site = MiniSite(tmp_path)
    site.write("references.bib", BIB.format("Tibshirani1996"))
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\nquestions/38-page\n```\n", "en")
    formula = "```{formula} optnotes.penalties.l1_loss\n```\n\n```{footbibliography}\n```\n"
    shown = "```{derivation} corner_probability\n```\n"
    site.page("questions/37-page", f"# 37. Page\n\n{formula}\n{shown}", "en")
    site.page("questions/38-page", "# 38. Page\n", "en")
    built = site.build("en")
    (box,) = html.fromstring(built.page("questions/37-page")).xpath("//details[contains(@class, 'derivation')]")
    assert box.get("id") == "derivation-corner-probability"
    assert not box.xpath("ancestor::div[.//*[@id='equation-eq-l1-loss']][contains(@class, 'formula')]")
    assert len(box.xpath("ol/li")) == len(load_derivation(derivation_path("corner_probability")).steps)
    site.page("questions/38-page", f"# 38. Page\n\n{shown}", "en")
    assert "expected the field 'page' to be that of questions/38-page" in site.build("en").warnings
    site.page("questions/38-page", "# 38. Page\n\n```{derivation} corner\n```\n", "en")
    assert "docs/data/consequences holds no 'corner'" in site.build("en").warnings
