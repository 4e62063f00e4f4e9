"""Pages as chapters: what paper cannot hold is gone, answers are open, links lead somewhere, bytes are stable."""

import zipfile

import pytest
from lxml import etree

from optnotes.site.takeaway.book import APPENDICES, read_book
from optnotes.site.takeaway.epub import write_epub

MATH = (
    '<math display="block"><semantics><mrow><msqrt><mi>x</mi></msqrt></mrow>'
    '<annotation encoding="application/x-tex">\\sqrt{x}</annotation></semantics></math>'
)
QUESTION = f"""<!DOCTYPE html><html><body><nav>menu</nav><article class="bd-article"><section id="q31"><h1>31. A &amp; B
<a class="headerlink" href="#q31">#</a></h1><p class="take-away screen-only">Notebook</p>
<section id="q31-answer"><h2>Answer</h2><p tabindex="0">{MATH} <a href="#q31-answer">here</a>
<a href="../glossary.html#term">term</a> <a href="../api/x.html#y">api</a> <a href="https://example.org/">out</a><br></p>
<details class="drill" id="drill-31-d1"><summary>Why?</summary><p>Because.</p></details>
<details class="source"><summary>Code</summary><pre>code</pre></details>
<img class="only-light" src="../_images/a-light.svg" alt="A">
<a class="only-dark" href="../_images/a-dark.svg"><img class="only-dark" src="../_images/a-dark.svg" alt="A"></a>
<script>alert(1)</script><button>Copy</button></section><section id="q31-cite"><h2>Cite</h2></section></section>
</article></body></html>"""
OTHER = (
    '<html><body><article class="bd-article"><section><h1>{0}</h1><p id="term">é</p></section></article></body></html>'
)


@pytest.fixture
def html(tmp_path):
    site = tmp_path / "en"
    for folder in ("questions", "_images", "_static"):
        (site / folder).mkdir(parents=True)
    (site / "_static" / "math-0.woff2").write_bytes(b"font")
    (site / "questions" / "31-a.html").write_text(QUESTION, "utf-8")
    (site / "_images" / "a-light.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>', "utf-8")
    for name in APPENDICES:
        (site / f"{name}.html").write_text(OTHER.format(name), "utf-8")
    return tmp_path


def chapter(html):
    path = html / "book.epub"
    write_epub(read_book(html, "en"), path)
    with zipfile.ZipFile(path) as archive:
        return archive.namelist(), archive.read("OPS/31-a.xhtml").decode(), archive.read("OPS/content.opf").decode()


def test_chapters_stand_in_order(html):
    assert [each.title for each in read_book(html, "en").chapters] == [
        "31. A & B",
        *APPENDICES,
    ]


def test_what_only_a_screen_can_use_is_gone(html):
    names, page, _ = chapter(html)
    for gone in ("script", "Copy", "menu", "dark", "code", "headerlink", "tabindex", "Notebook", "Cite", "<details"):
        assert gone not in page, gone
    assert 'class="question">Why?</p><p>Because.</p>' in page
    assert "OPS/a-light.svg" in names
    assert names[0] == "mimetype"


def test_a_derivation_is_whole_and_its_symbols_lead_to_the_notation(html):
    path = html / "en" / "questions" / "31-a.html"
    box = (
        '<details class="play" data-play="f" hidden><summary>Play</summary></details>'
        '<details class="derivation" id="derivation-f"><summary>Derivation</summary>'
        '<a href="../notation.html#term"><math><mi>w</mi></math></a>'
        '<ol class="steps"><li>first line</li><li>last line</li></ol><p class="walk" hidden><button>Next</button></p>'
        "</details>"
    )
    path.write_text(QUESTION.replace("<script>", f"{box}<script>"), "utf-8")
    _, page, _ = chapter(html)
    assert all(words in page for words in ("Derivation", "first line", "last line", 'href="notation.xhtml#term"'))
    assert not any(words in page for words in ("Play", "Next", "<details"))


def test_no_empty_link_is_left_of_a_dark_figure(html, monkeypatch):
    monkeypatch.setenv("OPTNOTES_BASEURL", "https://optnotes.example")
    assert "dark" not in chapter(html)[1]


def test_links_lead_into_the_book_out_of_it_or_nowhere(html, monkeypatch):
    _, page, _ = chapter(html)
    assert 'href="31-a.xhtml#q31-answer"' in page
    assert 'href="glossary.xhtml#term"' in page
    assert 'href="https://example.org/"' in page
    assert "api/x" not in page
    monkeypatch.setenv("OPTNOTES_BASEURL", "https://optnotes.example")
    assert 'href="https://optnotes.example/en/api/x.html#y"' in chapter(html)[1]


def test_pages_are_well_formed_and_declare_their_formulas(html):
    _, page, package = chapter(html)
    root = etree.fromstring(page.encode())
    assert len(root.findall(".//{http://www.w3.org/1998/Math/MathML}math")) == 1
    assert 'href="31-a.xhtml" media-type="application/xhtml+xml" properties="mathml"' in package
    assert 'href="glossary.xhtml" media-type="application/xhtml+xml"/>' in package


def test_a_reader_without_mathml_has_words_and_nobody_has_tex(html):
    names, page, _ = chapter(html)
    assert r"\sqrt" not in page
    assert "annotation" not in page
    formula = etree.fromstring(page.encode()).find(".//{*}math")
    assert [child.tag.rpartition("}")[2] for child in formula] == ["mrow"]
    assert formula.get("alttext") == "√x"
    drawn, worded = formula.getparent(), formula.getparent().getnext()
    assert (drawn.get("class"), worded.get("class"), worded.text) == ("drawn", "worded", "√x")
    assert drawn.getparent().tail.startswith(" "), "the words around a formula stay where they were"
    assert "OPS/words.css" in names
    assert 'href="words.css"' in page


@pytest.mark.parametrize(
    "fact",
    [
        '"schema:accessMode">visual<',
        '"schema:accessModeSufficient">textual<',
        '"schema:accessibilityFeature">alternativeText<',
        '"schema:accessibilityFeature">describedMath<',
        '"schema:accessibilityHazard">none<',
        '"schema:accessibilitySummary">Formulas are MathML',
        '"dcterms:conformsTo">EPUB Accessibility 1.1 - WCAG 2.1 Level AA<',
    ],
)
def test_the_package_says_what_a_reader_needs(html, fact):
    assert fact in chapter(html)[2]


def test_equal_pages_give_equal_bytes_and_the_clock_is_the_sources(html, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    chapter(html)
    first = (html / "book.epub").read_bytes()
    _, _, package = chapter(html)
    assert (html / "book.epub").read_bytes() == first
    assert "2023-11-14T22:13:20Z" in package
    with zipfile.ZipFile(html / "book.epub") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(2023, 11, 14, 22, 13, 20)}
