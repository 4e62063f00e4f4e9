"""The Sphinx extension of the site: one component, one module, one ``setup``."""

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from optnotes.site.sphinxext import (
    addresses,
    api,
    cite,
    claims,
    derivation,
    descriptions,
    details,
    downloads,
    drill,
    execution,
    explorers,
    figuretools,
    files,
    formula,
    guards,
    idle,
    languages,
    lists,
    live,
    machinepages,
    mathml,
    nav,
    notation,
    notebook,
    numbering,
    outputs,
    play,
    questionpages,
    seal,
    search,
    status,
    store,
    symptoms,
    teaser,
    terms,
    versions,
)

COMPONENTS = (
    files,
    seal,
    store,
    questionpages,
    mathml,
    machinepages,
    details,
    outputs,
    explorers,
    figuretools,
    execution,
    formula,
    derivation,
    play,
    claims,
    downloads,
    drill,
    symptoms,
    notation,
    status,
    cite,
    languages,
    terms,
    versions,
    nav,
    live,
    descriptions,
    teaser,
    api,
    notebook,
    numbering,
    idle,
    guards,
    addresses,
    search,
    lists,
)


CODE = Path(__file__).parents[1]


def code_version(folder: Path = CODE) -> int:
    """Return a number that changes with the code of the site: what other code has read is read again."""
    hashed = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        hashed.update(path.read_bytes())
    return int.from_bytes(hashed.digest()[:8])


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register every component."""
    for component in COMPONENTS:
        component.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True, "env_version": code_version()}
