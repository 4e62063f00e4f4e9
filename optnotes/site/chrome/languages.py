"""The languages of one site: links between twins, hreflang, and a term's counterpart in the glossary."""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxRole

from optnotes.site.chrome.root import alternates
from optnotes.site.settings import place
from optnotes.site.words.languages import TONGUES
from optnotes.site.words.text import site_labels


def link_twins(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    """Give the template the address of the page in every language."""
    up = "../" * (pagename.count("/") + place(app.config.language).count("/") + 1)
    file = f"{pagename}.html"
    language = app.config.language
    root = app.config.optnotes_baseurl
    context["twins"] = [
        {"language": code, "url": f"{up}{place(code)}/{file}", "label": tongue.name, "title": tongue.twin}
        for code, tongue in TONGUES.items()
        if code != language
    ]
    context["site_text"] = site_labels(language)
    if not root:
        return  # search engines read whole addresses only
    tags = "".join(f'\n<link rel="alternate" hreflang="{code}" href="{url}">' for code, url in alternates(root, file))
    context["metatags"] = context.get("metatags", "") + tags


class OtherLanguageRole(SphinxRole):
    """``{other}`term```: the same term in the paired language, marked as such for screen readers."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Write the label of the language and the term."""
        language = self.config.language
        label = site_labels(language)("glossary.other")
        term = nodes.inline("", self.text, classes=["other-term", f"language-{TONGUES[language].counterpart}"])
        return [nodes.inline("", f"{label} ", term, classes=["other-language"])], []


class KeepTogether(SphinxPostTransform):
    """No line begins with a source mark, and no Russian one with a dash: the space before does not break."""

    default_priority = 900  # after references have their words

    def run(self, **_: Any) -> None:
        """Replace the spaces."""
        for mark in list(self.document.findall(nodes.footnote_reference)):
            before = mark.previous_sibling()
            if isinstance(before, nodes.Text) and before.endswith(" "):
                mark.parent.replace(before, nodes.Text(f"{before[:-1]}\N{NO-BREAK SPACE}"))
        if self.config.language != "ru":
            return
        for text in list(self.document.findall(nodes.Text)):
            if " —" in text and not isinstance(text.parent, nodes.FixedTextElement | nodes.literal | nodes.math):
                text.parent.replace(text, nodes.Text(text.replace(" —", "\N{NO-BREAK SPACE}—")))


class PlainReferences(SphinxPostTransform):
    """To a reference within its page sphinx-llm-friendly adds "(see …)" by this class, in whatever language."""

    default_priority = 20  # once references are links

    def run(self, **_: Any) -> None:
        """Take the class off."""
        for link in self.document.findall(nodes.reference):
            for words in link.findall(nodes.inline) if "refid" in link else ():
                words["classes"] = [each for each in words["classes"] if each != "std-ref"]
