"""Style sheets reduced to what pages use, and made to follow the reader's system where no script runs."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import tinycss2

TAG = re.compile(r"<([a-z][\w-]*)([^<>]*)>")
ATTRIBUTE = re.compile(r"""\s([\w:-]+)(?:="([^"]*)")?""")
WORD = re.compile(r"[A-Za-z_][\w-]{2,}")
VARIABLE = re.compile(r"var\(\s*(--[\w-]+)")
ADDRESS = re.compile(r"""url\((["']?)(?!data:|#)([^"')]+)\1\)""")
THEME = re.compile(r"""(?:html)?\[data-theme=["']?(light|dark)["']?\]""")
NO_THEME = "html:not([data-theme])"
SYSTEM = {"light": "@media not all and (prefers-color-scheme:dark)", "dark": "@media (prefers-color-scheme:dark)"}


def names_of_page(html: str) -> set[str]:
    """Elements, .classes, #ids and [attributes of a page."""
    found: set[str] = set()
    for tag, attributes in set(TAG.findall(html)):
        found.add(tag)
        for name, value in ATTRIBUTE.findall(attributes):
            found.add(f"[{name}")
            if name in {"class", "id"}:
                found.update(("." if name == "class" else "#") + word for word in value.split())
    return found


def names_of_script(script: str) -> set[str]:
    """Every word of a script: it may become an element, a class, an id or an attribute."""
    return {sign + word for word in WORD.findall(script) for sign in ("", ".", "#", "[")}


@dataclass
class Rule:
    """One block: the conditions around it, its selectors or its at-keyword, its declarations."""

    around: str
    heads: list[str]
    body: list[tuple[str, str]]  # a nested block has no name

    def written(self, live: set[str]) -> str:
        """Text of the rule without the variables that nothing reads."""
        parts = [f"{name}:{value}" if name else value for name, value in self.body if _kept(name, live)]
        return f"{','.join(self.heads)}{{{';'.join(parts)}}}" if parts else ""


@dataclass
class Sheet:
    """The rules that a set of names needs, from several style sheets, in order."""

    names: set[str]
    rules: list[Rule] = field(default_factory=list)

    def add(self, css: str, folder: str = "") -> None:
        """Read a style sheet that lies in ``folder``."""
        self._read(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), "", folder)

    def _read(self, rules: list[Any], around: str, folder: str) -> None:
        for rule in rules:
            if rule.type == "error":
                raise ValueError(f"line {rule.source_line}: {rule.message}")
            if rule.type == "qualified-rule":
                self._select(rule, around, folder)
            elif rule.lower_at_keyword in {"media", "supports"}:
                inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
                here = f"@{rule.lower_at_keyword} {_text(rule.prelude)}"
                self._read(inner, f"{around}{{{here}" if around else here, folder)
            elif rule.lower_at_keyword not in {"charset", "import"}:
                head = f"@{rule.lower_at_keyword} {_text(rule.prelude)}".strip()
                self.rules.append(Rule(around, [head], _body(rule.content, folder)))

    def _select(self, rule: Any, around: str, folder: str) -> None:
        heads = [_text(part) for part in _split(rule.prelude) if self._used(part)]
        body = _body(rule.content, folder)
        # Scripts set a theme at once. What holds without one is said below, for both colours of the system.
        scripted = [head for head in heads if NO_THEME not in head]
        if scripted:
            self.rules.append(Rule(around, scripted, body))
        for theme, condition in SYSTEM.items() if not around else ():
            followed = [THEME.sub(NO_THEME, head) for head in scripted if theme in THEME.findall(head)]
            if followed:
                self.rules.append(Rule(condition, followed, body))

    def _used(self, selector: list[Any]) -> bool:
        return self.names.issuperset(_needed(selector))

    def __str__(self) -> str:
        live = self._live()
        values = " ".join(
            f"{value} {rule.heads[0]}" if name != "font-family" or rule.heads != ["@font-face"] else ""
            for rule in self.rules
            for name, value in rule.body
            if _kept(name, live)
        )
        text, opened = [], ""
        for rule in self.rules:
            keyword, _, name = rule.heads[0].partition(" ")
            if keyword == "@font-face":
                name = dict(rule.body)["font-family"].strip("\"'")
            if keyword in {"@font-face", "@keyframes", "@property"} and name not in values.replace(rule.heads[0], ""):
                continue
            if written := rule.written(live):
                if rule.around != opened:
                    text.append(_closing(opened) + (f"{rule.around}{{" if rule.around else ""))
                    opened = rule.around
                text.append(written)
        return "\n".join(line for line in [*text, _closing(opened)] if line) + "\n"

    def _live(self) -> set[str]:
        """Variables that some property reads, directly or through other variables."""
        readers: dict[str, set[str]] = {}
        for rule in self.rules:
            for name, value in rule.body:
                readers.setdefault(name if name.startswith("--") else "", set()).update(VARIABLE.findall(value))
        live, reached = set[str](), readers.get("", set())
        while reached:
            live |= reached
            reached = {name for variable in reached for name in readers.get(variable, ())} - live
        return live


def _kept(name: str, live: set[str]) -> bool:
    return not name.startswith("--") or name in live


def _closing(opened: str) -> str:
    return "}" * (opened.count("{") + 1) if opened else ""


def _text(tokens: list[Any]) -> str:
    """Write tokens without comments, with single spaces; one that must not break is no space of CSS."""
    text = tinycss2.serialize([token for token in tokens if token.type != "comment"])
    return re.sub(r"[ \t\r\n\f]+", " ", text).strip(" \t\r\n\f")


def _split(prelude: list[Any]) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _needed(selector: list[Any]) -> Iterator[str]:
    """Names without which a selector matches nothing; what stands in ``:not()`` or ``:is()`` is not looked at."""
    before = ""
    for token in selector:
        if token.type == "hash":
            yield f"#{token.value}"
        elif token.type == "ident" and before != ":":
            yield f".{token.value}" if before == "." else token.lower_value
        elif token.type == "[] block":
            yield "[" + next(part.value for part in token.content if part.type == "ident")
        before = token.value if token.type == "literal" else ""


def _body(content: list[Any], folder: str) -> list[tuple[str, str]]:
    """Declarations of a block, with addresses seen from the folder of the common sheet."""
    parts: list[tuple[str, str]] = []
    for node in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if node.type == "declaration":
            value = _text(node.value) + ("!important" if node.important else "")
            moved = ADDRESS.sub(lambda found: f"url({posixpath.normpath(posixpath.join(folder, found[2]))})", value)
            parts.append((node.name, moved))
        elif node.type != "error":
            parts.append(("", _text([node])))
    return parts
