"""The Sphinx extension of the site: one component, one module, one ``setup``."""

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from optnotes.site.sphinxext import (
    api,
    cite,
    claims,
    details,
    drill,
    execution,
    files,
    formula,
    guards,
    languages,
    mathml,
    numbering,
    outputs,
    status,
    store,
)

COMPONENTS = (
    files,
    store,
    mathml,
    details,
    outputs,
    execution,
    files,
    formula,
    claims,
    drill,
    status,
    cite,
    languages,
    api,
    numbering,
    guards,
)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register every component."""
    for component in COMPONENTS:
        component.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": 1}
