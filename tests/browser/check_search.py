"""What readers type finds the page they mean, in both languages; queries.yaml holds the queries."""

import re
import shutil
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import expect

from optnotes.site.chrome.passages import passages
from optnotes.site.records.symptoms import load_symptoms
from optnotes.site.words.text import LANGUAGES, site_labels
from tests.audit.server import serving
from tests.browser.conftest import HTML

QUERIES = yaml.safe_load((Path(__file__).parent / "queries.yaml").read_text(encoding="utf-8"))
# The words of a symptom mean its section, or a page to which its causes lead.
LINK = re.compile(r"\{ref\}`(?:[^`<]*<)?q(\d\d)-[\w-]+>?`")
SYMPTOMS = {
    language: {
        words: [f"symptom-{symptom.id}", *LINK.findall(" ".join(cause.advice[language] for cause in symptom.causes))]
        for symptom in load_symptoms()
        for words in symptom.typed[language]
    }
    for language in LANGUAGES
}
# asked.yaml: questions from public threads, found without exception, where the whole answer stands.
ASKED = yaml.safe_load((Path(__file__).parent / "asked.yaml").read_text(encoding="utf-8"))
REAL = {language: {row[language]: row["places"] for row in ASKED} for language in LANGUAGES}
COUNTED = re.compile("^[^…]+$")
FIRST = 3  # results a reader sees without scrolling
ENOUGH = 120
MISSED = {"written": 0.05, "symptoms": 0.05, "asked": 0}


