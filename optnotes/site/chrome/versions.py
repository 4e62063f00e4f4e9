"""The version that a page belongs to: a list of the others at its foot, and in a release a place for the notice."""

from typing import Any

from sphinx.application import Sphinx

from optnotes import __version__
from optnotes.site.chrome.released import LIST
from optnotes.site.pages.cite import spoken_date
from optnotes.site.settings import place
from optnotes.site.words.text import site_labels


def tell(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Give the template what it says, and where the list of all versions lies."""
    language, slot = app.config.language, app.config.optnotes_slot
    text = site_labels(language)
    up = "../" * (pagename.count("/") + place(language).count("/"))
    context["versions"] = {
        "list": f"{up}{LIST}",
        "slot": slot,
        "page": f"{pagename}.html",
        "newest": f"{up}{pagename}.html",
        "said": text("version.this" if slot else "version.after", version=__version__, date=spoken_date(language)),
    }
