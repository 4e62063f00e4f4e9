"""``{place}``: behind a source mark, where in the source stands what it is cited for."""

from docutils import nodes
from sphinx.util.docutils import SphinxRole

from optnotes.site.words.citations import check_place, in_words


class PlaceRole(SphinxRole):
    """``{place}`Section 5.5.3```: the place in the language of the page."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Write it between brackets."""
        try:
            check_place(self.text)
        except ValueError as error:
            return [], [self.inliner.reporter.error(f"place: {error}", line=self.lineno)]
        words = in_words(self.text, self.config.language).replace(" ", "\N{NO-BREAK SPACE}")
        return [nodes.inline("", f"({words})", classes=["place"])], []
