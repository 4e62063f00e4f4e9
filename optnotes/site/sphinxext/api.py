"""Docstrings in the language of the site, with their sources as footnotes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from numpydoc.docscrape import NumpyDocString
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

import optnotes
from optnotes.site.docstrings import DIRECTIVE, paragraphs
from optnotes.site.sphinxext.translation import depend_on_translations, spoken
from optnotes.site.text import Language, translate_kind

BEFORE_NAPOLEON = 400
PAGE = """{module}
{rule}

.. automodule:: optnotes.{module}
   :members:

.. footbibliography::
"""


def write_pages(app: Sphinx) -> None:
    """Write one page per formula module into ``api/``; the list of modules is derived, never typed."""
    if not app.config.optnotes_guards:
        return
    folder = Path(app.srcdir) / "api"
    folder.mkdir(exist_ok=True)
    pages = {
        folder / f"{module}.rst": PAGE.format(module=module, rule="=" * len(module)) for module in optnotes.modules()
    }
    for stale in set(folder.glob("*.*")) - set(pages):
        stale.unlink()
    for path, content in pages.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")


def render(lines: list[str], say: Callable[[str], str], kind: Callable[[str], str]) -> list[str]:
    """Return a numpydoc docstring with every paragraph put through ``say`` and its sources as footnotes."""
    doc = NumpyDocString("\n".join(lines))
    doc["Summary"] = [say(" ".join(doc["Summary"]))]
    if not any(DIRECTIVE in line for line in doc["Extended Summary"]):
        doc["Extended Summary"] = spaced(doc["Extended Summary"], say)
    for section in ("Parameters", "Returns", "Raises"):
        doc[section] = [
            entry._replace(type=kind(entry.type), desc=[say(" ".join(" ".join(entry.desc).split()))])
            for entry in doc[section]
        ]
    doc["Notes"] = spaced(doc["Notes"], say)
    keys = [line.strip() for line in doc["References"] if line.strip()]
    doc["References"] = [f":footcite:p:`{','.join(keys)}`"] if keys else []
    return str(doc).splitlines()


def spaced(lines: list[str], say: Callable[[str], str]) -> list[str]:
    """Translate paragraph by paragraph."""
    return "\n\n".join(say(paragraph) for paragraph in paragraphs(lines)).splitlines()


def translate_docstring(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    """Hook of autodoc: rewrite ``lines`` in place, before napoleon reads them."""
    language: Language = app.config.language
    depend_on_translations(app.env)
    if any(lines):
        rendered = render(lines, lambda text: spoken(app.env, name, text), lambda kind: translate_kind(kind, language))
        lines[:] = [line.rstrip() for line in rendered]


class ListsOutOfParagraphs(SphinxPostTransform):
    """Sphinx wraps the list of several returned values in a paragraph, which HTML forbids."""

    default_priority = 900

    def run(self, **_: Any) -> None:
        """Put the list in the place of the paragraph."""
        for paragraph in list(self.document.findall(nodes.paragraph)):
            if any(isinstance(child, nodes.bullet_list) for child in paragraph.children):
                paragraph.replace_self(paragraph.children)


def setup(app: Sphinx) -> None:
    """Write the pages before Sphinx looks for them, then connect to autodoc."""
    app.add_post_transform(ListsOutOfParagraphs)
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", translate_docstring, priority=BEFORE_NAPOLEON)
