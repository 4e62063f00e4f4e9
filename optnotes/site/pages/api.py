"""Docstrings in the language of the site, with their sources as footnotes."""

import importlib
import inspect
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any

from docutils import nodes
from numpydoc.docscrape import NumpyDocString
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

import optnotes
from optnotes.site.pages.translation import depend_on_translations, spoken
from optnotes.site.words.citations import citation, roles
from optnotes.site.words.docstrings import DIRECTIVE, paragraphs
from optnotes.site.words.text import Language, site_labels, translate_kind

PAGE = """.. Written by optnotes/site/pages/api.py: the build overwrites it, or removes it with its family.

{family}
{rule}

.. automodule:: optnotes.{family}

{contract}

{ideas}
.. footbibliography::
"""
MARK = PAGE.splitlines()[0]
# One module is one idea. The label gives the heading the same anchor in both languages.
IDEA = """.. _api-{family}-{module}:

{heading}
{rule}

{functions}
"""
FUNCTION = ".. autofunction:: optnotes.{family}.{function}\n"
CLASS = ".. autoclass:: optnotes.{family}.{name}\n   :members: {members}\n"


def write_pages(app: Sphinx) -> None:
    """Write one page per family into ``api/``, a derived list that nobody types, and one for the check-up."""
    if not app.config.optnotes_guards:
        return
    folder = Path(app.srcdir) / "api"
    folder.mkdir(exist_ok=True)
    pages = {folder / f"{family}.rst": page(app, family) for family in (*optnotes.families(), "checkup")}
    for other in set(folder.glob("*.rst")) - set(pages):
        if other.read_text(encoding="utf-8").startswith(MARK):
            other.unlink()
    for path, content in pages.items():
        if not path.is_file() or path.read_text(encoding="utf-8") != content:
            path.write_text(content, encoding="utf-8")


def page(app: Sphinx, family: str) -> str:
    """Return the page of a family: its formulas under the ideas of its modules."""
    face = importlib.import_module(f"optnotes.{family}")
    grouped: dict[str, list[str]] = {}
    for name in face.__all__:
        offered = getattr(face, name)
        if inspect.isfunction(offered):
            grouped.setdefault(offered.__module__, []).append(FUNCTION.format(family=family, function=name))
        elif inspect.isclass(offered):
            members = ", ".join(member for member in vars(offered) if documented(offered, member))
            listed = CLASS.format(family=family, name=name, members=members).replace("   :members: \n", "")
            grouped.setdefault(offered.__module__, []).append(listed)
    ideas = []
    for full, entries in sorted(grouped.items()):
        idea = inspect.getdoc(importlib.import_module(full)) or ""
        heading = spoken(app.env, full, " ".join(idea.split())).removesuffix(".")
        module = full.rpartition(".")[2].lstrip("_")
        ideas.append(
            IDEA.format(
                family=family, module=module, heading=heading, rule="-" * len(heading), functions="\n".join(entries)
            )
        )
    contract = site_labels(app.config.language)("api.checkup" if family == "checkup" else "api.contract")
    return PAGE.format(family=family, rule="=" * len(family), contract=contract, ideas="\n".join(ideas))


def documented(offered: type, member: str) -> bool:
    """Whether a method or property of a class is for readers."""
    return not member.startswith("_") and isinstance(vars(offered)[member], property | FunctionType)


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
    cited = [citation(line.strip()) for line in doc["References"] if line.strip()]
    doc["References"] = [roles(cited, ":", ":")] if cited else []
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
