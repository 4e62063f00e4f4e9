"""Versions side by side: a released page keeps its address and says when a later one has come; others may cite it."""

import json
import shutil
import zipfile

import lxml.html
import pytest

from optnotes.site.chrome.released import assemble, released, slot_of
from optnotes.site.chrome.root import write_root
from optnotes.site.settings import place
from optnotes.site.takeaway.release import pack
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.site.guest import build_guest
from tests.site.minisite import MiniSite

BASE = "https://example.org/notes/"
FORMULA = "```{formula} optnotes.penalties.lambda_max\n```\n\n```{footbibliography}\n```\n"
EMPTY = "# 36. Another page\n\nWords.\n"
MOVED = "pages:\n  questions/37-page: [equation-eq-lambda-max]\nmoved: {%s}\n"
GUEST = """
Guest
=====

Since :external+old:ref:`eq-lambda-max` and since :external+latest:ref:`eq-lambda-max`.
"""


def settings(language):
    """What conf.py makes of the environment, and the parts of the page that this is about."""
    return (
        f'optnotes_baseurl = "{BASE}"\nhtml_baseurl = "{BASE}{place(language)}/"\noptnotes_slot = "{place("")[1:]}"\n'
        'optnotes_addresses = "addresses.yaml"\nhtml_sidebars = {"**": ["language-switch.html", "versions.html"]}\n'
        'suppress_warnings += ["toc.not_included"]\n'
    )


@pytest.fixture(scope="module")
def released_sites(tmp_path_factory):
    """Version 1.0, and version 1.1 in which the formula stands on another page; each in an archive."""
    folder = tmp_path_factory.mktemp("versions")
    with pytest.MonkeyPatch.context() as patch:
        for version, pages, moved in (
            ("1.0.0", {"questions/37-page": f"# 37. Page\n\n{FORMULA}", "questions/36-other": EMPTY}, ""),
            (
                "1.1.0",
                {"questions/37-page": "# 37. Page\n\nWords.\n", "questions/36-other": EMPTY + FORMULA},
                '"questions/37-page#equation-eq-lambda-max": "questions/36-other#equation-eq-lambda-max"',
            ),
        ):
            patch.setenv("OPTNOTES_SLOT", slot_of(version))
            built = build(folder / version, pages, moved)
            pack(folder / f"optnotes-{version}-site.zip", built, (path for path in built.rglob("*") if path.is_file()))
            shutil.rmtree(folder / version)
    return folder


def build(folder, pages, moved):
    """Build both languages as a release lays them out."""
    site = MiniSite(folder / "work")
    for name in ("language-switch.html", "versions.html"):
        site.write(f"_templates/{name}", (ROOT / "docs" / "_templates" / name).read_text("utf-8"))
    site.write("addresses.yaml", MOVED % moved)
    site.page("index", "# Home\n\n```{toctree}\nquestions/36-other\nquestions/37-page\n```\n")
    for name, text in pages.items():
        site.page(name, text)
    for language in LANGUAGES:
        site.settings = settings(language)
        built = site.build(language)
        assert built.warnings == ""
        target = folder / "site" / place(language)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(built.out, target)
    write_root(folder / "site", BASE)
    return folder / "site"


@pytest.fixture(scope="module")
def host(released_sites, tmp_path_factory):
    """What a host shows: the sources of today, 1.0, 1.1 and the newest of both."""
    folder = tmp_path_factory.mktemp("host")
    today = build(
        folder / "today",
        {"questions/37-page": "# 37. Page\n\nW.\n", "questions/36-other": EMPTY + FORMULA},
        '"questions/37-page#equation-eq-lambda-max": "questions/36-other#equation-eq-lambda-max"',
    )
    assemble(today, folder / "published", released_sites.glob("*.zip"))
    return folder / "published"


def page(path):
    return lxml.html.parse(str(path)).getroot()


def leads(path, link):
    """The file that a relative link of a page leads to."""
    return (path.parent / link.partition("#")[0]).resolve()


def test_versions_stand_beside_the_newest_site_and_latest_is_the_newest_release(host):
    for language in LANGUAGES:
        assert released(host / language) == ["1.1", "1.0"]
        entries = json.loads((host / language / "versions.json").read_text("utf-8"))
        assert [(each["version"], each["url"], each["preferred"]) for each in entries] == [
            ("1.1", "1.1/", True),
            ("1.0", "1.0/", False),
        ]
        newest, latest = host / language / "1.1", host / language / "latest"
        names = {path.relative_to(newest) for path in newest.rglob("*") if path.is_file()}
        assert names == {path.relative_to(latest) for path in latest.rglob("*") if path.is_file()}
        assert all((newest / name).read_bytes() == (latest / name).read_bytes() for name in names)


def test_a_release_keeps_its_bytes(host, released_sites):
    with zipfile.ZipFile(released_sites / "optnotes-1.0.0-site.zip") as archive:
        kept = [name for name in archive.namelist() if "/1.0/" in name]
        assert len(kept) > 20
        for name in kept:
            assert (host / name.partition("/")[2]).read_bytes() == archive.read(name)


