"""Terms of the glossary: linked at their first use, with what they mean at each link."""

import re

import pytest
import snowballstemmer
from lxml import html

from optnotes.site.words.text import LANGUAGES
from tests.site.minisite import MiniSite
from tests.site.test_repository import terms
from tests.site.test_template import page

HOME = """# Home

One {term}`ridge <ridge regression>`, a {ref}`label <here>`.

(here)=
## Here

```{toctree}
glossary
```
"""
GLOSSARY = """# Glossary

```{{glossary}}
ridge regression
  {said}
  {{other}}`гребневая регрессия`
```
"""


def titles(built):
    links = html.fromstring(built.page("index")).xpath("//article//a[contains(@class, 'term')]")
    return [(link.text_content(), link.get("title")) for link in links]


@pytest.fixture
def site(tmp_path):
    made = MiniSite(tmp_path)
    made.page("index", HOME)
    made.page("glossary", GLOSSARY.format(said="Least squares with a penalty."))
    return made


def test_the_link_has_the_explanation_without_the_counterpart(site):
    assert titles(site.build("en")) == [("ridge", "Least squares with a penalty.")]


def test_a_page_follows_the_glossary(site):
    site.build("en")
    site.page("glossary", GLOSSARY.format(said="Least squares, penalised."))
    assert titles(site.build("en")) == [("ridge", "Least squares, penalised.")]


LINKED = ("36",)  # pages on which each term of the glossary is linked where it is first used
TITLES = {"36": ("L2 regularisation", "regularisation", "L2-регуляризация", "регуляризация")}  # what the page is of
TOKEN = re.compile(r"\{term\}`(?P<said>[^`]+)`|(?:\{[\w:]+\})?`[^`]*`|\$[^$]*\$|(?P<word>[\w’'-]+)")


def stems(text, language):
    stemmer = snowballstemmer.stemmer({"ru": "russian", "en": "english"}[language])
    return [stemmer.stemWord(word.lower()) for word in re.findall(r"[\w’'-]+", text)]


def prose(text):
    """A page without its front matter, directives, headings and labels."""
    text = re.sub(r"\A---\n.*?\n---\n|```.*?\n```", "", text, flags=re.DOTALL)
    return re.sub(r"^(#.*|\(.*\)=)$", "", text, flags=re.MULTILINE)


# A word that leads to another page needs no glossary, and a role without words says none.
def unlinked(text, language, number):
    """Terms whose words stand on a page before, or without, a link to them."""
    stream, where = [], {}  # stems of the words outside of links to terms; how many of them stand before each term
    for token in TOKEN.finditer(prose(text)):
        if token["said"]:
            words, _, target = token["said"].rstrip(">").partition(" <")
            where.setdefault(target or words, len(stream))
            stream.append("")
        else:
            stream += stems(token["word"] or "", language) or [""]
    for term, _ in terms(language):
        name = stems(term, language)
        first = next((at for at in range(len(stream)) if stream[at : at + len(name)] == name), None)
        if term not in TITLES[number] and first is not None and first < where.get(term, len(stream)):
            yield term


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", LINKED)
def test_a_term_is_linked_where_it_is_first_used(number, language):
    assert list(unlinked(page(number, language), language, number)) == []


@pytest.mark.parametrize(
    ("language", "link", "plain", "term"),
    [
        ("en", "{term}`learning rate`", "learning rate", "learning rate"),
        ("en", "{term}`Hessian`", "Hessian", "Hessian"),
        ("ru", "{term}`градиентного спуска <градиентный спуск>`", "градиентного спуска", "градиентный спуск"),
        ("ru", "{term}`матрицы Грама <матрица Грама>`", "матрицы Грама", "матрица Грама"),
    ],
)
def test_a_term_that_is_not_linked_is_found(language, link, plain, term):
    text = page("36", language)
    assert link in text
    assert term in list(unlinked(text.replace(link, plain), language, "36"))
