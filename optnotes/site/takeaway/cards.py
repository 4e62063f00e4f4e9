"""Drill and formulas as an Anki deck; ids come from the slugs, so a later deck updates the cards and adds no copies."""

import hashlib
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import genanki
import lxml.html
from lxml import etree

from optnotes.site.takeaway.book import Book, Chapter, copy_of, read_chapter, relink, timestamp
from optnotes.site.takeaway.epub import zip_entry

FIELDS = ("Front", "Back", "Page", "Id")
CSS = (
    ".card { font-family: sans-serif; font-size: 19px; line-height: 1.4; text-align: left; max-width: 42rem;"
    " margin: 1rem auto; padding: 0 1rem; }\n.page, .kind { color: #767676; font-size: 14px; }"
    "\ndt { float: left; margin-right: 0.5em; }\ndd p { display: inline; }"
)


@dataclass(frozen=True)
class Card:
    """One card, before Anki sees it."""

    id: str
    front: str
    back: str
    page: str
    tags: tuple[str, ...]


def stable_id(*words: str) -> int:
    """Return an id for a deck or a note type, in the range that Anki uses."""
    digest = hashlib.sha256("/".join(("optnotes", *words)).encode()).hexdigest()
    return (1 << 30) + int(digest, 16) % (1 << 30)


def cards(book: Book) -> Iterator[Card]:
    """Yield the drill of each question, then its formulas."""
    names = formula_names(book)
    for chapter in book.chapters:
        if not chapter.docname.startswith("questions/"):
            continue
        content = copy_of(chapter)
        for reference in content.xpath("//a[contains(@class, 'footnote-reference')]"):
            drop_citation(reference)
        list(relink(book, chapter, content, lambda target, fragment: ""))
        for link in content.xpath("//a[not(@href) or @href='']"):
            link.drop_tag()
        for formula in content.xpath("//math"):
            to_tex(formula)
        number = f"question::{chapter.title.partition('.')[0]}"
        for box in content.xpath("//div[contains(concat(' ', @class, ' '), ' drill ')]"):
            yield drill_card(chapter, box, number)
        for box in content.xpath("//div[contains(concat(' ', @class, ' '), ' formula ')]"):
            yield formula_card(book, chapter, box, number, names)


def drill_card(chapter: Chapter, box: lxml.html.HtmlElement, number: str) -> Card:
    """Turn a box of the page into question and answer."""
    question, *rest = box
    words = [word.split("-") for span in question.xpath("span") for word in span.classes if "-" in word]
    for span in question.xpath("span[contains(@class, 'level')]"):
        span.drop_tree()
    # A task stands before its folded answer, and so above the answer of the card.
    answer = next((list(part)[1:] for part in rest if "solution" in part.classes), rest)
    task = [part for part in rest if answer is not rest and "solution" not in part.classes]
    return Card(
        box.get("id").removeprefix("drill-"),
        inner(question) + "".join(map(outer, task)),
        "".join(map(outer, answer)),
        chapter.title,
        (number, *(f"{name}::{value}" for name, value in words)),
    )


def formula_card(book: Book, chapter: Chapter, box: lxml.html.HtmlElement, number: str, names: dict[str, str]) -> Card:
    """Ask for the formula by what it is; answer with equation, symbols and convention."""
    (equation,) = box.xpath("div[@class='math-block']")
    slug = equation.get("id").removeprefix("equation-")
    kept = "".join(outer(part) for part in box if "formula-footer" not in part.classes)
    front = f'<span class="kind">{book.text("index.formula")}</span><br>{names[slug]}'
    return Card(slug, front, kept, chapter.title, (number, "formula"))


def formula_names(book: Book) -> dict[str, str]:
    """What each formula is, from the index of formulas."""
    page = copy_of(read_chapter(book.site, "formulas"))
    for formula in page.xpath("//math"):
        to_tex(formula)
    found = {}
    for line in page.xpath("//div[contains(@class, 'listed')]/p[1]"):
        (link,) = line.xpath("./a/@href")
        found[link.rpartition("#equation-")[2]] = inner(line).partition("</a> ")[2]
    return found


def drop_citation(reference: lxml.html.HtmlElement) -> None:
    """Take out a footnote mark and the space before it."""
    before, parent = reference.getprevious(), reference.getparent()
    if before is not None:
        before.tail = (before.tail or "").rstrip()
    else:
        parent.text = (parent.text or "").rstrip()
    reference.drop_tree()


def to_tex(formula: lxml.html.HtmlElement) -> None:
    """Replace MathML by the TeX it came from: Anki has its own MathJax."""
    (tex,) = formula.xpath(".//annotation/text()")
    opening, closing = ("\\[", "\\]") if formula.get("display") == "block" else ("\\(", "\\)")
    formula.tail = f"{opening}{tex.strip()}{closing}{formula.tail or ''}"
    formula.drop_tree()


def inner(element: lxml.html.HtmlElement) -> str:
    """HTML within an element."""
    children = "".join(lxml.html.tostring(child, encoding="unicode") for child in element)
    return (escape(element.text or "", quote=False) + children).strip()


def outer(element: lxml.html.HtmlElement) -> str:
    """HTML of an element."""
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def model(book: Book) -> genanki.Model:
    """Note type of one language: question above, answer below."""
    page = '<div class="page">{{Page}}</div>'
    template = {"name": "optnotes", "qfmt": f"{page}{{{{Front}}}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"}
    return genanki.Model(
        stable_id("model", book.language),
        f"optnotes {book.language}",
        fields=[{"name": name} for name in FIELDS],
        templates=[template],
        css=CSS,
    )


def write_deck(book: Book, path: Path) -> int:
    """Write the deck and return the number of cards."""
    kind = model(book)
    deck = genanki.Deck(stable_id("deck", book.language), f"optnotes ({book.language})")
    for order, card in enumerate(cards(book)):
        fields = [card.front, card.back, escape(card.page, quote=False), card.id]
        guid = genanki.guid_for("optnotes", book.language, card.id)
        deck.add_note(genanki.Note(kind, fields, tags=list(card.tags), guid=guid, due=order))
    with tempfile.TemporaryDirectory() as folder:
        packed = Path(folder) / "deck.apkg"
        genanki.Package(deck).write_to_file(packed, timestamp=timestamp().timestamp())
        # genanki stamps the files of the archive with the clock.
        with zipfile.ZipFile(packed) as source, zipfile.ZipFile(path, "w") as archive:
            for name in source.namelist():
                archive.writestr(zip_entry(name), source.read(name), zipfile.ZIP_DEFLATED)
    return len(deck.notes)
