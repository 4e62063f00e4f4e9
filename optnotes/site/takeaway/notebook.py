"""A clean notebook of every page with cells: what is shown is what ran, and it runs away from the site."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard, cast
from urllib.parse import urljoin

import nbformat
from docutils import nodes
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from optnotes import __version__
from optnotes.site.pages.details import details
from optnotes.site.pages.store import store_of
from optnotes.site.settings import place
from optnotes.site.takeaway.markdown import MarkdownWriter
from optnotes.site.words.text import DATA, Language, catalogue_path, load_catalogue, site_labels

v4: Any = nbformat.v4  # it has no types
FOLDER = "_downloads/notebooks"
WHEEL = f"optnotes-{__version__}-py3-none-any.whl"
INSTALL = '%pip install --quiet "optnotes[notebooks] @ {address}"'
SETUP = "from functools import partial\n\nfrom optnotes.site.figures.publish import present"


def file_of(app: Sphinx, docname: str) -> Path:
    """Where the notebook of a page lies in the built site."""
    return Path(app.outdir) / FOLDER / f"{docname.rpartition('/')[2]}.ipynb"


def runs_away_from_the_site(env: BuildEnvironment, docname: str) -> bool:
    """Whether the page runs anything, and nothing that reads a file of this repository."""
    shown = {key.partition(".")[0] for key, _ in store_of(env).on("numbers").get(docname, [])}
    return bool(shown) and not any((DATA / f"{slug}.yaml").is_file() for slug in shown)


def is_experiment(node: nodes.Node) -> TypeGuard[nodes.container]:
    """Whether this is a cell that shows an example, with its source."""
    if not isinstance(node, nodes.container) or node.get("nb_element") != "cell_code":
        return False
    return any("source" in box["classes"] for box in node.findall(details))


def numbered(env: BuildEnvironment, docname: str, kind: str, form: str) -> dict[str, str]:
    """Return the numbers of equations or figures by id, in words."""
    numbers = env.toc_fignumbers.get(docname, {}).get(kind, {})
    return {node_id: form % ".".join(map(str, number)) for node_id, number in numbers.items()}


def source_of(cell: nodes.container) -> tuple[str, str]:
    """Return name and source of the example that a cell shows."""
    called = cell.astext().partition("from examples import ")[2].split()[0]
    box = next(node for node in cell.findall(details) if "source" in node["classes"])
    return called, next(iter(box.findall(nodes.literal_block))).astext()


def call(example: str, source: str, language: Language) -> str:
    """Return the cell that computes and shows; it brings the words of the figure along."""
    if "\ndef figure(" not in source:
        return f'present("{language}", numbers(compute()))'
    words = {
        key: word[language]
        for key, word in load_catalogue(catalogue_path(example)).items()
        if key not in ("alt", "caption")
    }
    spoken = json.dumps(words, ensure_ascii=False, indent=4).replace('"\n}', '",\n}')
    return (
        f'words = {spoken}\nresult = compute()\npresent("{language}", numbers(result), partial(figure, result), words)'
    )


def cells(document: nodes.document, writer: MarkdownWriter, language: Language) -> Iterator[NotebookNode]:
    """Yield a text cell for each section and two code cells for each experiment."""
    held: list[str] = []

    def text() -> Iterator[NotebookNode]:
        if held:
            yield v4.new_markdown_cell("\n\n".join(held))
            held.clear()

    def walk(node: nodes.Element, level: int) -> Iterator[NotebookNode]:
        for child in node.children:
            if isinstance(child, nodes.section):
                yield from text()
                yield from walk(child, level + 1)
            elif is_experiment(child):
                yield from text()
                example, source = source_of(child)
                folded = {"jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
                yield v4.new_code_cell(source.strip(), metadata=folded)
                yield v4.new_code_cell(call(example, source, language))
                for figure in child.findall(nodes.figure):
                    held.extend(writer.figure(figure))
            else:
                held.extend(writer.block(child, level))

    yield from walk(document, 1)
    yield from text()


def notebook(env: BuildEnvironment, docname: str, document: nodes.document) -> NotebookNode:
    """Build the notebook of a resolved page; equal pages give equal bytes."""
    language = cast(Language, env.config.language)
    writer = MarkdownWriter(
        language,
        numbered(env, docname, "displaymath", "%s"),
        numbered(env, docname, "figure", env.config.numfig_format["figure"]),
    )
    title, *rest = cells(document, writer, language)
    # The wheel lies beside the notebook; where that is on the network, the notebook fetches it.
    away = bool(env.config.optnotes_baseurl and env.config.optnotes_books)
    title.source += f"\n\n{site_labels(language)('notebook.fetches' if away else 'notebook.needs')}"
    address = urljoin(env.config.optnotes_baseurl, f"{place(language)}/_downloads/{WHEEL}")
    install = [v4.new_code_cell(INSTALL.format(address=address))] if away else []
    found = [title, *install, v4.new_code_cell(SETUP), *rest]
    for index, cell in enumerate(found, 1):
        cell.id = f"cell-{index:03}"
    metadata: dict[str, Any] = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    built = v4.new_notebook(cells=found, metadata=metadata)
    nbformat.validate(built)
    return built


def write(app: Sphinx, document: nodes.document, docname: str) -> None:
    """Write the notebook beside the page."""
    if app.builder.name == "html" and runs_away_from_the_site(app.env, docname):
        path = file_of(app, docname)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(v4.writes(notebook(app.env, docname, document)) + "\n", encoding="utf-8")
