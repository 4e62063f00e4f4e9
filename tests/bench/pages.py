"""Seconds and seeds of every page, alone on one core."""

import resource
from pathlib import Path
from typing import Any

from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from myst_parser.config.main import MdParserConfig
from nbformat import NotebookNode

from optnotes.site.figures.publish import MIME
from optnotes.site.run.engine import run_notebook
from optnotes.site.run.execution import with_digest


def cpu() -> float:
    """Processor seconds of all children that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def seeds(notebook: NotebookNode) -> dict[str, int | None]:
    """Number of seeds that each example of a page publishes; None where it publishes none."""
    found = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if published := output.get("data", {}).get(MIME):
                found[published["slug"]] = published["numbers"].get("seeds")
    return found


def pages(root: Path) -> list[dict[str, Any]]:
    """Execute the cells of each page in a kernel of its own, one page after the other."""
    rows: list[dict[str, Any]] = []
    for path in sorted((root / "docs" / "en").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        if not is_myst_markdown_notebook(text):
            continue
        config = MdParserConfig(enable_extensions={"attrs_block", "colon_fence", "deflist", "dollarmath"})
        notebook = read_myst_markdown_notebook(with_digest(text, root, str(path))[0], path=str(path), config=config)
        before = cpu()
        run = run_notebook(notebook, root, 900)
        if run.error is not None:
            raise SystemExit(f"{path}: {run.error}")
        published = seeds(run.notebook)
        counts = [count for count in published.values() if count is not None]
        rows.append(
            {
                "page": path.stem,
                "wall": round(run.seconds, 2),
                "cpu": round(cpu() - before, 2),
                "examples": len(published),
                "seeded": len(counts),
                "fewest_seeds": min(counts, default=0),
                "most_seeds": max(counts, default=0),
            }
        )
    return rows
