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

from optnotes.site.takeaway.book import Book, Chapter, copy_of, read_chapter, timestamp
from optnotes.site.takeaway.boxes import drill, inner, outer, question_chapters, to_tex, with_class
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
    for chapter, content in question_chapters(book):
        for formula in content.xpath("//math"):
            to_tex(formula)
        number = f"question::{chapter.title.partition('.')[0]}"
        for item in drill(content):
            front = inner(item.question) + "".join(map(outer, item.task))
            back, tags = "".join(map(outer, item.answer)), (number, f"level::{item.level}", f"kind::{item.kind}")
            yield Card(item.id, front, back, chapter.title, tags)
        for box in with_class(content, "formula"):
            if "statement" not in box.classes:  # what follows from a formula is no formula
                yield formula_card(book, chapter, box, number, names)


def formula_card(book: Book, chapter: Chapter, box: lxml.html.HtmlElement, number: str, names: dict[str, str]) -> Card:
    """Ask for the formula by what it is; answer with equation, symbols and convention."""
    (equation,) = box.xpath("div[@class='math-block']")
    slug = equation.get("id").removeprefix("equation-")
    for beside in box.xpath(".//div[contains(@class, 'evidence') or contains(@class, 'derivation')]"):
        beside.drop_tree()
    kept = "".join(outer(part) for part in box if part.text_content().strip())
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
