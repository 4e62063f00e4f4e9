"""The drill for learning systems: places, ids and words survive, formulas are TeX for Moodle and MathML in QTI."""

import zipfile
from pathlib import Path

import lxml.html
import pytest
from lxml import etree

from optnotes import __version__
from optnotes.site.takeaway.book import APPENDICES, read_book
from optnotes.site.takeaway.boxes import drill, in_words, inner, outer
from optnotes.site.takeaway.moodle import essay, write_moodle
from optnotes.site.takeaway.qti import QTI, assessment_item, write_qti

MATH = (
    '<math><semantics><mrow class="tml" style="color: red"><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow>'
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
<ol class="options"><li><svg class="sketch" aria-label="A hump"><path d="M0 0"/></svg></li></ol>
<div class="solution"><p>Answer</p><p class="right">The first.</p></div></div></section>"""


def test_a_task_stands_between_the_question_and_its_folded_answer():
    (item,) = drill(lxml.html.fromstring(PICK))
    in_words(item.task)
    assert (item.level, item.kind, inner(item.question)) == ("deep", "curve", "Which?")
    assert [outer(each) for each in item.task] == ['<ol class="options"><li>A hump</li></ol>']
    assert [outer(each) for each in item.answer] == ['<p class="right">The first.</p>']


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
    assert asked.findtext("questiontext/text") == '<p>Which?</p><ol class="options"><li>A hump</li></ol>'
    (item,) = drill(lxml.html.fromstring(PICK))
    body = assessment_item(book, item).find(f"{{{QTI}}}itemBody")
    names = ("rubricBlock", "ol", "extendedTextInteraction")
    assert [child.tag for child in body] == [f"{{{QTI}}}{name}" for name in names]
    assert "".join(body[1].itertext()) == "A hump"


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
