"""What myst-nb asks in every project whose environment holds optnotes: only a build of our site has an answer."""

import sys
from typing import Any

MIME = "application/vnd.optnotes.result+json"


class Renderer:
    """Leaves other projects, which have not loaded our extension, to what myst-nb does by itself."""

    mime_priority_overrides = (("*", MIME, 1),)

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> Any:
        """Ask the extension, if it is there."""
        ours = sys.modules.get("optnotes.site.pages.outputs")
        return ours.OptnotesRenderer.handle_mime(renderer, data, inline) if ours else None
