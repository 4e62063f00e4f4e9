"""The check of the built folder: it passes a folder that holds what it promises, and names whatever is taken away."""

import json
import shutil
import zipfile

import pikepdf
import pytest

from optnotes.site.chrome.root import write_root
from optnotes.site.records.addresses import Addresses
from optnotes.site.settings import place
from optnotes.site.takeaway.binder import write_environment
from optnotes.site.takeaway.downloads import BOOKS
from optnotes.site.takeaway.notebook import INSTALL, WHEEL
from optnotes.site.words.text import LANGUAGES
from tests.published.promises import broken

BASE = "https://example.org/notes/"
PAGE = """<!doctype html><html><head><link rel="canonical" href="{base}{language}/index.html">
<meta property="og:image" content="{base}{language}/_static/cards/index.png">
<link rel="stylesheet" href="_static/a.css">
</head><body><a href="downloads.html">files</a><img src="_images/a.svg"><div data-source="_explorers/a.json?v=1"></div>
<pre>url = {{{base}{language}/index.html#q1}}.</pre></body></html>"""


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def write_site(html, language):
    site = html / place(language)
    books = [name.format(language=language) for name in BOOKS.values()]
    links = "".join(f'<a href="_downloads/{name}">file</a>' for name in (*books, "notebooks/a.ipynb"))
    write(site / "index.html", PAGE.format(base=BASE, language=place(language)))
    write(site / "downloads.html", f'<p>{links}<a href="index.html">back</a></p>')
    write(site / "search.html", "<p></p>")
    write(site / "old.html", "<p></p>")
    for name in books:
        write(site / "_downloads" / name)
    with zipfile.ZipFile(site / "_downloads" / f"optnotes-{language}.epub", "w") as archive:
        archive.writestr("OPS/a.xhtml", f'<a href="{BASE}{place(language)}/api.html#x">')
    shutil.copy(html / "book.pdf", site / "_downloads" / f"optnotes-{language}.pdf")
    install = INSTALL.format(address=f"{BASE}{place(language)}/_downloads/{WHEEL}")
    write(site / "_downloads" / "notebooks" / "a.ipynb", json.dumps({"cells": [{"source": install}]}))
    write(site / "_static" / "a.css", "p { background: url(b.svg) }")
    write(site / "_static" / "search.js", 'await import("../pagefind/pagefind.js")')
    held = {"languages": {language: {"hash": f"{language}_1", "wasm": language, "page_count": 1}}}
    write(site / "pagefind" / "pagefind-entry.json", json.dumps(held))
    names = (f"pagefind.{language}_1.pf_meta", f"wasm.{language}.pagefind", f"fragment/{language}_2.pf_fragment")
    for name in (*names, "pagefind.js", "pagefind-worker.js"):
        write(site / "pagefind" / name)
    for name in ("_static/b.svg", "_static/cards/index.png", "_images/a.svg", "_explorers/a.json", "api.html"):
        write(site / name, "<p></p>")


@pytest.fixture(autouse=True)
def record(monkeypatch):
    """Addresses that the folder has."""
    held = Addresses({"index": set(), "old": {"lost"}}, {"old": "index", "old#lost": "index#lost"})
    monkeypatch.setattr("tests.published.promises.load_addresses", lambda: held)
    return held


def write_all(html):
    pdf = pikepdf.new()
    page = pdf.add_blank_page()
    link = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=f"{BASE}{place('en')}/cite.html")
    page.Annots = pikepdf.Array([pikepdf.Dictionary(Subtype=pikepdf.Name.Link, Rect=[0, 0, 1, 1], A=link)])
    pdf.save(html / "book.pdf")
    for language in LANGUAGES:
        write_site(html, language)
        write(html / place(language) / "cite.html", "<p></p>")
    write_root(html, BASE)
    write_environment(html)
    (html / "book.pdf").unlink()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    html = tmp_path_factory.mktemp("built")
    write_all(html)
    return html


def test_a_folder_that_holds_what_it_promises_passes(built):
    assert list(broken(built)) == []


