"""Docstring paragraphs in the language of the site; a missing translation is a warning, so an error."""

from sphinx.environment import BuildEnvironment
from sphinx.util.logging import getLogger

from optnotes.site.words.text import docstring_catalogue_paths, translate

logger = getLogger(__name__)


def spoken(env: BuildEnvironment, place: str, paragraph: str, location: str | None = None) -> str:
    """Return a paragraph in the site's language, or as it is with a warning that names its place."""
    language = env.config.language
    found = translate(paragraph, language)
    if found is None:
        logger.warning("%s: no '%s' translation of: %s", place, language, paragraph, location=location)
        return paragraph
    return found


def depend_on_translations(env: BuildEnvironment) -> None:
    """Read the current page again when a translation changes."""
    for path in docstring_catalogue_paths(env.config.language):
        env.note_dependency(path)
