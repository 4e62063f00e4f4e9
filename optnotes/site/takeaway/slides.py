"""A deck of slides for each question, read off its page: answer, derivations step by step, figures, drill.

Nothing on a slide is typed here. What a lecturer says beside it, the prose of the section, stands in the notes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import cast

import lxml.html

from optnotes.site.records.questions import LEVELS
from optnotes.site.takeaway.book import Book, Chapter, released
from optnotes.site.takeaway.boxes import drill, inner, outer, question_chapters, with_class

MOST = 20  # slides of a deck; derivations give way, the last ones first
LINES = 6  # of a derivation on one slide, beside the one that it goes on from
CLAIMS = 3
UNSHOWN = ".//div[@class='play'] | .//div[contains(@class, 'evidence')] | .//span[@class='step-kind']"


@dataclass(frozen=True)
class Slide:
    """One slide: its heading, what is shown, and what is said."""

    title: str
    body: str
    notes: str
    kind: str
    first: bool = True  # whether it goes on from no other


@dataclass(frozen=True)
class Deck:
    """The slides of one question, and the files of their figures."""

    name: str
    title: str
    slides: tuple[Slide, ...]
    images: tuple[str, ...]


def decks(book: Book) -> Iterator[Deck]:
    """Yield the deck of each question."""
    for chapter, content in question_chapters(book):
        prepare(content)
        slides = tuple(limited(list(slides_of(book, chapter, content))))
        shown = lxml.html.fromstring(f"<div>{''.join(slide.body for slide in slides)}</div>")
        yield Deck(chapter.name.partition("-")[0], chapter.title, slides, tuple(shown.xpath("//img/@src")))


def prepare(content: lxml.html.HtmlElement) -> None:
    """Take out what says nothing on a slide, and every anchor: a deck repeats formulas."""
    for element in cast(list[lxml.html.HtmlElement], content.xpath(UNSHOWN)):
        element.drop_tree()
    for link in content.xpath("//figure//a"):
        link.drop_tag()
    for element in content.xpath("//figure/@id/.. | //div[@id]"):
        if not element.get("id").startswith(("drill-", "claim-")):
            del element.attrib["id"]
    for image in content.xpath("//img"):
        image.attrib.pop("width", None)
        image.attrib.pop("height", None)


def limited(slides: list[Slide]) -> Iterator[Slide]:
    """Leave out the last derivations, each as a whole, of a deck that is too long."""
    lines = [index for index, slide in enumerate(slides) if slide.kind == "lines"]
    kept = max(0, len(lines) - max(0, len(slides) - MOST))
    while kept < len(lines) and not slides[lines[kept]].first:
        kept -= 1
    left_out = set(lines[kept:])
    yield from (slide for index, slide in enumerate(slides) if index not in left_out)


def slides_of(book: Book, chapter: Chapter, content: lxml.html.HtmlElement) -> Iterator[Slide]:
    """Yield the slides in the order of the page."""
    named = {section.get("id").partition("-")[2]: section for section in content.xpath("//section[@id]")}
    yield title_slide(book, chapter)
    yield from answer_slides(named["answer"])
    yield from hand_slides(named["hand"])
    yield from derivation_slides(named["why"])
    yield from figure_slides(named["experiment"])
    yield from practice_slides(named["practice"])
    yield from drill_slides(book, named["drill"])
    yield from claim_slides(named["claims"])


def title_slide(book: Book, chapter: Chapter) -> Slide:
    """Say what the deck is made from, as that page says how to cite it."""
    page = lxml.html.document_fromstring((book.site / f"{chapter.docname}.html").read_bytes())
    style = book.text("slides.citation")
    cited = page.xpath("string(//section[contains(@id, '-cite')]/p[.=$style]/following-sibling::div[1])", style=style)
    lines = (book.text("book.subtitle"), str(cited).strip(), book.text("site.copyright"))
    body = "".join(f"<p>{escape(line)}</p>" for line in lines if line)
    return Slide(escape(chapter.title), body, f"<p>{escape(book.text('book.release', **released()))}</p>", "title")


def heading(section: lxml.html.HtmlElement) -> str:
    """Heading of a section."""
    return inner(section.xpath("h2 | h3")[0])


def prose(section: lxml.html.HtmlElement) -> str:
    """What a section says itself, without its sections, boxes and figures."""
    return "".join(map(outer, section.xpath("p | ul | ol")))


def answer_slides(section: lxml.html.HtmlElement) -> Iterator[Slide]:
    """The answer with its formula, then its picture."""
    title, formula = heading(section), section.xpath("div[contains(@class, 'formula')]")
    equations = "".join(outer(each) for box in formula for each in box.xpath("div[contains(@class, 'math-block')]"))
    explained = "".join(outer(each) for box in formula for each in box.xpath(".//dl | .//p[@class='convention']"))
    yield Slide(title, prose(section) + equations, explained or prose(section), "text")
    yield from figures(section, title)


def figures(section: lxml.html.HtmlElement, title: str) -> Iterator[Slide]:
    """Each picture of a section with its caption."""
    for figure in section.xpath("div[contains(@class, 'cell')]//figure"):
        alternative = "".join(f"<p>{escape(text)}</p>" for text in figure.xpath(".//img/@alt"))
        yield Slide(title, outer(figure), prose(section) + alternative, "figure")


def hand_slides(section: lxml.html.HtmlElement) -> Iterator[Slide]:
    """The small case as it is stated, with its tables and formulas."""
    shown = section.xpath("p[1] | table | div[contains(@class, 'formula')]/div[contains(@class, 'math-block')]")
    yield Slide(heading(section), "".join(map(outer, shown)), prose(section), "text")


def derivation_slides(section: lxml.html.HtmlElement) -> Iterator[Slide]:
    """Each derivation line by line; its reasons are said, after the prose of the first one of a section."""
    said = None
    for box in with_class(section, "derivation"):
        if section not in box.iterancestors():
            continue
        place = next(box.iterancestors("section"))
        before = (prose(place) if place is not said else "") + "".join(map(outer, box.xpath("dl")))
        for number, lines in enumerate(parts(box.xpath("ol/li"))):
            shown = [f"<div{' class=fragment' * bool(n)}>{outer(line[0])}</div>" for n, line in enumerate(lines)]
            reasons = "".join(f"<li>{''.join(map(outer, line[1:]))}</li>" for line in lines)
            notes = ("" if number else before) + f"<ol>{reasons}</ol>"
            yield Slide(heading(place), "".join(shown), notes, "lines", first=number == 0)
        said = place


def parts(lines: list[lxml.html.HtmlElement]) -> Iterator[list[lxml.html.HtmlElement]]:
    """Cut a long derivation into parts of equal length; each begins with the last line of the one before."""
    count = -(-(len(lines) - 1) // LINES)
    size = -(-(len(lines) - 1) // count)
    for start in range(0, len(lines) - 1, size):
        yield lines[start : start + size + 1]


def figure_slides(section: lxml.html.HtmlElement) -> Iterator[Slide]:
    """Each picture of the experiments, under the heading of its own section."""
    yield from figures(section, heading(section))
    for part in section.xpath("section"):
        yield from figures(part, heading(part))


def practice_slides(section: lxml.html.HtmlElement) -> Iterator[Slide]:
    """Symptoms and what to do; the runs that show it are said."""
    for table in section.xpath("table")[:1]:
        rows = table.xpath(".//tr")
        shown = "".join(f"<tr>{''.join(map(outer, row[:2]))}</tr>" for row in rows)
        said = "".join(f"<li>{inner(row[0])}{inner(row[-1])}</li>" for row in rows[1:])
        yield Slide(heading(section), f"<table>{shown}</table>", f"<ul>{said}</ul>", "text")


def drill_slides(book: Book, section: lxml.html.HtmlElement) -> Iterator[Slide]:
    """The first question of each level; the answer comes at a click."""
    items = list(drill(section))
    for level in LEVELS:
        for item in [item for item in items if item.level == level][:1]:
            title = f"{heading(section)}: {escape(book.text(f'level.{level}'))}"
            task, answer = ("".join(map(outer, parts)) for parts in (item.task, item.answer))
            body = f'<p class="asked">{inner(item.question)}</p>{task}<div class="fragment">{answer}</div>'
            yield Slide(title, body, answer, "text")


def claim_slides(section: lxml.html.HtmlElement) -> Iterator[Slide]:
    """Sentences of the note that do not hold as they stand, each with its verdict; the corrections are said."""
    judged = [
        box
        for box in with_class(section, "claim")
        if section in box.iterancestors() and "verdict-holds" not in box.classes
    ]
    shown, said = "", ""
    for box in judged[:CLAIMS]:
        (verdict,) = box.xpath(".//*[@class='verdict']")
        (quoted,) = box.xpath("blockquote")
        correction = "".join(map(outer, box.xpath("p[not(@class)]")))
        shown += f'<div class="claim">{outer(quoted)}<p class="verdict">{inner(verdict)}</p></div>'
        said += f"<li>{correction}</li>"
    if judged:
        yield Slide(heading(section), shown, f"<ol>{said}</ol>", "text")


def section_of(slide: Slide, notes: bool) -> str:
    """Write a slide; a printed one has no notes."""
    said = f'<aside class="notes">{slide.notes}</aside>' if notes else ""
    level = "h1" if slide.kind == "title" else "h2"
    return (
        f'<section class="slide {slide.kind}"><div class="page"><{level}>{slide.title}</{level}>'
        f'<div class="body">{slide.body}</div></div>{said}</section>\n'
    )
