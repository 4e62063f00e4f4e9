"""Five lists for programs beside the index of each site: what the pages hold, in the words that a reader of them sees.

Words come from the built pages, where numbers and links stand resolved; equations are TeX between dollar signs.
"""

import json
import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import lxml.html
from sphinx.application import Sphinx

import optnotes
from optnotes.site.formulas.witnesses import file_of_tests, witnesses
from optnotes.site.records.derivations import consequences, derivation_label, derivation_path, derived, load_derivation
from optnotes.site.records.marks import load_marks
from optnotes.site.records.proved import load_proved
from optnotes.site.records.questions import TASKS, Question, load_question, question_numbers, question_path
from optnotes.site.records.symptoms import load_symptoms
from optnotes.site.words.docstrings import MATH_ROLE as ROLE
from optnotes.site.words.docstrings import anchor, read, slug
from optnotes.site.words.text import DATA, ROOT, Language, translate

SCHEMA = DATA / "schema.json"
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
TESTS = ROOT / "tests" / "claims"
DERIVED = "tests/tex/test_derivations.py"  # each line at random values; those marked as proved, for all of them
UNSAID = {"level", "headerlink", "step-kind"}
Entry = dict[str, Any]


class Page:
    """A built page and its address within the site."""

    def __init__(self, site: Path, name: str) -> None:
        self.address = f"{name}.html"
        self.tree = lxml.html.document_fromstring((site / self.address).read_text(encoding="utf-8"))

    def box(self, anchor: str) -> lxml.html.HtmlElement | None:
        """The element with this anchor, if the page has it."""
        return self.tree.get_element_by_id(anchor, None)

    def at(self, anchor: str) -> str:
        """Address of a place of the page."""
        return f"{self.address}#{anchor}"


def said(element: lxml.html.HtmlElement) -> str:
    """What a reader reads there, in one line."""
    pieces: list[str] = []

    def walk(node: lxml.html.HtmlElement) -> None:
        if node.tag == "math":
            pieces.append(f"${node.xpath('string(.//annotation)')}$")
        elif isinstance(node.tag, str) and not UNSAID & set(node.get("class", "").split()):
            pieces.append(node.text or "")
            for child in node:
                walk(child)
                pieces.append(child.tail or "")

    walk(element)
    return " ".join("".join(pieces).split())


def paragraphs(box: lxml.html.HtmlElement, path: str) -> str:
    """Join what the elements at a path say."""
    return "\n".join(said(element) for element in box.xpath(path))


def places(box: lxml.html.HtmlElement, page: Page) -> list[str]:
    """Addresses within the site that a box leads to, each once, in their order."""
    links = box.xpath(".//a[contains(@class, 'internal') and not(contains(@class, 'headerlink'))]/@href")
    return list(dict.fromkeys(urljoin(page.address, link) for link in links))


@cache
def tested(number: str) -> frozenset[str]:
    """Names of the tests of one question."""
    return frozenset(re.findall(r"^def (\w+)", (TESTS / f"test_{number}.py").read_text("utf-8"), re.MULTILINE))


def spoken(text: str, language: Language) -> str:
    """A paragraph of a docstring in one language, with its equations between dollar signs."""
    return ROLE.sub(r"$\1$", translate(text, language) or text)


def formulas(pages: dict[str, Page], language: Language) -> Iterator[Entry]:
    """Yield each formula in the order of the pages."""
    known = {anchor(full.rpartition(".")[2]): full for full in optnotes.formulas()}
    for number, page in pages.items():
        for full in (known[place] for place in page.tree.xpath("//@id") if place in known):
            name = full.rpartition(".")[2]
            place = {"question": number, "address": page.at(anchor(name))}
            yield {"id": slug(name), **place, **formula(full, language)}


def formula(full: str, language: Language) -> Entry:
    """What is known of one formula."""
    function, mark = optnotes.formulas()[full], load_marks()[full.rpartition(".")[2]]
    doc, seen, tests = read(function), witnesses(function), file_of_tests(function)
    return {
        "function": full,
        "summary": spoken(doc.summary, language),
        "tex": doc.tex,
        "symbols": [
            {"symbol": entry.symbol, "meaning": spoken(entry.text, language)}
            | ({"argument": entry.name} if entry in doc.parameters else {})
            for entry in (*doc.returns, *doc.parameters)
            if entry.symbol
        ],
        "notes": [spoken(note, language) for note in doc.notes],
        "mark": mark.kind,
        "proof": {"source": mark.source, "place": mark.place[language]} if mark.place else None,
        "sources": list(doc.references),
        "evidence": {"file": tests.relative_to(ROOT).as_posix(), **asdict(seen)},
    }


