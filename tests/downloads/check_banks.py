"""The drill in learning systems: a converter and a certified player read the QTI, a maker of exams Moodle's XML."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import lxml.html
import pytest
from lxml import etree
from playwright.sync_api import sync_playwright
from qti_convert import upgrade_package

from optnotes.site.records.questions import TASKS, load_question, question_numbers, question_path
from optnotes.site.takeaway.book import read_book
from optnotes.site.takeaway.boxes import drill, in_words, question_chapters
from optnotes.site.takeaway.moodle import write_moodle
from optnotes.site.takeaway.pdf import chromium
from optnotes.site.takeaway.qti import write_qti
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.downloads import HTML, site

NODE = Path(__file__).parent / "node_modules"
# A question as amc2moodle prints it: its place, the first word of its name, its text.
PRINTED = re.compile(
    r"\\element\{(?P<place>[^\n]*)\}\{\n +\\begin\{question\}\{(?P<name>[^ }]+)[^\n]*\n"
    r"(?P<text>.*?)\n+% It is possible",
    re.DOTALL,
)
TEX = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.DOTALL)
QTI3 = "{http://www.imsglobal.org/xsd/imsqtiasi_v3p0}"
DRILL = {
    item.id: f"q{number} {item.level}"
    for number in question_numbers()
    for item in load_question(question_path(number)).drill
}
PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="{css}"><div id="app"></div>
<script src="{vue}"></script><script src="{player}"></script>"""
# Each item is shown, handed in, and answers.
PLAY = """(items) => new Promise((done) => {
  const seen = [];
  let player;
  const load = () => player.loadItemFromXml(items[seen.length], {
    guid: String(seen.length), status: "interacting",
    sessionControl: { max_attempts: 0, show_feedback: true, validate_responses: false },
  });
  const drawn = (each) => each.getBoundingClientRect().width > 0;
  const look = (state) => {
    seen.push({
      id: state.identifier,
      prompt: document.querySelector(".qti-prompt").textContent,
      asked: Boolean(document.querySelector("textarea")),
      answer: document.querySelector(".qti-modal-feedback").textContent,
      formulas: [...document.querySelectorAll("math")].filter(drawn).length,
    });
    seen.length < items.length ? load() : done(seen);
  };
  new Vue({ render: (create) => create(qti3Player, {
    props: { suppressAlertMessages: true },
    on: {
      notifyQti3PlayerReady: (ready) => { player = ready; load(); },
      notifyQti3ItemReady: () => player.endAttempt("next"),
      notifyQti3EndAttemptCompleted: ({ state }) => setTimeout(() => look(state), 50),
    },
  }) }).$mount("#app");
})"""


def made(language, suffix):
    return site(language) / "_downloads" / f"optnotes-{language}-{suffix}"


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def book(language):
    return read_book(HTML, language)


@pytest.fixture(scope="module")
def upgraded(language):
    """The package as the converter of a learning system reads it."""
    return {
        path: etree.fromstring(text.encode()) for path, text in upgrade_package(made(language, "qti.zip")).files.items()
    }


