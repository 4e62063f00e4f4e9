"""The drill for learning systems: places, ids and words survive, formulas are TeX for Moodle and MathML in QTI."""

import zipfile
from pathlib import Path

import lxml.html
import pytest
from lxml import etree

from optnotes import __version__
from optnotes.site.takeaway.book import APPENDICES, read_book
from optnotes.site.takeaway.boxes import drill, drop_citation, in_words, inner, outer, question_chapters, to_tex, words
from optnotes.site.takeaway.moodle import essay, write_moodle
from optnotes.site.takeaway.qti import QTI, assessment_item, write_qti

MATH = (
    '<math><semantics><mrow class="tml"><mi>x</mi><mo form="infix">&lt;</mo><mn>1</mn></mrow>'
    '<annotation encoding="application/x-tex">x &lt; 1</annotation></semantics></math>'
)
BOX = (
    '<details class="drill" id="drill-31-d{n}">'
    '<summary><span class="level level-{level} kind-recall">word</span> {ask}</summary>'
    '<p>Since {math}<a class="footnote-reference brackets" href="#id1">1</a>, see '
    '<a class="reference internal" href="../api/x.html#y">there</a> &amp; '
    '<code class="docutils"><span class="pre">a[</span><span class="pre">0]</span></code>.</p></details>'
)
ASKED = ("deep", "Why <em>so</em>?"), ("basic", "Is {math}?"), ("deep", "And ]]&gt;?")


PICK = """<section><div class="drill" id="drill-31-d4">
<p><span class="level level-deep kind-curve">deep</span> Which?</p>
<ol class="options"><li><svg class="sketch" aria-label="A hump"><path d="M0 0"/></svg>, low</li>
<li><svg aria-label="A dip"></svg></li></ol>
<div class="solution"><p>Answer</p><p class="right">The <data value="1">first</data>.</p><p>It is.</p></div>
</div></section>"""


def test_a_task_stands_between_the_question_and_its_folded_answer():
    (item,) = drill(lxml.html.fromstring(PICK))
    in_words(item.task)
    assert (item.level, item.kind, inner(item.question)) == ("deep", "curve", "Which?")
    assert [outer(each) for each in item.task] == ['<ol class="options"><li>A hump, low</li>\n<li>A dip</li></ol>']
    assert [outer(each) for each in item.answer] == [
        '<p class="right">The <data value="1">first</data>.</p>',
        "<p>It is.</p>",
    ]


def part(html):
    return lxml.html.fragment_fromstring(html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p>Why <a href="#x">1</a>.</p>', "<p>Why.</p>"),
        ('<p><a href="#x">1</a>. Why</p>', "<p>. Why</p>"),
        ('<p><b>Why</b> <a href="#x">1</a>, how</p>', "<p><b>Why</b>, how</p>"),
        ('<p><b>Why</b> now <a href="#x">1</a>.</p>', "<p><b>Why</b> now.</p>"),
        ('<p><b>Why</b><a href="#x">1</a></p>', "<p><b>Why</b></p>"),
    ],
)
def test_a_source_mark_goes_with_the_space_before_it(html, expected):
    paragraph = part(html)
    drop_citation(paragraph.find("a"))
    assert outer(paragraph) == expected


def test_a_displayed_formula_stays_displayed():
    displayed = MATH.replace("<math", '<math display="block"')
    paragraph = part(f"<p>So {displayed}</p>")
    to_tex(paragraph.find("math"))
    assert outer(paragraph) == r"<p>So \[x &lt; 1\]</p>"


def test_html_is_that_of_a_browser_and_holds_nothing_of_its_neighbours():
    box = part('<div><p>Say "a"<br><i>b</i><u>c</u></p> and more</div>')
    assert outer(box[0]) == '<p>Say "a"<br><i>b</i><u>c</u></p>'
    assert inner(box[0]) == 'Say "a"<br><i>b</i><u>c</u>'
    assert inner(box[0][1]) == "b"
    assert inner(part("<p><i>b</i></p>")) == "<i>b</i>"
    assert words(box[0]) == 'Say "a"bc'
    assert words(part(f"<div><p>Is {MATH}</p>, then</div>")[0]) == "Is x < 1"


def test_a_question_may_begin_with_a_formula():
    mark = '<span class="level level-basic kind-recall">word</span>'
    (item,) = drill(part(f'<section><div class="drill" id="drill-1"><p>{mark}<i>x</i></p><p>A</p></div></section>'))
    assert (item.level, item.kind, outer(item.question)) == ("basic", "recall", "<p><i>x</i></p>")


