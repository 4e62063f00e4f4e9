"""Formulas in one line of plain characters, for places that cannot draw MathML: ``(a + b)/√(n)``, ``x_i²``."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any

APPLIED = "\N{FUNCTION APPLICATION}"
INVISIBLE = dict.fromkeys(map(ord, "\u2062\u2063\u2064\u200b"))
SPACED = frozenset("=≠≤≥<>≈∼≡∝←→↦∈+−±·⋅×⊙≪≫")
SIGNS = frozenset("+−±")
OPENING = frozenset("([{,;")
# What a layout sets over a letter, and the mark that follows a letter in plain text.
ACCENTS = {"^": "\u0302", "ˆ": "\u0302", "~": "\u0303", "˜": "\u0303", "¯": "\u0304", "‾": "\u0304", "ˉ": "\u0304"}
ACCENTS |= {"˙": "\u0307", "→": "\u20d7"}
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
PRIMES = frozenset("′″‴")
GROUP = r"\([^()]*\)"
# What needs no brackets: letters side by side as an index or exponent; one letter or number below a line or a root.
WORD = re.compile(rf"[^\W_]+|.|{GROUP}")
FACTOR = re.compile(rf"[\d.]+|[^\W\d_][\u0300-\u036f\u20d7]?′*(_([^\W_]+|{GROUP}))?|{GROUP}")


def linear(formula: Any) -> str:
    """Return a parsed ``<math>`` element as one line; what a layout says is said by brackets and signs."""
    text = re.sub(f" *{APPLIED} *", APPLIED, write(formula, False))
    text = re.sub(f"{APPLIED}([^(\\[{{_^])", r" \1", text).replace(APPLIED, "")
    return unicodedata.normalize("NFC", re.sub(r" +", " ", text).strip())


def write(node: Any, tight: bool) -> str:
    """Write one element; within scripts operators stand without spaces."""
    if node.tag in ("annotation", "annotation-xml", "mphantom"):
        return ""
    if node.tag in ("mi", "mn", "mo", "mtext", "ms"):
        return (node.text or "").translate(INVISIBLE).replace("\N{NO-BREAK SPACE}", " ")
    if node.tag == "mspace":
        return "" if node.get("width", "0").startswith("0") else " "
    if node.tag == "mtable":
        return table(node, tight)
    return LAYOUTS.get(node.tag, row)(list(node), tight)


def row(parts: Iterable[Any], tight: bool) -> str:
    """Set parts side by side: operators apart, names apart, letters together."""
    text, last = "", None
    for part in parts:
        piece = write(part, tight)
        if part.tag == "mspace" and not piece:
            continue
        if part.tag == "mo" and piece in SPACED and not tight:
            text = f"{text}{piece}" if piece in SIGNS and opens(last) else f"{text.rstrip()} {piece} "
        elif part.tag == "mo" and piece in {",", ";"}:
            text = f"{text.rstrip()}{piece} "
        elif part.tag == "mtable" and text.endswith("{"):
            text += f"{piece}}}"  # TeX closes cases with nothing
        elif piece:
            if last is not None and last.tag == "mfrac" and (part.tag != "mo" or opens(part)):
                fraction = write(last, tight)
                text = f"{text.removesuffix(fraction)}({fraction}) "
            named = piece[0].isalnum() and last is not None and last.tag != "mo"
            text += piece if not named or (letter(part) and letter(last)) else f" {piece}"
        last = part
    return text


def opens(last: Any) -> bool:
    """Whether a sign after this belongs to what follows."""
    return last is None or (last.tag == "mo" and (last.get("form") == "prefix" or last.text in SPACED | OPENING))


def letter(part: Any) -> bool:
    """Whether this is one letter or a number: those of a product stand together."""
    return part is not None and (part.tag == "mn" or (part.tag == "mi" and len(part.text or "") == 1))


def enclosed(text: str, whole: re.Pattern[str] = FACTOR) -> str:
    """Put brackets around what would otherwise fall apart."""
    text = text.strip(f" {APPLIED}")
    return text if whole.fullmatch(text) else f"({text})"


def numerator(text: str) -> str:
    """Put brackets around a sum or the call of a function; a product needs none."""
    return f"({text.strip()})" if " " in text.strip() or APPLIED in text else text


def script(base: str, under: str, over: str) -> str:
    """Write an index and an exponent."""
    lowered = f"_{enclosed(under, WORD)}" if under else ""
    if set(over) <= PRIMES:
        return f"{base}{over}{lowered}"
    plain = over.isascii() and over.isdigit()
    return f"{base}{lowered}{over.translate(RAISED) if plain else f'^{enclosed(over, WORD)}'}"


def marked(base: str, over: str) -> str:
    """Write what stands over a letter or a sum."""
    if over not in ACCENTS:
        return f"{script(base, '', over)} "
    return f"{base}{ACCENTS[over]}" if len(base) == 1 else f"({base}){ACCENTS[over]}"


def table(node: Any, tight: bool) -> str:
    """Write rows one after the other; a row without a left side continues the line before."""
    text = ""
    for line in node:
        left, *rest = (row(cell, tight).strip() for cell in line)
        text += f"; {left}" if text and left else left
        for piece in filter(None, rest):
            text += f" {piece}" if piece[0] in SPACED or not left else f", {piece}"
    return text.strip()


LAYOUTS: dict[str, Callable[[list[Any], bool], str]] = {
    "mfrac": lambda parts, tight: f"{numerator(write(parts[0], tight))}/{enclosed(write(parts[1], tight))}",
    "msqrt": lambda parts, tight: f"√{enclosed(row(parts, tight))}",
    "mroot": lambda parts, tight: f"{write(parts[1], True).translate(RAISED)}√{enclosed(write(parts[0], tight))}",
    "msub": lambda parts, tight: script(write(parts[0], tight), write(parts[1], True), ""),
    "msup": lambda parts, tight: script(write(parts[0], tight), "", write(parts[1], True)),
    "msubsup": lambda parts, tight: script(write(parts[0], tight), write(parts[1], True), write(parts[2], True)),
    "mover": lambda parts, tight: marked(write(parts[0], tight), write(parts[1], True).strip()),
    "munder": lambda parts, tight: f"{script(write(parts[0], tight), write(parts[1], True), '')} ",
    "munderover": lambda parts, tight: f"{script(*(write(part, bool(n) or tight) for n, part in enumerate(parts)))} ",
}
