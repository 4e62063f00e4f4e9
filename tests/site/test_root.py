"""What stands beside the two sites, with and without an address; heads of pages that a search engine reads."""

import re
from xml.etree import ElementTree

import lxml.html
import pytest

from optnotes.site.chrome.root import PUBLISHED, write_root
from optnotes.site.settings import base_address
from tests.site.minisite import MiniSite

BASE = "https://example.org/notes/"
PAGES = ("index.html", "questions/31 a.html", "search.html", "genindex.html", "_modules/x.html")


@pytest.fixture
def html(tmp_path):
    for language in ("ru", "en"):
        for name in PAGES:
            path = tmp_path / language / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("<p>", "utf-8")
    return tmp_path


def links(path):
    return [link.get("href") for link in lxml.html.parse(str(path)).getroot().xpath("//*[@href]")]


def test_without_an_address_nothing_depends_on_it(html):
    write_root(html, BASE)
    write_root(html, "")
    assert not any((html / name).exists() for name in PUBLISHED)
    assert {"ru/index.html", "en/index.html", "choose.css"} <= set(links(html / "index.html"))
    assert (html / "_headers").is_file()


def test_the_page_for_wrong_addresses_works_at_any_depth_in_both_languages(html):
    write_root(html, BASE)
    found = links(html / "404.html")
    assert all(link.startswith(BASE) for link in found)
    for language in ("ru", "en"):
        assert {f"{BASE}{language}/index.html", f"{BASE}{language}/search.html"} <= set(found)
    assert 'lang="ru"' in (html / "404.html").read_text("utf-8")
    assert "По этому адресу" in (html / "404.html").read_text("utf-8")


def test_the_map_lists_what_readers_look_for_with_its_twin(html):
    write_root(html, BASE)
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
    urls = ElementTree.parse(html / "sitemap.xml").findall("s:url", space)
    expected = [f"{BASE}{code}/{name}" for name in ("index.html", "questions/31%20a.html") for code in ("ru", "en")]
    assert [url.findtext("s:loc", None, space) for url in urls] == expected
    for number, url in enumerate(urls):
        twins = {link.get("hreflang"): link.get("href") for link in url.findall("x:link", space)}
        russian = number - number % 2
        assert twins == {"ru": expected[russian], "en": expected[russian + 1], "x-default": BASE}
    assert f"Sitemap: {BASE}sitemap.xml\n" in (html / "robots.txt").read_text("utf-8")


def test_the_page_of_choice_names_whole_addresses(html):
    write_root(html, BASE)
    head = lxml.html.parse(str(html / "index.html")).getroot().head
    twins = {link.get("hreflang"): link.get("href") for link in head.xpath("link[@rel='alternate']")}
    assert twins == {"ru": f"{BASE}ru/index.html", "en": f"{BASE}en/index.html", "x-default": BASE}
    assert head.xpath("string(link[@rel='canonical']/@href)") == BASE
    assert "choose.js" in head.xpath("script/@src"), "what a page loads is found beside it, wherever the site stands"


@pytest.mark.parametrize("given", ["https://example.org/notes", "https://example.org/notes/"])
def test_the_address_ends_with_one_slash(given, monkeypatch):
    monkeypatch.setenv("OPTNOTES_BASEURL", given)
    assert base_address() == BASE
    monkeypatch.delenv("OPTNOTES_BASEURL")
    assert base_address() == ""


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_head_names_one_viewport_its_address_and_its_twins(tmp_path, language):
    site = MiniSite(tmp_path)
    site.settings = f'html_baseurl = optnotes_baseurl + "{language}/"\n'
    site.page("index", "# Home\n\n```{toctree}\nquestions/37-page\n```\n")
    site.page("questions/37-page", "# 37. Page\n\nText.\n")
    built = site.build(language)
    for name in ("index", "questions/37-page", "search", "genindex"):
        head = built.page(name).partition("<body")[0]
        assert head.count('name="viewport"') == 1, name
        assert re.findall(r'<link rel="canonical" href="([^"]*)"', head) == [
            f"https://example.org/{language}/{name}.html"
        ]
        twins = dict(re.findall(r'<link rel="alternate" hreflang="([^"]*)" href="([^"]*)"', head))
        assert twins == {code: f"https://example.org/{code}/{name}.html" for code in ("ru", "en")} | {
            "x-default": "https://example.org/"
        }