@pytest.fixture(scope="module")
def pages(chromium, address):
    """One search page a language, kept open for all queries."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    opened = {}
    for language in QUERIES:
        opened[language] = context.new_page()
        opened[language].goto(f"{address}/{language}/search.html")
    yield opened
    context.close()


def search(page, query):
    """Type a query and return the places found, in order: each as its page and its section."""
    page.evaluate("document.querySelector('#search-state').textContent = '…'")
    page.fill("#search-words", "")
    page.fill("#search-words", query)
    expect(page.locator("#search-state")).to_have_text(COUNTED, timeout=20000)
    if any(letter.isdigit() for letter in page.inner_text("#search-state")):
        page.wait_for_selector("#search-results li h2")
    links = page.eval_on_selector_all("#search-results h2 a", "links => links.map(link => link.pathname + link.hash)")
    return [re.fullmatch(r"/\w+/(.*)\.html(?:#(.*))?", link).groups() for link in links]


@pytest.mark.parametrize("kind", MISSED)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_place_meant_is_among_the_first(pages, language, kind):
    queries, missed = {"written": QUERIES, "symptoms": SYMPTOMS, "asked": REAL}[kind][language], {}
    for query, places in queries.items():
        found = search(pages[language], query)[:FIRST]
        if not set(map(str, places)) & {
            name for place in found for name in (*place, place[0].removeprefix("questions/")[:2])
        }:
            missed[query] = [anchor or name for name, anchor in found]
    report = "\n".join(f"{query}: {', '.join(found)}" for query, found in missed.items())
    print(f"{language}: {len(missed)} of {len(queries)} missed\n{report}")
    assert len(missed) <= MISSED[kind] * len(queries), report


@pytest.fixture(scope="module", params=LANGUAGES)
def written(request):
    """What a search can lead to in one language: the words of each place."""
    files = [*(HTML / request.param / "questions").glob("*.html"), HTML / request.param / "symptoms.html"]
    cut = [passage for file in files for passage in passages(file.read_text("utf-8"), file.stem, f"{file.stem}.html")]
    said = {passage.address.rpartition("#")[2]: " ".join(passage.text.split()) for passage in cut}
    # A link ends with a space in the index, before the comma as well.
    return request.param, {place: re.sub(r" (?=[,.;:])", "", words) for place, words in said.items()}


def test_the_places_of_the_asked_questions_hold_the_whole_answer(written):
    language, words = written
    unsaid = [
        f"{place}: {point[language]}"
        for row in ASKED
        for place in row["places"]
        for point in row["says"]
        if not re.search(point[language], words.get(place, ""))
    ]
    assert unsaid == []


@pytest.mark.parametrize(
    ("language", "query"),
    [("en", "soft threshold"), ("en", "clip by norm"), ("en", "inverted dropout"), ("en", "He initialisation"),
     ("en", "AdamW"), ("en", "batch norm"), ("ru", "мягкий порог"), ("ru", "батч-нормализация"), ("ru", "AdamW")],
)  # fmt: skip
def test_explanations_stand_before_functions_and_citations(pages, language, query):
    places = [page for page, _ in search(pages[language], query)]
    late = [page.startswith(("api/", "cite")) for page in places]
    assert late == sorted(late) or late.index(True) >= FIRST
    assert not late[0]


def test_words_that_say_nothing_are_passed_over(pages):
    assert search(pages["en"], "what is the use of my dropout") == search(pages["en"], "use dropout")
    assert search(pages["ru"], "а для чего мне вообще дисперсия") == search(pages["ru"], "вообще дисперсия")


def test_no_result_shows_code_of_a_cell(pages):
    shown = " ".join(
        text
        for query in ("examples", "show compute", "dropout", "lasso path")
        if search(pages["en"], query)
        for text in pages["en"].locator("#search-results p").all_inner_texts()
    )
    assert len(shown) > 1000
    assert not re.search(r"\bimport |\bcompute\(\)", shown)


def test_there_are_enough_queries():
    assert all(len(QUERIES[language]) >= ENOUGH for language in LANGUAGES)


def test_nothing_is_found_for_what_no_page_says(pages):
    assert search(pages["en"], "ъъъ") == []
    assert pages["en"].inner_text("#search-state") == "Nothing found."


def test_a_typing_error_is_read_and_said(pages):
    assert search(pages["en"], "condiiton") == search(pages["en"], "condition")
    assert search(pages["ru"], "дисперсия") == search(pages["ru"], "дисперися")
    assert "«дисперися» → «дисперсия»" in pages["ru"].inner_text("#search-state")


def test_words_that_no_page_says_are_named(pages):
    assert search(pages["en"], "dropout zyzzyva") == search(pages["en"], "dropout")
    search(pages["en"], "dropout zyzzyva")
    assert "“zyzzyva”" in pages["en"].inner_text("#search-state")


def test_results_show_the_passage_in_another_form_of_the_word(visit):
    page = visit().open("ru/search.html?q=градиент")
    page.wait_for_selector("#search-results mark")
    marked = {mark.lower() for mark in page.locator("#search-results mark").all_inner_texts()}
    assert "градиентов" in marked


def test_a_result_leads_to_the_section_that_says_the_word(visit):
    page = visit().open("en/search.html?q=leakage")
    page.click("#search-results h2 a >> nth=0")
    page.wait_for_load_state()
    assert page.evaluate("document.querySelector(decodeURIComponent(location.hash)).innerText").count("leak") > 0


def test_the_query_is_part_of_the_address(visit):
    page = visit().open("en/search.html")
    page.fill("#search-words", "lasso")
    page.wait_for_selector("#search-results li")
    page.reload()
    page.wait_for_selector("#search-results li")
    assert page.input_value("#search-words") == "lasso"


def test_the_keyboard_opens_the_search(visit):
    page = visit().open("en/questions/37-l1-elastic-net.html")
    page.keyboard.press("Control+k")
    page.wait_for_url("**/en/search.html")
    assert page.evaluate("document.activeElement.id") == "search-words"


def test_a_page_loads_nothing_of_the_search(visit):
    opened = visit()
    opened.open("en/index.html")
    assert [url for url in opened.requests if "search" in url.rsplit("/", 1)[1] or "pagefind" in url] == []


def check_said(browser, address, language, key):
    """A query is answered by the words of a label, and by nothing else."""
    page = browser.new_page()
    page.goto(f"{address}/{language}/search.html?q=dropout")
    expect(page.locator("#search-state")).to_have_text(site_labels(language)(key), timeout=20000)
    assert page.locator("#search-results li").count() == 0
    page.close()


@pytest.mark.parametrize("lost", ["", "pagefind.js", "pagefind-entry.json", "fragment", "*.pagefind", "*.pf_meta"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lost_index_is_said_in_the_language_of_the_page(chromium, tmp_path, language, lost):
    shutil.copytree(HTML / language / "_static", tmp_path / language / "_static")
    shutil.copy(HTML / language / "search.html", tmp_path / language)
    if lost:
        copied = shutil.ignore_patterns(lost)
        shutil.copytree(HTML / language / "pagefind", tmp_path / language / "pagefind", ignore=copied)
    with serving(tmp_path) as address:
        check_said(chromium, address, language, "search.failed")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_without_webassembly_is_told(chromium, address, language):
    with chromium.new_context() as context:
        context.add_init_script("delete globalThis.WebAssembly")
        check_said(context, address, language, "search.unsupported")
