"""``{drill}``: questions with hidden answers; they open without a script, and a page of all is a course with one."""

import inspect
import json
import zlib
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator

from optnotes.site.formulas.practice import code_of, code_path, evaluate, formulas, paths, shuffled
from optnotes.site.pages.claims import QuestionDirective
from optnotes.site.pages.details import details, summary
from optnotes.site.pages.questionpages import page_section, question_pages
from optnotes.site.pages.store import store_of
from optnotes.site.records.questions import DrillItem, Pictures, Value, question_numbers
from optnotes.site.words.text import SITE_CATALOGUE, format_number, load_catalogue, site_labels

SCHEDULER = Path(__file__).parents[1] / "vendor" / "ts-fsrs.js"
WORDS = "practice."


class datum(nodes.Inline, nodes.TextElement):  # noqa: N801 - docutils names nodes in lower case
    """A number as a program reads it, written as people do."""


class sketch(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A small curve without numbers on its axes."""


class course(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """The place where a script puts filters, exam and repetition."""


class DrillDirective(QuestionDirective):
    """The drill of one question, or of ``all``."""

    def run(self) -> list[nodes.Node]:
        """Build one box per item, and for all questions one section each."""
        argument = self.arguments[0]
        if argument != "all":
            return [self._box(argument, item) for item in self.load(argument).drill]
        store_of(self.env).note("indexes", "drill", self.lineno)
        pages = {page.number: page for page in question_pages(self.env)}
        sections: list[nodes.Node] = [course()]
        for number in question_numbers():
            boxes = [self._box(number, item) for item in self.load(number).drill]
            if boxes and number not in pages:
                raise self.error(f"drill: expected a page questions/{number}-…, got none")
            if boxes:
                sections.append(page_section(self, "drill", pages[number], boxes))
        return sections

    def _box(self, number: str, item: DrillItem) -> details:
        text = site_labels(self.language)
        question = self.parse_inline(item.question[self.language])[0]
        said = f"{text(f'level.{item.level}')} · {text(f'drill.{item.kind}')}"
        level = nodes.inline("", said, classes=["level", f"level-{item.level}", f"kind-{item.kind}"])
        box = details(ids=[f"drill-{item.id}"], classes=["drill"])
        box += summary("", "", level, nodes.Text(" "), *question)
        task, result = self._task(number, item)
        answer = self.paragraphs(item.answer[self.language])
        if task or result:
            answer = [details("", summary("", text("drill.answer")), *result, *answer, classes=["solution"])]
        box += [*task, *answer]
        return box

    def _task(self, number: str, item: DrillItem) -> tuple[list[nodes.Node], list[nodes.Node]]:
        """What stands between question and answer, and what the answer begins with."""
        if item.value:
            return [], [self._value(item.value)]
        if item.code:
            self.env.note_dependency(code_path(number))
            wrong, cured = (nodes.literal_block(code, code, language="python") for code in code_of(number, item.code))
            return [wrong], [cured]
        if item.pictures:
            options = list(self._sketches(item.pictures))
        else:
            options = [nodes.list_item("", *self.paragraphs(words[self.language])) for words in item.options]
        if not options:
            return [], []
        mixed = shuffled(item.id, options)
        right = next(place for place, (of, _) in enumerate(mixed, 1) if of == 0)
        shown = nodes.enumerated_list("", *(option for _, option in mixed), classes=["options"], enumtype="arabic")
        return [shown], [self._right(str(right), str(right))]

    def _value(self, value: Value) -> nodes.paragraph:
        self.env.note_dependency(inspect.getfile(formulas()[value.call.formula]))
        try:
            number = evaluate(value.call)
        except (ValueError, TypeError, IndexError) as error:
            raise self.error(f"drill: {value.call.formula}: {error}") from None
        line = self._right(f"{number:.6g}", format_number(number, value.spec, self.language), value.tolerance)
        whole = round(value.tolerance, 2) == value.tolerance
        within = format_number(value.tolerance, ".0%" if whole else ".1%", self.language)
        line += nodes.Text(f" ({site_labels(self.language)('drill.within', tolerance=within)})")
        return line

    def _right(self, value: str, shown: str, within: float = 0) -> nodes.paragraph:
        said = nodes.Text(f"{site_labels(self.language)('drill.right')} ")
        return nodes.paragraph("", "", said, datum(shown, shown, value=value, within=within), classes=["right"])

    def _sketches(self, pictures: Pictures) -> Iterator[nodes.list_item]:
        for picture in pictures.curves:
            self.env.note_dependency(inspect.getfile(formulas()[picture.call.formula]))
        *curves, axes = paths(pictures)
        for path, picture in zip(curves, pictures.curves, strict=True):
            yield nodes.list_item("", sketch(path=path, axes=axes, alt=picture.alt[self.language]))


def visit_datum(self: HTML5Translator, node: datum) -> None:
    """Open the number."""
    self.body.append(f'<data class="number" value="{escape(node["value"])}" data-within="{node["within"]}">')


def depart_datum(self: HTML5Translator, node: datum) -> None:
    """Close the number."""
    self.body.append("</data>")


def visit_sketch(self: HTML5Translator, node: sketch) -> None:
    """Draw the curve in the colour of the text, so that cards and books show it as well."""
    line = '<path d="{}" fill="none" stroke="currentColor" stroke-width="{}"{}/>'
    axes, curve = line.format(node["axes"], 1, ' opacity=".4"'), line.format(node["path"], 2.5, "")
    label = f'role="img" aria-label="{escape(node["alt"])}"'
    self.body.append(f'<svg class="sketch" viewBox="0 0 120 80" width="150" height="100" {label}>{axes}{curve}</svg>')
    raise nodes.SkipNode


def visit_course(self: HTML5Translator, node: course) -> None:
    """Leave the words of the script and the address of the scheduler in an empty box."""
    builder = self.builder
    if builder.name not in ("html", "dirhtml"):
        raise nodes.SkipNode
    text = site_labels(self.config.language)
    keys = [key for key in load_catalogue(SITE_CATALOGUE) if key.startswith(WORDS)]
    words: dict[str, Any] = {key.removeprefix(WORDS): text(key) for key in keys}
    listed = escape(json.dumps(words, ensure_ascii=False, separators=(",", ":")))
    up = "../" * builder.get_target_uri(builder.current_docname).count("/")
    source = f"{up}_static/{SCHEDULER.name}?v={zlib.crc32(SCHEDULER.read_bytes()):08x}"
    self.body.append(f'<div class="practice" hidden data-words="{listed}" data-scheduler="{source}"></div>\n')
    raise nodes.SkipNode


def load_script(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the page of all drills, and no other, load the script."""
    if doctree is not None and next(doctree.findall(course), None):
        app.add_js_file("practice.js", type="module")