def test_a_page_of_a_release_leads_to_its_twin_and_to_todays_page(host):
    for language, other in zip(LANGUAGES, reversed(LANGUAGES), strict=True):
        path = host / language / "1.0" / "questions" / "37-page.html"
        root = page(path)
        (twin,) = root.xpath("//a[@class='language-switch nav-link']/@href")
        assert leads(path, twin) == host.resolve() / other / "1.0" / "questions" / "37-page.html"
        assert leads(path, twin).is_file()
        (today,) = root.xpath("//details[@class='versions']//a/@href")
        assert leads(path, today) == host.resolve() / language / "questions" / "37-page.html"
        (listed,) = root.xpath("//details[@class='versions']/@data-list")
        assert leads(path, listed) == host.resolve() / language / "versions.json"
        assert root.xpath("string(//link[@rel='canonical']/@href)") == f"{BASE}{language}/1.0/questions/37-page.html"


def test_another_project_cites_a_formula_after_it_has_moved(host, tmp_path):
    mapping = {
        name: (f"{BASE}en/{slot}/", str(host / "en" / slot / "objects.inv"))
        for name, slot in (("old", "1.0"), ("latest", "latest"))
    }
    warnings, guest = build_guest(tmp_path, GUEST, mapping)
    assert warnings == ""
    links = page(guest).xpath("//a[contains(@class, 'external')]/@href")
    cited = [link for link in links if link.startswith(BASE)]
    assert cited == [
        f"{BASE}en/1.0/questions/37-page.html#equation-eq-lambda-max",
        f"{BASE}en/latest/questions/36-other.html#equation-eq-lambda-max",
    ]
    for link in cited:
        file, _, anchor = link.removeprefix(BASE).partition("#")
        (box,) = page(host / file).xpath(f"//*[@id='{anchor}']")
        assert box.xpath(".//math"), "the formula itself"


@pytest.mark.parametrize("slot", ["1.1", "latest", ""])
def test_the_old_address_leads_to_the_formula(host, slot):
    path = host / "en" / slot / "questions" / "37-page.html"
    (line,) = page(path).xpath("//*[@id='equation-eq-lambda-max']")
    (link,) = line.xpath(".//a/@href")
    (box,) = page(leads(path, link)).xpath(f"//*[@id='{link.partition('#')[2]}']")
    assert box.xpath(".//math")


def test_a_lost_formula_would_be_noticed(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTNOTES_SLOT", "1.1")
    with pytest.raises(AssertionError, match="equation-eq-lambda-max is gone"):
        build(tmp_path, {"questions/37-page": "# 37. Page\n\nW.\n", "questions/36-other": EMPTY}, "")


def test_an_archive_of_something_else_is_refused(tmp_path):
    (tmp_path / "site" / "en").mkdir(parents=True)
    (tmp_path / "site" / "en" / "index.html").write_text("", "utf-8")
    pack(tmp_path / "a.zip", tmp_path / "site", [tmp_path / "site" / "en" / "index.html"])
    with pytest.raises(ValueError, match=r"expected folders such as ru/1\.0 in .*a\.zip, got none"):
        assemble(tmp_path / "site", tmp_path / "out", [tmp_path / "a.zip"])


def test_a_correction_takes_the_place_of_what_it_corrects_and_the_first_page_stays(tmp_path):
    for version, pages in (("1.0.9", ("index", "gone")), ("1.0.10", ("index",))):
        site = tmp_path / version
        for name in (site / "index.html", *(site / "en" / "1.0" / f"{page}.html" for page in pages)):
            name.parent.mkdir(parents=True, exist_ok=True)
            name.write_text(version, "utf-8")
        pack(tmp_path / f"optnotes-{version}-site.zip", site, (path for path in site.rglob("*") if path.is_file()))
    for language in LANGUAGES:
        (tmp_path / "today" / language).mkdir(parents=True)
    (tmp_path / "today" / "index.html").write_text("today", "utf-8")
    assemble(tmp_path / "today", tmp_path / "out", sorted(tmp_path.glob("*.zip"), reverse=True))
    assert (tmp_path / "out" / "index.html").read_text("utf-8") == "today"
    for folder in ("1.0", "latest"):
        assert [path.name for path in (tmp_path / "out" / "en" / folder).iterdir()] == ["index.html"]
        assert (tmp_path / "out" / "en" / folder / "index.html").read_text("utf-8") == "1.0.10"


def test_the_tenth_version_is_newer_than_the_ninth(tmp_path):
    for name in ("1.9", "1.10", "_static", "latest", "questions"):
        (tmp_path / name).mkdir()
    assert released(tmp_path) == ["1.10", "1.9"]
    assert slot_of("1.10.3") == "1.10"


def test_the_page_of_choice_leads_into_the_folder_of_the_release(tmp_path, monkeypatch):
    for language in LANGUAGES:
        (tmp_path / language / "1.0").mkdir(parents=True)
    monkeypatch.setenv("OPTNOTES_SLOT", "1.0")
    write_root(tmp_path, "")
    assert set(page(tmp_path / "index.html").xpath("//p/a/@href")) == {f"{each}/1.0/index.html" for each in LANGUAGES}
    assert page(tmp_path / "index.html").xpath("string(//script/@data-within)") == "/1.0"
