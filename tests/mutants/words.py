"""Slips of an editor in pages, data and translations, one place at a time, in a copy of the folder docs."""

import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import yaml

from optnotes.site.records.questions import LEVELS, VERDICTS, load_question
from optnotes.site.words.data import DataError
from optnotes.site.words.text import ROOT
from tests.mutants import report
from tests.mutants.report import Planted, slice_of
from tests.site.catalogues import docstring_units, label_gaps, translation_gaps
from tests.site.pages import differences
from tests.words import balance, fits, sources, test_words
from tests.words.twins import Twin, of_catalogue, of_data, of_page, twins

BAR = 0.95
FAULTLESS = False
SEED, EACH = 20, 16
PAIRS = yaml.safe_load(Path(__file__).with_name("pairs.yaml").read_text("utf-8"))
LANGUAGES = ("en", "ru")
NUMBER = re.compile(r"(?<![\w.,{$\\^-])\d+(?:[.,]\d+)?(?![\w}])")
RUN = re.compile(r"\{num\}`([\w.]+)(:[^`]*)?`")
SLOT = re.compile(r"\{(\w+):([^{}]+)\}")
EQ = re.compile(r"\{eq\}`eq-[\w-]+`")
CITED = re.compile(r"\{footcite:[pt]\}`[\w,]+`")
QUOTED = re.compile(r"^(\s*(?:- )?(?:ru|en): )(.+)$")


@dataclass(frozen=True)
class Slip:
    """A change of one file, or of a page in both languages: its kind, what is changed, and the new texts."""

    kind: str
    file: str
    label: str
    new: str
    also: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[str, ...]:
        return (self.kind, self.file, self.label)


