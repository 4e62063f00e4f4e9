"""Each page as Markdown, for programs that read: what stands there for a screen only stays away."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


def leave_out(translator: Any, node: nodes.raw) -> None:
    """Write nothing: it is HTML."""
    raise nodes.SkipNode


class PlainReferences(SphinxPostTransform):
    """To a reference within its page sphinx-llm-friendly adds "(see …)" by this class, in whatever language."""

    default_priority = 20  # once references are links

    def run(self, **_: Any) -> None:
        """Take the class off, save in English."""
        if self.config.language == "en":
            return
        for link in self.document.findall(nodes.reference):
            for words in link.findall(nodes.inline) if "refid" in link else ():
                words["classes"] = [each for each in words["classes"] if each != "std-ref"]


def setup(app: Sphinx) -> None:
    """Register for the builder of sphinx-llm-friendly."""
    app.add_node(nodes.raw, override=True, llm_markdown=(leave_out, None))
    app.add_post_transform(PlainReferences)
