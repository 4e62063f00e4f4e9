"""What stands on a built page, held against the sources: formulas, symbols, translations, verdicts, answers.

Every function returns complaints. A page is what the reader gets, so whatever goes wrong in a directive, in the
converter or while the page is written is seen here, if it changes a formula or words that the sources fix.
"""

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import lxml.html
import torch
from lxml import etree

import optnotes
from optnotes.site.tex.tokens import TexError
from tests.formula_docs import code_values, read, same, tex_values
from tests.points import Draw, all_points
from tests.readback import words
from tests.readback.mathml import MathError
from tests.readback.mathml import read as read_mathml
from tests.readback.sources import DOCS, in_markdown
from tests.readback.sources import words as in_language
from tests.readback.tex import normal

SILENT = ("headerlink", "footnote-reference", "screen-only", "viewcode-link")
SLUGS = {f"equation-eq-{full.rpartition('.')[2].replace('_', '-')}": full for full in optnotes.formulas()}
POINTS = all_points()
SHOWS = re.compile(r"<math\b|\bverdict-|<details class=\"drill")
VERDICTS = ("holds", "condition", "imprecise", "wrong")
# Lines of a derivation are displayed as well, and held against their file.
OUTSIDE = "[not(ancestor::details[contains(concat(' ', @class, ' '), ' derivation ')])]"
BLOCK = f"//*[math[@display='block']]{OUTSIDE}"
Element = lxml.html.HtmlElement


class Page:
    """A built page; it remembers which formulas were compared, so that none is passed over."""

    def __init__(self, html: str, language: str) -> None:
        self.root: Element = lxml.html.document_fromstring(html)
        self.language = language
        self.compared: set[Element] = set()

    def text(self, element: Element) -> str:
        """Words and formulas under an element, as tests.readback.words spells them."""
        return words.plain("".join(self._texts(element)))

    def _texts(self, element: Element) -> Iterator[str]:
        if element.tag == "math":
            tex = self.tex(element)
            yield words.formula(tex) + "".join(re.findall(r"[.,;:]+$", re.sub(r"\\quad\s*$", "", tex).strip()))
        elif not set(SILENT) & set((element.get("class") or "").split()):
            yield element.text or ""
            for child in element:
                yield from self._texts(child)
                yield child.tail or ""

    def tex(self, element: Element) -> str:
        self.compared.add(element)
        return read_mathml(etree.tostring(element, encoding="unicode", with_tail=False))

    def all(self, path: str) -> list[Element]:
        return list(self.root.xpath(path))


def having(name: str) -> str:
    """XPath of a class."""
    return f"[contains(concat(' ', @class, ' '), ' {name} ')]"


def complaints(page: Page, source: str = "") -> list[str]:
    """Everything on a page that its sources do not say; ``source`` is its Markdown."""
    found: list[str] = []
    for check in (blocks, boxes, derivations, entries, claims, claim_rows, drills, notation):
        try:
            found += check(page)
        except (MathError, TexError, etree.ParseError) as error:
            found.append(f"{check.__name__}: {error}")
    return found or prose(page, source)


def blocks(page: Page) -> Iterator[str]:
    """Displayed formulas: that of the function whose label stands there, with its value."""
    for block in page.all(BLOCK):
        full, tex = owner(block), " \\quad ".join(map(page.tex, block.findall("math")))
        if full is None:
            yield f"nobody's formula: {tex}"
        elif normal(tex) != normal(read(optnotes.formulas()[full]).tex):
            yield f"{full}: drawn is {tex}"
        elif not gives_value(full, tex):
            yield f"{full}: what is drawn gives another value: {tex}"


def owner(block: Element) -> str | None:
    """The function whose equation should stand here: by the label, the footer of the box, or the entry around it."""
    labels = block.xpath(f"ancestor-or-self::div{having('math-block')}/@id")
    linked = block.xpath(f"ancestor-or-self::div{having('listed')}//a[contains(@href, '#optnotes.')][1]/@href")
    around = block.xpath("ancestor::dl[1]/dt/@id")
    if labels:
        return SLUGS.get(labels[0])
    found = linked[0].partition("#")[2] if linked else around[0] if around else ""
    return found if found in optnotes.formulas() else None


