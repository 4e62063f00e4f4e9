"""The decks as a lecturer opens them: from a folder, without a network, nothing beyond a slide, notes to say."""

import io
import zipfile

import pypdf
import pytest
from playwright.sync_api import sync_playwright

from optnotes.site.takeaway.book import read_book, released
from optnotes.site.takeaway.lecture import write_slides
from optnotes.site.takeaway.pdf import chromium
from optnotes.site.words.text import LANGUAGES
from tests.downloads import HTML, site

LEAST, MOST = 12, 20
SMALLEST = 0.6  # of thirty pixels on a slide of 720
# What stands outside its slide, once all of it is shown.
LOOK = """() => [...document.querySelectorAll("section.slide")].map((slide, number) => {
  Reveal.slide(number, 0, 99);
  const edge = slide.getBoundingClientRect();
  const out = [...slide.querySelectorAll(".page *")].filter((each) => {
    const box = each.getBoundingClientRect();
    return box.width && (box.left < edge.left - 1 || box.right > edge.right + 1 || box.bottom > edge.bottom + 1);
  });
  const tall = [...slide.querySelectorAll("img")].filter((each) => each.naturalHeight > each.naturalWidth);
  const broken = [...slide.querySelectorAll("img")].filter((each) => !each.naturalWidth);
  return {
    scale: Number(slide.dataset.scale), out: out.map((each) => each.outerHTML.slice(0, 80)), broken: broken.length,
    tall: tall.map((each) => each.getAttribute("src")),
    notes: slide.querySelector("aside.notes")?.textContent.trim() ?? "",
    title: slide.querySelector("h1, h2").textContent,
    lines: slide.querySelectorAll(".fragment").length, kind: slide.className, words: slide.innerText,
  };
})"""


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.fixture(scope="module")
def folder(language, tmp_path_factory):
    """The archive as its reader unpacks it."""
    place = tmp_path_factory.mktemp("slides")
    with zipfile.ZipFile(site(language) / "_downloads" / f"optnotes-{language}-slides.zip") as archive:
        archive.extractall(place)
    return place / f"optnotes-{language}"


@pytest.fixture(scope="module")
def decks(folder):
    """What Chromium shows of each deck, and what it asks for."""
    found, asked, errors = {}, [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        for path in sorted(folder.glob("*.html")):
            page.goto(path.as_uri())
            page.wait_for_selector("html.fitted .slides .present", state="attached")
            found[path.stem] = page.evaluate(LOOK)
        browser.close()
    assert errors == []
    assert [address for address in asked if not address.startswith(folder.as_uri())] == []
    return found


def test_each_question_has_a_deck_of_a_lecture(decks):
    assert list(decks) == [path.name[:2] for path in sorted((site("en") / "questions").glob("*.html"))]
    assert {name: len(slides) for name, slides in decks.items() if not LEAST <= len(slides) <= MOST} == {}


def test_nothing_leaves_its_slide_and_everything_can_be_read(decks):
    for name, slides in decks.items():
        for number, slide in enumerate(slides, 1):
            assert slide["out"] == [], f"{name}, slide {number}"
            assert slide["broken"] == 0, f"{name}, slide {number}"
            assert slide["tall"] == [], f"{name}, slide {number}"
            assert slide["scale"] >= SMALLEST, f"{name}, slide {number}"
            assert "\\" not in slide["words"], f"{name}, slide {number}: TeX"


def test_there_is_something_to_say_on_every_slide(decks):
    silent = {
        (name, number) for name, slides in decks.items() for number, each in enumerate(slides, 1) if not each["notes"]
    }
    assert silent == set()
    assert all(each["title"].strip() for slides in decks.values() for each in slides)


def test_decks_hold_derivations_figures_and_drill_step_by_step(decks):
    for name, slides in decks.items():
        kinds = [each["kind"].split()[1] for each in slides]
        assert kinds.count("figure") >= 3, name
        assert kinds.count("lines") >= 3, name
        assert all(each["lines"] for each in slides if "lines" in each["kind"].split()), name
        assert sum(each["lines"] == 1 and "text" in each["kind"].split() for each in slides) == 3, name


def test_the_title_slide_cites(decks):
    for name, slides in decks.items():
        assert slides[0]["title"].startswith(f"{name}. ")
        assert slides[0]["title"].partition(". ")[2] in slides[0]["words"].partition("\n")[2], name
        assert released()["version"] in slides[0]["notes"]


def test_the_pdf_has_the_same_slides(folder, decks):
    for name, slides in decks.items():
        pdf = pypdf.PdfReader(io.BytesIO((folder / f"{name}.pdf").read_bytes()))
        assert len(pdf.pages) == len(slides), name
        assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in pdf.pages} == {(960, 540)}, name
        assert " ".join(slides[0]["title"].split()) in " ".join(pdf.pages[0].extract_text().split())


def test_equal_sources_give_equal_bytes(language, tmp_path):
    write_slides(read_book(HTML, language), tmp_path / "again.zip")
    again = site(language) / "_downloads" / f"optnotes-{language}-slides.zip"
    assert (tmp_path / "again.zip").read_bytes() == again.read_bytes()
