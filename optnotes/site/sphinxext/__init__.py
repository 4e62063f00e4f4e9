"""The Sphinx extension of the site: one component, one module, one ``setup``."""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from optnotes.site.sphinxext import (
    api,
    cite,
    claims,
    descriptions,
    details,
    drill,
    execution,
    formula,
    guards,
    languages,
    mathml,
    numbering,
    outputs,
    store,
    teaser,
)

COMPONENTS = (
    store,
    mathml,
    details,
    outputs,
    execution,
    formula,
    claims,
    drill,
    cite,
    languages,
    descriptions,
    teaser,
    api,
    numbering,
    guards,
)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register every component."""
    for component in COMPONENTS:
        component.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