@cache
def gives_value(full: str, tex: str) -> bool:
    """Whether TeX gives the value of a function at a point of the TeX witness."""
    function, arguments = optnotes.formulas()[full], POINTS[full](Draw(0))
    try:
        return same(code_values(function, arguments), tex_values(function, arguments, tex))
    except ValueError:
        return False


def boxes(page: Page) -> Iterator[str]:
    """Boxes of formulas: symbols with their meanings in order, notes, the line of the index."""
    for box in page.all(f"//div{having('formula')}"):
        if "statement" in box.get("class").split():
            continue  # it holds a derivation, and is read as one
        (full,) = map(owner, box.xpath(f".{BLOCK}"))
        if full is None:
            continue
        doc, language = read(optnotes.formulas()[full]), page.language
        if "listed" in box.get("class").split():
            summary, shown = words.docstring(doc.summary, language), page.text(box.find("p"))
            if re.sub(r"^\(\d+\.\d+\) ", "", shown) != summary:
                yield f"{full}: the index says {shown!r}, not {summary!r}"
            continue
        names = [""] * len(doc.returns) + [entry.name for entry in doc.parameters]
        # The symbol stands beside its meaning and not in it; a name of one letter is that symbol.
        entries_ = [
            (words.formula(entry.symbol), f"{without(entry, language)} {name if name != entry.symbol else ''}".strip())
            for name, entry in zip(names, (*doc.returns, *doc.parameters), strict=True)
            if entry.symbol
        ]
        (listed,) = box.xpath(f".//dl{having('symbols')}{OUTSIDE}")
        pairs = [(page.text(dt), page.text(dd)) for dt, dd in zip(listed.iter("dt"), listed.iter("dd"), strict=True)]
        yield from differences(full, entries_, pairs)
        notes = [page.text(p) for p in box.xpath(f".//p{having('convention')} | .//p{having('note-line')}")]
        yield from differences(full, [words.docstring(note, language) for note in doc.notes], notes)


def without(entry: Any, language: str) -> str:
    """What a docstring says of a symbol, without the symbol."""
    said, symbol = words.docstring(entry.text, language), words.formula(entry.symbol)
    before, _, after = said.partition(symbol)
    return f"{before.rstrip()}{after}"


def derivations(page: Page) -> Iterator[str]:
    """Lines of derivations: the equation, and the reason in the language of the page."""
    by_name = {full.rpartition(".")[2]: function for full, function in optnotes.formulas().items()}
    for box in page.all(f"//details{having('derivation')}"):
        name = box.get("id").removeprefix("derivation-").replace("-", "_")
        written = words.derivation(name)
        stated, head = written.get("statement"), page.text(box.find("summary"))
        if stated and not words.markdown(stated[page.language]).search(head):
            yield f"statement of {name}: the page says {head!r}, the source {stated[page.language]!r}"
        steps, given = written["steps"], [each for each in written["given"] if "meaning" in each]
        terms, meanings = (box.xpath(f"dl//{tag}") for tag in ("dt", "dd"))
        symbols = [words.formula(each["symbol"]) for each in given]
        yield from differences(f"symbols of {name}", symbols, [page.text(term) for term in terms])
        for each, shown in zip(given, meanings, strict=True):
            yield from unlike(page, f"symbols of {name}", each["meaning"], [shown])
        for number, (line, step) in enumerate(zip(box.xpath("ol/li"), steps, strict=True), 1):
            tex = read(by_name[step["formula"]]).tex if "formula" in step else step["tex"]
            drawn = " \\quad ".join(map(page.tex, line.xpath(".//math[@display='block']")))
            if normal(drawn) != normal(tex):
                yield f"line {number} of {name}: drawn is {drawn}"
            (reason,) = line.findall("p")
            kind = page.text(reason.find("span[@class='step-kind']"))
            shown = page.text(reason).removesuffix(kind).strip()
            if not re.fullmatch(rf"{words.markdown(step['reason'][page.language]).pattern}( \(\d+\.\d+\))?", shown):
                yield f"line {number} of {name}: the page says {shown!r}"


