r"""Reads presentation MathML as a person reads what it draws, and writes that down as TeX.

It knows nothing of how the MathML was made and never looks at annotations, so it is a witness of the converter.
Layout has no meaning: nested rows, spaces, styles, invisible operators, the size of fences, a table that only breaks
lines. A superscript belongs to the last thing drawn before it, in whatever row it stands. Everything else has:
a character, element or attribute without one known meaning is an error. Statements end at a line, at a wide space or
at a comma outside all brackets; a line that opens with an operator goes on with the line before it.
"""

import re
from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.readback.marks import ACCENTS, BARS, PRIMES, SIGNS, MathError, letter, number, spoken, word

__all__ = ["MathError", "read"]

ROWS = {"math", "semantics", "mrow", "mstyle", "mpadded"}
SCRIPTS = {"msub": "_", "msup": "^", "msubsup": "_^", "munder": "_", "mover": "^", "munderover": "_^"}
BREAK, WIDE = " \\\\ ", " \\quad "
OPENING, CLOSING = {"(", "[", "\\{", "\\lvert", "\\lVert"}, {")", "]", "\\}", "\\rvert", "\\rVert"}
GOES_ON = {"=", "<", ">", "\\le", "\\ge", "\\ne", "\\approx", "+", "-", "\\cdot", "\\times", "\\odot", "/"}
# Nothing may be drawn in another colour, at another size, or not at all.
HIDDEN = re.compile(r"(?<![a-z-])color|display: ?none|visibility|opacity|font-size|transform|background")
PLAIN = {
    "accent", "accentunder", "alttext", "arg", "aria-label", "class", "columnalign", "columnspacing", "data-style",
    "depth", "dir", "display", "displaystyle", "fence", "form", "height", "id", "indentalign", "indentshift", "intent",
    "largeop", "linebreak", "lspace", "mathvariant", "maxsize", "minsize", "movablelimits", "role", "rowalign",
    "rowspacing", "rspace", "scriptlevel", "separator", "stretchy", "style", "symmetric", "tabindex", "voffset",
    "width", "xmlns",
}  # fmt: skip


def read(mathml: str) -> str:
    """Return the TeX of a ``<math>`` element, or of several that are one formula."""
    formulas = list(ElementTree.fromstring(f"<p>{mathml}</p>"))
    if not formulas or any(formula.tag.rpartition("}")[2] != "math" for formula in formulas):
        raise MathError(f"expected a formula, got {mathml[:80]}")
    return WIDE.join(" ".join(Reader().row([formula])).strip() for formula in formulas)


