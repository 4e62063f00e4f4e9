"""Versions side by side, in Chromium and Firefox: an old page says so, and the list leads to the same page of any."""

import re
import shutil

import pytest
from playwright.sync_api import expect
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from optnotes.site.chrome import versions
from optnotes.site.chrome.released import assemble, slot_of
from optnotes.site.chrome.root import write_root
from optnotes.site.settings import place
from optnotes.site.takeaway.release import pack
from optnotes.site.words.text import LANGUAGES, ROOT, site_labels
from tests.audit.server import serving
from tests.browser.conftest import Visit

BOTH = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "questions/36-page.html"
OLD, NEW, TODAY = "1.9", "1.10", ""  # the tenth comes after the ninth
PAGES = {
    "index": "# Home\n\n```{toctree}\nquestions/36-page\nsearch\n```\n",
    "questions/36-page": "# 36. Page\n\nWords and $x^2$.\n\n(q36-place)=\n## A place\n\nWords.\n",
    "search": "# Search\n",
}
# Of the notice and the list what a reader sees: words, where they lead, and whether the notice is on the screen.
SEEN = """() => {
  const notice = document.querySelector(".old-version"), box = document.querySelector("details.versions");
  return {
    notice: notice && notice.checkVisibility() && { text: notice.innerText, href: notice.querySelector("a").href },
    first: notice?.getBoundingClientRect().top,
    said: box.querySelector("summary").textContent,
  };
}"""
# What waits for the list of versions; only then can a notice be missing for good.
LISTED = """(count) => new Promise((done) => {
  const box = document.querySelector("details.versions");
  box.open = true;
  const look = () => {
    const links = [...box.querySelectorAll("a")];
    if (links.length < count) return setTimeout(look, 20);
    const current = links.filter((each) => each.hasAttribute("aria-current")).map((each) => each.textContent);
    done({ names: links.map((each) => each.textContent), links: links.map((each) => each.href), current });
  };
  look();
})"""


def build(folder, version, slot):
    """Build a small site of both languages with the settings and the theme of the real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OPTNOTES_SLOT", slot)
        patch.setattr(versions, "__version__", version)
        for language in LANGUAGES:
            source = folder / "docs" / language
            for name, text in PAGES.items():
                (source / name).parent.mkdir(parents=True, exist_ok=True)
                (source / f"{name}.md").write_text(text, "utf-8")
            with patch_docutils(ROOT), docutils_namespace():
                app = Sphinx(
                    *map(str, (source, ROOT, folder / "site" / place(language), folder / "doctrees" / language)),
                    "html",
                    confoverrides={"optnotes_addresses": "", "optnotes_guards": False},
                    status=None,
                    tags=[language],
                )
                app.build()
        write_root(folder / "site", "")
    return folder / "site"


@pytest.fixture(scope="module")
def host(tmp_path_factory):
    """Where a host shows two releases beside what follows the sources."""
    folder = tmp_path_factory.mktemp("versions")
    for version in ("1.9.0", "1.10.0"):
        site = build(folder / version, version, slot_of(version))
        pack(folder / f"optnotes-{version}-site.zip", site, (path for path in site.rglob("*") if path.is_file()))
        shutil.rmtree(folder / version)
    assemble(build(folder / "today", "1.10.0", TODAY), folder / "host", folder.glob("*.zip"))
    with serving(folder / "host") as address:
        yield address


@pytest.fixture
def walk(chromium, host):
    """A page in a fresh Chromium, which may not complain."""
    visit = Visit(chromium, host)
    yield visit
    visit.close()


def at(language, slot, page=PAGE):
    return "/".join(filter(None, (language, slot, page)))


@BOTH
def test_an_old_page_says_so_and_names_the_newest(opened, host, language):
    text = site_labels(language)
    opened.open(f"{host}/{at(language, OLD)}?words=1#q36-place")
    opened.call(LISTED, 3)
    seen = opened.call(SEEN)
    assert seen["notice"] == {
        "text": f"{text('version.old')} {text('version.later')} {NEW}",
        "href": f"{host}/{at(language, NEW)}?words=1#q36-place",
    }
    assert "1.9.0" in seen["said"]


@BOTH
def test_it_stands_where_a_reader_begins(opened, host, language):
    opened.open(f"{host}/{at(language, OLD)}")
    opened.call(LISTED, 3)
    assert 0 < opened.call(SEEN)["first"] < 200


@BOTH
@pytest.mark.parametrize("slot", [NEW, "latest", TODAY])
def test_no_other_page_says_so(opened, host, language, slot):
    opened.open(f"{host}/{at(language, slot)}")
    opened.call(LISTED, 3)
    assert not opened.call(SEEN)["notice"]


@BOTH
@pytest.mark.parametrize(("slot", "current"), [(OLD, OLD), (NEW, NEW), ("latest", NEW), (TODAY, None)])
def test_the_list_leads_to_the_same_page_of_each_version(opened, host, language, slot, current):
    today = site_labels(language)("version.newest")
    opened.open(f"{host}/{at(language, slot)}#q36-place")
    listed = opened.call(LISTED, 3)
    assert listed == {
        "names": [today, NEW, OLD],
        "links": [
            f"{host}/{at(language, TODAY)}",
            f"{host}/{at(language, NEW)}#q36-place",
            f"{host}/{at(language, OLD)}#q36-place",
        ],
        "current": [current or today],
    }


@BOTH
def test_a_reader_walks_from_version_to_version_and_language_to_language(walk, language):
    (other,) = (code for code in LANGUAGES if code != language)
    page = walk.open(at(language, TODAY))
    for slot in (NEW, OLD):
        page.locator("details.versions summary").click()
        page.get_by_role("link", name=slot, exact=True).click()
        expect(page).to_have_url(f"{walk.address}/{at(language, slot)}")
        expect(page.locator("h1")).to_contain_text("36. Page")
    page.locator("a.language-switch").first.click()  # the drawer has it, too
    expect(page).to_have_url(f"{walk.address}/{at(other, OLD)}")
    expect(page.locator(".old-version")).to_contain_text(site_labels(other)("version.old"))
    page.locator(".old-version a").click()
    expect(page).to_have_url(f"{walk.address}/{at(other, NEW)}")
    expect(page.locator(".old-version")).to_be_hidden()
    page.locator("details.versions summary").click()
    page.locator("details.versions a").first.click()
    expect(page).to_have_url(f"{walk.address}/{at(other, TODAY)}")


@BOTH
def test_without_a_script_the_way_to_the_newest_pages_is_there(chromium, host, language):
    visit = Visit(chromium, host, java_script_enabled=False)
    page = visit.open(at(language, OLD))
    expect(page.locator(".old-version")).to_be_hidden()  # who does not know of a later release says nothing of one
    page.locator("details.versions summary").click()
    page.locator("details.versions a").click()
    expect(page).to_have_url(re.compile(f"{re.escape(at(language, TODAY))}$"))
    visit.close()
