"""Faults for tests.readback.test_faults: of the converter, as functions of its work, and of pages, as patches."""

import dataclasses
import re
from collections import defaultdict
from collections.abc import Callable
from xml.etree import ElementTree

from optnotes.site.lean import mathml
from optnotes.site.pages import claims, drill, formula
from optnotes.site.words import docstrings, text

Convert = Callable[[str, bool], str]
STRIPPED = {"root": r"\\sqrt\b", "hat": r"\\hat\b", "transposition": r"\^\{?\\top\b\}?"}


def before(pattern: str, new: str, convert: Convert) -> Convert:
    """A converter that gets other TeX."""
    return lambda tex, display: convert(re.sub(pattern, new, tex), display)


def after(change: Callable[[ElementTree.Element], object], convert: Convert) -> Convert:
    """A converter whose elements are changed one by one."""

    def broken(tex: str, display: bool) -> str:
        formulas = ElementTree.fromstring(f"<p>{convert(tex, display)}</p>")
        for element in list(formulas.iter()):
            change(element)
        return "".join(ElementTree.tostring(formula, "unicode") for formula in formulas)

    return broken


def lose_exponent(element: ElementTree.Element) -> None:
    if element.tag in ("msup", "msubsup") and "′" not in "".join(element[-1].itertext()):
        element.remove(element[-1])
        element.tag = {"msup": "mrow", "msubsup": "msub"}[element.tag]


def lose_prime(element: ElementTree.Element) -> None:
    if element.tag in ("msup", "msubsup") and "′" in "".join(element[-1].itertext()):
        element.remove(element[-1])
        element.tag = {"msup": "mrow", "msubsup": "msub"}[element.tag]


def swap(element: ElementTree.Element) -> None:
    if element.tag == "msubsup":
        element[1], element[2] = element[2], element[1]
    elif element.tag in ("msub", "msup"):
        element.tag = {"msub": "msup", "msup": "msub"}[element.tag]


def lose_mark(element: ElementTree.Element) -> None:
    if element.tag == "mover" and len(element) == 2:
        element[1].text = ""


def turn(element: ElementTree.Element) -> None:
    if element.tag == "mfrac":
        element[:] = element[::-1]


CHANGES = {"exponent": lose_exponent, "prime": lose_prime, "swapped": swap, "mark": lose_mark, "fraction": turn}


def converter(plant: str, convert: Convert) -> Convert:
    """The converter with a fault."""
    if plant in STRIPPED:
        return before(STRIPPED[plant], "", convert)
    if plant == "relation":
        return before(r"\\le\b", r"\\ge", convert)
    return after(CHANGES[plant], convert)


def plant(patch: Callable[[object, str, object], None], which: str) -> None:
    """Break what writes pages; ``patch`` sets an attribute and takes it back later."""
    boxes, box, labels = formula.FormulaDirective._symbols, drill.DrillDirective._box, claims.site_labels
    unmask, convert, catalogue = docstrings.unmask, mathml.to_mathml, text.docstring_catalogue

    def exchanged(self, full, doc):
        found = boxes(self, full, doc)
        meanings = [item[1] for item in found][::-1]
        for item, meaning in zip(list(found), meanings, strict=True):
            item[1:] = [meaning.deepcopy()]
        return found

    def foreign(self, number, item):
        return box(self, number, dataclasses.replace(item, answer={"ru": item.answer["en"], "en": item.answer["ru"]}))

    def alike(language):
        words = labels(language)
        return lambda key, **numbers: words("verdict.holds" if key.startswith("verdict.") else key, **numbers)

    def reversed_catalogue(language):
        alike = defaultdict(list)  # a translation with other placeholders would not even be built
        for key, words in catalogue(language).items():
            alike[tuple(sorted(re.findall(r"\{\d\}", key)))].append((key, words))
        pairs = alike.values()
        return {key: words for each in pairs for (key, _), (_, words) in zip(each, each[::-1], strict=True)}

    other = {True: r"\sqrt{x}", False: "x"}
    match which:
        case "plus":
            patch(mathml, "to_mathml", lambda tex, display: convert(tex, display).replace("−", "+"))
        case "blocks":
            patch(mathml, "to_mathml", lambda tex, display: convert(other[True] if display else tex, display))
        case "symbols":
            patch(formula.FormulaDirective, "_symbols", exchanged)
        case "placeholders":
            patch(docstrings, "unmask", lambda words, roles: unmask(words, roles[::-1]))
        case "translations":
            patch(text, "docstring_catalogue", reversed_catalogue)
        case "verdicts":
            patch(claims, "site_labels", alike)
        case "answers":
            patch(drill.DrillDirective, "_box", foreign)
        case _:
            raise ValueError(f"no plant {which!r}")