def differences(where: str, expected: list, actual: list) -> Iterator[str]:
    if expected != actual:
        wrong = (pair for pair in zip(expected, actual, strict=False) if pair[0] != pair[1])
        one, other = next(wrong, (expected, actual))
        yield f"{where}: expected {one!r}, the page says {other!r}"


def entries(page: Page) -> Iterator[str]:
    """Entries of the API: every paragraph of the docstring at its place."""
    for entry in page.all(f"//dl{having('function')}"):
        full = entry.find("dt").get("id")
        if full not in optnotes.formulas():
            continue
        doc, language = read(optnotes.formulas()[full]), page.language
        body = entry.find("dd")
        shown = [page.text(p) for p in body.findall("p")]
        for paragraph in (doc.summary, *doc.notes):
            if words.docstring(paragraph, language) not in shown:
                yield f"{full}: nowhere says {words.docstring(paragraph, language)!r}"
        fields = [page.text(p).partition(" - ")[::2] for p in body.xpath(f"dl{having('field-list')}//p")]
        texts = [words.docstring(entry.text, language) for entry in (*doc.parameters, *doc.returns, *doc.raises)]
        yield from differences(full, texts, [text or head for head, text in fields])
        names = [head.partition(" ")[0] for head, _ in fields[: len(doc.parameters)]]
        yield from differences(full, [entry.name for entry in doc.parameters], names)


def claims(page: Page) -> Iterator[str]:
    """Cards of claims: the verdict in words and as a class, the claim, the correction."""
    known = {claim["id"]: claim for question in words.questions().values() for claim in question.get("claims", ())}
    for card in page.all(f"//div{having('claim')}"):
        claim = known[card.get("id").removeprefix("claim-")]
        verdict = words.label(f"verdict.{claim['verdict']}", page.language)
        (shown,) = map(page.text, card.xpath(f".//span{having('verdict')}"))
        if shown != verdict or f"verdict-{claim['verdict']}" not in card.get("class").split():
            yield f"claim {claim['id']}: the verdict is {verdict!r}, the page says {shown!r}, {card.get('class')!r}"
        _, quote, *rest = card
        yield from unlike(page, f"claim {claim['id']}", claim["claim"], [quote])
        yield from unlike(page, f"claim {claim['id']}", claim.get("correction"), rest[:-1])


def unlike(page: Page, where: str, written: dict[str, str] | None, shown: list[Element]) -> Iterator[str]:
    """Complain unless elements show what is written."""
    text = " ".join(map(page.text, shown))
    expected = words.markdown(written[page.language]) if written else re.compile("")
    if not expected.fullmatch(text):
        yield f"{where}: the page says {text!r}, the source {written and written[page.language]!r}"


def claim_rows(page: Page) -> Iterator[str]:
    """The index of claims: how many of each verdict, then each claim in a line."""
    heads = [words.label(f"verdict.{verdict}", page.language) for verdict in VERDICTS]
    for number, question in words.questions().items():
        for claim in question.get("claims", ()):
            rows = page.all(f"//tr[td[contains(@class, 'verdict-')] and normalize-space(td[1])='{claim['id']}']")
            for row in rows:
                _, verdict, basis, text = row.findall("td")
                expected = words.label(f"verdict.{claim['verdict']}", page.language)
                if page.text(verdict) != expected or f"verdict-{claim['verdict']}" not in verdict.get("class"):
                    yield f"claim {claim['id']} is {expected!r}, the index says {page.text(verdict)!r}"
                yield from differences(
                    f"claim {claim['id']} rests on", [words.basis(claim, page.language)], [page.text(basis)]
                )
                yield from unlike(page, f"claim {claim['id']} in the index", claim["claim"], [text])
        counts = page.all(f"//tr[count(td)=5 and td[1]//a[contains(@href, '#q{number}')]]")
        verdicts = [claim["verdict"] for claim in question.get("claims", ())]
        tally = [str(verdicts.count(verdict)) for verdict in VERDICTS]
        for row in counts:
            titles = [page.text(cell) for cell in row.xpath("ancestor::table[1]/thead//th")[1:]]
            yield from differences("the index of claims", heads, titles)
            yield from differences(f"question {number}", tally, [page.text(cell) for cell in row.findall("td")[1:]])


