"""What a term of the glossary means, said at each link to it: a title, which a script shows on hover and focus.

Its anchor is made from its English name in every language, so that no other term moves it.
"""

from collections.abc import Iterable
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains import std
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_id

from optnotes.site.words.languages import TONGUES

GLOSSARY = "glossary"
NAMING = "en"


class Glossary(std.Glossary):
    """``{glossary}`` as Sphinx has it, with anchors that hold no number; the first term of an entry has the name."""

    def run(self) -> list[nodes.Node]:
        """Rename the terms that name an English counterpart."""
        made = super().run()
        if TONGUES[self.config.language].counterpart == NAMING:
            items = [item for node in made for item in node.findall(nodes.definition_list_item)]
            named = [(next(item.findall(nodes.term)), counterpart(item)) for item in items if counterpart(item)]
            for term, _ in named:  # before any new name is given: an old one may be the same
                for anchor in term["ids"]:
                    del self.state.document.ids[anchor]
            for term, name in named:
                self.rename(term, make_id(self.env, self.state.document, "term", name))
        return made

    def rename(self, term: nodes.term, anchor: str) -> None:
        """Give a term its anchor, here and where links and the index look for it."""
        text = term.astext()
        standard = self.env.domains.standard_domain
        term["ids"] = [anchor]
        self.state.document.note_explicit_target(term)
        del standard.objects["term", text]
        standard._note_term(text, anchor, location=term)
        for index in term.findall(addnodes.index):
            index["entries"] = [(kind, value, anchor, *rest) for kind, value, _, *rest in index["entries"]]


def counterpart(item: nodes.definition_list_item) -> str:
    """Name of a term in the paired language; empty without one."""
    found = (each.astext() for each in item.findall(nodes.inline) if "other-term" in each["classes"])
    return next(found, "")


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
