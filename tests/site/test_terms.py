"""Terms of the glossary: linked at their first use, with what they mean at each link."""

import functools
import re

import pytest
import snowballstemmer
from lxml import html
from sphinx.util.inventory import InventoryFile
from sphinx.util.nodes import _make_id

from optnotes.site.records.addresses import load_addresses
from optnotes.site.records.questions import question_numbers
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


# Where the words of a term say something else.
OTHERWISE = {"en": r"[Bb]atch norm\b", "ru": r"на каждом шаге обучения|без единого шага обучения"}
TOKEN = re.compile(r"\{term\}`(?P<link>[^`]+)`|(?:\{[\w:]+\})?`[^`]*`|\$[^$]*\$|(?P<word>[\w’'-]+)")
STEMMERS = {"en": snowballstemmer.stemmer("english"), "ru": snowballstemmer.stemmer("russian")}


@functools.cache
def stem(word, language):
    return STEMMERS[language].stemWord(word.lower())


def alike(words, term, language):
    """Whether words are those of a term, in any form; the stemmer cuts some words that have no ending."""
    return len(words) == len(term) and all(
        stem(said, language) == stem(word, language)
        or (len(word) > 3 and re.fullmatch(f"(?i:{re.escape(word)})[a-zа-яё]{{1,3}}", said))
        for said, word in zip(words, term, strict=True)
    )


def prose(text, language):
    """A page with blanks for its front matter, directives, headings, labels, and what is said otherwise."""
    for part in (r"(?s)\A---\n.*?\n---\n|```.*?\n```", r"(?m)^(#.*|\(.*\)=)$", OTHERWISE[language]):
        text = re.sub(part, lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    return text


# A word that leads to another page needs no glossary, a role without words says none, and a term says no shorter one.
def unlinked(text, language):
    """Terms whose words stand on a page before, or without, a link to them or a link with these words."""
    text = prose(text, language)
    tokens = list(TOKEN.finditer(text))
    said = [token["word"] or "" for token in tokens]
    links = [(at, *(token["link"].rstrip(">").split(" <") * 2)[:2]) for at, token in enumerate(tokens) if token["link"]]
    taken = set()
    for term in sorted((term for term, _ in terms(language)), key=lambda term: -len(term.split())):
        name = term.split()
        spans = [range(at, at + len(name)) for at in range(len(said))]
        uses = [
            span for span in spans if taken.isdisjoint(span) and alike(said[span.start : span.stop], name, language)
        ]
        taken.update(*uses)
        linked = [at for at, words, to in links if to.lower() == term.lower() or alike(words.split(), name, language)]
        if uses and uses[0].start < min(linked, default=len(said)):
            yield f"line {text.count(chr(10), 0, tokens[uses[0].start].start()) + 1}: {term}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("number", question_numbers())
def test_a_term_is_linked_where_it_is_first_used(number, language):
    assert list(unlinked(page(number, language), language)) == []


@pytest.mark.parametrize(
    ("number", "language", "link", "plain", "term"),
    [
        ("36", "en", "{term}`learning rate`", "learning rate", "learning rate"),
        ("36", "en", "{term}`Hessian`", "Hessian", "Hessian"),
        ("36", "en", "{term}`bias <bias–variance decomposition>`", "bias", "bias"),
        ("36", "ru", "{term}`градиентного спуска <градиентный спуск>`", "градиентного спуска", "градиентный спуск"),
        ("36", "ru", "{term}`матрицы Грама <матрица Грама>`", "матрицы Грама", "матрица Грама"),
        ("35", "ru", "{term}`логитам <логит>`", "логитам", "логит"),
        ("33", "ru", "{term}`якобианом <якобиан>`", "якобианом", "якобиан"),
        ("40", "en", "{term}`Feature`", "Feature", "feature"),
    ],
)
def test_a_term_that_is_not_linked_is_found(number, language, link, plain, term):
    text = page(number, language)
    assert text.count(link) == 1
    (found,) = unlinked(text.replace(link, plain), language)
    assert re.fullmatch(rf"line \d+: {term}", found)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Batch normalisation, {term}`batch normalisation`.", ["line 1: batch normalisation"]),
        ("en", "One\n{term}`batch normalisation`, a batch.", ["line 2: batch"]),
        ("en", "The {term}`bias <bias–variance decomposition>`, a bias.", []),
        ("en", "AdamW, a {ref}`batch <q40>`, mini-batches, `batch`, $batch$ and batch norm.", []),
        ("ru", "Без единого шага обучения, на каждом шаге обучения, шагом обучения.", ["line 1: шаг обучения"]),
        ("ru", "# Батч\n\nПри батчах", ["line 3: батч"]),
    ],
)
def test_what_is_no_use_of_a_term(language, text, expected):
    assert list(unlinked(text, language)) == expected