class Reader:
    """Walks one formula; ``open`` holds the fences that are not closed yet."""

    def __init__(self) -> None:
        self.open: list[str] = []
        self.inside = 0  # scripts, fractions and roots around this place

    def row(self, elements: list[Element]) -> list[str]:
        """Pieces of TeX for elements that stand side by side."""
        pieces: list[str] = []
        flat = list(flatten(elements))
        for position, element in enumerate(flat):
            before = flat[position - 1] if position else None
            if kind(element) == "mtable":
                cases = before is not None and kind(before) == "mo" and spoken(before.text or "") == "{"
                pieces[-1 if cases else len(pieces) :] = [self.cases(element) if cases else self.lines(element)]
                if cases:
                    self.open.pop()
            else:
                pieces += self.piece(element)
        return pieces

    def piece(self, element: Element) -> list[str]:
        """Pieces of TeX for one element."""
        match kind(element):
            case "mi" | "mo" | "mn":
                return self.token(element)
            case "mtext" | "ms":
                if spoken(element.text or ""):
                    raise MathError(f"words in a formula: {element.text!r}")
                return []
            case "mspace":
                wide = ems(element.get("width", "0em")) >= 0.9 or element.get("linebreak") == "newline"
                return [WIDE] if wide and not self.open and not self.inside else []
            case "mfrac":
                above, below = self.parts(element, 2)
                return [f"\\frac{{{above}}}{{{below}}}"]
            case "msqrt":
                return [f"\\sqrt{{{self.part(list(element))}}}"]
            case name if name in SCRIPTS:
                return self.scripts(element)
        raise MathError(f"no meaning is known for <{element.tag}>")

    def token(self, element: Element) -> list[str]:
        """A name, a number or an operator."""
        text = spoken(element.text or "")
        if len(element):
            raise MathError(f"<{element.tag}> holds elements")
        if text in BARS:
            return [self.bar(text, element.get("form"))]
        if text in PRIMES:
            return ["'" * PRIMES[text]]
        if text in SIGNS:
            return [self.sign(SIGNS[text])]
        if not text:
            return []
        if text[0].isdigit() and text.isascii():
            return [number(text)]
        return [letter(text) if len(text) == 1 else word(text)]

    def sign(self, tex: str) -> str:
        """An operator; fences are counted, a comma outside all of them ends a statement."""
        if tex in OPENING:
            self.open.append(tex)
        elif tex in CLOSING and self.open:
            self.open.pop()
        return tex + WIDE if tex in (",", ";") and not self.open and not self.inside else tex

    def bar(self, text: str, form: str | None) -> str:
        """An upright bar: opens or closes as it says itself, or else as the one before it was."""
        opening, closing = BARS[text]
        opens = form == "prefix" if form in ("prefix", "postfix") else self.open[-1:] != [opening]
        return self.sign(opening if opens else closing)

    def part(self, elements: list[Element]) -> str:
        """TeX of an argument."""
        self.inside += 1
        tex = " ".join(self.row(elements))
        self.inside -= 1
        if not tex.strip():
            raise MathError("an argument is empty")
        return tex

    def parts(self, element: Element, count: int) -> list[str]:
        if len(element) != count:
            raise MathError(f"<{element.tag}> needs {count} arguments")
        return [self.part([child]) for child in element]

    def scripts(self, element: Element) -> list[str]:
        """A base with accent, primes, index and exponent, however they are nested."""
        found: dict[str, list[str]] = {"_": [], "^": []}
        primes, base = "", element
        while kind(base) in SCRIPTS and not accent(base):
            marks = SCRIPTS[kind(base)]
            if len(base) != len(marks) + 1:
                raise MathError(f"<{base.tag}> needs {len(marks) + 1} arguments")
            for mark, child in zip(marks, list(base)[1:], strict=True):
                tex = self.part([child])
                rest = tex.lstrip(" '") if mark == "^" else tex
                primes += tex[: len(tex) - len(rest)].replace(" ", "")
                found[mark] += [rest] if rest else []
            within = list(flatten([base[0]]))
            base = within[0] if len(within) == 1 else base[0]
        over = accent(base)
        pieces = [f"{over}{{{self.part([base[0]])}}}"] if over else self.row([base])
        if not pieces or max(map(len, found.values())) > 1:
            raise MathError(f"scripts without one meaning: {ElementTree.tostring(element, 'unicode')}")
        scripts = "".join(f"{mark}{{{tex}}}" for mark, texts in found.items() for tex in texts)
        return [*pieces[:-1], pieces[-1].strip() + primes + scripts]

    def cases(self, table: Element) -> str:
        """One of several values, with its condition beside it."""
        self.inside += 1
        rows = [" & ".join(" ".join(self.row(list(cell))) for cell in cells(row)) for row in table]
        self.inside -= 1
        return f"\\begin{{cases}} {BREAK.join(rows)} \\end{{cases}}"

    def lines(self, table: Element) -> str:
        """Lines of one formula."""
        tex = ""
        for row in table:
            pieces = [piece for cell in cells(row) for piece in self.row(list(cell))]
            if pieces:
                first = pieces[0].split()[0]
                tex += (" " if not tex or first in GOES_ON else BREAK) + " ".join(pieces)
        return tex


def kind(element: Element) -> str:
    """The element's name, once its attributes are known to change no meaning."""
    for name, value in element.attrib.items():
        if name not in PLAIN or HIDDEN.search(value):
            raise MathError(f'{name}="{value}" on <{element.tag}> could change what is drawn')
    if element.get("mathvariant", "normal") != "normal":
        raise MathError(f"no meaning is known for the variant {element.get('mathvariant')!r}")
    return element.tag.rpartition("}")[2]


def flatten(elements: list[Element]) -> Iterator[Element]:
    """Elements without the rows around them."""
    for element in elements:
        if element.tag.rpartition("}")[2].startswith("annotation"):
            continue
        if kind(element) in ROWS:
            yield from flatten(list(element))
        else:
            yield element


def cells(row: Element) -> list[Element]:
    """Cells of a row of a table."""
    if kind(row) != "mtr" or any(kind(cell) != "mtd" for cell in row):
        raise MathError(f"<{row.tag}> is no row of a table")
    return list(row)


def accent(element: Element) -> str | None:
    """The accent that stands over something; None where there is none."""
    marks = list(flatten([element[1]])) if kind(element) == "mover" and len(element) == 2 else []
    text = spoken(marks[0].text or "") if len(marks) == 1 and kind(marks[0]) == "mo" else ""
    return ACCENTS.get(text)


def ems(width: str) -> float:
    """A width in ems."""
    found = re.fullmatch(r"(-?[\d.]+)(em|ex|pt|px)?", width)
    if not found:
        raise MathError(f"cannot read the width {width!r}")
    return float(found[1]) * {"em": 1.0, "ex": 0.5, "pt": 0.1, "px": 1 / 16, None: 1.0}[found[2]]
