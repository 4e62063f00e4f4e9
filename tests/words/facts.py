"""What a text states that a program can compare across languages: references, symbols, numbers, denials, directions."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

import yaml

from tests.site.pages import target

ROLES = re.compile(
    r"\{(count|eq|footcite:[pt]|num|place|ref|py:func|py:mod|doc|setting|term|other|derivation)\}`([^`]*)`"
)
REFERENCES = ("eq", "footcite:p", "footcite:t", "place", "ref", "doc", "setting")
SLOT = re.compile(r"\{\w*(?::[^{}]*)?\}")
TEX = re.compile(r"\$([^$]+)\$")
SHAPE = re.compile(r"\\text\{[^}]*\}|\\[,;!]|\s")
CODE = re.compile(r"``?([^`]+)``?")
NUMBER = re.compile(r"\d+(?:[\u202f]\d{3})*(?:[.,]\d+)*")
WORD = re.compile(r"[A-Za-zА-Яа-яЁё]+(?:'t)?")

# What a text may deny, and where it may point.
AXES = yaml.load(Path(__file__).with_name("axes.yaml").read_text("utf-8"), yaml.CBaseLoader)
PATTERNS = {
    language: {axis: re.compile("|".join(words[language].split())) for axis, words in AXES.items()}
    for language in ("en", "ru")
}


def strict(text: str) -> dict[str, list[str]]:
    """What must be the same in every language: runs, references and slots in order, the rest in any order."""
    roles = ROLES.findall(text)
    bare = ROLES.sub(lambda role: f" {role[2].partition('<')[0]} " if role[1] in ("ref", "setting") else " ", text)
    tex = [
        re.sub(r"\\text\{[^}]*\}|\\[,;!]|\s", "", each.replace("{,}", ".").replace(";", ","))
        for each in TEX.findall(bare)
    ]
    bare = TEX.sub(" ", bare)
    code, bare = CODE.findall(bare), CODE.sub(" ", bare)
    return {
        "runs": [f"{name} {target(inside)}" for name, inside in roles if name in ("num", "count")],
        "references": [f"{name} {target(inside)}" for name, inside in roles if name in REFERENCES],
        "symbols": sorted(tex),
        "code": sorted(code),
        "slots": SLOT.findall(bare),
        "digits": sorted(each.replace("\u202f", "").replace(",", ".") for each in NUMBER.findall(SLOT.sub(" ", bare))),
    }


@cache
def axes(word: str, language: str) -> tuple[str, ...]:
    """The axes on which a word stands."""
    return tuple(axis for axis, pattern in PATTERNS[language].items() if pattern.fullmatch(word))


def bare_words(text: str) -> list[str]:
    """Words of the prose alone, in small letters."""
    bare = ROLES.sub(lambda role: f" {role[2].partition('<')[0]} " if role[1] != "num" else " ", text)
    for pattern in (TEX, CODE, SLOT):
        bare = pattern.sub(" ", bare)
    return WORD.findall(bare.lower())


def directions(text: str, language: str) -> Counter[str]:
    """How often a text denies, and how often it points to each end of an axis."""
    return Counter(axis for word in bare_words(text) for axis in axes(word, language))
