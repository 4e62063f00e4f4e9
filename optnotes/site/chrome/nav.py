"""The course on every page: its titles are listed once, since Sphinx would walk the whole site for each page.

The lists of the home page whose caption names a group are the readers' menu; other pages are for builders.
"""

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from optnotes.site.pages.store import store_of
from optnotes.site.words.text import site_labels


def list_course(app: Sphinx, env: BuildEnvironment) -> None:
    """Collect the lists of the home page, and the listed page that each page stands below."""
    home = env.get_doctree(env.config.root_doc)
    text = site_labels(env.config.language)
    lists = list(home.findall(addnodes.toctree))
    titled = [
        (text(f"menu.{caption}"), [(page, env.titles[page].astext()) for page in each["includefiles"]])
        for each in lists
        if (caption := each["caption"])
    ]
    owner: dict[str, str] = {}
    for page in (page for each in lists for page in each["includefiles"]):
        waiting = [page]
        while waiting:
            below = waiting.pop()
            if below not in owner:
                owner[below] = page
                waiting += env.toctree_includes.get(below, [])
    store_of(env).course = titled, owner


def show_course(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the template the course, with the page itself or the one above it marked."""
    groups, owner = store_of(app.env).course
    current = owner.get(pagename)
    context["course"] = [
        (
            caption,
            [
                {"title": title, "page": page, "here": page == pagename, "current": page == current}
                for page, title in group
            ],
        )
        for caption, group in groups
    ]
