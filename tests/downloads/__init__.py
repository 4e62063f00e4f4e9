"""What readers take away, opened by the programs that they would use: of a release, or of the sites of today."""

from optnotes.site.settings import place, slot
from optnotes.site.words.text import ROOT

HTML = ROOT / "build" / ("release/site" if slot() else "html")


def site(language):
    """Folder of one language."""
    return HTML / place(language)