def drills(page: Page) -> Iterator[str]:
    """Boxes of a drill: level and kind, question, task and answer in the language of the page."""
    known = {item["id"]: item for question in words.questions().values() for item in question.get("drill", ())}
    for box in page.all(f"//details{having('drill')}"):
        item = known[box.get("id").removeprefix("drill-")]
        summary, *answer = box
        keys = (f"level.{item['level']}", f"drill.{item['kind']}")
        label = " · ".join(words.label(key, page.language) for key in keys)
        (shown,) = map(page.text, summary.xpath(f"span{having('level')}"))
        if shown != label:
            yield f"drill {item['id']}: level and kind are {label!r}, the page says {shown!r}"
        question = words.markdown(item["question"][page.language])
        if not question.fullmatch(page.text(summary).removeprefix(shown).strip()):
            yield f"drill {item['id']}: the page asks {page.text(summary)!r}"
        if {"value", "code", "options", "pictures"} & set(item):
            yield from task(page, item, box)
            answer = [part for part in box.find("details")[1:] if part.tag != "div" and part.get("class") != "right"]
        yield from unlike(page, f"drill {item['id']}", item["answer"], answer)


def task(page: Page, item: dict[str, Any], box: Element) -> Iterator[str]:
    """What a reader has to do: the number is that of the formula, the code that of its file, the first option right."""
    where, (said,) = f"drill {item['id']}", [*box.xpath(".//p[@class='right']/data"), None][:1]
    if "code" in item:
        source = (DOCS / "data" / "code" / f"q{item['id'][:2]}.py").read_text("utf-8")
        defined = (part for part in ast.parse(source).body if isinstance(part, ast.FunctionDef | ast.ClassDef))
        parts = {part.name: ast.get_source_segment(source, part) for part in defined}
        name, shown = item["code"], [block.text_content().strip() for block in box.xpath(".//pre")]
        if shown != [parts[name], str(parts[f"{name}_cured"]).replace(f"{name}_cured", name)]:
            yield f"{where}: the page shows other code, {shown}"
    elif "value" in item:
        printed = float(said.text.replace("−", "-").replace(",", "."))
        for number in (float(said.get("value")), printed):
            if abs(number - wanted(item["value"])) > item["value"]["tolerance"] * abs(wanted(item["value"])):
                yield f"{where}: the formula gives {wanted(item['value'])}, the page {number}"
    else:
        options = [option[page.language] for option in item.get("options", ())]
        options += [curve["alt"][page.language] for curve in item.get("pictures", {}).get("curves", ())]
        listed = [page.text(each) or words.plain(each.find("svg").get("aria-label")) for each in box.xpath("./ol/li")]
        matching = [[words.markdown(option).fullmatch(each) is not None for option in options] for each in listed]
        if [sum(column) for column in zip(*matching, strict=True)] != [1] * len(options):
            yield f"{where}: the page offers {listed}"
        elif not matching[int(said.get("value")) - 1][0]:
            yield f"{where}: the page calls {listed[int(said.get('value')) - 1]!r} right"


def wanted(value: dict[str, Any]) -> float:
    """The number that the formula gives."""
    function = next(each for full, each in optnotes.formulas().items() if full.endswith(f".{value['formula']}"))
    tensors = [name for name, of in inspect.signature(function).parameters.items() if of.annotation is torch.Tensor]
    given = {
        name: torch.tensor(each, dtype=torch.float64) if name in tensors else each
        for name, each in value["arguments"].items()
    }
    found = function(**given)
    parts = [torch.as_tensor(part).flatten() for part in (found if isinstance(found, tuple) else (found,))]
    return float(torch.cat(parts)[value.get("entry", 0)])


