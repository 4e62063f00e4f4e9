"""Runs the cells of all pages side by side before Sphinx reads them; each page is cached by what it depends on.

jupyter-cache keys a notebook by its cells and its kernelspec. The digest of every imported module, catalogue and
locked version goes into the kernelspec, so a page is executed again exactly when something it uses has changed.
The main process alone writes the cache; the readers only find hits, in both languages.
"""

import ast
import asyncio
import hashlib
import os
import platform
import re
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.logging import getLogger

from optnotes.site.text import catalogue_path

logger = getLogger(__name__)

PACKAGES = ("optnotes", "examples")
LOCK = "constraints.txt"
CELL = re.compile(r"^```\{code-cell\}[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
# The one front matter of every page with cells; the digest must not shift the lines that warnings name.
KERNEL = "kernelspec:\n  name: python3\n  display_name: Python 3\n  language: python\n"
KEYED = "kernelspec: {{digest: {digest},\n  name: python3,\n  display_name: Python 3,\n  language: python}}\n"


def module_file(name: str, root: Path) -> Path | None:
    """Source file of one of our own modules, or None for anything else."""
    if name.partition(".")[0] not in PACKAGES:
        return None
    path = root.joinpath(*name.split("."))
    for candidate in (path / "__init__.py", path.with_suffix(".py")):
        if candidate.is_file():
            return candidate
    return None


def imports(source: str) -> Iterator[str]:
    """Yield every module name a source may import, packages on the way included."""
    for node in ast.walk(ast.parse(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            parts = name.split(".")
            yield from (".".join(parts[:end]) for end in range(1, len(parts) + 1))


def dependencies(source: str, root: Path) -> set[Path]:
    """Return our own files that ``source`` reaches through imports, with the catalogue of each example."""
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        for name in imports(waiting.pop()):
            path = module_file(name, root)
            if path is None or path in found:
                continue
            found.add(path)
            waiting.append(path.read_text(encoding="utf-8"))
            catalogue = catalogue_path(path.stem)
            if name.startswith("examples.") and catalogue.is_file():
                found.add(catalogue)
    return found


def digest(files: set[Path], root: Path) -> str:
    """Hash the files by name and content, with the locked versions and the Python that runs them."""
    hashed = hashlib.sha256(platform.python_version().encode())
    for path in sorted(files | {root / LOCK}):
        hashed.update(os.path.relpath(path, root).encode())
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


def page_cells(text: str) -> str:
    """All code cells of a page as one source."""
    return "\n".join(CELL.findall(text))


def with_digest(text: str, root: Path, name: str) -> tuple[str, set[Path]]:
    """Write the digest of a page's dependencies into its kernelspec."""
    if KERNEL not in text:
        raise ExtensionError(f"{name}: a page with cells needs this front matter:\n{KERNEL}")
    files = dependencies(page_cells(text), root)
    return text.replace(KERNEL, KEYED.format(digest=digest(files, root)), 1), files


def key_by_dependencies(app: Sphinx, docname: str, content: list[str]) -> None:
    """Add the digest while a page is read, and note what the page depends on."""
    if is_myst_markdown_notebook(content[0]):
        content[0], files = with_digest(content[0], Path(app.confdir), docname)
        for path in files:
            app.env.note_dependency(path, docname=docname)


def execute_pages(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Execute every page that the cache does not hold, on all cores."""
    root = Path(app.confdir)
    cache = get_cache(app.config.nb_execution_cache_path)
    cache.list_cache_records()  # creates the database before any reader opens it
    waiting: list[tuple[str, nbformat.NotebookNode]] = []
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
        try:
            cache.match_cache_notebook(notebook)
            held += 1
        except KeyError:
            waiting.append((str(path), notebook))
    cells = sum(cell.cell_type == "code" for _, notebook in waiting for cell in notebook.cells)
    logger.info("optnotes: executing %d pages (%d cells), %d from the cache", len(waiting), cells, held)

    for (page, notebook), seconds in zip(waiting, asyncio.run(_execute_all(app, waiting)), strict=True):
        bundle = CacheBundleIn(notebook, page, data={"execution_seconds": seconds})
        cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
        logger.info("optnotes: executed %s in %.1f s", Path(page).name, seconds)


async def _execute_all(app: Sphinx, notebooks: list[tuple[str, nbformat.NotebookNode]]) -> list[float]:
    """Execute notebooks in place, as many at a time as there are cores; return the seconds of each."""
    free_core = asyncio.Semaphore(os.cpu_count() or 1)

    async def run(path: str, notebook: nbformat.NotebookNode) -> float:
        async with free_core:
            start = time.perf_counter()
            resources = {"metadata": {"path": str(app.confdir)}}
            client = NotebookClient(
                notebook,
                timeout=app.config.nb_execution_timeout,
                resources=resources,
                extra_arguments=["--IPKernelApp.log_level=40"],  # the kernel's remark on TCP is no news
                record_timing=False,  # the times would become part of the key
            )
            try:
                await client.async_execute()
            except CellExecutionError as error:
                raise ExtensionError(f"{path}: a cell failed\n{error}") from None
            return time.perf_counter() - start

    return list(await asyncio.gather(*(run(path, notebook) for path, notebook in notebooks)))


def setup(app: Sphinx) -> None:
    """Hook in before and while pages are read."""
    app.connect("env-before-read-docs", execute_pages)
    app.connect("source-read", key_by_dependencies)
