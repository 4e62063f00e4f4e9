"""What tests of drill items share: the number, the curves, and the code of one item."""

from optnotes.site.formulas import practice
from optnotes.site.records.questions import load_question, question_path


def item(identifier):
    drill = load_question(question_path(identifier[:2])).drill
    return next(each for each in drill if each.id == identifier)


def number(identifier):
    """The number that a reader has to find."""
    return practice.evaluate(item(identifier).value.call)


def code(identifier):
    """The code with its error, and the cured one."""
    module, name = practice.code_file(identifier[:2]), item(identifier).code
    return getattr(module, name), getattr(module, name + practice.CURED)


def curves(identifier, *places):
    """The curves at some places of their range, from 0 to 1; the right one first."""
    pictures = item(identifier).pictures
    xs = [pictures.start + place * (pictures.end - pictures.start) for place in places]
    return [[practice.evaluate(each.call, **{pictures.along: x}) for x in xs] for each in pictures.curves]


def right(identifier, english):
    """Whether the right option, which stands first, begins with these words."""
    return item(identifier).options[0]["en"].startswith(english)