def notation(page: Page) -> Iterator[str]:
    """The table of notation: lists as their data, letters as the formula says to which they lead."""
    data = words.data("notation")
    clashes = [(each["symbol"], f"{each['page']}: ", each["because"], ".") for each in data["clashes"]]
    signs = [(each["symbol"], "", each["meaning"], "") for each in data["signs"]]
    sizes, indices = ([(key, "", said, "") for key, said in data[name].items()] for name in ("sizes", "indices"))
    for name, rows in {"sizes": sizes, "indices": indices, "signs": signs, "clashes": clashes}.items():
        for listed in page.all(f"//section[@id='notation-{name}']//dl{having('notation')}"):
            for (symbol, before, said, after), dt, dd in zip(rows, listed.iter("dt"), listed.iter("dd"), strict=True):
                pattern = f"{re.escape(before)}{words.markdown(said[page.language]).pattern}{re.escape(after)}"
                if page.text(dt) != words.formula(symbol) or not re.fullmatch(pattern, page.text(dd)):
                    yield f"{name}: {symbol} stands as {page.text(dt)!r}, {page.text(dd)!r}"
    for listed in page.all(f"//section[@id='notation-letters']//dl{having('notation')}"):
        for dt, dd in zip(listed.iter("dt"), listed.iter("dd"), strict=True):
            letter = normal(page.tex(dt.find("math")))
            for said in dd.iter("p"):
                yield from meaning(page, letter, said)


def meaning(page: Page, letter: str, said: Element) -> Iterator[str]:
    """What a letter means: words of a docstring about it, of a derivation, or of a group of them."""
    *_, shape, first = said
    text = page.text(said).removeprefix(page.text(said.find("span"))).strip()
    for end in (page.text(first), page.text(shape)):
        text = text.removesuffix(end).strip()
    about = {of for symbol, of in symbols(page.language) if letter in symbol}
    if text not in about and not any(re.fullmatch(each, text, re.IGNORECASE) for each in given(page.language)):
        yield f"letter {letter}: no source says {text!r}"
    if first.get("href").partition("#")[2] not in SLUGS:
        yield f"letter {letter}: leads to no formula, but to {first.get('href')}"


@cache
def symbols(language: str) -> list[tuple[str, str]]:
    """Every symbol of a docstring with its words."""
    docs = map(read, optnotes.formulas().values())
    entries_ = (entry for doc in docs for entry in (*doc.returns, *doc.parameters) if entry.symbol)
    return [(normal(entry.symbol), words.docstring(entry.text, language)) for entry in entries_]


@cache
def given(language: str) -> list[str]:
    """What derivations and groups of meanings say of their letters."""
    joined = words.data("notation")["joined"].values()
    groups = [group["name"] for groups in joined for group in groups if "name" in group]
    others = [each["meaning"] for file in words.derivations() for each in file["given"] if "meaning" in each]
    return [words.markdown(each[language]).pattern + r"\.?" for each in (*groups, *others)]


def prose(page: Page, source: str) -> list[str]:
    """All other formulas: those of the Markdown, in its order."""
    rest = [element for element in page.all("//math") if element not in page.compared]
    try:
        drawn = [normal(page.tex(element)) for element in rest]
    except (MathError, TexError, etree.ParseError) as error:
        return [f"prose: {error}"]
    return list(differences("prose", [normal(tex) for tex in in_markdown(source)], drawn))


def of_site(html: Path, language: str) -> dict[str, list[str]]:
    """Complaints about the pages of a built site that show formulas, claims or drills, by page."""
    found = {}
    for path in sorted((html / language).rglob("*.html")):
        text, name = path.read_text("utf-8"), path.relative_to(html / language)
        source = (DOCS / language / name).with_suffix(".md")
        written = source.read_text("utf-8") if source.is_file() else ""
        if "```{errata}" in written:
            written = "\n\n".join([written, *in_language(words.data("errata"), language)])
        if SHOWS.search(text):
            found[name.as_posix()] = complaints(Page(text, language), written)
    return found
