"""Lays out a release beside its built sites: ``python -m optnotes.site.takeaway.release SITE BILL OUT``.

The sites and the lists for programs become an archive each; all other files stand as readers take them. The sums are
in the form that ``sha256sum --check`` reads.
"""

import hashlib
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from optnotes.site.settings import place
from optnotes.site.takeaway.book import released
from optnotes.site.takeaway.downloads import BOOKS, FOLDER
from optnotes.site.takeaway.epub import zip_entry
from optnotes.site.takeaway.lists import LISTS, SCHEMA
from optnotes.site.words.text import LANGUAGES, ROOT, Language

SUMS = "SHA256SUMS"
EXECUTED = "jupyter_execute"  # what myst-nb leaves beside the sites
NOTES = "CHANGES.md"
NEWS = "CHANGES.{language}.md"  # what readers notice; the notes above are for those who use the code
METADATA = ("CITATION.cff", ".zenodo.json", "LICENSE")
DATA = (*(f"{name}.json" for name in LISTS), SCHEMA.name)


def title() -> str:
    """Name of the release."""
    return f"optnotes-{released()['version']}"


def notes(changelog: str, version: str) -> str:
    """Return what the changelog says of one version."""
    found = re.search(rf"^## \[{re.escape(version)}\][^\n]*\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    if found is None:
        raise ValueError(f"notes: expected '## [{version}]' in the changelog.")
    return f"{found[1].strip()}\n"


def news(site: Path, language: Language) -> str:
    """Return what the page of news tells readers, as plain Markdown."""
    return (site / place(language) / "changes.md").read_text(encoding="utf-8")


def pack(path: Path, folder: Path, files: Iterable[Path]) -> None:
    """Write an archive; equal files give equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(files):
            entry = zip_entry(f"{title()}/{file.relative_to(folder).as_posix()}")
            archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def taken(site: Path) -> Iterator[Path]:
    """Yield the files that both sites offer, each once: the wheel lies beside either."""
    found = {
        path.name: path
        for language in LANGUAGES
        for path in (site / place(language) / FOLDER / name.format(language=language) for name in BOOKS.values())
    }
    yield from found.values()


def lay_out(site: Path, bill: Path, out: Path) -> None:
    """Write the files of the release, and their sums last."""
    named = title()
    sites = (path for path in site.rglob("*") if path.is_file() and EXECUTED not in path.parts)
    pack(out / f"{named}-site.zip", site, sites)
    lists = (site / place(language) / name for language in LANGUAGES for name in DATA)
    pack(out / f"{named}-data.zip", site, lists)
    for path in taken(site):
        shutil.copyfile(path, out / path.name)
    shutil.copyfile(bill, out / f"{named}-sbom.json")
    for name in METADATA:
        shutil.copyfile(ROOT / name, out / name.removeprefix("."))
    (out / NOTES).write_text(notes((ROOT / "CHANGELOG.md").read_text("utf-8"), released()["version"]), encoding="utf-8")
    for language in LANGUAGES:
        (out / NEWS.format(language=language)).write_text(news(site, language), encoding="utf-8")
    files = sorted(path for path in out.iterdir() if path.is_file() and path.name != SUMS)
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files)
    (out / SUMS).write_text(sums, encoding="utf-8")


if __name__ == "__main__":
    lay_out(*map(Path, sys.argv[1:4]))
