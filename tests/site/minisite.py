"""A tiny site in a temporary folder, built with the real extension."""

import io
import os
from dataclasses import dataclass
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from optnotes.site.words.text import ROOT

CONF = """
language = "{language}"
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode",
              "sphinxcontrib.bibtex", "optnotes.site.extension"]
html_theme = "basic"
html_sidebars = {{"**": ["live-links.html"]}}
html_math_renderer = "mathml"
html_baseurl = optnotes_baseurl = "https://example.org/"
numfig = math_numfig = True
bibtex_bibfiles = ["references.bib"]
nb_execution_mode = "cache"
nb_execution_cache_path = r"{root}/cache"
nb_execution_raise_on_error = True
templates_path = ["_templates"]
optnotes_guards = {guards}
myst_enable_extensions = ["dollarmath"]
# The tiny site has no API page for py:func to point to, and no bibliography of its own on every page.
suppress_warnings = ["ref.func"]
"""
# What the real theme puts around a page; the search reads nothing else.
PAGE = """{% extends "!page.html" %}
{% block body %}<article class="bd-article">{{ super() }}</article>{% endblock %}"""
BIB = """@article{Friedman2010, title={T}, author={A, B}, journal={J}, year={2010}}
@article{Boyd2004, title={T}, author={A, B}, journal={J}, year={2004}}
@article{Tibshirani1996, title={T}, author={A, B}, journal={J}, year={1996}}
"""
NOTEBOOK = "---\nfile_format: mystnb\nkernelspec:\n  name: python3\n  display_name: Python 3\n  language: python\n---\n"


@dataclass
class Build:
    """What one build said and wrote."""

    status: str
    warnings: str
    out: Path
    dependencies: dict[str, set[str]]

    def page(self, name: str) -> str:
        """HTML of one page."""
        return (self.out / f"{name}.html").read_text("utf-8")

    @property
    def executed(self) -> str:
        """The line that counts executed cells; nothing may be executed behind its back."""
        assert "Executing notebook" not in self.status
        return next(line for line in self.status.splitlines() if line.startswith("optnotes: executing"))


class MiniSite:
    """Pages, examples and builds under one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.settings = ""
        self.write("constraints.txt", "")
        self.write("references.bib", BIB)
        for name in ("explorer.html", "live-links.html"):  # the other templates belong to another theme
            self.write(f"_templates/{name}", (ROOT / "docs" / "_templates" / name).read_text("utf-8"))
        self.write("_templates/page.html", PAGE)
        self.write("examples/__init__.py", "")

    def write(self, name: str, text: str) -> None:
        """Write a file, its folders included."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def page(self, name: str, text: str, *languages: str) -> None:
        """Write the same page in the given languages, both by default."""
        for language in languages or ("ru", "en"):
            self.write(f"docs/{language}/{name}.md", text)

    def build(self, language: str = "en", guards: bool = False, cluster: str = "") -> Build:
        """Build one language as the real site does: one configuration folder, two source trees."""
        self.write("conf.py", CONF.format(root=self.root, language=language, guards=guards) + self.settings)
        status, warning = io.StringIO(), io.StringIO()
        out = self.root / "html" / language
        before = dict(os.environ)
        try:
            with patch_docutils(), docutils_namespace():
                app = Sphinx(
                    str(self.root / "docs" / language),
                    str(self.root),
                    str(out),
                    str(self.root / "doctrees" / language),
                    "html",
                    confoverrides={"nitpicky": guards, "optnotes_cluster": cluster},
                    status=status,
                    warning=warning,
                )
                app.build()
                dependencies = {name: set(map(str, files)) for name, files in app.env.dependencies.items()}
        finally:
            os.environ.clear()
            os.environ.update(before)
        return Build(status.getvalue(), warning.getvalue(), out, dependencies)
