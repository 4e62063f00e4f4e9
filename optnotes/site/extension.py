"""The Sphinx extension of the site: what happens to a page from file to screen, as one table.

``slim.py`` is an extension of its own: it makes one style sheet, one script and one set of fonts of a whole site.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxTranslator
from sphinx.util.typing import ExtensionMetadata

from optnotes.site.chrome import descriptions, languages, live, nav, search, versions
from optnotes.site.lean import mathml
from optnotes.site.pages import (
    api,
    cite,
    claims,
    derivation,
    details,
    drill,
    explorers,
    figuretools,
    formula,
    notation,
    numbering,
    outputs,
    places,
    play,
    questionpages,
    status,
    store,
    symptoms,
    teaser,
    terms,
)
from optnotes.site.promises import addresses, files, guards
from optnotes.site.run import execution, idle, seal
from optnotes.site.takeaway import downloads, lists, notebook

Handler = Callable[..., Any]

# Event, then the handlers in their order; a number is the priority where Sphinx's own handlers, at 500, come between.
PIPELINE: tuple[tuple[str, tuple[Handler | tuple[int, Handler], ...]], ...] = (
    # One build at a time, from a state that ended well and from files without faults.
    ("config-inited", (outputs.remember_root, (900, seal.begin))),
    (
        "builder-inited",
        ((0, files.check), outputs.styles_first, api.write_pages, search.without_sphinx_search),
    ),
    # Which pages are read, and the cells of these, run side by side before any is.
    ("env-get-outdated", (questionpages.lists_to_read_again, derivation.pages_to_read_again)),
    (
        "env-before-read-docs",
        (execution.execute_pages, downloads.forget_books, idle.rest, (900, seal.open_seal)),
    ),
    # A page is read: cells by their key, directives, docstrings; what it declares goes into the store.
    ("source-read", (execution.key_by_dependencies,)),
    ("autodoc-process-docstring", ((400, api.translate_docstring),)),  # before napoleon
    ("doctree-read", ((900, teaser.note_figures), (900, addresses.note_anchors))),  # once files of images are known
    # All pages are read: numbers of equations, pages that are written again, promises.
    ("env-get-updated", ((100, numbering.give_back), (900, numbering.number_by_question))),  # around Sphinx
    (
        "env-updated",
        (
            store.pages_with_changed_numbers,
            mathml.start_engine,
            terms.changed,
            nav.list_course,
            addresses.pages_to_write,
        ),
    ),
    ("env-check-consistency", (guards.check, addresses.check)),
    # A page is written: what waited for other pages is filled in.
    ("missing-reference", (notation.resolve,)),
    (
        "doctree-resolved",
        (
            (400, cite.fill),  # the notebook holds it
            figuretools.fill,
            teaser.show_figures,
            notebook.write,
            (600, downloads.fill),  # lists the notebook
            (700, addresses.receive),
        ),
    ),
    (
        "html-page-context",
        (
            drill.load_script,
            languages.link_twins,
            versions.tell,
            live.link_notebook,
            descriptions.describe,
            nav.show_course,
        ),
    ),
    # All pages are written.
    ("html-collect-pages", ((100, outputs.code_pages), search.search_page)),  # the former before viewcode
    (
        "build-finished",
        (
            downloads.list_again,
            addresses.write_moved_pages,
            (900, seal.end),
            (950, search.index_pages),  # after slim.py has written its last page
            (960, lists.write_lists),
        ),
    ),
)
DIRECTIVES = {
    "cite-this": cite.CiteThisDirective,
    "claims": claims.ClaimsDirective,
    "claims-index": claims.ClaimsIndexDirective,
    "derivation": derivation.DerivationDirective,
    "downloads": downloads.DownloadsDirective,
    "drill": drill.DrillDirective,
    "errata": status.ErrataDirective,
    "figure-of": teaser.FigureOf,
    "formula": formula.FormulaDirective,
    "formula-index": formula.FormulaIndexDirective,
    "notation": notation.NotationDirective,
    "status": status.StatusDirective,
    "symptoms": symptoms.SymptomsDirective,
}
ROLES = {
    "count": claims.CountRole,
    "num": outputs.NumberRole,
    "other": languages.OtherLanguageRole,
    "place": places.PlaceRole,
    "setting": explorers.SettingRole,
}
TRANSFORMS = (
    outputs.FillNumbers,
    explorers.LinkSettings,
    mathml.Glue,
    languages.KeepTogether,
    languages.PlainReferences,
    terms.TermNotes,
    api.ListsOutOfParagraphs,
)
# Name, default, and what is built anew when the value changes.
SETTINGS: tuple[tuple[str, bool | str, str], ...] = (
    ("optnotes_addresses", "", "env"),
    ("optnotes_baseurl", "", "html"),
    ("optnotes_books", False, "html"),  # whether books will stand beside the pages
    ("optnotes_branch", "gh-pages", "html"),
    ("optnotes_cluster", "", ""),
    ("optnotes_guards", True, ""),
    ("optnotes_repository", "", "html"),
    ("optnotes_root", "", ""),
    ("optnotes_slot", "", "html"),
)
# Stand on a page until all pages are read.
PLACEHOLDERS = (
    cite.formula_citation,
    downloads.download_list,
    explorers.setting_node,
    figuretools.figure_citation,
    outputs.number_node,
    teaser.teaser_node,
)
# Stand on screens only: paper copies, draws and moves nothing.
ON_SCREEN: dict[type[nodes.Element], Handler] = {
    cite.copier: cite.visit_copier,
    drill.course: drill.visit_course,
    drill.sketch: drill.visit_sketch,
    explorers.explorer: explorers.visit_explorer,
    figuretools.picture_button: figuretools.visit_picture_button,
    play.player: play.visit_player,
}
# Elsewhere their words stand without a box.
BOXES: dict[type[nodes.Element], tuple[Handler, Handler | None]] = {
    details.details: (details.visit_details, details.depart_details),
    details.summary: (details.visit_summary, details.depart_summary),
    drill.datum: (drill.visit_datum, drill.depart_datum),
    outputs.code_box: (outputs.visit_code_box, None),
}
CODE = Path(__file__).parent


def code_version(folder: Path = CODE) -> int:
    """Return a number that changes with the code of the site: what other code has read is read again."""
    hashed = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        hashed.update(path.read_bytes())
    return int.from_bytes(hashed.digest()[:8])


def skip(translator: SphinxTranslator, node: nodes.Element) -> None:
    """Write nothing."""
    raise nodes.SkipNode


def pass_through(translator: SphinxTranslator, node: nodes.Element) -> None:
    """Write what stands within."""


def add_nodes(app: Sphinx) -> None:
    """Register what Sphinx has no node for."""
    for placeholder in PLACEHOLDERS:
        app.add_node(placeholder)
    for node, visit in ON_SCREEN.items():
        app.add_node(node, html=(visit, None), latex=(skip, None), text=(skip, None), llm_markdown=(skip, None))
    plain = (pass_through, pass_through)
    for node, both in BOXES.items():
        app.add_node(node, html=both, latex=plain, text=plain, llm_markdown=plain)
    app.add_node(nodes.raw, override=True, llm_markdown=(skip, None))  # it is HTML


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything."""
    for name, default, rebuild in SETTINGS:
        app.add_config_value(name, default, rebuild, types=[type(default)])  # type: ignore[arg-type]
    app.add_domain(store.Store)
    add_nodes(app)
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    app.add_directive_to_domain("std", "glossary", terms.Glossary, override=True)
    for name, role in ROLES.items():
        app.add_role(name, role())
    for transform in TRANSFORMS:
        app.add_post_transform(transform)
    app.add_html_math_renderer("mathml", (mathml.visit_inline, None), (mathml.visit_block, None))
    for event, handlers in PIPELINE:
        for each in handlers:
            priority, handler = each if isinstance(each, tuple) else (500, each)
            app.connect(event, handler, priority)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": code_version()}
