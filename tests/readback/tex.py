"""One spelling for formulas that differ in layout only, so that a source and what was drawn of it can be compared."""

from collections.abc import Iterator
from itertools import groupby

from optnotes.site.tex.tokens import TexError, Token, close, script, tokens
from tests.readback.mathml import CLOSING, GOES_ON, OPENING

SAME = {"\\overline": "\\bar", "\\widehat": "\\hat", "\\widetilde": "\\tilde", "\\|": "\\lVert", "|": "\\lvert"}
SAME |= {"\\Vert": "\\lVert", "\\vert": "\\lvert", "\\dots": "\\ldots", "\\arg": "\\operatorname{arg}"}
BARS = {"\\lvert": "\\rvert", "\\lVert": "\\rVert"}
BREAKS = {"\\quad", "\\qquad", "\\\\", ",", ";"}
END = ";"


def normal(tex: str) -> str:
    """Tokens of the formula; lines, wide spaces and commas between statements become one sign."""
    texts = list(statements(list(paired(tokens(tex)))))
    return " ".join(texts[1:-1] if texts[-1:] == ["."] else texts[1:])


def paired(parts: list[Token]) -> Iterator[Token]:
    """Tokens in which upright bars say whether they open or close."""
    opened: list[str] = []
    for token in parts:
        if token.text == "\\mathrm":  # an upright d is the same letter
            continue
        text = SAME.get(token.text, token.text)
        if text in BARS and token.text not in BARS and opened[-1:] == [text]:
            text = BARS[text]
        if text in OPENING:
            opened.append(text)
        elif text in CLOSING and opened:
            opened.pop()
        yield Token(text, token.at)


def statements(parts: list[Token]) -> Iterator[str]:
    """Tokens outside all brackets, with one sign before each statement and without marks of alignment."""
    began, between = False, set[str]()
    for end, group in groupby((piece for piece in pieces(parts) if piece != ["&"]), lambda piece: piece[0] in BREAKS):
        if end:
            between = {piece[0] for piece in group}
            continue
        first, *rest = group
        if not began or between & {",", ";"} or first[0] not in GOES_ON:
            yield END
        began, between = True, set()
        yield from (text for piece in (first, *rest) for text in piece)


def pieces(parts: list[Token]) -> Iterator[list[str]]:
    """Tokens, brackets as a whole; primes, index and exponent in this order wherever they stand."""
    position = 0
    while position < len(parts):
        text = parts[position].text
        if text in ("'", "_", "^"):
            found, position = scripts(parts, position)
            yield found
        elif text in OPENING or text in ("{", "\\begin{cases}"):
            end = close(parts, position)
            yield [text, *joined(parts[position + 1 : end]), parts[end].text]
            position = end + 1
        else:
            yield [text]
            position += 1


def joined(parts: list[Token]) -> list[str]:
    return [text for piece in pieces(parts) for text in piece]


def scripts(parts: list[Token], position: int) -> tuple[list[str], int]:
    """What stands above and below the token before this place."""
    found: dict[str, list[str]] = {"'": [], "_": [], "^": []}
    while position < len(parts) and (mark := parts[position].text) in found:
        if mark == "'":
            position += 1
            found[mark].append(mark)
            continue
        if found[mark]:
            raise TexError(f"two scripts at {parts[position].at}")
        piece, position = script(parts, position + 1)
        found[mark] += [mark, "{", *joined(piece), "}"]
    return [text for texts in found.values() for text in texts], position
