"""Cuts TeX into tokens and finds brackets, names and arguments in them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise


class TexError(ValueError):
    """TeX that cannot be read, with the place."""


class TexMismatch(TexError):  # noqa: N818
    """Sides of a chain that do not agree."""


@dataclass(frozen=True)
class Token:
    """A piece of TeX and where it stands."""

    text: str
    at: int


TOKEN = re.compile(r"\\(?:begin|end)\{[a-z]+\*?\}|\\operatorname\{[A-Za-z]+\}|\\[A-Za-z]+|\\.|\S", re.DOTALL)
LAYOUT = {"\\,", "\\;", "\\:", "\\!", "\\ ", "~", "\\left", "\\right", "\\displaystyle", "\\limits", "\\nolimits"}
LAYOUT |= {"\\begin{aligned}", "\\end{aligned}"}
LAYOUT |= {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")}
SAME = {"\\leq": "\\le", "\\geq": "\\ge", "\\neq": "\\ne", "\\lt": "<", "\\gt": ">", "\\tfrac": "\\frac"}
SAME |= {"\\dfrac": "\\frac", "\\ln": "\\log", "\\lbrace": "\\{", "\\rbrace": "\\}", "\\ast": "*"}
ACCENTS = {"\\hat", "\\tilde", "\\bar", "\\overline", "\\vec", "\\dot", "\\check", "\\widehat", "\\widetilde"}
ACCENTS |= {"\\mathcal", "\\mathbf", "\\boldsymbol"}
GREEK = r"""
    \alpha \beta \gamma \delta \epsilon \varepsilon \zeta \eta \theta \iota \kappa \lambda \mu \nu \xi \pi \rho \sigma
    \tau \upsilon \phi \varphi \chi \psi \omega \ell \Gamma \Delta \Theta \Lambda \Xi \Pi \Sigma \Phi \Psi \Omega
"""
SYMBOLS = set(GREEK.split())
CLOSING = {"{": "}", "(": ")", "[": "]", "\\{": "\\}", "\\lvert": "\\rvert", "\\lVert": "\\rVert"}
CLOSING |= {"\\begin{cases}": "\\end{cases}"}


def tokens(tex: str) -> list[Token]:
    """The pieces of TeX without layout; a group that holds one piece loses its braces."""
    found = [Token(SAME.get(m[0], m[0]), m.start()) for m in TOKEN.finditer(tex)]
    result: list[Token] = []
    for token in (token for token in found if token.text not in LAYOUT):
        result.append(token)
        if token.text == "}" and len(result) > 2 and result[-3].text == "{" and result[-2].text != "}":
            result[-3:] = [result[-2]]
    return result


def spell(parts: list[Token] | tuple[Token, ...]) -> str:
    """One spelling for these tokens: a blank only between a command and a letter."""
    text = "".join(token.text if token.text[-1:] != "\\" else token.text + " " for token in parts[:1])
    for before, token in pairwise(parts):
        text += " " if re.fullmatch(r"\\[A-Za-z]+", before.text) and token.text[0].isalpha() else ""
        text += token.text
    return text


def normalise(tex: str) -> str:
    """Canonical spelling of a symbol: the key under which it is bound."""
    return spell(tokens(tex))


def close(parts: list[Token], start: int) -> int:
    """Position of the bracket that closes the one at ``start``."""
    stack: list[str] = []
    for position in range(start, len(parts)):
        text = parts[position].text
        if text in CLOSING:
            stack.append(CLOSING[text])
        elif text in CLOSING.values():
            if stack.pop() != text:
                raise TexError(f"'{text}' at {parts[position].at} closes another bracket")
            if not stack:
                return position
    raise TexError(f"'{parts[start].text}' at {parts[start].at} is never closed")


def split(parts: list[Token], at: Callable[[str], bool]) -> tuple[list[list[Token]], list[Token]]:
    """Cut at the tokens outside all brackets for which ``at`` holds; also give the tokens cut at."""
    pieces: list[list[Token]] = [[]]
    cuts: list[Token] = []
    position = 0
    while position < len(parts):
        token = parts[position]
        if token.text in CLOSING:
            end = close(parts, position)
            pieces[-1] += parts[position : end + 1]
            position = end
        elif at(token.text):
            pieces.append([])
            cuts.append(token)
        else:
            pieces[-1].append(token)
        position += 1
    return pieces, cuts


def name_size(parts: list[Token], start: int = 0) -> int:
    """How many tokens the name at ``start`` takes, with accents and primes but without scripts; 0 if none."""
    position = start
    while position < len(parts) and parts[position].text in ACCENTS:
        position += 1
    if position == len(parts):
        return 0
    text = parts[position].text
    if text == "{" and position > start:
        position = close(parts, position)
    elif not (text in SYMBOLS or (len(text) == 1 and text.isalpha())):
        return 0
    position += 1
    while position < len(parts) and parts[position].text == "'":
        position += 1
    return position - start


def script(parts: list[Token], position: int) -> tuple[list[Token], int]:
    """The argument after ``_``, ``^`` or a command, and the position behind it."""
    if position >= len(parts):
        raise TexError("the TeX ends where an argument should follow")
    if parts[position].text == "{":
        end = close(parts, position)
        return parts[position + 1 : end], end + 1
    return parts[position : position + 1], position + 1


def index_pieces(sub: list[Token]) -> list[list[Token]]:
    """The indices in a subscript: several letters are as many indices, else commas part them."""
    letters = len(sub) > 1 and all(len(token.text) == 1 and token.text.isalpha() for token in sub)
    return [[token] for token in sub] if letters else split(sub, ",".__eq__)[0]


@cache
def texts(key: str) -> tuple[str, ...]:
    """Return the pieces of a spelling."""
    return tuple(token.text for token in tokens(key))
