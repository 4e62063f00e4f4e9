"""What a term of the glossary means, said at each link to it: a title, which a script shows on hover and focus."""

from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform

GLOSSARY = "glossary"


def explanations(glossary: nodes.document) -> dict[str, str]:
    """Return the first paragraph of each term by its anchor, without the counterpart in the other language."""
    found: dict[str, str] = {}
    for item in glossary.findall(nodes.definition_list_item):
        paragraph = next(item.findall(nodes.paragraph))
        parts = (
            part
            for part in paragraph.children
            if "other-language" not in getattr(part, "attributes", {}).get("classes", ())
        )
        said = " ".join("".join(part.astext() for part in parts).split())
        found |= {anchor: said for term in item.findall(nodes.term) for anchor in term["ids"]}
    return found


def changed(_: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Keep the explanations for the pages that are written next; write all anew if one has changed."""
    now = explanations(env.get_doctree(GLOSSARY)) if GLOSSARY in env.found_docs else {}
    before = getattr(env, "optnotes_terms", now)
    env.optnotes_terms = now  # type: ignore[attr-defined]
    return [] if now == before else sorted(env.found_docs)


class TermNotes(SphinxPostTransform):
    """A link to a term has its explanation for a title."""

    default_priority = 20  # once references are links

    def run(self, **_: Any) -> None:
        """Mark the links."""
        known = getattr(self.env, "optnotes_terms", {})
        for link in self.document.findall(nodes.reference):
            if any("std-term" in child.get("classes", ()) for child in link.findall(nodes.inline)):
                anchor = link.get("refid") or link["refuri"].rpartition("#")[2]
                link["reftitle"] = known[anchor]
                link["classes"].append("term")