def test_a_link_within_the_book_leaves_its_words(book):
    answer = book.chapters[0].content.xpath("//p")[-1]
    answer.extend([part('<a id="place">here</a>'), part('<a href="#place">there</a>')])
    for _, content in question_chapters(book):
        assert content.xpath("//a") == []
        assert "herethere" in content.text_content()


@pytest.fixture
def book(tmp_path):
    boxes = "".join(
        BOX.format(n=number, level=level, ask=ask.replace("{math}", MATH), math=MATH)
        for number, (level, ask) in enumerate(ASKED, 1)
    )
    site = tmp_path / "en"
    (site / "questions").mkdir(parents=True)
    heading = "<h1>31. Loss/gain</h1>"
    pages = {"questions/31-a": heading + boxes, **dict.fromkeys(APPENDICES, "<h1>A</h1>")}
    for name, content in pages.items():
        page = f'<html><body><article class="bd-article"><section>{content}</section></article></body></html>'
        (site / f"{name}.html").write_text(page, "utf-8")
    return read_book(tmp_path, "en")


def test_a_task_stands_between_question_and_answer_in_both_banks(book):
    (item,) = drill(lxml.html.fromstring(PICK))
    asked = essay(item, book.chapters[0])
    assert (
        asked.findtext("questiontext/text")
        == '<p>Which?</p><ol class="options"><li>A hump, low</li>\n<li>A dip</li></ol>'
    )
    assert asked.findtext("generalfeedback/text").endswith("first</data>.</p><p>It is.</p>")
    (item,) = drill(lxml.html.fromstring(PICK))
    body = assessment_item(book, item).find(f"{{{QTI}}}itemBody")
    names = ("rubricBlock", "ol", "extendedTextInteraction")
    assert [child.tag for child in body] == [f"{{{QTI}}}{name}" for name in names]
    assert "".join(body[1].itertext()) == "A hump, low\nA dip"
    assert [part.text for part in body[0]] == ["The first.", "It is."]


@pytest.fixture
def package(book, tmp_path):
    write_qti(book, tmp_path / "bank.zip")
    with zipfile.ZipFile(tmp_path / "bank.zip") as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def expected(name):
    """A file as it lies beside this one, where XML may be broken into lines between elements."""
    return (Path(__file__).parent / "banks" / name).read_text("utf-8")


def test_moodle_reads_html_with_tex_and_the_answer_as_feedback(book, tmp_path):
    write_moodle(book, tmp_path / "bank.xml")
    assert (tmp_path / "bank.xml").read_text("utf-8") == expected("moodle.xml")


def test_a_long_question_keeps_a_name_that_moodle_holds(tmp_path, book):
    question = book.chapters[0].content.xpath("//p[@class='question']")[0]
    question[0].tail = " word" * 100
    write_moodle(book, tmp_path / "bank.xml")
    names = [each.text for each in etree.parse(tmp_path / "bank.xml").iterfind("question/name/text")]
    assert max(map(len, names)) == 255


def test_a_link_leads_to_the_site_where_its_address_is_known(book, tmp_path, monkeypatch):
    monkeypatch.setenv("OPTNOTES_BASEURL", "https://optnotes.example")
    known = read_book(tmp_path, "en")
    write_moodle(known, tmp_path / "bank.xml")
    write_qti(known, tmp_path / "bank.zip")
    address = 'href="https://optnotes.example/en/api/x.html#y"'
    assert (tmp_path / "bank.xml").read_text("utf-8").count(address) == 6
    with zipfile.ZipFile(tmp_path / "bank.zip") as archive:
        assert archive.read("items/31-d1.xml").decode().count(address) == 2


def test_the_package_lists_what_it_holds_and_sorts_it_by_page_and_level(package):
    assert list(package) == ["imsmanifest.xml", "test.xml", *(f"items/31-d{number}.xml" for number in (2, 1, 3))]
    for name in ("imsmanifest.xml", "test.xml"):
        assert package[name].replace("><", ">\n<") == expected(name).replace("VERSION", __version__)


def test_an_item_asks_and_answers_with_formulas_that_need_no_tex(package):
    assert package["items/31-d2.xml"].replace("><", ">\n<") == expected("31-d2.xml")


def test_equal_pages_give_equal_bytes(book, tmp_path):
    for write in (write_moodle, write_qti):
        write(book, tmp_path / "one")
        write(book, tmp_path / "two")
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
