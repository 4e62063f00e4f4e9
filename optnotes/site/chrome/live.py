"""Links that run a page's notebook on Colab or Binder: only where the built sites are published to a Git branch."""

from typing import Any
from urllib.parse import quote

from docutils import nodes
from sphinx.application import Sphinx

from optnotes.site.settings import place
from optnotes.site.takeaway.notebook import runs_away_from_the_site

COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/{path}"
BINDER = "https://mybinder.org/v2/gh/{repository}/{branch}?urlpath=lab/tree/{path}"


def link_notebook(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Give the template the addresses; a page without a notebook gets none."""
    context["live_links"] = []
    if app.config.optnotes_repository and runs_away_from_the_site(app.env, pagename):
        where = {
            "repository": quote(app.config.optnotes_repository),
            "branch": quote(app.config.optnotes_branch, safe=""),
            "path": f"{place(app.config.language)}/_downloads/notebooks/{pagename.rpartition('/')[2]}.ipynb",
        }
        context["live_links"] = [("Colab", COLAB.format(**where)), ("Binder", BINDER.format(**where))]
