"""Cuts a written page into the passages that a search can lead to: sections, drill questions, terms, functions."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html

# What a search never reads: listings, sources of formulas, tables of symbols, footers, citations of the page itself.
LEFT_OUT = (
    ".//annotation | .//script | .//*[contains(@class, 'headerlink')] | .//details[@class='source']"
    " | .//*[@class='formula-footer'] | .//dl[@class='symbols'] | .//*[contains(@class, 'cell_input')]"
    " | .//*[contains(@class, 'level-')]"
    " | .//section[contains(@id, '-references')] | .//section[contains(@id, '-cite')]"
)
# The short answer goes with the title of its page.
PASSAGES = (
    ".//section[@id and not(starts-with(@id, 'q') and contains(@id, '-answer'))]"
    " | .//details[starts-with(@id, 'drill-')] | .//dt[@id]"
)
# Question pages hold the same boxes, in their context.
LISTS = ("drill", "claims", "formulas")
# How much a word of a passage counts; questions that a reader is asked repeat words of the text.
HEAD, EXPLAINED, ASKED, OTHER = 6.0, 3.0, 1.5, 1.0
LESS = {"api/": 0.2, "status": 0.3}


@dataclass(frozen=True)
class Passage:
    """One place of a page: its address, its heading, the headings above it, and its words as HTML."""

    address: str
    title: str
    above: tuple[str, ...]
    content: str
    text: str
    weight: float


def weight(docname: str, anchor: str, above: tuple[str, ...]) -> float:
    """How much a word of this passage counts: explanations before lists, and first the head of a page."""
    for start, value in LESS.items():
        if docname.startswith(start):
            return value
    if not above:
        return HEAD
    if anchor.startswith("drill-"):
        return ASKED
    explains = docname == "symptoms" or (docname.startswith("questions/") and not anchor.endswith("-claims"))
    return EXPLAINED if explains else OTHER


def heading(unit: html.HtmlElement) -> str:
    """What a passage is called; a function goes by its full name."""
    if "optnotes." in unit.get("id", ""):
        return unit.get("id")
    (found, *_) = unit.xpath("self::dt | ./summary | ./h1 | ./h2 | ./h3 | ./h4 | ./h5 | ./h6")
    return " ".join(found.text_content().split())


def taken(unit: html.HtmlElement) -> html.HtmlElement:
    """Take a passage out of its page; the words of a term stand behind it."""
    if unit.tag != "dt":
        unit.getparent().remove(unit)
        return unit
    box = html.Element("div")
    explained = unit.getnext()
    unit.addprevious(box)
    box.extend([unit] if explained is None or explained.tag != "dd" else [unit, explained])
    box.getparent().remove(box)
    return box


def passages(page: str, docname: str, url: str) -> Iterator[Passage]:
    """Cut a written page; nothing is left of one without an article."""
    for article in html.fromstring(page).xpath("//article[contains(@class, 'bd-article')]"):
        for unread in article.xpath(LEFT_OUT):
            unread.drop_tree()
        units = article.xpath(PASSAGES)
        above = {unit: tuple(heading(each) for each in unit.iterancestors("section")) for unit in units}
        cut = [(unit, heading(unit), taken(unit)) for unit in reversed(units)]
        for unit, title, content in reversed(cut[-1:] if docname in LISTS else cut):
            anchor, leading = unit.get("id"), above[unit][::-1]
            yield Passage(
                address=f"{url}#{anchor}" if leading else url,
                title=title,
                above=leading,
                content=html.tostring(content, encoding="unicode"),
                text=" ".join(content.itertext()),
                weight=weight(docname, anchor, leading),
            )
