"""TeX's spaces in MathML, written out: browsers know neither its classes of symbols nor its styles.

Every symbol has a class, two neighbours have a space, none of it within scripts (The TeXbook, chapter 18). What the
operator dictionary of browsers would add or forget is set on each operator, so all browsers draw the same.
"""

from itertools import pairwise

from lxml import etree

ORD, OP, BIN, REL, OPEN, CLOSE, PUNCT, INNER = range(8)
THIN, MEDIUM, THICK = "0.1667em", "0.2222em", "0.2778em"
NONE = "0em"
# Rows: the left neighbour; columns: the right one. In scripts only the thin spaces beside large operators stay.
SPACES = """
    ord   0 1 2 3 0 0 0 4
    op    1 1 0 3 0 0 0 4
    bin   2 2 0 0 2 0 0 2
    rel   3 3 0 0 3 0 0 3
    open  0 0 0 0 0 0 0 0
    close 0 1 2 3 0 0 0 4
    punct 4 4 0 4 4 4 4 4
    inner 4 1 2 3 4 0 4 4
"""
TABLE = [[int(cell) for cell in line.split()[1:]] for line in SPACES.strip().splitlines()]
WIDTH = (NONE, THIN, MEDIUM, THICK, THIN)
ALWAYS = 1
DISPLAY, TEXT, SCRIPT = range(3)

OPENING, CLOSING = set("([{⌊⌈⟨"), set(")]}⌋⌉⟩")
BARS = set("|‖")
RELATIONS = set("=≤≥<>≠≈∼≃≡→←↦∈∉∝≪≫⊂∣∥⟂:≔")
BINARY = set("+−±∓⋅×⊙∗∘⊕⊗")
LARGE = set("∑∏∫⋃⋂⨁")
APPLY = "\u2061"
# Rooms of an element whose children stand beside one another.
ROWS = {"mrow", "math", "mtd", "msqrt", "mstyle", "mpadded", "mphantom", "menclose", "semantics"}
# What the style sheet knows of the classes that Temml gives.
CLASSES = {"tml-left", "tml-right", "tml-jot"}
# Letters whose tops lean out of their boxes, which upright names must not touch.
LEANING = set("FHKNTUVWXYZ")
# Symbols without a part that rises above the small letters.
LOW = set("acegmnopqrsuvwxyzαγεικμνοπρστυφχψωϕϵ")
SPACELESS = {"mspace", "mtable", "annotation"}
SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"}


def set_spaces(math: etree._Element) -> None:
    """Give a formula the spaces of TeX, in place."""
    style = DISPLAY if math.get("display") == "block" else TEXT
    for row in [each for each in math.iter("mrow") if _is_loose(each)]:
        _unwrap(row)
    for accented in math.iter("mover"):
        if _is_accent(accented):
            accented.set("accent", "true")
    for element in math.iter():
        for name in ("style", "class"):
            if element.get(name) not in CLASSES:
                element.attrib.pop(name, None)
    for nothing in [each for each in math.iter("mspace", "mo") if each.get("width", "0pt") == "0pt" and not each.text]:
        nothing.getparent().remove(nothing)
    for written in [each for each in math.iter("mspace") if _beside_name(each)]:
        written.getparent().remove(written)
    _set(math, style)
    _level(math)
    for row in [each for each in math.iter("mrow") if _holds_large(each)]:
        _group(row)


def _beside_name(space: etree._Element) -> bool:
    """Whether Temml put a thin space beside a named function, where the table below has one."""
    beside = (space.getprevious(), space.getnext())
    return space.get("width") == THIN and any(
        each is not None and (each.text == APPLY or _class_of(each) == OP) for each in beside
    )


def _is_loose(row: etree._Element) -> bool:
    """Whether a group stands in a row, and stretches nothing."""
    parent = row.getparent()
    if parent is None or parent.tag not in {"mrow", "mtd", "msqrt"}:
        return False
    return all(child.get("stretchy") != "true" for child in row)


def _level(math: etree._Element) -> None:
    """Let indices below exponents stand at one depth: a high index is pushed down, so low ones count as high."""
    indices = [each[1] for each in math.iter("msubsup")]
    low = [each for each in indices if set("".join(each.itertext())) <= LOW]
    for index in low if len(low) < len(indices) else ():
        parent = index.getparent()
        at = parent.index(index)
        padded = etree.Element("mpadded", height="0.7em")
        padded.append(index)
        parent.insert(at, padded)


def _holds_large(row: etree._Element) -> bool:
    """Whether stretched fences hold a sum: Firefox does not stretch them around one that is their sibling."""
    fenced = len(row) > 3 and all(end.get("stretchy") == "true" for end in (row[0], row[-1]))
    return fenced and any((_core(child).text or "") in LARGE for child in row[1:-1])


def _group(row: etree._Element) -> None:
    """Make one thing of what stands between fences."""
    held = etree.Element("mrow")
    held.extend(row[1:-1])
    row.insert(1, held)


def _unwrap(row: etree._Element) -> None:
    parent = row.getparent()
    at = parent.index(row)
    parent[at : at + 1] = list(row)


def _set(element: etree._Element, style: int) -> None:
    if element.tag in ROWS:
        _space_row(element, style)
    for at, child in enumerate(element):
        if child.tag == "mo" and element.tag not in ROWS and (at or element.tag == "mfrac"):
            _reset(child, ORD)  # alone in a script
        _set(child, _style_of(element, at, child, style))