@pytest.fixture(scope="module")
def played(upgraded, tmp_path_factory):
    package = NODE / "qti3-item-player" / "dist"
    scripts = {"vue": NODE / "vue" / "dist" / "vue.min.js", "player": package / "qti3Player.umd.min.js"}
    names = {name: path.as_uri() for name, path in {"css": package / "qti3Player.css", **scripts}.items()}
    page = tmp_path_factory.mktemp("player") / "index.html"
    page.write_text(PAGE.format(**names), "utf-8")
    items = [etree.tostring(root, encoding="unicode") for path, root in upgraded.items() if path.startswith("items/")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        tab = browser.new_page()
        errors = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.goto(page.as_uri())
        seen = tab.evaluate(PLAY, items)
        browser.close()
    assert errors == []
    return {each["id"].removeprefix("drill-"): each for each in seen}


def test_the_converter_finds_every_item_in_its_place(upgraded):
    test = upgraded["test.xml"]
    categories = {each.get("href"): each.get("category") for each in test.iter(f"{QTI3}qti-assessment-item-ref")}
    assert categories == {f"items/{name}.xml": category for name, category in DRILL.items()}


def test_the_player_shows_every_item_and_answers(played, book):
    assert set(played) == set(DRILL)
    boxes = {box.get("id"): box for chapter in book.chapters for box in chapter.content.xpath("//div[@class='drill']")}
    for name, item in played.items():
        assert item["asked"], name
        assert len(item["prompt"]) > 10, name
        assert "\\" not in item["answer"], f"{name}: TeX"
        assert item["formulas"] == len(boxes[f"drill-{name}"].xpath(".//math")), name
        words = boxes[f"drill-{name}"][-1].xpath("string(text())").strip()
        assert words[:20] in item["answer"], name


def test_moodle_has_every_item_in_its_place(language, book):
    found, place = {}, ""
    for question in etree.parse(made(language, "moodle.xml")).getroot():
        if question.get("type") == "category":
            place = question.findtext("category/text")
        else:
            found[question.findtext("idnumber")] = place
    assert {name: place.rpartition("/")[2] for name, place in found.items()} == {
        name: book.text(f"level.{category.partition(' ')[2]}") for name, category in DRILL.items()
    }
    assert all(f"/{name[:2]}. " in place for name, place in found.items())


def printed(bank, folder):
    """Let amc2moodle read a bank; return its questions and what it complains of."""
    folder.mkdir(exist_ok=True)
    (folder / "bank.xml").write_bytes(bank)
    command = (
        sys.executable,
        "-m",
        "amc2moodle.moodle2amc.bin.moodle2amc",
        "bank.xml",
        "-o",
        "exam.tex",
        "--no-log-file",
    )
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    tex = (folder / "exam.tex").read_text("utf-8")
    return [found.groupdict() for found in PRINTED.finditer(tex)], run.stdout + run.stderr


def misread(questions, book):
    """Names of questions that were read in another place, with other words or with other formulas."""
    read, wrong = {each["name"]: each for each in questions}, []
    for chapter, content in question_chapters(book):
        for item in drill(content):
            found = read.get(item.id, {"place": "", "text": ""})
            text = found["text"].replace(r"\%", "%")
            formulas = [" ".join("".join(pair).split()) for pair in TEX.findall(text)]
            start = " ".join(item.question.xpath("string(text())").split())[:20]
            if (
                f" -{chapter.title.partition('.')[0]} " not in found["place"]
                or start not in " ".join(text.split())
                or formulas[: len(item.question.xpath(".//math"))]
                != [" ".join(tex.split()) for tex in item.question.xpath(".//annotation/text()")]
            ):
                wrong.append(item.id)
    return wrong


def test_a_maker_of_exams_reads_every_question_of_moodle(language, book, tmp_path):
    questions, said = printed(made(language, "moodle.xml").read_bytes(), tmp_path)
    assert sorted(each["name"] for each in questions) == sorted(DRILL)
    assert misread(questions, book) == []
    assert any(TEX.search(each["text"]) for each in questions)
    assert "not supported" not in said


def test_it_notices_what_a_bank_must_not_be(language, book, tmp_path):
    bank, name = made(language, "moodle.xml").read_bytes().decode(), next(iter(DRILL))
    text = re.compile(r"(<questiontext format=\"html\">\s*<text>).*?(</text>)", re.DOTALL)
    questions, _ = printed(text.sub(r"\1\2", bank, count=1).encode(), tmp_path / "silent")
    assert misread(questions, book) == [name]
    questions, said = printed(bank.replace('"essay"', '"esay"', 1).encode(), tmp_path / "misspelt")
    assert misread(questions, book) == [name]
    assert "of type 'esay' is not supported" in said
    with pytest.raises(subprocess.CalledProcessError):
        printed(
            re.sub(r"<questiontext.*?</questiontext>", "", bank, count=1, flags=re.DOTALL).encode(), tmp_path / "no"
        )


def test_moodle_answers_with_the_answer_of_the_page(language, book):
    shown = {each.findtext("idnumber"): each for each in etree.parse(made(language, "moodle.xml")).iterfind("question")}
    for _, content in question_chapters(book):
        for item in drill(content):
            in_words(item.answer)
            words = "".join("".join(part.xpath(".//text()[not(ancestor::math)]")) for part in item.answer)
            formulas = [" ".join(tex.split()) for part in item.answer for tex in part.xpath(".//annotation/text()")]
            for place in ("generalfeedback", "graderinfo"):
                answer = lxml.html.fromstring(f"<div>{shown[item.id].findtext(f'{place}/text')}</div>").text_content()
                assert "".join(TEX.sub("", answer).split()) == "".join(words.split()), item.id
                assert [" ".join("".join(pair).split()) for pair in TEX.findall(answer)] == formulas, item.id


def test_equal_sources_give_equal_bytes(language, book, tmp_path):
    for suffix, write in (("moodle.xml", write_moodle), ("qti.zip", write_qti)):
        write(book, tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == made(language, suffix).read_bytes()


@pytest.fixture(scope="module")
def schemas():
    """The official schemas of items, tests and packages, as the SDK of TAO holds them."""
    folder = ROOT / "build" / "qti-sdk" / "src" / "qtism" / "data" / "storage" / "xml" / "schemes"
    qti, package = (
        etree.XMLSchema(etree.parse(folder / name)) for name in ("qtiv2p2/imsqti_v2p2.xsd", "imscp_v1p1.xsd")
    )
    return lambda name: package if name == "imsmanifest.xml" else qti


def test_every_file_of_the_package_keeps_its_official_schema(language, schemas):
    with zipfile.ZipFile(made(language, "qti.zip")) as archive:
        names = archive.namelist()
        roots = {name: etree.fromstring(archive.read(name)) for name in names}
    assert set(names) == {"imsmanifest.xml", "test.xml", *(f"items/{name}.xml" for name in DRILL)}
    kinds = {item.kind for number in question_numbers() for item in load_question(question_path(number)).drill}
    assert kinds == {"recall", "why", *TASKS.values()}
    found = {}
    for name, root in roots.items():
        schema = schemas(name)
        if not schema.validate(root):
            found[name] = str(schema.error_log[0])
    assert found == {}


def test_the_schema_notices_a_spoiled_item(language, schemas):
    with zipfile.ZipFile(made(language, "qti.zip")) as archive:
        name = f"items/{next(iter(DRILL))}.xml"
        item = etree.fromstring(archive.read(name))
    item.find("{*}itemBody").append(etree.Element(f"{{{etree.QName(item).namespace}}}question"))
    assert not schemas(name).validate(item)


def test_no_answer_is_empty(language):
    with zipfile.ZipFile(made(language, "qti.zip")) as archive:
        for name in archive.namelist():
            for feedback in etree.fromstring(archive.read(name)).iter("{*}modalFeedback"):
                assert "".join(feedback.itertext()).strip(), name
