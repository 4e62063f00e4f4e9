"""A release in a folder: what readers take stands there once, with sums that tell any change."""

import subprocess
import zipfile

import pytest

from optnotes import __version__
from optnotes.site.settings import place
from optnotes.site.takeaway import release
from optnotes.site.takeaway.downloads import BOOKS, FOLDER
from optnotes.site.takeaway.release import SUMS, lay_out, notes
from optnotes.site.words.text import LANGUAGES, ROOT


@pytest.fixture
def laid(tmp_path, monkeypatch):
    monkeypatch.setenv("OPTNOTES_SLOT", "0.1")
    site = tmp_path / "site"
    for language in LANGUAGES:
        folder = site / place(language)
        (folder / FOLDER).mkdir(parents=True)
        for name in BOOKS.values():
            (folder / FOLDER / name.format(language=language)).write_text(f"{name} {language}", "utf-8")
        for name in release.DATA:
            (folder / name).write_text(f"{language} {name}", "utf-8")
        (folder / "changes.md").write_text(f"# news {language}\n", "utf-8")
    (site / "index.html").write_text("first", "utf-8")
    (site / release.EXECUTED).mkdir()
    (site / release.EXECUTED / "37.ipynb").write_text("{}", "utf-8")
    (tmp_path / "bill.json").write_text("bill", "utf-8")
    lay_out(site, tmp_path / "bill.json", tmp_path)
    return tmp_path


def test_all_that_readers_take_is_there(laid):
    names = {path.name for path in laid.iterdir() if path.is_file()} - {"bill.json"}
    books = {name.format(language=language) for name in BOOKS.values() for language in LANGUAGES}
    named = {f"optnotes-{__version__}-{name}" for name in ("site.zip", "data.zip", "sbom.json")}
    news = {f"CHANGES.{language}.md" for language in LANGUAGES}
    assert names == books | named | news | {SUMS, "CHANGES.md", "CITATION.cff", "LICENSE", "zenodo.json"}


def test_each_file_is_the_one_that_its_name_says(laid):
    for language in LANGUAGES:
        for name in BOOKS.values():
            said = (laid / name.format(language=language)).read_text("utf-8")
            assert said in (f"{name} {language}", f"{BOOKS['wheel']} {LANGUAGES[-1]}")
    assert (laid / f"optnotes-{__version__}-sbom.json").read_text("utf-8") == "bill"
    for name, source in (("CITATION.cff", "CITATION.cff"), ("zenodo.json", ".zenodo.json"), ("LICENSE", "LICENSE")):
        assert (laid / name).read_bytes() == (ROOT / source).read_bytes()
    told = (laid / "CHANGES.md").read_text("utf-8")
    assert told == notes((ROOT / "CHANGELOG.md").read_text("utf-8"), __version__)
    for language in LANGUAGES:
        assert (laid / f"CHANGES.{language}.md").read_text("utf-8") == f"# news {language}\n"


def test_the_archives_hold_sites_and_lists_of_each_language(laid):
    top = f"optnotes-{__version__}"
    with zipfile.ZipFile(laid / f"{top}-data.zip") as archive:
        assert archive.namelist() == sorted(
            f"{top}/{language}/0.1/{name}" for language in LANGUAGES for name in release.DATA
        )
        assert archive.read(f"{top}/ru/0.1/formulas.json") == b"ru formulas.json"
    with zipfile.ZipFile(laid / f"{top}-site.zip") as archive:
        assert archive.read(f"{top}/index.html") == b"first"
        assert f"{top}/ru/0.1/formulas.json" in archive.namelist()
        assert not any(release.EXECUTED in name for name in archive.namelist())


def test_the_sums_tell_a_change(laid):
    check = ("sha256sum", "--check", "--strict", "--quiet", SUMS)
    assert subprocess.run(check, cwd=laid, check=False).returncode == 0
    listed = [line.split("  ")[1] for line in (laid / SUMS).read_text("utf-8").splitlines()]
    assert listed == sorted(path.name for path in laid.iterdir() if path.is_file() and path.name != SUMS)
    (laid / "CITATION.cff").write_text("changed", "utf-8")
    assert subprocess.run(check, cwd=laid, check=False, capture_output=True).returncode == 1


def test_equal_sites_give_equal_bytes(laid):
    before = (laid / SUMS).read_text("utf-8")
    lay_out(laid / "site", laid / "bill.json", laid)
    assert (laid / SUMS).read_text("utf-8") == before


def test_the_notes_are_those_of_the_version():
    log = "# Log\n\n## [Unreleased]\n\n- c\n\n## [0.2.0] - 2026-12-01\n\n- b\n\n## [0.1.0] - 2026-11-23\n\n- a\n"
    assert notes(log, "0.2.0") == "- b\n"
    assert notes(log, "0.1.0") == "- a\n"
    with pytest.raises(ValueError, match=r"expected '## \[0\.3\.0\]'"):
        notes(log, "0.3.0")
    assert notes((ROOT / "CHANGELOG.md").read_text("utf-8"), __version__).startswith("### ")
