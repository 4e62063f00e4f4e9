"""Released sites beside that of the sources: ``python -m optnotes.site.chrome.released HTML OUT ARCHIVES``.

A release keeps its bytes: it is built for its folder, such as ``en/1.0``, and learns from ``en/versions.json``, in the
form of the theme's switcher, which others have come since. ``en/latest`` is a copy of the newest one.
"""

import json
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path

from optnotes.site.words.text import LANGUAGES

SLOT = re.compile(r"\d+(\.\d+)+")
LIST = "versions.json"
LATEST = "latest"


def order(name: str) -> list[int]:
    """Numbers of a version within a name: the tenth comes after the ninth."""
    return [int(part) for part in re.findall(r"\d+", name)]


def slot_of(version: str) -> str:
    """Folder of a version: corrections stand where what they correct stood, 1.0.2 in 1.0."""
    return ".".join(version.split(".")[:2])


def released(site: Path) -> list[str]:
    """Folders of the releases of one language, the newest first."""
    names = [path.name for path in site.glob("*") if path.is_dir() and SLOT.fullmatch(path.name)]
    return sorted(names, key=order, reverse=True)


def write_versions(html: Path) -> None:
    """Write the list of releases of each language, with addresses as seen from it."""
    for site in (html / language for language in LANGUAGES):
        entries = [
            {"name": name, "version": name, "url": f"{name}/", "preferred": not index}
            for index, name in enumerate(released(site))
        ]
        (site / LIST).write_text(f"{json.dumps(entries, indent=1)}\n", encoding="utf-8")


def add(html: Path, archive: Path) -> None:
    """Unpack what an archive holds of its release; its own first page and list stay in it."""
    wanted = re.compile(rf"[^/]+/(({'|'.join(LANGUAGES)})/{SLOT.pattern}/.+)")
    with zipfile.ZipFile(archive) as packed:
        members = {found[1]: found[0] for name in packed.namelist() if (found := wanted.fullmatch(name))}
        if not members:
            raise ValueError(f"add: expected folders such as {LANGUAGES[0]}/1.0 in {archive}, got none.")
        for folder in {"/".join(name.split("/")[:2]) for name in members}:
            shutil.rmtree(html / folder, ignore_errors=True)  # what 1.0.1 corrects stood there
        for name, member in members.items():
            (html / name).parent.mkdir(parents=True, exist_ok=True)
            (html / name).write_bytes(packed.read(member))


def assemble(html: Path, out: Path, archives: Iterable[Path]) -> None:
    """Make the folder that a host shows from the newest site and the archives of the releases."""
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(html, out)
    for archive in sorted(archives, key=lambda path: order(path.name)):
        add(out, archive)
    for site in (out / language for language in LANGUAGES):
        for newest in released(site)[:1]:
            shutil.copytree(site / newest, site / LATEST)
    write_versions(out)


if __name__ == "__main__":
    assemble(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]).glob("*.zip") if sys.argv[3:] else ())
