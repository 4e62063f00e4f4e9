"""The drill for learning systems: places, ids and words survive, formulas are TeX for Moodle and MathML in QTI."""

import zipfile

import lxml.html
import pytest
from lxml import etree

from optnotes.site.takeaway.book import APPENDICES, read_book
from optnotes.site.takeaway.boxes import drill, in_words, inner, outer
from optnotes.site.takeaway.moodle import essay, write_moodle
from optnotes.site.takeaway.qti import MATHML, PACKAGE, QTI, assessment_item, write_qti

MATH = (
    '<math><semantics><mrow class="tml"><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow>'
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
def quiz(book, tmp_path):
    write_moodle(book, tmp_path / "bank.xml")
    return etree.parse(tmp_path / "bank.xml")


@pytest.fixture
def package(book, tmp_path):
    write_qti(book, tmp_path / "bank.zip")
    with zipfile.ZipFile(tmp_path / "bank.zip") as archive:
        return {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}


def test_moodle_has_a_category_before_the_questions_of_each_page_and_level(quiz):
    assert [each.get("type") for each in quiz.iter("question")] == ["category", "essay", "category", "essay", "essay"]
    assert [each.findtext("text") for each in quiz.iter("category")] == [
        "$course$/top/optnotes (en)/31. Loss//gain/basic",
        "$course$/top/optnotes (en)/31. Loss//gain/deep",
    ]
    assert [each.text for each in quiz.iter("idnumber")] == ["31-d2", "31-d1", "31-d3"]


def test_moodle_reads_html_with_tex_and_the_answer_as_feedback(quiz):
    first, second, third = (each for each in quiz.iter("question") if each.get("type") == "essay")
    assert first.findtext("name/text") == "31-d2. Is x < 1?"
    assert first.findtext("questiontext/text") == r"<p>Is \(x &lt; 1\)?</p>"
    assert first.find("questiontext").get("format") == "html"
    answer = r"<p>Since \(x &lt; 1\), see there &amp; "
    for place in ("generalfeedback", "graderinfo"):
        assert first.findtext(f"{place}/text").startswith(answer)
        assert "href" not in first.findtext(f"{place}/text")
    assert second.findtext("questiontext/text") == "<p>Why <em>so</em>?</p>"
    assert third.findtext("questiontext/text") == "<p>And ]]&gt;?</p>"
    # Nobody has to answer, and whoever does not loses nothing.
    told = {name: first.findtext(name) for name in ("defaultgrade", "penalty", "hidden", "responserequired")}
    assert told == {"defaultgrade": "1", "penalty": "0", "hidden": "0", "responserequired": "0"}
    assert [each.text for each in first.iterfind("tags/tag/text")] == ["question-31", "level-basic", "kind-recall"]


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


def test_the_package_lists_what_it_holds(package):
    assert next(iter(package)) == "imsmanifest.xml"
    resources = package["imsmanifest.xml"].findall(f".//{{{PACKAGE}}}resource")
    listed = [each.get("href") for each in resources]
    assert sorted(listed) == sorted(set(package) - {"imsmanifest.xml"})
    assert {each.get("type") for each in resources} == {"imsqti_item_xmlv2p2", "imsqti_test_xmlv2p2"}
    needed = [each.get("identifierref") for each in resources[0]]
    assert [name for name in needed if name] == [each.get("identifier") for each in resources[1:]]


def test_sections_are_pages_and_levels(package):
    (page,) = package["test.xml"].findall(f"{{{QTI}}}testPart/{{{QTI}}}assessmentSection")
    assert page.get("title") == "31. Loss/gain"
    assert [(each.get("title"), [item.get("href") for item in each]) for each in page] == [
        ("basic", ["items/31-d2.xml"]),
        ("deep", ["items/31-d1.xml", "items/31-d3.xml"]),
    ]
    assert page[0][0].get("category") == "q31 basic"


def test_an_item_asks_and_answers_with_formulas_that_need_no_tex(package):
    item = package["items/31-d2.xml"]
    assert item.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
    prompt, scorer, feedback = (item.find(f".//{{{QTI}}}{name}") for name in ("prompt", "rubricBlock", "modalFeedback"))
    assert "".join(prompt.itertext()) == "Is x<1?"
    for shown in (scorer, feedback):
        assert "".join(shown.itertext()) == "Since x<1, see there & a[0]."
        assert [each.tag for each in shown.iter(f"{{{QTI}}}code", f"{{{QTI}}}a")] == [f"{{{QTI}}}code"]
    assert item.get("title") == "31-d2. Is x < 1?"
    assert (scorer.get("view"), feedback.get("showHide")) == ("scorer", "show")
    declared = item.find(f"{{{QTI}}}responseDeclaration").get("identifier")
    assert item.find(f".//{{{QTI}}}extendedTextInteraction").get("responseIdentifier") == declared
    (row,) = prompt.find(f"{{{MATHML}}}math")
    assert row.tag == f"{{{MATHML}}}mrow"
    assert not item.xpath("//@class")
    outcome = item.find(f".//{{{QTI}}}setOutcomeValue")
    assert outcome.get("identifier") == feedback.get("outcomeIdentifier")
    assert outcome[0].text == feedback.get("identifier")


def test_equal_pages_give_equal_bytes(book, tmp_path):
    for write in (write_moodle, write_qti):
        write(book, tmp_path / "one")
        write(book, tmp_path / "two")
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