class Copy:
    """A copy of the folder docs, what stands in two languages there, and the checks that read it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in ("ru", "en", "data", "locale"):
            shutil.copytree(ROOT / "docs" / name, root / "docs" / name, ignore=shutil.ignore_patterns("api", "*.mo"))
        shutil.copy(ROOT / "docs" / "references.bib", root / "docs")
        self.every = list(twins(root))
        self.company = fits.Company(self.every)
        self.known = set(fits.listed())
        self.units = list(docstring_units())
        self.note = (root / "docs" / "data" / "source.ru.txt").read_text("utf-8")

    def text(self, file: str) -> str:
        return (self.root / "docs" / file).read_text("utf-8")

    def noticed(self, slip: Slip) -> str:
        """The check that notices a slip, if any does."""
        new = {self.root / "docs" / file: text for file, text in ((slip.file, slip.new), *slip.also)}
        old = {path: path.read_text("utf-8") for path in new}
        before = self.twins_of(slip.file)
        for path, text in new.items():
            path.write_text(text, "utf-8")
        try:
            return next((check.__name__ for check in CHECKS if check(self, slip.file, before)), "")
        except (DataError, ValueError, yaml.YAMLError) as error:
            return type(error).__name__
        finally:
            for path, text in old.items():
                path.write_text(text, "utf-8")

    def twins_of(self, file: str) -> list[Twin]:
        """What stands in two languages in one file, or on one page and its twin."""
        kind, _, name = file.partition("/")
        path = self.root / "docs" / file
        if kind in LANGUAGES:
            return list(of_page(name, *(self.text(f"{each}/{name}") for each in ("ru", "en"))))
        if path.suffix == ".po":
            return list(of_catalogue(path, name.partition("/")[2]))
        return list(of_data(name, path.read_text("utf-8"))) if path.suffix == ".yaml" else []


def skeleton(copy: Copy, file: str, before: list[Twin]) -> bool:
    language, _, name = file.partition("/")
    if language not in LANGUAGES:
        return False
    return bool(differences(*((each, copy.text(f"{each}/{name}")) for each in ("ru", "en"))))


def facts(copy: Copy, file: str, before: list[Twin]) -> bool:
    return [balance.found(twin) for twin in copy.twins_of(file)] != [balance.found(twin) for twin in before]


def directions(copy: Copy, file: str, before: list[Twin]) -> bool:
    return balance.of(copy.twins_of(file)) != balance.of(before)


def letters(copy: Copy, file: str, before: list[Twin]) -> bool:
    return any(map(test_words.foreign, copy.twins_of(file)))


def neighbours(copy: Copy, file: str, before: list[Twin]) -> bool:
    """Whether a changed text would fit better with its half exchanged."""
    after, old = copy.twins_of(file), set(before)
    changed = [twin for twin in after if twin not in old]
    gone = [twin for twin in before if twin not in set(after)]
    for twin in gone:
        copy.company.count(twin, -1)
    for twin in changed:
        copy.company.count(twin, 1)
    try:
        groups = fits.groups([*(twin for twin in copy.every if twin not in old), *after])
        for group in groups.values():
            for twin in changed:
                if twin in group:
                    pairs = ((twin, other) for other in group if other != twin)
                    found = (each for pair in pairs for each in fits.exchanged(copy.company, list(pair)))
                    if any(tuple(sorted((a.en, b.en))) not in copy.known for a, b in found):
                        return True
    finally:
        for twin in gone:
            copy.company.count(twin, 1)
        for twin in changed:
            copy.company.count(twin, -1)
    return False


def question(copy: Copy, file: str, before: list[Twin]) -> bool:
    """The note quoted, verdicts and levels of a question."""
    name = Path(file).stem
    if not file.startswith("data/") or not name.isdigit():
        return False
    path = copy.root / "docs" / file
    said = test_words.verdicts(name)
    claims = load_question(path).claims
    note = "".join(copy.note.replace("-", "").replace("‑", "").split())
    quoted = ("".join(claim.claim["ru"].replace("-", "").replace("‑", "").split()) in note for claim in claims)
    verdicts = (said[claim.test.partition("::")[2]] == claim.verdict for claim in claims)
    return not all(quoted) or not all(verdicts) or test_words.levels(path) != test_words.COUNTS[name]


def cited(copy: Copy, file: str, before: list[Twin]) -> bool:
    """Sources and what they are cited for, against their second record; years against keys."""
    if not file.startswith(("data/3", "data/4")) and not file.endswith(".bib"):
        return False
    now = sources.found(copy.root)
    return bool(sources.changed(now, sources.recorded())) or not all(sources.dated(*each) for each in now.items())


def labels(copy: Copy, file: str, before: list[Twin]) -> bool:
    example = ROOT / "examples" / f"{Path(file).stem}.py"
    if not file.startswith("data/text/") or not example.is_file():
        return False
    return bool(label_gaps(copy.root / "docs" / file, example.read_text("utf-8")))


def catalogues(copy: Copy, file: str, before: list[Twin]) -> bool:
    paths = sorted((copy.root / "docs" / "locale" / "ru").rglob("*.po"))
    return file.endswith(".po") and bool(translation_gaps(copy.units, paths))


def seal(copy: Copy, file: str, before: list[Twin]) -> bool:
    """Whether the facts of a place are others than were last read in both languages."""
    return balance.seals(copy.twins_of(file)) != balance.seals(before)


Check = Callable[[Copy, str, list[Twin]], bool]
CHECKS: tuple[Check, ...] = (
    skeleton,
    question,
    facts,
    directions,
    letters,
    labels,
    cited,
    neighbours,
    catalogues,
    seal,
)


def files(copy: Copy, *patterns: str) -> list[str]:
    found = (path for pattern in patterns for path in (copy.root / "docs").glob(pattern))
    return sorted(path.relative_to(copy.root / "docs").as_posix() for path in found)


def bilingual(copy: Copy) -> list[str]:
    """Files in which a sentence of one language can be changed."""
    pages = files(copy, "*/*.md", "*/questions/*.md")
    return pages + files(copy, "data/[0-9]*.yaml", "data/text/*.yaml", "data/symptoms.yaml", "locale/ru/*/*.po")


def lines(copy: Copy, *names: str) -> Iterator[tuple[str, int, str, str]]:
    """Lines of prose with their file, number, language and text."""
    for file in names:
        inside = False
        for number, line in enumerate(copy.text(file).splitlines()):
            if file.endswith(".md"):
                if line.startswith("```"):
                    inside = not inside and not line.startswith("```{glossary")
                elif not inside and line and not line.startswith(("#", "(", ":", "---", "|--", "```", "%")):
                    yield file, number, file[:2], line
            elif file.endswith(".po"):
                if line.startswith('msgstr "') and number > 2:
                    yield file, number, "ru", line
            elif match := QUOTED.match(line):
                yield file, number, match[1].strip(" -:")[:2], line


def changed(copy: Copy, kind: str, file: str, number: int, line: str, new: str) -> Slip:
    every = copy.text(file).splitlines(keepends=True)
    every[number] = every[number].replace(line, new)
    return Slip(kind, file, shown(line, new), "".join(every))


def shown(old: str, new: str) -> str:
    """What has changed, with what stands before it."""
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, start - 25)
    return f"{old[start : start + 60]} -> {new[start : start + 60]}"


def exchange(text: str, one: tuple[int, int], other: tuple[int, int]) -> str:
    """The text with two spans exchanged; the first stands before the second."""
    return text[: one[0]] + text[slice(*other)] + text[one[1] : other[0]] + text[slice(*one)] + text[other[1] :]


def swaps(line: str, pattern: re.Pattern[str]) -> list[str]:
    """The line with two different finds of a pattern exchanged."""
    spans = [(match.span(), match[0]) for match in pattern.finditer(line)]
    return [exchange(line, a, b) for (a, one), (b, other) in combinations(spans, 2) if one != other]


# A generator of slips draws from candidates in random order; each yields at most one slip per line.
Draw = random.Random


def in_lines(kind: str, names: Callable[[Copy], list[str]], change: Callable[[str, str, Draw], list[str]]):
    """Slips that change a line."""

    def slips(copy: Copy, draw: Draw) -> Iterator[Slip]:
        every = list(lines(copy, *names(copy)))
        draw.shuffle(every)
        for file, number, language, line in every:
            if options := [new for new in change(line, language, draw) if new != line]:
                yield changed(copy, kind, file, number, line, draw.choice(options))

    return slips


def digits(line: str, language: str, draw: Draw) -> list[str]:
    def other(found: re.Match[str]) -> str:
        text = found[0]
        return text[1:] if len(text) > 2 and text[1] not in ".,0" else f"{text[:-1]}{(int(text[-1]) + 1) % 10}"

    start = line.index(": ") + 2 if QUOTED.match(line) else 0
    return [f"{line[: m.start()]}{other(m)}{line[m.end() :]}" for m in NUMBER.finditer(line, start)]


def formats(line: str, language: str, draw: Draw) -> list[str]:
    found = (*RUN.finditer(line), *SLOT.finditer(line))
    changes = ((m, re.sub(r"\.[1-9]f", ".0f", m[0])) for m in found)
    return [f"{line[: m.start()]}{new}{line[m.end() :]}" for m, new in changes if new != m[0]]


def other_formula(line: str, language: str, draw: Draw) -> list[str]:
    others = ["{eq}`eq-l2-loss`", "{eq}`eq-relu`", "{eq}`eq-adam-step`", "{eq}`eq-clip-by-norm`", "{eq}`eq-softmax`"]
    return [f"{line[: m.start()]}{draw.choice(others)}{line[m.end() :]}" for m in EQ.finditer(line)]


def other_source(line: str, language: str, draw: Draw) -> list[str]:
    return [re.sub(CITED, "{footcite:p}`Goodfellow2016`", line, count=1), *swaps(line, CITED)]


def turned(line: str, language: str, draw: Draw) -> list[str]:
    return replaced(line, PAIRS[language])


def another_noun(line: str, language: str, draw: Draw) -> list[str]:
    return replaced(line, PAIRS["nouns"][language])


def replaced(line: str, pairs: list[list[str]]) -> list[str]:
    found = []
    for pair in pairs:
        for one, other in (pair, pair[::-1]):
            for m in re.finditer(rf"(?<![\w`{{:-]){one}(?![\w`}}:-])", line, re.IGNORECASE):
                new = other.capitalize() if m[0][0].isupper() else other
                found.append(f"{line[: m.start()]}{new}{line[m.end() :]}")
    return found


def denied(line: str, language: str, draw: Draw) -> list[str]:
    """A denial dropped or, in a sentence without one, added."""
    denial = {"en": r"\b(?:does not|do not|not|never|cannot) ", "ru": r"\b(?:не|ни|никогда не) "}[language]
    instead = {"cannot ": "can "}
    found = [f"{line[: m.start()]}{instead.get(m[0], '')}{line[m.end() :]}" for m in re.finditer(denial, line)]
    if found:
        return found
    verb = {
        "en": r"\b(?:is|are|was|were|has|can|must|may|will)\b(?! not)",
        "ru": r"(?<=[а-яё] )\w{3,}(?:ет|ит|ют|ят|ает|ёт|ла|ло|ли)\b(?![`\w])",
    }[language]
    for m in re.finditer(verb, line):
        found.append(
            line[: m.end()] + " not" + line[m.end() :]
            if language == "en"
            else f"{line[: m.start()]}не {line[m.start() :]}"
        )
    return found


def symbols(line: str, language: str, draw: Draw) -> list[str]:
    changes = {"\\lambda": "\\mu", "\\le": "\\ge", "+": "-", "\\eta": "\\lambda", "_2": "_1", "p": "(1 - p)", "n": "d"}
    found = []
    for m in re.finditer(r"\$[^$]+\$", line):
        for old, other in changes.items():
            if (new := re.sub(rf"{re.escape(old)}(?![A-Za-z])", lambda _, o=other: o, m[0], count=1)) != m[0]:
                found.append(f"{line[: m.start()]}{new}{line[m.end() :]}")
    return found


def conventions(copy: Copy) -> list[str]:
    return files(copy, "*/conventions.md")


def convention(line: str, language: str, draw: Draw) -> list[str]:
    return denied(line, language, draw) + turned(line, language, draw)


def translations_of_conventions(line: str, language: str, draw: Draw) -> list[str]:
    return convention(line, language, draw) if "Соглашение:" in line else []


def of_kind(pattern: str, kind: str, other: Callable[[str, Draw], str]):
    """Slips in a field that both languages share."""

    def slips(copy: Copy, draw: Draw) -> Iterator[Slip]:
        places = [
            (file, m) for file in files(copy, "data/[0-9]*.yaml") for m in re.finditer(pattern, copy.text(file), re.M)
        ]
        draw.shuffle(places)
        for file, m in places:
            text, new = copy.text(file), other(m[1], draw)
            label = f"line {text.count(chr(10), 0, m.start()) + 1}: {m[1]} -> {new}"
            if new != m[1]:
                yield Slip(kind, file, label, f"{text[: m.start(1)]}{new}{text[m.end(1) :]}")

    return slips


def one_of(values):
    return lambda old, draw: draw.choice([each for each in values if each != old])


def another_source(old: str, draw: Draw) -> str:
    keys = old.split(", ")
    keys[draw.randrange(len(keys))] = draw.choice(sorted(sources.recorded()))
    return ", ".join(keys)


ONE = (("ru",), ("en",))  # the languages in which a slip is made at once


def captions(kind: str, fields: tuple[str, ...], across: bool, tongues: tuple[tuple[str, ...], ...] = ONE):
    """Texts of a figure exchanged between the languages or, ``across``, between figures or its entries."""

    def slips(copy: Copy, draw: Draw) -> Iterator[Slip]:
        for _ in range(400):
            file = draw.choice(figures(copy))
            loaded = yaml.safe_load(copy.text(file))
            names = [name for name in loaded if name in fields] or (
                [name for name in loaded if name not in ("alt", "caption", "explore")] if not fields else []
            )
            if len(names) < (1 if fields else 2):
                continue
            name = draw.choice(names)
            if not across:
                one = loaded[name]
                loaded[name] = {"ru": one["en"], "en": one["ru"]}
                label = name
            elif fields:
                other = draw.choice(
                    [each for each in files(copy, "data/text/*.yaml") if each != file and "site" not in each]
                )
                chosen = draw.choice(tongues)
                foreign = yaml.safe_load(copy.text(other))[name]
                loaded[name] |= {language: foreign[language] for language in chosen}
                label = f"{name} of {other} in {' and '.join(chosen)}"
            else:
                other, chosen = draw.choice([each for each in names if each != name]), draw.choice(tongues)
                a, b = loaded[name], loaded[other]
                for language in chosen:
                    a[language], b[language] = b[language], a[language]
                label = f"{name} and {other} in {' and '.join(chosen)}"
                if a[chosen[0]] == b[chosen[0]] or set(re.findall(r"\{\w+", str(a))) != set(
                    re.findall(r"\{\w+", str(b))
                ):
                    continue
            yield Slip(kind, file, label, yaml.safe_dump(loaded, allow_unicode=True, sort_keys=False, width=10**6))

    return slips


def alts(line: str, language: str, draw: Draw) -> list[str]:
    return turned(line, language, draw) + digits(line, language, draw) if len(line) > 120 else []


def definitions(kind: str, tongues: tuple[tuple[str, ...], ...]):
    """Two definitions of the glossary exchanged."""

    def slips(copy: Copy, draw: Draw) -> Iterator[Slip]:
        for _ in range(400):
            one, other = draw.random(), draw.random()
            found = []
            for language in draw.choice(tongues):
                every = copy.text(f"{language}/glossary.md").splitlines(keepends=True)
                places = [i for i, line in enumerate(every) if line.startswith("  ") and "{other}" not in line]
                i, j = (places[int(len(places) * each)] for each in (one, other))
                label = f"{every[i - 1].strip()} and {every[j - 1].strip()}"
                every[i], every[j] = every[j], every[i]
                found.append((f"{language}/glossary.md", "".join(every)))
            if i != j:
                yield Slip(kind, found[0][0], label, found[0][1], tuple(found[1:]))

    return slips


def twin_lines(copy: Copy) -> Iterator[tuple[str, int, str, int]]:
    """Lines that say the same: of data files the Russian one before the English, of pages those that stand alone."""
    for file in (*claims(copy), *figures(copy)):
        every = copy.text(file).splitlines()
        for number in range(len(every) - 1):
            one, other = QUOTED.match(every[number]), QUOTED.match(every[number + 1])
            if one and other and {"ru", "en"} == {each[1].strip(" -:") for each in (one, other)}:
                yield file, number, file, number + 1
    for page in files(copy, "ru/questions/*.md"):
        name = page.partition("/")[2]
        ru, en = (copy.text(f"{language}/{name}").splitlines() for language in ("ru", "en"))
        for twin in copy.twins_of(page):
            if ru.count(twin.ru) == en.count(twin.en) == 1 and not twin.en.startswith("#"):
                yield page, ru.index(twin.ru), f"en/{name}", en.index(twin.en)


def in_both(kind: str, change: Callable[[str, str, Draw], list[str]]):
    """The same slip in both languages: that which changes the line of each alike."""

    def slips(copy: Copy, draw: Draw) -> Iterator[Slip]:
        every = list(twin_lines(copy))
        draw.shuffle(every)
        for file, number, twin, place in every:
            texts = {each: copy.text(each).splitlines(keepends=True) for each in (file, twin)}
            lines = texts[file][number].rstrip("\n"), texts[twin][place].rstrip("\n")
            tongues = ("ru", "en") if file != twin else tuple(QUOTED.match(line)[1].strip(" -:") for line in lines)
            seed = draw.random()
            options = [change(line, tongue, random.Random(seed)) for line, tongue in zip(lines, tongues, strict=True)]
            options = [[new for new in each if new != line] for each, line in zip(options, lines, strict=True)]
            if not options[0] or len(options[0]) != len(options[1]):
                continue
            which = draw.randrange(len(options[0]))
            texts[file][number], texts[twin][place] = (f"{each[which]}\n" for each in options)
            also = ((twin, "".join(texts[twin])),) if twin != file else ()
            yield Slip(kind, file, shown(lines[0], options[0][which]), "".join(texts[file]), also)

    return slips


def translations(copy: Copy, draw: Draw) -> Iterator[Slip]:
    """Two translations of one file exchanged, with the same placeholders in them."""
    for _ in range(2000):
        file = draw.choice(files(copy, "locale/ru/*/*.po"))
        every = copy.text(file).splitlines(keepends=True)
        places = [i for i, line in enumerate(every) if line.startswith('msgstr "') and i > 2]
        i, j = sorted(draw.sample(places, 2)) if len(places) > 1 else (0, 0)
        if sorted(re.findall(r"\{\d\}", every[i])) == sorted(re.findall(r"\{\d\}", every[j])) and every[i] != every[j]:
            label = f"{every[i - 1].strip()} and {every[j - 1].strip()}"
            every[i], every[j] = every[j], every[i]
            yield Slip("translations exchanged", file, label, "".join(every))


def bibliography(copy: Copy, draw: Draw) -> Iterator[Slip]:
    """Year, pages, volume, DOI or arXiv number of a source with another digit."""
    text = copy.text("references.bib")
    places = list(re.finditer(r"^  (year|pages|volume|doi|eprint)\s*= \{(.*\d)(.*)\},$", text, re.M))
    draw.shuffle(places)
    for m in places:
        digit = str((int(text[m.end(2) - 1]) + draw.randint(1, 9)) % 10)
        line = text.count("\n", 0, m.start()) + 1
        new = text[: m.end(2) - 1] + digit + text[m.end(2) :]
        yield Slip("a source's record", "references.bib", f"line {line}: {m[0].strip()} {digit}", new)


def claims(copy: Copy) -> list[str]:
    return files(copy, "data/[0-9]*.yaml")


def figures(copy: Copy) -> list[str]:
    return [file for file in files(copy, "data/text/*.yaml") if "site" not in file]


NOUNS = in_lines("a noun for another", bilingual, another_noun)
KINDS = (
    of_kind(r"^  verdict: (\w+)$", "a verdict", one_of(VERDICTS)),
    of_kind(r"^  level: (\w+)$", "a level", one_of(LEVELS)),
    of_kind(r"^  sources: \[([^\]]+)\]$", "a source of a claim", another_source),
    in_lines("a number of a claim or drill", claims, digits),
    in_lines("two numbers of runs exchanged", bilingual, lambda line, *_: swaps(line, RUN)),
    in_lines("a format", bilingual, formats),
    in_lines("another formula", bilingual, other_formula),
    in_lines("a citation", bilingual, other_source),
    in_lines("a symbol", bilingual, symbols),
    in_lines("a sentence turned round", bilingual, turned),
    in_lines("a claim or drill turned round", claims, turned),
    NOUNS,
    in_lines("a denial dropped or added", bilingual, denied),
    in_lines("a convention of the page", conventions, convention),
    in_lines("a convention of a formula", lambda copy: files(copy, "locale/ru/*/*.po"), translations_of_conventions),
    in_lines("an alt text or caption that contradicts", figures, alts),
    captions("languages of a caption exchanged", ("alt", "caption"), across=False),
    captions("captions of two figures exchanged", ("alt", "caption"), across=True),
    captions("labels of a figure exchanged", (), across=True),
    definitions("definitions exchanged", ONE),
    translations,
    bibliography,
    in_both("in both: numbers of runs exchanged", lambda line, *_: swaps(line, RUN)),
    in_both("in both: a format", formats),
    in_both("in both: another formula", other_formula),
    in_both("in both: a number", digits),
    in_both("in both: a denial", denied),
    captions("in both: labels of a figure exchanged", (), across=True, tongues=(LANGUAGES,)),
    captions("in both: captions of two figures exchanged", ("alt", "caption"), across=True, tongues=(LANGUAGES,)),
    definitions("in both: definitions exchanged", (LANGUAGES,)),
)


def plant(part: str = "", each: str = str(EACH)) -> Iterator[Planted]:
    """So many slips of every kind, or of a part ``k/n`` of the kinds, drawn with a seed."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for name in slice_of([str(number) for number in range(len(KINDS))], part):
            slips = KINDS[int(name)](copy, random.Random(f"{SEED} {name}"))
            for _, slip in zip(range(int(each)), slips, strict=False):
                check = copy.noticed(slip)
                yield Planted(slip.kind, slip.key, bool(check), by=check)


def reasons() -> dict[tuple[str, ...], str]:
    """By kind: which slips are drawn depends on the words of the pages."""
    return report.reasons("words", "kind")
