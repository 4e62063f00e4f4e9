"""Every link and anchor inside the built sites leads somewhere, and every page can be reached."""

import pytest

from optnotes.site.words.text import LANGUAGES, ROOT
from tests.links.built import dead, outside

HTML = ROOT / "build" / "html"


def test_every_link_leads_somewhere():
    for language in LANGUAGES:
        assert (HTML / language / "index.html").is_file(), "build the sites first: nox -s docs"
    found = sorted(dead(HTML))
    assert not found, "\n".join(found)


def planted(folder, link, style=""):
    """A site of two pages and a style sheet; the link stands in the second page."""
    head = '<link rel="stylesheet" href="a.css">'
    (folder / "en").mkdir()
    (folder / "a.css").write_text(style, "utf-8")
    (folder / "index.html").write_text(f'<html>{head}<a href="en/#here">on</a></html>', "utf-8")
    (folder / "en" / "index.html").write_text(f'<p id="here">\n<p id="там">\n{link}<a href="../">', "utf-8")
    return [line.removeprefix(str(folder.resolve())) for line in dead(folder)]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="#here">',
        '<a href="index.html?p=1#%D1%82%D0%B0%D0%BC">',
        '<a href="#">',
        '<img src="../a.css">',
        '<a href="mailto:a@b.c">',
        '<a href="https://example.org/gone#gone">',
    ],
)
def test_good_links_pass(tmp_path, link):
    assert planted(tmp_path, link) == []


@pytest.mark.parametrize(
    ("link", "named"),
    [
        ('<a href="gone.html">', "no file"),
        ('<a href="#gone">', "no anchor #gone"),
        ('<a href="../index.html#here">', "no anchor #here"),
        ('<img src="gone.png">', "no file"),
        ('<script src="../gone.js"></script>', "no file"),
        ('<a href="../../outside.html">', "no file"),
        ('<a href="/index.html">', "no file"),
    ],
)
def test_a_planted_dead_link_is_named_with_its_line(tmp_path, link, named):
    (found,) = planted(tmp_path, link)
    assert found.startswith(f"/en/index.html:3: {named}")


def test_a_dead_link_of_a_style_sheet_is_named(tmp_path):
    (found,) = planted(tmp_path, "", "a {\n  background: url('gone.svg');\n}")
    assert found.startswith("/a.css:2: no file")


def test_a_page_without_a_link_to_it_is_named(tmp_path):
    (tmp_path / "alone.html").write_text('<a href="alone.html">me</a>', "utf-8")
    assert planted(tmp_path, "") == ["/alone.html: nothing links to it"]


def test_outside_addresses_are_listed_once(tmp_path):
    planted(tmp_path, '<a href="https://example.org/a#b"></a>' * 2 + '<a href="mailto:a@b.c">')
    assert outside(tmp_path) == ["https://example.org/a#b"]
