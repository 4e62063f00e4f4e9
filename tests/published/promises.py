"""What a built folder promises: links, whole addresses in any file, names in scripts, headers, index and notebooks."""

import json
import re
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from os.path import normpath
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pikepdf
from lxml import html

from optnotes.site.records.addresses import load_addresses
from optnotes.site.settings import place, slot
from optnotes.site.takeaway.downloads import BOOKS, FOLDER
from optnotes.site.words.text import LANGUAGES
from tests.links.built import inside, read

TEXTS = {".html", ".ipynb", ".js", ".json", ".txt", ".xml"}
IMPORTED = re.compile(r"""\bimport\(\s*"([^"]+)"\s*\)|\bfrom\s*"(\.[^"]+)\"""")


def base_of(folder: Path) -> str:
    """Address at which the folder will stand, as its first page says; empty where that page does not know."""
    (canonical,) = html.parse(str(folder / "index.html")).xpath("//link[@rel='canonical']/@href")
    return str(canonical) if urlsplit(canonical).scheme else ""


def books(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield name and text of the files within the books, and the links of the printed ones."""
    for path in sorted(folder.glob(f"**/{FOLDER}/*.epub")):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith((".xhtml", ".opf")):
                    yield f"{path}/{name}", archive.read(name).decode()
    for path in sorted(folder.glob(f"**/{FOLDER}/*.pdf")):
        with pikepdf.open(path) as pdf:
            for number, page in enumerate(pdf.pages, 1):
                notes = [note.A.URI for note in page.get("/Annots", []) if "/A" in note and "/URI" in note.A]
                yield f"{path}, page {number}", "\n".join(map(str, notes))


def whole_addresses(folder: Path, base: str) -> Iterator[tuple[str, Path]]:
    """Yield place and file of every address of this site that is written out in full."""
    pattern = re.compile(re.escape(base) + r"""[^\s"'<>(){}\[\]\\]*""")
    texts = [path for path in sorted(folder.rglob("*")) if path.suffix in TEXTS]
    named = ((str(path), path.read_text(encoding="utf-8")) for path in texts)
    for name, text in (*named, *books(folder)):
        for found in pattern.finditer(text):
            path = unquote(urlsplit(found[0][len(base) :].rstrip(".,;")).path)
            yield f"{name}:{text.count(chr(10), 0, found.start()) + 1}", folder / path


def data_of_scripts(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield what scripts load: the frames of explorers, and each other."""
    for path in sorted(folder.glob("*/**/*.html")):
        for source in html.parse(str(path)).xpath("//@data-source"):
            yield f"{path}: data-source", path.parent / unquote(urlsplit(source).path)
    for path in sorted(folder.glob("**/_static/*.js")):
        for found in IMPORTED.finditer(path.read_text(encoding="utf-8")):
            yield f"{path}: import", path.parent / (found[1] or found[2])


def index_of_search(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield what the entry of each search index names."""
    for language in LANGUAGES:
        entry = folder / place(language) / "pagefind" / "pagefind-entry.json"
        yield f"{language}/search.html", entry
        for held in json.loads(entry.read_text("utf-8"))["languages"].values() if entry.is_file() else ():
            names = [f"pagefind.{held['hash']}.pf_meta", f"wasm.{held['wasm']}.pagefind", "pagefind-worker.js"]
            yield from ((str(entry), entry.parent / name) for name in names)
            written = len(list(entry.parent.glob(f"fragment/{language}_*")))
            if written != held["page_count"]:
                yield f"{entry}: {held['page_count']} pages, {written} fragments", entry.parent / "fragment" / "lost"


def environment(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield the wheel that Binder installs."""
    path = folder / "binder" / "requirements.txt"
    yield "the link to Binder", path
    for line in path.read_text("utf-8").splitlines() if path.is_file() else ():
        if line.startswith("./"):
            yield str(path), folder / line.partition("[")[0]


def beside(folder: Path, where: str, target: Path) -> bool:
    """Whether a page of a release leads to itself as it is today: a host shows both, a release holds one."""
    return bool(slot()) and any(
        target.is_relative_to(folder / language)
        and where.startswith(f"{folder / place(language) / target.relative_to(folder / language)}:")
        for language in LANGUAGES
    )


def offered(folder: Path) -> Iterator[str]:
    """Describe each book that no page of its language offers."""
    for language in LANGUAGES:
        page = folder / place(language) / "downloads.html"
        links = set(html.parse(str(page)).xpath("//a/@href"))
        for name in (name.format(language=language) for name in BOOKS.values()):
            if f"{FOLDER}/{name}" not in links:
                yield f"{page}: no link to {FOLDER}/{name}"


def headers(folder: Path) -> Iterator[str]:
    """Describe each pattern of ``_headers`` that fits no file."""
    files = [f"/{path.relative_to(folder).as_posix()}" for path in folder.rglob("*") if path.is_file()]
    for number, line in enumerate((folder / "_headers").read_text("utf-8").splitlines(), 1):
        if line.startswith("/") and not any(fnmatch(file, line) for file in files):
            yield f"{folder / '_headers'}:{number}: no file fits {line}"


def addresses(folder: Path) -> Iterator[str]:
    """Describe every recorded address that no file of a language has, redirects included."""
    record = load_addresses()
    for language in LANGUAGES:
        for page, anchors in record.pages.items():
            path = folder / place(language) / f"{page}.html"
            if not path.is_file():
                yield f"addresses.yaml: no file {path}"
            elif page not in record.moved:
                held = set(html.parse(str(path)).xpath("//@id"))
                yield from (f"addresses.yaml: {path} has no anchor {each}" for each in sorted(anchors - held))


def broken(folder: Path) -> Iterator[str]:
    """Describe each promise without its file: where it stands, and what is missing."""
    folder = folder.resolve()
    base = base_of(folder)
    promised = [(place, path) for place, path, _ in inside(read(folder))]
    for source in (data_of_scripts, index_of_search, environment):
        promised += source(folder)
    if base:
        promised += whole_addresses(folder, base)
    for where, path in promised:
        target = Path(normpath(path / "index.html" if path.is_dir() else path))
        found = target.is_relative_to(folder) and target.is_file()
        if not found and not beside(folder, where, target):
            yield f"{where}: no file {target}"
    yield from offered(folder)
    yield from headers(folder)
    yield from addresses(folder)
