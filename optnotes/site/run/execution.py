"""Runs the cells of all pages side by side before Sphinx reads them; each page is cached by what it depends on.

jupyter-cache keys a notebook by its cells and its kernelspec. The digest of every imported module, catalogue and
version goes into the kernelspec, so a page is executed again exactly when something it uses has changed.
The main process alone writes the cache; the readers only find hits, in both languages.
"""

import hashlib
import itertools
import re
from pathlib import Path
from typing import Any

from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbformat import NotebookNode
from nbformat.v4 import nbbase
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.logging import getLogger

from optnotes.site.run.dependencies import digest_of
from optnotes.site.run.engine import run_all
from optnotes.site.run.pagecache import PageCache

logger = getLogger(__name__)

CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
# The one front matter of every page with cells; the digest must not shift the lines that warnings name.
KERNEL = "kernelspec:\n  name: python3\n  display_name: Python 3\n  language: python\n"
KEYED = "kernelspec: {{digest: {digest},\n  name: python3,\n  display_name: Python 3,\n  language: python}}\n"


def page_cells(text: str) -> str:
    """All code cells of a page as one source."""
    return "\n".join(CELL.findall(text))


def with_digest(text: str, root: Path, name: str) -> tuple[str, set[Path]]:
    """Write the digest of a page's dependencies into its kernelspec."""
    if KERNEL not in text:
        raise ExtensionError(f"{name}: a page with cells needs this front matter:\n{KERNEL}")
    digest, files = digest_of(page_cells(text), root)
    return text.replace(KERNEL, KEYED.format(digest=digest), 1), files


def name_cells(docname: str) -> None:
    """Let the cells of a page, which nbformat names at random, have the same names in every build."""
    numbers = itertools.count()
    named: Any = nbbase
    named.random_cell_id = lambda: hashlib.sha256(f"{docname} {next(numbers)}".encode()).hexdigest()[:8]


def key_by_dependencies(app: Sphinx, docname: str, content: list[str]) -> None:
    """Add the digest while a page is read, and note what the page depends on."""
    name_cells(docname)
    if is_myst_markdown_notebook(content[0]):
        content[0], files = with_digest(content[0], Path(app.confdir), docname)
        for path in files:
            app.env.note_dependency(path, docname=docname)


def execute_pages(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute what the cache does not hold, and say why the cache cannot be used."""
    path = Path(app.config.nb_execution_cache_path)
    try:
        execute_missing(app, env, docnames, PageCache(path, len(env.found_docs)))
    except RuntimeError as error:  # jupyter-cache hides what the database said
        raise ExtensionError(f"{path}: {error.__cause__ or error}") from None


def execute_missing(app: Sphinx, env: BuildEnvironment, docnames: list[str], cache: PageCache) -> None:
    """Execute every page that the cache does not hold; keep each as soon as it is done."""
    root = Path(app.confdir)
    waiting: dict[str, NotebookNode] = {}
    held = 0
    for docname in docnames:
        path = Path(env.doc2path(docname))
        text = path.read_text(encoding="utf-8") if path.suffix == ".md" else ""
        if not is_myst_markdown_notebook(text):
            continue
        notebook = read_myst_markdown_notebook(
            with_digest(text, root, str(path))[0],
            path=str(path),
            config=env.myst_config,  # type: ignore[attr-defined]
        )
        if cache.holds(notebook):
            held += 1
        else:
            waiting[str(path)] = notebook
    cells = sum(cell.cell_type == "code" for notebook in waiting.values() for cell in notebook.cells)
    logger.info("optnotes: executing %d pages (%d cells), %d from the cache", len(waiting), cells, held)

    failures = []
    for page, run in run_all(waiting, root, app.config.nb_execution_timeout, app.config.optnotes_cluster):
        if run.error is None:
            cache.keep(run.notebook, page, run.seconds)
            logger.info("optnotes: executed %s in %.1f s", Path(page).name, run.seconds)
        else:
            failures.append(f"{page}: {run.error}")
    if failures:
        raise ExtensionError("\n".join(sorted(failures)))
