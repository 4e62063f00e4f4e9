"""Reads the built pages: what each can be linked by, and where it links to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import html

STYLE_URL = re.compile(r"url\(\s*[\"']?([^\"')]+)")


@dataclass(frozen=True)
class File:
    """A page or a style sheet: its anchors, and its links with their lines."""

    anchors: frozenset[str]
    links: list[tuple[int, str]]


def page(path: Path) -> File:
    """Read a page with all its links, those of images, scripts and styles included."""
    root = html.parse(str(path), html.HTMLParser(encoding="utf-8")).getroot()
    anchors = frozenset(root.xpath("//@id | //a/@name"))
    return File(anchors, [(element.sourceline, link) for element, _, link, _ in root.iterlinks()])


def style(path: Path) -> File:
    """Read a style sheet."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return File(frozenset(), [(number, link) for number, line in lines for link in STYLE_URL.findall(line)])


def read(folder: Path) -> dict[Path, File]:
    """Read all pages below a folder, and the style sheets that they use; themes bring others that nobody loads."""
    pages = {path: page(path) for path in sorted(folder.rglob("*.html"))}
    styles = {path for _, path, _ in inside(pages) if path.suffix == ".css" and path.is_file()}
    return pages | {path: style(path) for path in sorted(styles)}


def inside(files: dict[Path, File]) -> Iterator[tuple[str, Path, str]]:
    """Yield place, file and anchor of every link that leads to no other site."""
    for path, file in files.items():
        for line, link in file.links:
            address = urlsplit(link)
            if not address.scheme and not address.netloc:
                target = (path.parent / unquote(address.path)).resolve() if address.path else path
                yield f"{path}:{line}", target / "index.html" if target.is_dir() else target, unquote(address.fragment)


def dead(folder: Path) -> Iterator[str]:
    """Describe each link that leads nowhere, and each page that no other page links to."""
    folder = folder.resolve()
    files = read(folder)
    linked = {folder / "index.html"}
    for place, target, anchor in inside(files):
        if not target.is_relative_to(folder) or not target.is_file():
            yield f"{place}: no file {target}"
        elif anchor and target in files and anchor not in files[target].anchors:
            yield f"{place}: no anchor #{anchor} in {target}"
        if not place.startswith(f"{target}:"):
            linked.add(target)
    for path in files.keys() - linked:
        yield f"{path}: nothing links to it"


def outside(folder: Path) -> list[str]:
    """List the addresses of other sites, each once."""
    links = {link for file in read(folder).values() for _, link in file.links}
    return sorted(link for link in links if urlsplit(link).scheme in {"http", "https"})
