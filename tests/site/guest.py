"""A project of somebody else that cites this site by intersphinx."""

import io
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

CONF = "extensions = ['sphinx.ext.intersphinx']\nnitpicky = True\n"


def build_guest(folder: Path, text: str, mapping: dict[str, tuple[str, str]]) -> tuple[str, Path]:
    """Build one page against inventories in files; return the warnings and the page."""
    (folder / "index.rst").write_text(text, "utf-8")
    (folder / "conf.py").write_text(CONF, "utf-8")
    warnings = io.StringIO()
    with patch_docutils(), docutils_namespace():
        app = Sphinx(
            *map(str, (folder, folder, folder / "out", folder / "doctrees")),
            "html",
            confoverrides={"intersphinx_mapping": mapping},
            status=None,
            warning=warnings,
        )
        app.build()
    return warnings.getvalue(), folder / "out" / "index.html"
