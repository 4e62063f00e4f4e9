"""One Sphinx configuration for both languages: the language is a tag, ``-t ru`` or ``-t en``."""

import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sphinx.errors import ConfigError

ROOT = Path(__file__).parent
sys.path.insert(0, str(ROOT))

from optnotes import __version__  # noqa: E402 - the path comes first
from optnotes.site.settings import base_address, kernel_environment, place, slot  # noqa: E402
from optnotes.site.words.data import DataError  # noqa: E402
from optnotes.site.words.text import LANGUAGES, site_labels  # noqa: E402

os.environ.update(kernel_environment(ROOT))  # before anything imports Matplotlib here

# Sphinx provides the tags.
language = next((code for code in LANGUAGES if tags.has(code)), "en")  # type: ignore[name-defined]  # noqa: F821
try:
    text = site_labels(language)
except DataError as error:
    raise ConfigError(str(error)) from None

project = "optnotes"
author = "The optnotes authors"
copyright = text("site.copyright")
version = release = __version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "optnotes.site.extension",
    "sphinx_llm_friendly",
    "optnotes.site.lean.slim",
]
nitpicky = True
templates_path = ["docs/_templates"]
exclude_patterns: list[str] = []
locale_dirs = ["../locale/theme"]  # what the theme says in English only

# Every exemption from "warnings are errors", with its reason.
nitpick_ignore = [
    ("py:exc", "ValueError"),  # Python's own documentation is not loaded: the build needs no network
    ("py:class", "ValueError"),  # the same
    ("py:class", "Tensor"),  # torch's documentation is not loaded either
    ("py:class", "torch.Tensor"),  # the same
    ("py:class", "collections.abc.Callable"),  # Python again
    ("py:class", "collections.abc.Iterable"),  # the same
    ("py:class", "collections.abc.Mapping"),  # the same
    ("py:class", "collections.abc.Mapping[str"),  # the same, as the signature of a class is cut
    ("py:class", "Figure"),  # of matplotlib, which is imported when a figure is drawn
    ("py:class", "torch.nn.modules.module.Module"),  # torch again
    ("py:class", "torch.optim.optimizer.Optimizer"),  # the same
    ("py:class", "optnotes.checkup._report.Reading"),  # the page of the check-up says what is in it
    ("py:class", "optnotes.checkup._report.Report"),  # the same
]

# Pages and their cells. The cache is shared by both languages; a page's key holds its dependencies.
nb_execution_mode = "cache"
nb_execution_cache_path = str(ROOT / "build" / "cache")
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_output_stderr = "error"
myst_enable_extensions = ["attrs_block", "colon_fence", "deflist", "dollarmath"]
myst_footnote_sort = False  # the sources stay where the page puts them

# Formulas, sources, API.
html_math_renderer = "mathml"
numfig = True
math_numfig = True
bibtex_bibfiles = ["docs/references.bib"]
napoleon_use_param = False
napoleon_use_rtype = False
napoleon_google_docstring = False
autodoc_member_order = "groupwise"
autodoc_typehints = "signature"
python_display_short_literal_types = True
add_module_names = False
viewcode_line_numbers = False

# The site.
optnotes_baseurl = base_address()
optnotes_slot = slot()
html_baseurl = optnotes_baseurl and f"{optnotes_baseurl}{place(language)}/"
optnotes_addresses = "docs/data/addresses.yaml"
optnotes_repository = os.environ.get("OPTNOTES_REPOSITORY", "")  # owner/name; unset, no notebook buttons
optnotes_branch = os.environ.get("OPTNOTES_BRANCH", "gh-pages")  # the branch that holds the built sites
html_title = "optnotes"
# Within the page, where it costs no request; Sphinx takes what has "://" for an address.
favicon = (ROOT / "docs" / "_static" / "favicon.svg").read_text(encoding="utf-8")
html_favicon = f"data:image/svg+xml,{quote(favicon, safe='/:=')}"
html_theme = "pydata_sphinx_theme"
html_static_path = ["docs/_static", "optnotes/site/vendor/erf.js", "optnotes/site/vendor/ts-fsrs.js"]
html_css_files = [
    f"{name}.css" for name in ("math", "text", "icons", "optnotes", "look", "tools", "first", "narrow", "print")
]
html_js_files = [
    (f"{name}.js", {"defer": "defer"})
    for name in (
        "language",
        "shortcut",
        "explore",
        "number",
        "derivation",
        "playopen",
        "formula",
        "figure",
        "drawer",
        "stops",
        "terms",
        "versions",
    )
]
html_copy_source = False
html_show_sourcelink = False
html_last_updated_fmt = None
html_sidebars = {"**": ["drawer-close", "course-nav"]}
html_theme_options: dict[str, Any] = {
    "article_footer_items": [],
    "article_header_start": ["old-version"] if optnotes_slot else [],  # what follows the sources is never old
    "back_to_top_button": False,
    "disable_search": True,
    "footer_center": [],
    "footer_end": [],
    "footer_start": ["copyright", "versions"],
    "header_links_before_dropdown": 0,
    "logo": {"text": "optnotes", "alt_text": text("site.home")},
    "navbar_center": [],
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-link", "language-switch"],
    "navigation_with_keys": False,
    "pygments_dark_style": "github-dark",
    "pygments_light_style": "a11y-high-contrast-light",
    "secondary_sidebar_items": ["page-toc", "live-links"],
    "show_nav_level": 1,
    "show_toc_level": 1,
}
# Each page as Markdown beside it, and a list of them: the button that comes along is a script in the page, which slim
# leaves out.
llm_friendly_llms_txt_summary = text("site.motto")
copybutton_selector = "div.highlight pre"
