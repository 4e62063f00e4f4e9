"""A box beside a formula that opens into sliders, the value and a curve; what it needs lies in files of its own."""

import json
import math
import zlib
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.writers.html5 import HTML5Translator

from optnotes.site.formulas.play import ERF, Play, Slider, UnplayableError, play
from optnotes.site.formulas.typelines import ends, kinds
from optnotes.site.lean.mathml import to_mathml
from optnotes.site.words.docstrings import anchor
from optnotes.site.words.languages import TONGUES
from optnotes.site.words.text import ROOT, Language, site_labels

FOLDER = "_play"
SCRIPT = ROOT / "docs" / "_static" / "play.js"
WORDS = ("along", "of", "value", "slope", "kink", "undefined", "curve", "reset")


class player(nodes.General, nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """A formula to play with."""


def player_node(function: Callable[..., object]) -> list[player]:
    """Return the box of a formula, or nothing where it cannot be played with."""
    try:
        return [player(made=written(play(function)), name=function.__name__)]
    except UnplayableError:
        return []


def written(made: Play) -> dict[str, Any]:
    """Return what the page needs to know, in both languages alike."""
    return {
        "text": made.written.text,
        "imports": list(made.written.imports),
        "sliders": [_slider(made, *pair) for pair in zip(made.sliders, made.refusals(), strict=True)],
        "results": [to_mathml(symbol, False) for symbol in made.written.results],
    }


def _slider(made: Play, slider: Slider, said: dict[str, str]) -> dict[str, Any]:
    interval = kinds(made.function)[slider.name].interval or "(-inf, inf)"
    low, high = (end if math.isfinite(end) else None for end in ends(interval))
    return {
        "name": slider.name,
        "label": to_mathml(slider.symbol, False),
        "whole": slider.whole,
        "range": [slider.low, slider.high, slider.step, slider.start],
        "ends": [low, high],
        "open": [interval[0] == "(", interval[-1] == ")"],
        "said": said,
    }


def visit_player(self: HTML5Translator, node: player) -> None:
    """Write the formula's script beside the page and the closed box into it."""
    builder = self.builder
    if builder.name not in ("html", "dirhtml"):
        raise nodes.SkipNode
    language: Language = self.config.language
    text, made = site_labels(language), dict(node["made"])
    imports = [_import("play", SCRIPT)]
    if names := ", ".join(made.pop("imports")):
        imports.append(_import(f"{{ {names} }}", ERF))
    formula = made.pop("text")
    data = made | {
        "name": node["name"],
        "signs": TONGUES[language].signs,
        "equation": anchor(node["name"]),
        "words": {key: text(f"play.{key}") for key in WORDS},
    }
    listed = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    module = f"{''.join(imports)}export default (box) => play(box, {formula}, {listed});\n".encode()
    path = Path(builder.outdir, FOLDER, f"{node['name']}.js")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(module)
    up = "../" * builder.get_target_uri(builder.current_docname).count("/")
    self.body.append(
        f'<details class="play" hidden data-play="{node["name"]}"'
        f' data-source="{up}{FOLDER}/{path.name}?v={zlib.crc32(module):08x}"'
        f' data-failed="{escape(text("play.failed"))}"><summary>{escape(text("play.title"))}</summary></details>\n'
    )
    raise nodes.SkipNode


def _import(names: str, file: Path) -> str:
    return f'import {names} from "../_static/{file.name}?v={zlib.crc32(file.read_bytes()):08x}";\n'
