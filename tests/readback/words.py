"""Words of the sources as a page must show them; formulas between dollars in their one spelling.

Nothing of the site's directives is used: docstrings, catalogues and files of data are read again.
"""

import re
from functools import cache
from typing import Any

import yaml
from babel.messages.pofile import read_po
from mdit_py_plugins.myst_role import myst_role_plugin

from tests.readback.sources import DOCS, MARKDOWN, ROLE
from tests.readback.tex import normal

CODE = re.compile(r"``([^`]+)``")
# What a role prints where the words do not say it themselves.
PRINTED = {
    "num": r"\S.{0,20}?",
    "eq": r"\(\d+\.\d+\)",
    "footcite:p": "",
    "place": r"\(\w[^()]{2,60}\)",
    "count": r"\d+",
}
TYPED = str.maketrans({**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("’‘", "'"), "…": "..."})
MARKDOWN.use(myst_role_plugin)


def plain(text: str) -> str:
    """Words without what typography makes of them."""
    return " ".join(re.sub("[–—]|-{2,3}", "-", text.translate(TYPED)).split())


def formula(tex: str) -> str:
    return f"${normal(tex)}$"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Translations of docstring paragraphs."""
    paths = sorted((DOCS / "locale" / language).rglob("*.po"))
    messages = (message for path in paths for message in read_po(path.read_text("utf-8").splitlines()))
    return {str(message.id): str(message.string) for message in messages if message.id}


def docstring(paragraph: str, language: str) -> str:
    """A paragraph of a docstring in the language of the page."""
    roles = ROLE.findall(paragraph)
    if language != "en":
        number = iter(range(len(roles)))
        translated = catalogue(language)[ROLE.sub(lambda _: f"{{{next(number)}}}", paragraph)]
        paragraph = re.sub(r"\{(\d+)\}", lambda found: f":math:`{roles[int(found[1])]}`", translated)
    shown = ROLE.sub(lambda found: formula(found[1]), paragraph)
    return plain(CODE.sub(r"\1", shown))


@cache
def statements() -> dict[str, Any]:
    """Sentences that generalise, by place."""
    return data("statements")  # type: ignore[no-any-return]


def basis(claim: dict[str, Any], language: str) -> str:
    """What a claim rests on: its own test tries instances, unless it is listed as more than that."""
    listed = statements().get(claim["id"], [])
    found = {entry["basis"] for entry in listed}
    more = {entry.get("test") for entry in listed if entry["basis"] in ("proof", "cases", "counterexample")}
    if claim["test"] not in more:
        found.add("instance")
    kinds = ("proof", "cases", "search", "counterexample", "instance")
    return ", ".join(label(f"basis.{each}", language) for each in kinds if each in found)


def markdown(text: str) -> re.Pattern[str]:
    """What a page shows of Markdown: its words, its formulas, and whatever number a role prints."""
    shown = " ".join(filter(None, (_inline(token) for token in MARKDOWN.parse(text))))
    return re.compile(re.sub(r"(\\? )+", " ", shown).strip())


def _inline(token: Any) -> str:
    return "".join(_shown(child) for child in token.children or ())


def _shown(child: Any) -> str:
    match child.type:
        case "math_inline":
            return re.escape(formula(child.content))
        case "myst_role":
            if child.meta["name"] in PRINTED:
                return PRINTED[child.meta["name"]]
            return re.escape(plain(child.content.partition(" <")[0]))
        case "softbreak" | "hardbreak":
            return " "
        case "text" | "code_inline":
            return re.escape(plain(f"|{child.content}|")[1:-1])
    return ""


def data(name: str) -> Any:
    """A file of docs/data."""
    return yaml.safe_load((DOCS / "data" / f"{name}.yaml").read_text("utf-8"))


def derivation(name: str) -> Any:
    """The file of a derivation, or of what follows from a formula."""
    folder = next(each for each in ("derivations", "consequences") if (DOCS / "data" / each / f"{name}.yaml").exists())
    return data(f"{folder}/{name}")


@cache
def derivations() -> list[Any]:
    """All files of derivations and of what follows from a formula."""
    folders = ("derivations", "consequences")
    return [derivation(path.stem) for each in folders for path in sorted((DOCS / "data" / each).glob("*.yaml"))]


@cache
def label(key: str, language: str) -> str:
    """Words of the site itself."""
    return str(data("text/site")[key][language])


@cache
def questions() -> dict[str, Any]:
    """Claims and drills by the number of their question."""
    return {path.stem: data(path.stem) for path in sorted((DOCS / "data").glob("[0-9]*.yaml"))}
