"""The boxes of question pages that leave the book one by one: formulas and drill, for cards and learning systems."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

import lxml.html
from lxml import etree

from optnotes.site.takeaway.book import Book, Chapter, copy_of, relink
from optnotes.site.words.linear import linear


@dataclass(frozen=True)
class Drill:
    """One question of the drill as its page shows it."""

    id: str
    level: str
    kind: str
    question: lxml.html.HtmlElement
    task: tuple[lxml.html.HtmlElement, ...]
    answer: tuple[lxml.html.HtmlElement, ...]


def question_chapters(book: Book) -> Iterator[tuple[Chapter, lxml.html.HtmlElement]]:
    """Yield each question page with what can leave it: links lead to the site or nowhere, source marks are gone."""
    for chapter in book.chapters:
        if chapter.docname.startswith("questions/"):
            content = copy_of(chapter)
            for reference in content.xpath("//a[contains(@class, 'footnote-reference')] | //span[@class='place']"):
                drop_citation(reference)
            list(relink(book, chapter, content, lambda target, fragment: ""))
            for link in content.xpath("//a[not(@href) or @href='']"):
                link.drop_tag()
            yield chapter, content


def with_class(content: lxml.html.HtmlElement, name: str) -> list[lxml.html.HtmlElement]:
    """Boxes of one class."""
    return list(content.xpath(f"//div[contains(concat(' ', @class, ' '), ' {name} ')]"))


def drill(content: lxml.html.HtmlElement) -> Iterator[Drill]:
    """Yield the drill of a page."""
    for box in with_class(content, "drill"):
        question, *rest = box
        (mark,) = question.xpath("span[contains(@class, 'level-')]")
        of = dict(name.split("-", 1) for name in mark.classes if "-" in name)
        mark.drop_tree()
        question.text = (question.text or "").lstrip()
        # A task stands before its answer, which is folded then.
        folded = [part for part in rest if "solution" in part.classes]
        task = rest[: rest.index(folded[0])] if folded else []
        answer = folded[0][1:] if folded else rest
        yield Drill(box.get("id").removeprefix("drill-"), of["level"], of["kind"], question, tuple(task), tuple(answer))


def in_words(parts: Iterable[lxml.html.HtmlElement]) -> None:
    """Put its description where a curve is drawn: learning systems take no drawing within their text."""
    for part in parts:
        for drawn in part.xpath(".//svg"):
            drawn.tail = f"{drawn.get('aria-label')}{drawn.tail or ''}"
            drawn.drop_tree()


def drop_citation(reference: lxml.html.HtmlElement) -> None:
    """Take out a footnote mark, or the place behind it, with the space before."""
    before, parent = reference.getprevious(), reference.getparent()
    if before is not None:
        before.tail = (before.tail or "").rstrip()
    else:
        parent.text = (parent.text or "").rstrip()
    reference.drop_tree()


def to_tex(formula: lxml.html.HtmlElement) -> None:
    """Replace MathML by the TeX it came from: Anki and Moodle have their own MathJax."""
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


def words(element: lxml.html.HtmlElement) -> str:
    """What an element says, in one line of plain characters."""
    spoken = lxml.html.fromstring(etree.tostring(element, with_tail=False))
    for formula in spoken.xpath(".//math"):
        formula.tail = f"{linear(formula)}{formula.tail or ''}"
        formula.drop_tree()
    return " ".join(spoken.text_content().split())
