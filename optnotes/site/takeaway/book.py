"""The pages of a built site as chapters of a book: one source for EPUB, PDF and cards.

What only a screen can use is taken out: scripts, controls, dark figures, folded sources. Hidden answers are opened.
"""

import datetime
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import cast
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
import yaml
from lxml import etree

from optnotes.site.settings import base_address, place
from optnotes.site.words.text import ROOT, Label, Language, site_labels

# What stands behind the questions. Claims and drill are on the question pages already; the API belongs to a screen.
APPENDICES = ("formulas", "notation", "conventions", "glossary")
DROPPED = (
    "//script | //style | //button | //input | //select | //form | //iframe | //canvas | //template | //noscript"
    " | //a[contains(@class, 'headerlink')] | //details[contains(@class, 'source')]"
    " | //p[@class='walk'] | //details[contains(@class, 'play')]"
    " | //*[contains(@class, 'only-dark')] | //a[span[contains(@class, 'viewcode-link')]]"
    " | //*[contains(@class, 'screen-only')]"
    " | //div[contains(@class, 'cell_input')] | //section[@id][contains(@id, '-cite')]"
)
SCREEN_ATTRIBUTES = ("loading", "tabindex", "style", "role", "data-math", "hidden", "aria-hidden")


@dataclass(frozen=True)
class Chapter:
    """One page: its name in the site, its title, and its content."""

    docname: str
    title: str
    content: lxml.html.HtmlElement

    @property
    def name(self) -> str:
        """Last part of the page's name, which is unique in the book."""
        return PurePosixPath(self.docname).name


@dataclass(frozen=True)
class Book:
    """One language of the site."""

    language: Language
    site: Path
    base: str
    chapters: tuple[Chapter, ...]

    @property
    def text(self) -> Label:
        """Words of the site."""
        return site_labels(self.language)

    @property
    def math_font(self) -> Path:
        """The font of the formulas, as the site has it."""
        (font,) = (self.site / "_static").glob("math-*.woff2")
        return font


def released() -> dict[str, str]:
    """Title, version and date of the release."""
    loaded = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    return {"title": loaded["title"], "version": str(loaded["version"]), "date": str(loaded["date-released"])}


def timestamp() -> datetime.datetime:
    """SOURCE_DATE_EPOCH, or the date of the release: equal sources give equal files."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if epoch:
        return datetime.datetime.fromtimestamp(int(epoch), datetime.UTC)
    return datetime.datetime.fromisoformat(released()["date"]).replace(tzinfo=datetime.UTC)


def read_book(html: Path, language: Language) -> Book:
    """Read the built site of one language."""
    site = (html / place(language)).resolve()
    names = [*sorted(f"questions/{path.stem}" for path in site.glob("questions/*.html")), *APPENDICES]
    base = base_address()
    root = f"{base}{place(language)}/" if base else ""
    return Book(language, site, root, tuple(read_chapter(site, name) for name in names))


def read_chapter(site: Path, docname: str) -> Chapter:
    """Read one page and keep what paper can hold."""
    page = lxml.html.document_fromstring((site / f"{docname}.html").read_bytes())
    (content,) = page.xpath("//article[contains(@class, 'bd-article')]/section")
    content.tail = None
    article = lxml.html.Element("article")
    article.append(content)
    clean(article)
    title = " ".join(article.xpath("//h1")[0].text_content().split())
    return Chapter(docname, title, article)


def clean(article: lxml.html.HtmlElement) -> None:
    """Take out what only a screen can use and open what is folded."""
    for element in cast(list[lxml.html.HtmlElement], article.xpath(DROPPED)):
        if element.getparent() is not None:
            element.drop_tree()
    for element in article.iter(etree.Element):
        for name in [name for name in element.attrib if name in SCREEN_ATTRIBUTES or name.startswith("data-")]:
            del element.attrib[name]
    for box in article.xpath("//details"):
        box.tag = "div"
        box.attrib.pop("open", None)
        for head in box.xpath("summary"):
            head.tag = "p"
            head.set("class", "question")
    # One text, one area to click: of several side by side the browser joins now three, now none.
    for wrapper in article.xpath("//div[contains(@class, 'pst-scrollable-table-container')] | //a//span"):
        wrapper.drop_tag()


def copy_of(chapter: Chapter) -> lxml.html.HtmlElement:
    """Return the content for a format to change."""
    return cast(lxml.html.HtmlElement, lxml.html.fromstring(etree.tostring(chapter.content)))


def relink(
    book: Book, chapter: Chapter, content: lxml.html.HtmlElement, inside: Callable[[Chapter, str], str]
) -> Iterator[Path]:
    """Point links into the book, to the site where its address is known, or nowhere; yield the images used."""
    by_name = {each.docname: each for each in book.chapters}
    anchors = {each.docname: {"", *each.content.xpath("//@id")} for each in book.chapters}
    for link in content.xpath("//a[@href]"):
        address = urlsplit(link.get("href"))
        if address.scheme or address.netloc:
            continue
        path = urljoin(f"{chapter.docname}.html", address.path) if address.path else f"{chapter.docname}.html"
        target = by_name.get(path.removesuffix(".html"))
        if target is not None and address.fragment in anchors[target.docname]:
            link.set("href", inside(target, address.fragment))
        elif target is not None:  # to what only a screen shows, such as the setting of an explorer
            link.drop_tag()
        elif book.base:
            link.set("href", urljoin(f"{book.base}{chapter.docname}.html", link.get("href")))
        else:
            link.drop_tag()
    for image in content.xpath("//img[@src]"):
        path = Path(os.path.normpath(book.site / PurePosixPath(chapter.docname).parent / unquote(image.get("src"))))
        image.set("src", path.name)
        yield path
