"""Terms of the glossary: linked at their first use, with what they mean at each link."""

import re

import pytest
import snowballstemmer
from lxml import html
from sphinx.util.inventory import InventoryFile
from sphinx.util.nodes import _make_id

from optnotes.site.records.addresses import load_addresses
from optnotes.site.words.text import LANGUAGES, ROOT
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


RUSSIAN = """# Словарь

```{glossary}
Adam
  Градиентный метод.
  {other}`Adam`

мёртвый ReLU
  Нейрон, который молчит.
  {other}`dead ReLU`

ReLU
  Срезка.
  {other}`rectifier`

батч
  Примеры шага.
  {other}`batch`
```
"""
FIRST = "```{glossary}\n"
NEW = f"{FIRST}признак\n  Столбец матрицы.\n  {{other}}`feature`\n\n"


def anchors(built):
    return html.fromstring(built.page("glossary")).xpath("//dt/@id")


@pytest.fixture
def russian(tmp_path):
    made = MiniSite(tmp_path)
    made.settings = 'optnotes_addresses = "addresses.yaml"\n'
    made.write("addresses.yaml", "pages: {glossary: []}\nmoved: {glossary#term-7: glossary#term-batch}\n")
    made.page("index", "# Дом\n\n{term}`батча <батч>`, {term}`relu`\n\n```{toctree}\nglossary\n```\n", "ru")
    made.page("glossary", RUSSIAN, "ru")
    return made


def test_the_anchor_of_a_term_is_its_english_name_and_another_term_moves_none(russian):
    assert anchors(russian.build("ru")) == ["term-Adam", "term-dead-ReLU", "term-rectifier", "term-batch"]
    russian.page("glossary", RUSSIAN.replace(FIRST, NEW), "ru")
    built = russian.build("ru")
    assert built.warnings == ""
    assert anchors(built) == ["term-feature", "term-Adam", "term-dead-ReLU", "term-rectifier", "term-batch"]


def test_links_inventory_and_old_anchors_lead_to_it(russian):
    built = russian.build("ru")
    links = html.fromstring(built.page("index")).xpath("//article//a[contains(@class, 'term')]")
    assert [(link.get("href"), link.get("title")) for link in links] == [
        ("glossary.html#term-batch", "Примеры шага."),
        ("glossary.html#term-rectifier", "Срезка."),
    ]
    with (built.out / "objects.inv").open("rb") as stream:
        inventory = InventoryFile.load(stream, "", lambda base, uri: uri)
    assert inventory["std:term"]["мёртвый ReLU"].uri == "glossary.html#term-dead-ReLU"
    (old,) = html.fromstring(built.page("glossary")).xpath("//*[@id='term-7']")
    assert old.getparent().get("id") == "term-batch", "within the term: a list of terms holds nothing else"
    index = html.fromstring(built.page("genindex")).xpath("//a/@href")
    assert {link for link in index if "term-" in link} == {f"glossary.html#{each}" for each in anchors(built)}


def test_a_term_that_is_gone_fails_the_build(russian):
    russian.write("addresses.yaml", "pages: {glossary: [term-batch, term-neuron]}\nmoved: {}\n")
    (line,) = (each for each in russian.build("ru").warnings.splitlines() if "[optnotes.address]" in each)
    assert "glossary#term-neuron is gone" in line


def test_every_term_has_its_address_in_the_record_and_no_query_means_another():
    record = load_addresses()
    kept = {f"term-{_make_id(term)}" for term, _ in terms("en")}
    assert kept == {
        each for each in record.pages["glossary"] if each.startswith("term-") and f"glossary#{each}" not in record.moved
    }
    queries = (ROOT / "tests" / "browser" / "queries.yaml").read_text("utf-8")
    assert set(re.findall(r"term-[\w-]+", queries)) <= kept


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
