"""A build that has nothing to read or to write loads no page and imports no formula."""

from collections.abc import Sequence

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

# What Sphinx does on every build, whether or not a page has changed.
EVERY_TIME = {
    "env-get-updated": "sphinx.environment.collectors.toctree",  # loads every page to number its figures
    "html-collect-pages": "sphinx.ext.viewcode",  # imports every module to see where its source is
}


def rest(app: Sphinx, env: BuildEnvironment, docnames: Sequence[str]) -> None:
    """Leave out what would find everything as it was."""
    if docnames or list(app.builder.get_outdated_docs()):
        return
    for event, module in EVERY_TIME.items():
        for listener in list(app.events.listeners.get(event, [])):
            if listener.handler.__module__ == module:
                app.disconnect(listener.id)
