"""What the directives and roles write, and what they refuse."""

import re

import pytest
from sphinx.errors import ExtensionError
from sphinx.util.inventory import InventoryFile

import optnotes
from optnotes.penalties import lambda_max
from optnotes.site import extension
from optnotes.site.formulas.witnesses import witnesses
from optnotes.site.pages import claims, drill
from tests.site.minisite import NOTEBOOK, MiniSite

FORMULA = """# 37. Page

```{formula} optnotes.penalties.lambda_max
```

See {eq}`eq-lambda-max`.

```{footbibliography}
```
"""


@pytest.fixture
def site(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\n```\n")
    return site


def test_formula_shows_equation_symbols_convention_source_and_checks(site):
    site.page("questions/37-page", FORMULA)
    built = site.build("en")
    assert built.warnings == ""
    page = built.page("questions/37-page")
    assert '<math display="block"' in page
    assert "<annotation" in page
    assert '<span class="eqno">(37.1)</span>' in page
    assert re.search(r'href="#equation-eq-lambda-max"[^>]*>.*?\(37\.1\)', page)
    assert "Design matrix" in page
    assert "<strong>Convention:</strong>" in page
    seen = witnesses(lambda_max)
    counts = f"tests of its own: {seen.tests}, laws: {seen.laws}, tests made for all formulas: {seen.generic}"
    assert f"Checks: {counts}" in page
    assert "lambda_max" in page
    assert 'id="footcite-friedman2010"' in page


def test_a_brief_formula_folds_all_but_its_equation(site):
    site.page("questions/37-page", FORMULA.replace("lambda_max\n```", "lambda_max\n:brief:\n```", 1))
    built = site.build("en")
    assert built.warnings == ""
    page = built.page("questions/37-page")
    box = re.search(r'<div class="[^"]*formula[^"]*">(.*?)<details class="more">(.*?)</details>', page, re.DOTALL)
    assert '<math display="block"' in box[1]
    assert "Design matrix" not in box[1]
    assert "Design matrix" in box[2]
    assert "<strong>Convention:</strong>" in box[2]


def test_a_page_is_read_again_when_its_formula_its_tests_or_a_translation_changes(site):
    site.page("questions/37-page", FORMULA)
    needed = site.build("ru").dependencies["questions/37-page"]
    for file in ("optnotes/penalties/lasso.py", "tests/penalties/test_lasso.py", "docs/locale/ru/penalties/lasso.po"):
        assert any(path.endswith(file) for path in needed), file


def test_formula_speaks_russian_on_the_russian_page(site):
    site.page("questions/37-page", FORMULA)
    built = site.build("ru")
    assert built.warnings == ""
    page = built.page("questions/37-page")
    assert "<strong>Соглашение:</strong>" in page
    assert "Convention" not in page
    assert '<html lang="ru"' in page


def test_another_project_can_link_to_an_equation(site):
    site.page("questions/37-page", FORMULA)
    built = site.build("en")
    with (built.out / "objects.inv").open("rb") as stream:
        inventory = InventoryFile.load(stream, "https://example.org", lambda base, uri: f"{base}/{uri}")
    label = inventory["std:label"]["eq-lambda-max"]
    assert label.uri == "https://example.org/questions/37-page.html#equation-eq-lambda-max"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("optnotes.penalties.lambda_max", "optnotes.penalties.nothing", "37-page.md:3: ERROR: no public formula"),
        ("eq-lambda-max", "eq-lambda", "37-page.md:6: WARNING: equation not found: eq-lambda"),
    ],
)
def test_broken_formulas_are_named_with_file_and_line(site, old, new, expected):
    site.page("questions/37-page", FORMULA.replace(old, new))
    assert expected in site.build("en").warnings


def test_unreadable_tex_stops_the_build(site):
    site.page("questions/37-page", "# 37. Page\n\n$\\nonsense{x}$\n")
    with pytest.raises(ExtensionError, match=r"37-page\.md:3: .*\\nonsense"):
        site.build("en")


def test_numbers_are_written_as_each_language_writes_them(site):
    notebook = (
        NOTEBOOK
        + """# 37. Page

```{code-cell}
from examples import sample
from optnotes.site.figures.publish import show

show(sample, None)
```

Value {num}`sample.x:.2f`, missing {num}`sample.z`.
And {num}`sample.x:`.
"""
    )
    site.write("examples/sample.py", "def numbers(result):\n    return {'x': 0.125}\n")
    site.page("questions/37-page", notebook)
    english, russian = site.build("en"), site.build("ru")
    assert '<span class="number">0.12</span>' in english.page("questions/37-page")
    assert '<span class="number">0,12</span>' in russian.page("questions/37-page")
    assert "37-page.md:17: WARNING: no example on any page publishes the number 'sample.z'" in english.warnings
    assert "37-page.md:17: ERROR: num: expected a format after the colon, got 'sample.x:'" in english.warnings


def test_both_languages_point_to_each_other(site):
    site.page("questions/37-page", "# 37. Page\n")
    page = site.build("ru").page("questions/37-page")
    assert '<link rel="alternate" hreflang="en" href="https://example.org/en/questions/37-page.html">' in page
    assert '<link rel="alternate" hreflang="ru" href="https://example.org/ru/questions/37-page.html">' in page
    assert '<link rel="alternate" hreflang="x-default" href="https://example.org/">' in page
    assert '<link rel="canonical" href="https://example.org/questions/37-page.html" />' in page


def test_a_glossary_term_names_its_counterpart_and_marks_its_language(site):
    site.page("questions/37-page", "# 37. Page\n\n{other}`overfitting`\n")
    page = site.build("ru").page("questions/37-page")
    assert re.search(r'<span class="other-term" lang="en">overfitting</span>', page)


def test_drill_answers_are_hidden_and_claims_carry_verdicts(site, monkeypatch, tmp_path):
    path = tmp_path / "37.yaml"
    path.write_text(
        "claims:\n- {id: 37-01, claim: {ru: а, en: a}, verdict: imprecise, correction: {ru: б, en: better}, "
        "sources: [Tibshirani1996], test: 'tests/claims/test_37.py::test_37_01'}\n"
        "drill:\n- {id: 37-d1, level: deep, kind: why, question: {ru: в, en: 'Why $x$?'}, "
        "answer: {ru: г, en: Because.}}\n"
        "- {id: 37-d2, level: basic, kind: compute, question: {ru: д, en: How much?}, answer: {ru: е, en: Half.},\n"
        "   value: {formula: soft_threshold, arguments: {v: 1, threshold: 0.5}, format: .1f, tolerance: 0.01}}\n"
        "- {id: 37-d3, level: basic, kind: code, code: shrink, question: {ru: ж, en: What?}, "
        "answer: {ru: з, en: This.}}\n"
        "- {id: 37-d4, level: basic, kind: curve, question: {ru: и, en: Which?}, answer: {ru: к, en: The first.},\n"
        "   options: [{ru: л, en: Up.}, {ru: м, en: Down.}]}\n",
        "utf-8",
    )
    monkeypatch.setattr(claims, "question_path", lambda number: path)
    monkeypatch.setattr(claims, "question_numbers", lambda: ["37"])
    site.page(
        "questions/37-page",
        "(q37)=\n# 37. Page\n\n```{drill} 37\n```\n\n(q37-claims)=\n## Claims\n\n```{claims} 37\n```\n\n"
        "```{claims-index}\n```\n\n```{footbibliography}\n```\n",
    )
    built = site.build("en")
    assert built.warnings == ""
    page = built.page("questions/37-page")
    assert re.search(r'<details class="drill" id="drill-37-d1">\s*<summary>.*Why .*<math', page, re.DOTALL)
    right = '<data class="number" value="0.5" data-within="0.01">0.5</data> (counts within 1%)'
    assert f'<p class="right">Right answer: {right}' in page
    answer = r'<details class="solution">\s*<summary>Answer</summary>'
    assert re.search(rf'id="drill-37-d3">.*?<pre.*?relu.*?{answer}.*?<pre.*?sign.*?This\.', page, re.DOTALL)
    assert re.search(rf'id="drill-37-d4">.*?<ol class="[^"]*options.*?<li>.*?</ol>\s*{answer}', page, re.DOTALL)
    assert '<td class="verdict-imprecise"><p>imprecise' in page
    assert "better" in page
    assert re.search(r'<p class="claim-foot">Tested on instances: .*test_37_01', page)
    assert "<td><p>instances" in page
    assert '<details class="judged">' not in page
    source = site.root / "docs" / "en" / "questions" / "37-page.md"
    source.write_text(source.read_text("utf-8").replace("{claims} 37\n", "{claims} 37\n:folded:\n"), "utf-8")
    folded = site.build("en").page("questions/37-page")
    assert re.search(r'<details class="judged">\s*<summary>.*\(1\).*id="claim-37-01".*</details>', folded, re.DOTALL)


def test_the_page_of_all_drills_has_a_section_with_the_title_of_each_question(site, monkeypatch):
    monkeypatch.setattr(drill, "question_numbers", lambda: ["37", "39"])
    for number, title in (("37", "Zeros"), ("39", "Units")):
        site.page(f"questions/{number}-page", f"(q{number})=\n# {number}. {title}\n")
    site.page("drill", "# Drill\n\n```{drill} all\n```\n\n## End\n\n```{footbibliography}\n```\n")
    page = site.build("en").page("drill")
    for number, title in (("37", "Zeros"), ("39", "Units")):
        assert re.search(rf'<section id="drill-{number}">\s*<h2><a [^>]*questions/{number}-page.html', page)
        assert re.search(rf'<section id="drill-{number}">.*?id="drill-{number}-d1".*?</section>', page, re.DOTALL)
        assert f"{number}. {title}" in re.sub("<[^>]+>", "", page)
    assert '<section id="end">\n<h2>' in page


def test_the_index_shows_the_formulas_of_each_question_in_their_order(site, monkeypatch):
    pages = {"37": ("lambda_max", "soft_threshold"), "39": ("elastic_net_prox",)}
    names = [f"optnotes.penalties.{name}" for shown in pages.values() for name in shown]
    known = {name: optnotes.formulas()[name] for name in sorted(names)}
    monkeypatch.setattr(optnotes, "formulas", lambda: known)
    for number, shown in pages.items():
        blocks = "".join(f"```{{formula}} optnotes.penalties.{name}\n```\n\n" for name in shown)
        site.page(f"questions/{number}-page", f"# {number}. Title\n\n{blocks}```{{footbibliography}}\n```\n")
    site.page("formulas", "# Formulas\n\n```{formula-index}\n```\n\n```{footbibliography}\n```\n")
    built = site.build("en")
    assert "ERROR" not in built.warnings
    sections = re.split(r'<section id="formulas-(\d+)">', built.page("formulas"))
    assert sections[1::2] == ["37", "39"]
    for section, shown in zip(sections[2::2], pages.values(), strict=True):
        listed = re.findall(r'<div class="formula listed[^>]*>\s*<p><a [^>]*#equation-eq-([\w-]+)"', section)
        assert listed == [name.replace("_", "-") for name in shown]
        assert section.count('<math display="block"') == len(shown)
    assert "<math" not in sections[0]


def test_lists_of_questions_are_read_again_when_a_title_or_a_formula_changes(site, monkeypatch):
    monkeypatch.setattr(drill, "question_numbers", lambda: ["37"])
    shown = "```{formula} optnotes.penalties.lambda_max\n```\n"
    for name, text in (("drill", "```{drill} all\n```"), ("formulas", "```{formula-index}\n```")):
        site.page(name, f"# List\n\n{text}\n\n```{{footbibliography}}\n```\n")
    for text, read in (
        ("# 37. Page\n", "4 added, 0 changed"),
        ("# 37. Page\n\nA word.\n", "0 added, 1 changed"),
        ("# 37. Other\n\nA word.\n", "0 added, 3 changed"),
        (f"# 37. Other\n\n{shown}\n```{{footbibliography}}\n```\n", "0 added, 3 changed"),
    ):
        site.page("questions/37-page", text)
        built = site.build("en")
        assert read in built.status
    assert "37. Other" in built.page("drill")
    assert '<section id="formulas-37">' in built.page("formulas")


def test_a_formula_that_no_question_shows_is_listed_first(site, monkeypatch):
    full = "optnotes.penalties.lambda_max"
    monkeypatch.setattr(optnotes, "formulas", lambda: {full: lambda_max})
    site.page("questions/37-page", f"# 37. Page\n\nNo `{full}` here.\n")
    site.page("formulas", "# Formulas\n\n```{formula-index}\n```\n")
    page = site.build("en").page("formulas")
    assert page.count('<math display="block"') == 1
    assert '<section id="formulas-37">' not in page


def test_without_the_page_of_a_question_its_drills_have_no_title(site):
    site.page("drill", "# Drill\n\n```{drill} all\n```\n")
    expected = "drill.md:3: ERROR: drill: expected a page questions/31-…, got none"
    assert expected in site.build("en").warnings


def test_books_of_other_words_are_no_longer_offered(site):
    site.page("questions/37-page", "# 37. Page\n")
    site.page("downloads", "# Files\n\n```{downloads} books\n```\n")
    book = site.build("en").out / "_downloads" / "optnotes-en.pdf"
    book.parent.mkdir(exist_ok=True)
    book.write_text("made of these pages", "utf-8")
    site.page("downloads", "# Files\n\nTo take away.\n\n```{downloads} books\n```\n")
    assert "optnotes-en.pdf" in site.build("en").page("downloads")
    site.page("questions/37-page", "# 37. Page\n\nOther words.\n")
    assert "optnotes-en.pdf" not in site.build("en").page("downloads")
    assert not book.exists()


def test_other_code_reads_every_page_again(site, monkeypatch):
    site.page("questions/37-page", "# 37. Page\n")
    site.build("en")
    assert "0 added, 0 changed" in site.build("en").status
    monkeypatch.setattr(extension, "code_version", lambda: 1)
    assert "2 added" in site.build("en").status


def test_the_version_of_the_code_changes_with_each_of_its_files(tmp_path):
    (tmp_path / "inner").mkdir()
    versions = set()
    for name, text in (("a.py", "x = 1"), ("inner/b.py", "y = 1"), ("inner/b.py", "y = 2"), ("note.txt", "")):
        (tmp_path / name).write_text(text, "utf-8")
        versions.add(extension.code_version(tmp_path))
    assert len(versions) == 3


def test_a_malformed_claim_names_file_entry_and_field(site, monkeypatch, tmp_path):
    path = tmp_path / "37.yaml"
    path.write_text("claims:\n- {id: 37-01}\ndrill: []\n", "utf-8")
    monkeypatch.setattr(claims, "question_path", lambda number: path)
    site.page("questions/37-page", "# 37. Page\n\n```{claims} 37\n```\n")
    warnings = site.build("en").warnings
    assert "37-page.md:3: ERROR: " in warnings
    assert "37.yaml:2: field 'claims[0].claim': expected to be there, with id, claim, verdict" in warnings


def test_cite_this_writes_bibtex_apa_and_gost(site):
    site.page("questions/37-page", "# 37. Страница\n\n```{cite-this}\n```\n")
    page = re.sub(r"<[^>]+>", "", site.build("ru").page("questions/37-page"))
    assert "@misc{optnotes-37-page," in page
    assert "https://example.org/questions/37-page.html" in page
    assert "37. Страница" in page
    titled = "37. Страница, версия 0.1.0 от 23 ноября 2026\u202fг."
    assert f"The optnotes authors. (2026, November 23). {titled} optnotes." in page
    assert f"The optnotes authors. {titled} [Электронный ресурс]. URL: https://example.org/" in page
