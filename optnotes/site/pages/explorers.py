"""Puts explorers on pages: controls above a drawing, the frames in a file of their own, links to single settings."""

import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import ReferenceRole
from sphinx.util.logging import getLogger
from sphinx.writers.html5 import HTML5Translator

from optnotes.site.figures.explore import HEIGHT, TENTHS, WIDTH
from optnotes.site.pages.store import store_of
from optnotes.site.words.text import site_labels

logger = getLogger(__name__)

FOLDER = "_explorers"


class explorer(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """An explorer with its words and its drawing."""


class setting_node(nodes.Inline, nodes.TextElement):  # noqa: N801 - docutils names nodes in lower case
    """A link to one setting of an explorer, resolved once all pages are read."""


def explorer_node(env: BuildEnvironment, slug: str, published: dict[str, Any]) -> explorer:
    """Return the node, and declare which settings links may ask for."""
    words = published["words"][env.config.language]
    values = {control["name"]: control["values"] for control in words["controls"]}
    store_of(env).note("explorers", slug, values)
    return explorer(slug=slug, words=words, drawing=published["drawing"])


def visit_explorer(self: HTML5Translator, node: explorer) -> None:
    """Write the frames beside the page and the controls into it."""
    builder = self.builder
    if builder.name not in ("html", "dirhtml"):
        raise nodes.SkipNode
    words, slug = node["words"], node["slug"]
    labels = {control["name"]: control["labels"] for control in words["controls"]}
    frames = json.dumps(
        {**node["drawing"], "labels": labels, "readouts": words["readouts"]}, ensure_ascii=False, separators=(",", ":")
    ).encode()
    path = Path(builder.outdir, FOLDER, f"{slug}.json")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(frames)
    up = "../" * builder.get_target_uri(builder.current_docname).count("/")
    context = {
        "slug": slug.replace("_", "-"),
        "source": f"{up}{FOLDER}/{slug}.json?v={zlib.crc32(frames):08x}",
        "words": words,
        **{name: site_labels(self.config.language)(f"explore.{name}") for name in ("failed", "play", "step")},
        "inner": (WIDTH, HEIGHT, TENTHS),
    }
    self.body.append(builder.templates.render("explorer.html", context))
    raise nodes.SkipNode


class SettingRole(ReferenceRole):
    """``{setting}`words <slug?name=value>```: a link to an explorer with its controls set."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Leave a placeholder."""
        node = setting_node(self.rawtext, self.title, target=self.target)
        self.set_source_info(node)
        return [node], []


class LinkSettings(SphinxPostTransform):
    """Turns the placeholders into links, and checks that the explorer has the setting."""

    default_priority = 5

    def run(self, **_: Any) -> None:
        """Replace each placeholder on the page."""
        found = {
            slug: (doc, values)
            for doc, declared in store_of(self.env).on("explorers").items()
            for slug, values in declared
        }
        for node in list(self.document.findall(setting_node)):
            slug, _, query = node["target"].partition("?")
            wanted = parse_qsl(query)
            doc, values = found.get(slug, ("", {}))
            words = node.astext()
            if not wanted or any(value not in values.get(name, ()) for name, value in wanted):
                logger.warning("no explorer has the setting '%s'", node["target"], location=node)
                node.replace_self(nodes.inline("", words))
                continue
            builder = self.env._app.builder
            page = builder.get_relative_uri(self.env.current_document.docname, doc)
            target = f"{page}?{urlencode(wanted)}#explore-{slug.replace('_', '-')}"
            node.replace_self(nodes.reference("", words, internal=True, refuri=target))
