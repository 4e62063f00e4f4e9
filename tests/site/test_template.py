"""Pages that teach: a first screen that is complete in itself, then each thing after what it needs."""

import re

import pytest

from optnotes.site.records.derivations import boxed_with, derivation_path, load_derivation
from optnotes.site.records.questions import load_question, question_numbers, question_path
from optnotes.site.words.text import LANGUAGES, ROOT
from tests.site.pages import directives

TAUGHT = question_numbers()
ORDER = ("answer", "hand", "why", "experiment", "practice", "drill", "deeper", "claims", "references", "cite")
WORDS = 2000
PARTS = re.compile(r"^\((?P<label>q\d\d-\w+)\)=\n## ", re.MULTILINE)
# A place in a source, and a source mark behind another one.
PLACE = re.compile(r" \{place\}`[^`]*`|(?<=`), \{footcite:p\}`\w+`")
ROLE = re.compile(r"\{[\w:]+\}`[^`]*`")
INLINE = re.compile(r"\$[^$]+\$|`[^`]*`")
WORD = re.compile(r"[^\W\d_](?:[\w’'-]*\w)?|\d+(?:[.,]\d+)?")
CITED = re.compile(r"\{eq\}`(?:[^`<]*<)?eq-([\w-]+)>?`")


def parts(text):
    """The sections of a page by their key, in the order in which they stand."""
    found = list(PARTS.finditer(text))
    ends = [each.start() for each in found[1:]] + [len(text)]
    return {each["label"].partition("-")[2]: text[each.start() : end] for each, end in zip(found, ends, strict=True)}


def words(text):
    """How many words a reader reads; a role, a row of sources or a formula is one, code and directives are none."""
    lines = text.splitlines()
    for line, _, content in directives(text):
        lines[line - 1 : line + len(content.splitlines()) + 1] = [""] * (len(content.splitlines()) + 2)
    prose = "\n".join(line for line in lines if not re.match(r"\(q\d\d[\w-]*\)=|\|[-:|]+$", line))
    return len(WORD.findall(INLINE.sub(" x ", ROLE.sub(" x ", PLACE.sub("", prose)))))


def shown(directive):
    """What a directive lets a reader see: its formula, its drill, and what these cite."""
    head, content = directive
    name, _, argument = head.partition(" ")
    if name == "{formula}":
        formula = argument.rpartition(".")[2]
        steps = [step for name in boxed_with(formula) for step in load_derivation(derivation_path(name)).steps]
        used = [step.formula for step in steps if step.formula not in ("", formula)]
        return formula.replace("_", "-"), [each.replace("_", "-") for each in used]
    if name == "{derivation}":
        steps = load_derivation(derivation_path(argument)).steps
        return None, [step.formula.replace("_", "-") for step in steps if step.formula]
    if name == "{drill}":
        drill = load_question(question_path(argument)).drill
        return None, CITED.findall(
            " ".join(text for item in drill for text in (*item.question.values(), *item.answer.values()))
        )
    return None, CITED.findall(content)


def too_early(text):
    """Formulas of this page that are cited, by its words, its drill or a derivation, before they stand."""
    held = {line: (head, content) for line, head, content in directives(text)}
    home = {shown(each)[0] for each in held.values()} - {None}
    stood, found = set(), []
    for number, line in enumerate(text.splitlines(), 1):
        formula, cited = shown(held[number]) if number in held else (None, CITED.findall(line))
        stood.add(formula)
        found += [f"line {number}: {name}" for name in cited if name in home - stood]
    return found


def faults(text):
    """Describe, one by one, where a page leaves the template."""
    sections = parts(text)
    if tuple(sections) != ORDER:
        yield f"sections: expected {', '.join(ORDER)}, got {', '.join(sections)}"
        return
    heads = [head for _, head, _ in directives(sections["answer"])]
    if sum(head.startswith("{formula}") for head in heads) != 1:
        yield "answer: expected one formula"
    if not any(head.startswith(("{code-cell}", "{figure-of}")) for head in heads):
        yield "answer: expected a figure"
    before = sum(words(sections[key]) for key in ORDER[: ORDER.index("deeper")])
    if before > WORDS:
        yield f"{before} words before 'deeper', more than {WORDS}"
    yield from (f"cited before it stands, {each}" for each in too_early(text))
    judged = [(head, content) for _, head, content in directives(text) if head.startswith("{claims}")]
    if judged != [(f"{{claims}} {text.partition('(q')[2][:2]}", ":folded:")]:
        yield "claims: expected one block, folded"
    elif "{claims}" not in sections["claims"]:
        yield "claims: expected in the last section before the references"


def moved(text, formula):
    """Show a formula at the end of the page instead."""
    block = re.search(rf"```\{{formula\}} {formula}\n(:brief:\n)?```\n", text)[0]
    return text.replace(block, "") + block


def page(number, language):
    (path,) = (ROOT / "docs" / language / "questions").glob(f"{number}-*.md")
    return path.read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", TAUGHT)
def test_a_taught_page_keeps_the_template(number, language):
    assert list(faults(page(number, language))) == []


def swap(text, one, other):
    """Exchange two sections."""
    sections = parts(text)
    first, second = sections[one], sections[other]
    return text.replace(first, "\0").replace(second, first).replace("\0", second)


FIGURE = re.compile(r"(\(q36-answer\)=.*?)```\{code-cell\}.*?```\n", re.DOTALL)
FORMULA = re.compile(r"(\(q36-answer\)=.*?)```\{formula\}.*?```\n", re.DOTALL)


@pytest.mark.parametrize(
    ("broken", "expected"),
    [
        (lambda text: swap(text, "hand", "why"), "sections: expected answer, hand, why"),
        (lambda text: swap(text, "drill", "deeper"), "sections: expected answer, hand, why"),
        (lambda text: text.replace("(q36-deeper)=\n", ""), "sections: expected answer, hand, why"),
        (lambda text: FORMULA.sub(r"\1", text), "answer: expected one formula"),
        (lambda text: FIGURE.sub(r"\1", text), "answer: expected a figure"),
        (lambda text: text.replace("(q36-drill)=", "word " * WORDS + "\n\n(q36-drill)="), "words before 'deeper'"),
        (lambda text: text.replace("(q36-why)=", "See {eq}`eq-l2-gradient`.\n\n(q36-why)="), "l2-gradient"),
        (lambda text: moved(text, "optnotes.descent.adam_step"), "adam-step"),  # the drill cites it
        (lambda text: moved(text, "optnotes.penalties.ridge_noise_gain"), "ridge-noise-gain"),  # a derivation uses it
        (lambda text: text.replace(":folded:\n", ""), "claims: expected one block, folded"),
        (
            lambda text: text.replace("```{claims} 36\n:folded:\n```\n", "") + "\n```{claims} 36\n:folded:\n```\n",
            "last section",
        ),
    ],
)
def test_a_page_that_leaves_the_template_is_told_where(broken, expected):
    text = page("36", "en")
    assert broken(text) != text
    assert expected in " ".join(faults(broken(text)))


def test_words_are_counted_as_read():
    text = "(q36-x)=\n## Two words\n\nAt $a + b$ it's {num}`x.y:.1f` of `f(x)`, 3.5"
    text += " {footcite:p}`A` {place}`Section 2`, {footcite:p}`B`.\n"
    text += "\n| a | b |\n|---|---|\n"
    text += "\n```{code-cell}\nx = 1\n```\n"
    assert words(text) == 12
