"""
Finds the sentences that generalise, in all places where the pages state, advise, define or caption.

``python -m tests.statements.finder`` prints those that the list does not hold.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import yaml

import optnotes
from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.records.statements import Statement, load_statements
from optnotes.site.words import docstrings
from optnotes.site.words.text import DATA, ROOT, docstring_catalogue

STRONG = {
    "en": re.compile(
        r"""(?ix)\b(?: every(?:thing|where)? | each (?!\ (?:other|once)\b) | any(?:thing)? | only (?!\ \{num\})
        | never | always | none | nothing | nowhere | whatever | what\ matters | causes? | instead\ of (?!\ \{)
        | no (?! [,.:]?$ | [,.:] | \ (?:more|longer|less|larger|smaller|greater|wider)\b) )\b"""
    ),
    "ru": re.compile(
        r"""(?ix)\b(?: кажд(?:ый|ая|ое|ые|ого|ой|ых|ому|ым|ую|ом) | люб(?:ой|ая|ое|ые|ого|ых|ому|ым|ую|ом)
        | только (?!\ \{num\}) | лишь | никогда | всегда | никак(?:ой|ая|ое|ие|ого|их) | ничего | ничем | ничто
        | нигде | везде | вместо (?!\ \{) | причин(?:а|ы|у|ой) )\b"""
    ),
}
CODE = re.compile(r"(?<![}\w])`[^`]+`")
# What a convention fixes, a table leaves empty, a condition names, or a reader sees: the symptom in a first cell.
DEFINED = re.compile(
    r"""(?x)^(?:Convention|Соглашение):[^.]*\. | (?<=\|)\ (?:None|Нет)\ (?=\|) | ^\|[^|]*(?=\|)
    | \b(?:if|hardly)\ (?:there\ (?:is|are)\ )?any(?:thing)?\b"""
)
# Sections beyond the first screens whose statements are listed as well; what they measure speaks of its run.
BEYOND = frozenset(
    f"q{number}-{name}"
    for number, names in {
        "31": "relu causes stall underflow",
        "32": "where fault accumulation edge adam clipping nonfinite threshold",
        "33": "recipe places warmup batch norms logits width starts",
        "34": "parts confidence grokking margin flat",
        "35": "mixing table limits",
        "37": "selection networks family saturation false",
        "38": "noise batch-norm mc masks",
        "39": "losses gates attention cells missing outputs",
        "40": "shapes tables target production running",
    }.items()
    for name in names.split()
)
END = re.compile(r"(?<=[.;:!?])\s+|\n")
BLOCK = re.compile(r"(?ms)^```.*?^```$")
LABEL = re.compile(r"^\(([\w-]+)\)=$")
TERM = re.compile(r"\{term\}`([^`<]+?)(?: <[^`>]+>)?`")


@dataclass(frozen=True)
class Text:
    """Words of one place in one language."""

    place: str
    language: str
    words: str

    def strong(self) -> list[str]:
        """Sentences, or parts of them, that generalise; names in code and what a convention defines do not."""
        parts = END.split(DEFINED.sub("", self.words))
        return [part for part in parts if STRONG[self.language].search(CODE.sub("", part))]


def texts() -> Iterator[Text]:
    """All places, in both languages."""
    yield from judged()
    yield from captions()
    yield from notes()
    for language in ("en", "ru"):
        for path in sorted((ROOT / "docs" / language / "questions").glob("*.md")):
            number = path.name[:2]
            page = path.read_text("utf-8")
            yield from sections(page, language, f"q{number}-practice", f"q{number}-drill")
            yield from beyond(page, language, number)
        for name in ("conventions", "glossary"):
            text = (ROOT / "docs" / language / f"{name}.md").read_text("utf-8")
            yield from sections(text, language, name, "")


def judged() -> Iterator[Text]:
    """Corrections, the note where it is said to hold, answers, right options."""
    for number in question_numbers():
        question = load_question(question_path(number))
        for claim in question.claims:
            said = [claim.correction] if claim.correction else []
            for words in said + ([claim.claim] if claim.verdict == "holds" else []):
                yield from (Text(claim.id, language, each) for language, each in words.items())
        for item in question.drill:
            for words in (item.answer, *item.options[:1]):
                yield from (Text(item.id, language, each) for language, each in words.items())


def captions() -> Iterator[Text]:
    for path in sorted((DATA / "text").glob("*.yaml")):
        for language, words in yaml.safe_load(path.read_text("utf-8")).get("caption", {}).items():
            yield Text(f"caption-{path.stem}", language, words)


def notes() -> Iterator[Text]:
    """Notes of docstrings and their translations."""
    translated = docstring_catalogue("ru")
    for function in optnotes.formulas().values():
        for note in docstrings.read(function).notes:
            yield Text(docstrings.slug(function.__name__), "en", note)
            yield Text(docstrings.slug(function.__name__), "ru", translated[docstrings.mask(note)[0]])


def sections(text: str, language: str, start: str, end: str) -> Iterator[Text]:
    """Lines of a page between two labels, each with the label above it; a link to a term says its words."""
    place, inside = "", False
    for line in text.splitlines():
        if label := LABEL.match(line):
            place = label[1]
            inside = place != end and (inside or place == start)
        elif inside:
            yield Text(place, language, TERM.sub(r"\1", line))


def beyond(page: str, language: str, number: str) -> Iterator[Text]:
    """Sentences of the sections beyond, without code and without those that quote a number of a run."""
    for text in sections(BLOCK.sub("", page), language, f"q{number}", ""):
        if text.place in BEYOND:
            yield from (replace(text, words=part) for part in END.split(text.words) if "{num}" not in part)


def unlisted(found: list[Text], listed: tuple[Statement, ...]) -> list[str]:
    """English sentences without an entry, and Russian texts that generalise in a place without one."""
    by_place: dict[str, list[str]] = {}
    for entry in listed:
        by_place.setdefault(entry.place, []).append(entry.words)
    missing = []
    for text in found:
        quoted = by_place.get(text.place, [])
        for sentence in text.strong():
            if not any(words in sentence for words in quoted) and (text.language == "en" or not quoted):
                missing.append(f"{text.place} ({text.language}): {sentence.strip()}")
    return missing


def stale(found: list[Text], listed: tuple[Statement, ...]) -> list[str]:
    """Entries whose words generalise nowhere in their place any more."""
    strong = {(text.place, sentence) for text in found for sentence in text.strong()}
    return [
        f"line {entry.line}: {entry.place}: {entry.words}"
        for entry in listed
        if not any(place == entry.place and entry.words in sentence for place, sentence in strong)
    ]


if __name__ == "__main__":
    print("\n".join(unlisted(list(texts()), load_statements())))