def _style_of(parent: etree._Element, at: int, child: etree._Element, style: int) -> int:
    if child.tag == "mtable":
        return DISPLAY if child.get("displaystyle") == "true" else TEXT
    if child.tag == "mstyle":
        return TEXT if child.get("scriptlevel") == "0" else style
    if parent.tag == "mfrac" and child.tag != "mstyle":
        return style + 1
    if parent.tag in SCRIPTS and at and not _is_accent(parent):
        return max(SCRIPT, style + 1)
    return style


def _is_accent(element: etree._Element) -> bool:
    return element.tag in {"mover", "munder"} and element[1].tag == "mo" and element[0].tag != "mo"


def _core(element: etree._Element) -> etree._Element:
    """Return the symbol that decides how an element behaves: the sum of a sum with bounds."""
    while element.tag in SCRIPTS and not _is_accent(element):
        element = element[0]
    return element


def _class_of(element: etree._Element, end: int = 0) -> int:
    """Return the class that a neighbour on the left (``end`` 0) or on the right (-1) meets."""
    core = _core(element)
    if core.tag in {"mrow", "mstyle"} and len(core) and not any(child.get("stretchy") == "true" for child in core):
        return _class_of(core[end], end)
    text = core.text or ""
    if core.tag == "mfrac" or (core.tag == "mrow" and any(child.get("stretchy") == "true" for child in core)):
        return INNER
    if core.tag == "mi" and len(text) > 1 and text.replace("\u202f", "").replace("\xa0", "").isalpha():
        return OP
    if core.tag != "mo":
        return ORD
    if text in BARS:
        return {"prefix": OPEN, "postfix": CLOSE}.get(core.get("form", ""), ORD)
    classes = ((OPENING, OPEN), (CLOSING, CLOSE), (RELATIONS, REL), (BINARY, BIN), (LARGE, OP), ({",", ";"}, PUNCT))
    return next((kind for characters, kind in classes if text in characters), ORD)


def _classes(row: list[etree._Element], continues: bool) -> list[int]:
    """Return the classes of the symbols of a row; a sign with nothing to join is no operation."""
    found = [_class_of(element) for element in row]
    before = ORD if continues else OPEN
    for at, kind in enumerate(found):
        after = found[at + 1] if at + 1 < len(found) else CLOSE
        if kind == BIN and (before in {BIN, OP, REL, OPEN, PUNCT} or after in {REL, CLOSE, PUNCT}):
            found[at] = ORD
        before = _end(row[at], found[at])
    return found


def _end(element: etree._Element, kind: int) -> int:
    """Return the class that the right neighbour meets: that of a bracket in front is not that of its end."""
    return _class_of(element, -1) if kind in {OPEN, CLOSE, ORD} and _core(element).tag != "mo" else kind


def _space_row(parent: etree._Element, style: int) -> None:
    row = [child for child in parent if child.tag not in SPACELESS and child.text != APPLY]
    continues = parent.tag == "mtd" and parent.getprevious() is not None
    classes = _classes(row, continues)
    if continues and row and classes[0] in {REL, BIN}:
        classes, row = [ORD, *classes], [etree.Element("mrow"), *row]
    for element, kind in zip(row, classes, strict=True):
        _reset(_core(element), kind)
    for at, (left, right) in enumerate(pairwise(row)):
        space = TABLE[_end(left, classes[at])][classes[at + 1]]
        if space and (style < SCRIPT or space == ALWAYS):
            leans = classes[at + 1] == OP and (left.text or "") in LEANING
            _put(left, right, classes[at], classes[at + 1], MEDIUM if leans else WIDTH[space])
    for element in row:
        _drop_defaults(_core(element))


def _reset(core: etree._Element, kind: int) -> None:
    if core.tag != "mo":
        return
    if kind in {OPEN, CLOSE}:
        core.set("form", "prefix" if kind == OPEN else "postfix")
    elif kind in {BIN, REL}:
        core.set("form", "infix")
    elif core.text in BINARY:
        core.set("form", "prefix")
    if core.text == "⊙":
        core.set("largeop", "false")
    core.set("lspace", NONE)
    core.set("rspace", NONE)


def _put(left: etree._Element, right: etree._Element, before: int, after: int, width: str) -> None:
    """Put a space between neighbours: on an operator if there is one, else on its own."""
    if _core(right).tag == "mo" and after in {BIN, REL, OP}:
        _core(right).set("lspace", width)
    elif _core(left).tag == "mo" and before in {BIN, REL, OP, PUNCT}:
        _core(left).set("rspace", width)
    else:
        space = etree.Element("mspace", width=width)
        right.addprevious(space)


def _drop_defaults(core: etree._Element) -> None:
    """Leave out what every browser's dictionary says itself."""
    if core.tag != "mo":
        return
    text, spaces = core.text or "", (core.get("lspace"), core.get("rspace"))
    plain = (
        (core.get("form") in {"prefix", "postfix"} and text in OPENING | CLOSING | BARS and spaces == (NONE, NONE))
        or (text in {"+", "−"} and core.get("form") == "infix" and spaces == (MEDIUM, MEDIUM))
        or (text in {"=", "≤", "≥", "<", ">"} and spaces == (THICK, THICK))
        or (text == "," and spaces == (NONE, THIN))
    )
    if plain:
        for name in ("lspace", "rspace", *(("form",) if text in RELATIONS | BINARY else ())):
            core.attrib.pop(name, None)
