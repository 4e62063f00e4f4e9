"""One style sheet, one script and one set of fonts for the whole site, no larger than its pages need.

Pages link to ``site.css`` and ``site.js``. When all pages are written, both files are made of what Sphinx, the theme
and the extensions bring, and the links get their digests. Nothing stays inline but the few words that choose the colour
mode before the first paint, and the Content-Security-Policy names these by their digest.
"""

import re
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any

import lxml.html
import rjsmin
from sphinx.application import Sphinx
from sphinx.util.logging import getLogger

from optnotes.site.lean import mathfont, textfont
from optnotes.site.lean.css import Sheet, names_of_page, names_of_script
from optnotes.site.lean.mathfont import characters, covered, subset
from optnotes.site.words.linear import linear

logger = getLogger(__name__)

THEME_CSS = ("_static/basic.css", "_static/styles/pydata-sphinx-theme.css")
THEME_JS = "_static/scripts/pydata-sphinx-theme.js"
SEARCH_JS = "_static/search.js"  # its page loads it itself
LOADED_JS = (SEARCH_JS, "_static/play.js", "_static/practice.js")  # pages load them themselves, if at all
FONT = "fonts/STIXTwoMath.woff2"
FACES = {name: f"fonts/STIXTwoText-{name.title()}.ttf" for name in ("regular", "semibold", "italic")}
# States that no page has when it is written. Words in scripts are found by themselves.
STATES = {"[data-theme", "[open"}
# Parts of the theme that its script or its style sheet could show and the site does without.
UNUSED = re.compile(
    r"\.(fa|fa[bsr]|fa-.*|(dropdown|list-group|popover|progress|pst-async|theme-switch|tooltip|version-switcher)\b.*)"
    r"|[.#](bd-header-announcement|bd-header-version-warning|pst-back-to-top|pst-collapse.*)|\[data-bs-theme"
)
# What the theme brings and no page asks for.
LEFT_OUT = ("vendor", "s*/*.map", "s*/bootstrap.js*", "s*/fontawesome.js*", "webpack-macros.html")

PLURAL = re.compile(r'new Function\("n", ?`return \(\$\{catalog\.plural_expr\}\)`,?\)')
STYLE = re.compile(r'(<[a-z][^<>]*?) style="([^"<>]*)"')
STYLED = re.compile(r'<[a-z][^<>]*? data-style="([^"<>]*)"')
PRE = re.compile(r"<pre>.*?</pre>", re.DOTALL)  # viewcode marks functions by <div>, which HTML forbids there
# Names, operators, punctuation and spaces of code, brackets of source marks: a sixth of all elements of a page.
PLAIN = re.compile(r'<span class="(?:[nopw]|fn-bracket)">([^<>]*)</span>')
# A column with a formula for a head: programs that read pages aloud ask for its words.
HEAD = re.compile(r"<th(?: [^<>]*)?>(?:<p>)?(<math\b(?! role)(?:(?!</math>).)*</math>)(?:</p>)?</th>", re.DOTALL)
GLYPH = re.compile("[\ue000-\uf8ff]")  # drawings of an icon font that the site does not load
LINKED = ("site.css", "site.js", "search.js")
LINK = re.compile(r"(_static/)(site\.css|site\.js|search\.js|math|regular|semibold)(?:\?v=\w*|-\w*\.woff2)?(?=\")")


