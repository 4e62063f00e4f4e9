"""A resolved page as plain Markdown, for notebooks: TeX between dollars, references as text, boxes opened by hand."""

import re
from collections.abc import Iterator

from docutils import nodes
from sphinx.ext.viewcode import viewcode_anchor

from optnotes.site.pages.details import details, summary
from optnotes.site.pages.drill import sketch
from optnotes.site.words.text import Language, site_labels

SPECIAL = re.compile(r"([\\`*_\[\]<>$#|])")
LIST_START = re.compile(r"^(\d+)([.)])(?=\s)|^([-+])(?=\s)")
SILENT = (nodes.comment, nodes.target, nodes.raw, nodes.image, viewcode_anchor)


class MarkdownWriter:
    """Writes the nodes of one page; numbers of equations and figures come from outside, by id."""

    def __init__(self, language: Language, equations: dict[str, str], figures: dict[str, str]) -> None:
        self.text = site_labels(language)
        self.equations = equations
        self.figures = figures

    def inline(self, node: nodes.Node) -> str:
        """Write what stands within a paragraph, on one line."""
        if isinstance(node, nodes.Text):
            return SPECIAL.sub(r"\\\1", " ".join(str(node).split("\n")))
        assert isinstance(node, nodes.Element)
        if isinstance(node, SILENT) or {"screen-only", "viewcode-link"} & set(node.get("classes", ())):
            return ""
        if isinstance(node, nodes.math):
            return f"${' '.join(node.astext().split())}$"
        if isinstance(node, nodes.literal):
            return f"`{node.astext()}`"
        if isinstance(node, nodes.footnote_reference):
            return f"\\[{node.astext()}\\]"
        content = "".join(map(self.inline, node.children))
        if isinstance(node, nodes.emphasis):
            return f"*{content}*"
        if isinstance(node, nodes.strong):
            return f"**{content}**"
        if isinstance(node, nodes.reference) and "://" in node.get("refuri", ""):
            return f"[{content}]({node['refuri']})"
        return content

    def blocks(self, node: nodes.Element, level: int = 1) -> Iterator[str]:
        """Yield the blocks under ``node``, to be joined by empty lines."""
        for child in node.children:
            yield from self.block(child, level)

    def block(self, node: nodes.Node, level: int) -> Iterator[str]:
        """Yield the blocks of one node."""
        if isinstance(node, SILENT) or (isinstance(node, nodes.Text) and not node.strip()):
            return
        match node:
            case nodes.section():
                yield from self.blocks(node, level + 1)
            case nodes.title():
                yield f"{'#' * (level - 1)} {self.inline(node)}"
            case nodes.math_block():
                yield self.equation(node)
            case nodes.literal_block():
                yield f"```{node.get('language', '')}\n{node.astext()}\n```"
            case nodes.bullet_list() | nodes.enumerated_list():
                yield "\n".join(self.items(node, level))
            case nodes.definition_list():
                yield "\n".join(
                    f"- {self.inline(item[0])} — {' '.join(self.blocks(item.children[-1], level))}"  # type: ignore[arg-type]
                    for item in node.findall(nodes.definition_list_item)
                )
            case nodes.table():
                yield "\n".join(self.rows(node))
            case nodes.block_quote():
                yield "\n>\n".join(f"> {block}" for block in self.blocks(node, level))
            case nodes.footnote():
                label, *rest = node.children
                yield f"\\[{label.astext()}\\] " + " ".join(map(self.inline, rest))
            case nodes.figure():
                yield from self.figure(node)
            case nodes.rubric():
                yield f"**{self.inline(node)}**"
            case details():
                yield from self.box(node, level)
            case sketch():
                yield str(node["alt"])
            case nodes.paragraph(attributes={"classes": ["claim-head"]}):
                yield f"**{self.inline(node)}**"
            case nodes.TextElement() | nodes.Text():
                yield LIST_START.sub(r"\1\\\2\3", self.inline(node))
            case nodes.Element():
                yield from self.blocks(node, level)

    def equation(self, node: nodes.math_block) -> str:
        """Write a displayed formula with its number."""
        number = self.equations.get(node["ids"][0]) if node["ids"] else None
        tag = f" \\tag{{{number}}}" if number else ""
        return f"$$\n{node.astext().strip()}{tag}\n$$"

    def items(self, node: nodes.Element, level: int) -> Iterator[str]:
        """Yield the lines of a list."""
        for number, item in enumerate(node.children, 1):
            mark = f"{number}. " if isinstance(node, nodes.enumerated_list) else "- "
            assert isinstance(item, nodes.Element)
            content = "\n\n".join(self.blocks(item, level))
            yield mark + content.replace("\n", "\n" + " " * len(mark))

    def rows(self, node: nodes.table) -> Iterator[str]:
        """Yield the lines of a table; the first row is its head."""
        for index, row in enumerate(node.findall(nodes.row)):
            # A bar inside a formula would end the cell.
            cells = [
                " ".join(self.blocks(entry)).replace("\\|", "&#124;").replace("|", r"\vert ")
                for entry in row.findall(nodes.entry)
            ]
            yield f"| {' | '.join(cells)} |"
            if index == 0:
                yield f"|{' --- |' * len(cells)}"

    def figure(self, node: nodes.figure) -> Iterator[str]:
        """Yield the caption; the cell above draws the figure."""
        for caption in node.findall(nodes.caption):
            yield f"**{self.figures[node['ids'][0]]}** {self.inline(caption)}"

    def box(self, node: details, level: int) -> Iterator[str]:
        """Yield a box under its title or its question; the code of an experiment has a cell of its own."""
        if "source" in node["classes"]:
            return
        question, *answer = node.children
        assert isinstance(question, summary)
        if len(question.children) == 1:  # a title
            yield f"<details><summary>{question.astext()}</summary>"
        else:
            level_name, *words = question.children
            yield f"**{self.inline(level_name)}.** {''.join(map(self.inline, words)).strip()}"
            yield f"<details><summary>{self.text('drill.answer')}</summary>"
        for part in answer:
            yield from self.block(part, level)
        yield "</details>"
