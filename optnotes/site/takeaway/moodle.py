"""The drill as Moodle XML: essay questions by page and level, which answer with the answer of the page.

Moodle reads the id of a question, so that a later file can be compared with the bank, and draws the TeX itself.
"""

from pathlib import Path

from lxml import etree

from optnotes.site.records.questions import LEVELS
from optnotes.site.takeaway.book import Book, Chapter
from optnotes.site.takeaway.boxes import Drill, drill, in_words, inner, outer, question_chapters, to_tex, words

NAME = 255  # characters that a name holds
# In the order of Moodle's own export. An answer may be left out: these questions are for the learner.
ESSAY = {
    "responseformat": "editor",
    "responserequired": "0",
    "responsefieldlines": "5",
    "attachments": "0",
    "attachmentsrequired": "0",
}


def write_moodle(book: Book, path: Path) -> int:
    """Write the bank and return the number of questions."""
    quiz = etree.Element("quiz")
    for chapter, content in question_chapters(book):
        items = list(drill(content))
        for level in LEVELS:
            chosen = [item for item in items if item.level == level]
            if chosen:
                quiz.append(category(book, chapter, level))
                quiz.extend(essay(item, chapter) for item in chosen)
    etree.ElementTree(quiz).write(path, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return len(quiz.xpath("question[@type='essay']"))


def category(book: Book, chapter: Chapter, level: str) -> etree._Element:
    """Name the place of the questions that follow."""
    names = ("$course$", "top", f"optnotes ({book.language})", chapter.title, book.text(f"level.{level}"))
    question = etree.Element("question", type="category")
    # A slash within a name is written twice.
    text(question, "category", "/".join(name.replace("/", "//") for name in names))
    return question


def essay(item: Drill, chapter: Chapter) -> etree._Element:
    """Ask; show the answer afterwards, and to whoever marks beforehand."""
    name = f"{item.id}. {words(item.question)}"
    in_words(item.task)
    for part in (item.question, *item.task, *item.answer):
        for formula in part.xpath(".//math"):
            to_tex(formula)
    task, answer = ("".join(map(outer, parts)) for parts in (item.task, item.answer))
    question = etree.Element("question", type="essay")
    text(question, "name", name if len(name) <= NAME else f"{name[: NAME - 1]}…")
    text(question, "questiontext", f"<p>{inner(item.question)}</p>{task}", format="html")
    text(question, "generalfeedback", answer, format="html")
    for key, value in {"defaultgrade": "1", "penalty": "0", "hidden": "0", "idnumber": item.id, **ESSAY}.items():
        etree.SubElement(question, key).text = value
    text(question, "graderinfo", answer, format="html")
    text(question, "responsetemplate", "", format="html")
    tags = etree.SubElement(question, "tags")
    for tag in (f"question-{chapter.title.partition('.')[0]}", f"level-{item.level}", f"kind-{item.kind}"):
        text(tags, "tag", tag)
    return question


def text(parent: etree._Element, name: str, content: str, **attributes: str) -> None:
    """Add a field of text; HTML is escaped by a section of its own, as Moodle writes it."""
    field = etree.SubElement(etree.SubElement(parent, name, **attributes), "text")
    field.text = etree.CDATA(content) if attributes and content else content