@pytest.mark.parametrize(
    ("lost", "promised"),
    [
        ("en/_downloads/optnotes-en.pdf", "en/downloads.html"),
        ("ru/_downloads/optnotes-ru.apkg", "ru/downloads.html"),
        ("en/_downloads/notebooks/a.ipynb", "en/downloads.html"),
        (f"en/_downloads/{WHEEL}", "en/_downloads/notebooks/a.ipynb:1"),
        (f"ru/_downloads/{WHEEL}", "binder/requirements.txt"),
        ("en/_static/cards/index.png", "en/index.html"),
        ("en/_images/a.svg", "en/index.html"),
        ("en/_explorers/a.json", "en/index.html: data-source"),
        ("en/_static/b.svg", "en/_static/a.css"),
        ("en/pagefind/pagefind.js", "en/_static/search.js: import"),
        ("ru/pagefind/pagefind-entry.json", "ru/search.html"),
        ("en/pagefind/pagefind.en_1.pf_meta", "en/pagefind/pagefind-entry.json"),
        ("en/pagefind/wasm.en.pagefind", "en/pagefind/pagefind-entry.json"),
        ("en/pagefind/fragment/en_2.pf_fragment", "1 pages, 0 fragments"),
        ("en/search.html", "404.html"),
        ("sitemap.xml", "robots.txt"),
        ("en/api.html", "sitemap.xml"),
        ("en/api.html", "optnotes-en.epub/OPS/a.xhtml"),
        ("en/cite.html", "optnotes-en.pdf, page 1"),
        ("binder/requirements.txt", "the link to Binder"),
        ("choose.js", "index.html"),
    ],
)
def test_what_is_taken_away_is_named_with_the_place_that_promises_it(built, tmp_path, lost, promised):
    shutil.copytree(built, tmp_path / "html")
    (tmp_path / "html" / lost).unlink()
    found = list(broken(tmp_path / "html"))
    assert any(promised in line.partition(": no file")[0] for line in found), found
    assert any(line.endswith(lost) for line in found) or "fragment" in lost


def test_a_page_of_a_release_may_lead_to_itself_as_it_is_today_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTNOTES_SLOT", "1.0")
    write_all(tmp_path)
    page = tmp_path / "en" / "1.0" / "api.html"
    page.write_text('<a href="../api.html">today</a>', "utf-8")
    assert list(broken(tmp_path)) == []
    page.write_text('<a href="../cite.html">today, but another page</a>', "utf-8")
    assert list(broken(tmp_path)) == [f"{page}:1: no file {tmp_path}/en/cite.html"]
    page.write_text('<a href="../../ru/api.html">today, but in Russian</a>', "utf-8")
    assert list(broken(tmp_path)) == [f"{page}:1: no file {tmp_path}/ru/api.html"]


def test_a_wheel_of_another_name_is_no_wheel(built, tmp_path):
    shutil.copytree(built, tmp_path / "html")
    wheel = tmp_path / "html" / "en" / "_downloads" / WHEEL
    wheel.rename(wheel.with_name("optnotes-9-py3-none-any.whl"))
    assert sum(line.endswith(WHEEL) for line in broken(tmp_path / "html")) == 2  # the page of files, the notebook


def test_a_book_that_no_page_offers_and_a_header_for_nothing_are_named(built, tmp_path):
    html = tmp_path / "html"
    shutil.copytree(built, html)
    write(html / "en" / "downloads.html", "<p></p>")
    with (html / "_headers").open("a", encoding="utf-8") as file:
        file.write("/*/fonts/*\n  X: y\n")
    found = list(broken(html))
    assert sum("no link to _downloads/optnotes-" in line for line in found) == len(BOOKS)
    assert any("no file fits /*/fonts/*" in line for line in found)


def test_a_recorded_address_without_a_file_or_an_anchor_is_named(built, record):
    record.pages.update({"index": {"gone"}, "nowhere": {"also"}})
    found = [line for line in broken(built) if line.startswith("addresses.yaml: ")]
    assert [line.rpartition(" ")[2].rpartition("/")[2] for line in found] == ["gone", "nowhere.html"] * len(LANGUAGES)