def derivations(pages: dict[str, Page], language: Language) -> Iterator[Entry]:
    """Yield the lines of each derivation with their reasons, then of what follows from the formulas."""
    for name in [*derived(), *consequences()]:
        label = derivation_label(name)
        for page in pages.values():
            box = page.box(label)
            if box is not None and box.tag == "details":  # not the line that an address left where it was
                data = load_derivation(derivation_path(name))
                proved = load_proved().get(name, frozenset())
                said_of = zip(data.steps, box.xpath("./ol/li"), strict=True)
                yield {
                    "id": label,
                    "formula": slug(data.of),
                    "address": page.at(label),
                    **({"statement": data.statement[language]} if data.statement else {}),
                    "evidence": DERIVED,
                    "given": [{"symbol": each.symbol, "law": each.law} for each in data.given],
                    "steps": [
                        {"kind": step.kind, "reason": paragraphs(line, "./p")}
                        | ({"formula": slug(step.formula)} if step.formula else {"tex": step.tex})
                        | ({"proved": True} if number in proved else {})
                        for number, (step, line) in enumerate(said_of, 1)
                    ],
                }


def boxes(
    pages: dict[str, Page], prefix: str, held: Callable[[Question], Iterable[Any]]
) -> Iterator[tuple[Any, lxml.html.HtmlElement, Entry]]:
    """Yield the items that question pages show as boxes, with the box, their id and address."""
    for number in question_numbers():
        for item in held(load_question(question_path(number))):
            box = pages[number].box(f"{prefix}-{item.id}") if number in pages else None
            if box is not None:
                yield item, box, {"id": item.id, "address": pages[number].at(box.get("id"))}


def claims(pages: dict[str, Page], language: Language) -> Iterator[Entry]:
    """Yield each sentence of the note with the verdict on it."""
    for claim, box, place in boxes(pages, "claim", lambda question: question.claims):
        yield place | {
            "claim": paragraphs(box, "./blockquote"),
            "verdict": claim.verdict,
            "correction": paragraphs(box, "./p[not(contains(@class, 'claim-'))]"),
            "sources": list(claim.sources),
            "evidence": claim.test,
        }


def drill(pages: dict[str, Page], language: Language) -> Iterator[Entry]:
    """Yield each question with its answer."""
    for item, box, place in boxes(pages, "drill", lambda question: question.drill):
        answer = box.find("details") if item.kind in TASKS.values() else box
        task = {
            "code": [block.text_content().strip() for block in box.xpath(".//pre")],
            "options": [said(option) or option.xpath("string(.//@aria-label)") for option in box.xpath("./ol/li")],
        }
        yield place | {
            "level": item.level,
            "kind": item.kind,
            "question": paragraphs(box, "./summary"),
            "answer": paragraphs(answer, "./*[not(self::summary) and not(self::div)]"),
            **{name: found for name, found in task.items() if found},
            "evidence": evidence(item.id, box, pages[item.id[:2]]),
        }


def evidence(item: str, box: lxml.html.HtmlElement, page: Page) -> Entry:
    """What a question of the drill rests on: the test of its task or answer, and the places that it leads to."""
    number, test = item[:2], f"test_{item.replace('-', '_')}"
    tests = [f"{(TESTS / f'test_{number}.py').relative_to(ROOT).as_posix()}::{test}"] if test in tested(number) else []
    return {"tests": tests, "places": places(box, page) or [page.address]}


def symptoms(pages: dict[str, Page], language: Language) -> Iterator[Entry]:
    """Yield each symptom with what tells its causes apart."""
    for page in [pages["symptoms"]] if "symptoms" in pages else []:
        for symptom in load_symptoms():
            box = page.tree.get_element_by_id(f"symptom-{symptom.id}")
            yield {
                "id": symptom.id,
                "address": page.at(box.get("id")),
                "seen": symptom.seen[language],
                "typed": list(symptom.typed[language]),
                "measure": paragraphs(box, "./p[not(contains(@class, 'typed'))]"),
                "causes": [said(cause) for cause in box.xpath("./ul/li")],
                "evidence": places(box, page),
            }


LISTS: dict[str, Callable[[dict[str, Page], Language], Iterator[Entry]]] = {
    "formulas": formulas,
    "derivations": derivations,
    "claims": claims,
    "drill": drill,
    "symptoms": symptoms,
}


def pages_of(site: Path) -> dict[str, Page]:
    """The pages that the lists are read from: the questions by their numbers, and the symptoms."""
    found = {path.name[:2]: Page(site, f"questions/{path.stem}") for path in sorted(site.glob("questions/[0-9]*.html"))}
    return found | {path.stem: Page(site, path.stem) for path in site.glob("symptoms.html")}


def write_lists(app: Sphinx, exception: Exception | None) -> None:
    """Write the lists of one site, and the schema that they keep, unless no page has changed."""
    if exception is not None or app.builder.name != "html":
        return
    site, language = Path(app.outdir), app.config.language
    last = site / f"{next(reversed(LISTS))}.json"
    read_from = [*site.glob("questions/[0-9]*.html"), *site.glob("symptoms.html"), SCHEMA]
    if last.is_file() and all(path.stat().st_mtime <= last.stat().st_mtime for path in read_from):
        return
    pages = pages_of(site)
    shutil.copy(SCHEMA, site / SCHEMA.name)
    for name, entries in LISTS.items():
        content = {
            "$schema": SCHEMA.name,
            "language": language,
            "version": optnotes.__version__,
            "licence": LICENCE,
            name: list(entries(pages, language)),
        }
        text = json.dumps(content, ensure_ascii=False, indent=1)
        (site / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