class Slimmer:
    """What one build learns before its pages are written."""

    def __init__(self) -> None:
        self.css: list[str] = []
        self.js: list[str] = []
        self.policy = ""
        self.mode = ""

    def begin(self, app: Sphinx, *_: object) -> None:
        """Note the files that every page loads."""
        if app.builder.name != "html":
            return
        builder: Any = app.builder  # Sphinx has no public list of these files
        self.css = list(dict.fromkeys([*THEME_CSS, *_common(builder._css_files, "media")]))
        self.js = [*_common(builder._js_files, "type", "async"), THEME_JS]
        docs = Path(app.confdir) / "docs"
        headers = (docs / "_root" / "_headers").read_text(encoding="utf-8")
        # A page cannot say who may frame it: only its server can.
        self.policy = re.sub(r"; frame-ancestors [^;\n]*", "", headers.partition("Content-Security-Policy: ")[2])
        self.policy = self.policy.partition("\n")[0]
        self.mode = rjsmin.jsmin((docs / "_templates" / "mode.js").read_text(encoding="utf-8"))
        allowed = f"'sha256-{b64encode(sha256(self.mode.encode()).digest()).decode()}'"
        if allowed not in self.policy:
            logger.warning("docs/_root/_headers does not let mode.js run: script-src needs %s", allowed)

    def link(self, app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object) -> None:
        """Leave to the page the files that it alone loads."""
        if not self.js:
            return
        for key, common in (("css_files", self.css), ("script_files", self.js)):
            context[key] = [each for each in context[key] if each.filename and str(each.filename) not in common]
        context |= {"policy": self.policy, "mode_script": self.mode}

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Make the common files and put their digests into the pages."""
        if exception or not self.js:
            return
        out = Path(app.outdir)
        for path in {path for pattern in LEFT_OUT for path in (out / "_static").glob(pattern)}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        written = {path: path.read_text(encoding="utf-8") for path in sorted(out.rglob("*.html"))}
        pages = {path: _plainer(html) for path, html in written.items()}
        fonts = _fonts(app, pages.values())
        script = _script([(out / name).read_text(encoding="utf-8") for name in self.js])
        css = self._sheet(out, script, pages.values())
        for name, master in {"math": FONT, **FACES}.items():
            css = css.replace(master, fonts[name])
        (out / "_static" / "site.js").write_text(script, encoding="utf-8")
        (out / "_static" / "site.css").write_text(css, encoding="utf-8")
        digests = {name: _digest((out / "_static" / name).read_bytes()) for name in LINKED}
        names = {name: f"{name}?v={digest}" for name, digest in digests.items()} | fonts
        for path, html in pages.items():
            html = LINK.sub(lambda found: found[1] + names[found[2]], html)
            if html != written[path]:
                path.write_text(html, encoding="utf-8")

    def _sheet(self, out: Path, script: str, pages: Iterable[str]) -> str:
        """Return the rules that pages and scripts use."""
        names = STATES.union(*map(names_of_page, pages))
        icons = {name for name in names if name.startswith(".fa-")} - {".fa-solid"}
        styles = {style for html in pages for style in STYLED.findall(html)}
        names |= names_of_script(script)
        for name in LOADED_JS:
            names |= names_of_script((out / name).read_text(encoding="utf-8"))
        theme = Sheet({name for name in names if not UNUSED.fullmatch(name)})
        own = Sheet(names)
        for name in self.css:
            sheet = theme if name in THEME_CSS else own
            sheet.add((out / name).read_text(encoding="utf-8"), str(Path(name).parent.relative_to("_static")))
        own.add("".join(f'[data-style="{style}"]{{{style}}}' for style in sorted(styles)))
        css = GLYPH.sub("", str(Sheet(names, theme.rules + own.rules)))
        for icon in sorted(icons - set(re.findall(r"\.fa-[\w-]+", css))):
            logger.warning("docs/_static/icons.css has no drawing for '%s'", icon)
        return css


def _plainer(html: str) -> str:
    """Return a page without inline styles, blocks within ``<pre>``, and colours that change nothing."""
    html = STYLE.sub(r'\1 data-style="\2"', html)
    html = PRE.sub(lambda found: found[0].replace("<div ", "<span ").replace("</div>", "</span>"), html)
    html = HEAD.sub(_said, html)
    # A block of code may be wider than the window: the keyboard must reach it, whether or not scripts run.
    return PLAIN.sub(r"\1", html).replace("<pre>", '<pre tabindex="0">')


def _said(head: re.Match[str]) -> str:
    words = linear(lxml.html.fragment_fromstring(head[1]))
    # A checker takes a letter of the math face for an icon: the words stand at the formula, where it believes them.
    return head[0].replace("<math", f'<math role="img" aria-label="{escape(words)}"', 1)


def _common(files: list[Any], *special: str) -> list[str]:
    """Names of files without special attributes, in the order in which pages load them."""
    plain = [each for each in files if each.filename and not set(special) & set(each.attributes)]
    return [str(each.filename) for each in sorted(plain, key=lambda each: each.priority)]


def _script(texts: list[str]) -> str:
    """Join scripts. Sphinx makes the rule of the plural from a string, which the policy forbids: it is written out."""
    # The theme measures every block of code to learn whether it scrolls, and so lays the page out again and again.
    script = "\n;".join(map(rjsmin.jsmin, texts)).replace('["pre",', "[")
    rule = re.search(r'"plural_expr": ?"([^"]*)"', script)
    return PLURAL.sub(lambda _: f"(n)=>({rule[1]})" if rule else "(n)=>n!=1", script)


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:8]


def _fonts(app: Sphinx, pages: Iterable[str]) -> dict[str, str]:
    """Write the faces of formulas and text; return their names."""
    in_formulas: set[str] = set().union(*map(characters, pages))
    for character in sorted(in_formulas - covered(Path(app.confdir) / "docs" / "_static" / FONT)):
        logger.warning("the math font has no glyph for %s (U+%04X)", character, ord(character))
    in_text = textfont.WRITTEN.union(*map(textfont.letters, pages))
    math = _font(app, "math", FONT, mathfont.__file__, subset, in_formulas)
    return {"math": math} | {
        name: _font(app, name, master, textfont.__file__, textfont.subset, in_text) for name, master in FACES.items()
    }


def _font(app: Sphinx, face: str, source: str, recipe: str, cut: Callable[..., bytes], wanted: set[str]) -> str:
    """Write one face; return its name, which changes with what is in it."""
    master, folder = Path(app.confdir) / "docs" / "_static" / source, Path(app.outdir) / "_static"
    content = master.read_bytes() + Path(recipe).read_bytes() + "".join(sorted(wanted)).encode()
    name = f"{face}-{_digest(content)}.woff2"
    if not (folder / name).exists():
        for old in folder.glob(f"{face}-*.woff2"):
            old.unlink()
        (folder / name).write_bytes(cut(master, wanted))
    (folder / source).unlink(missing_ok=True)
    return name


def setup(app: Sphinx) -> dict[str, bool]:
    """Follow a build of HTML from its first page to its last."""
    slimmer = Slimmer()
    app.connect("env-updated", slimmer.begin)
    app.connect("html-page-context", slimmer.link, priority=1000)
    app.connect("build-finished", slimmer.finish, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
