"""Formulas as things to use, in Chromium and Firefox: a selection is TeX, buttons copy, a citation opens."""

import time

import pytest

from optnotes.penalties import soft_threshold
from optnotes.site.words.docstrings import read
from optnotes.site.words.text import LANGUAGES, site_labels

BOTH = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "questions/37-l1-elastic-net.html"
NAME = "eq-soft-threshold"
TEX = read(soft_threshold).tex
# Copies a selection that begins and ends within these elements.
COPY = """(first, last) => {
  const [from, to] = [first, last].map((found) => document.querySelector(found));
  const leaf = (node, end) => { while (node[end]) node = node[end]; return node; };
  const range = document.createRange();
  range.setStart(leaf(from, "firstChild"), 0);
  const until = leaf(to, "lastChild");
  range.setEnd(until, until.length ?? until.childNodes.length);
  const selection = getSelection();
  selection.removeAllRanges();
  selection.addRange(range);
  const data = new DataTransfer(); // Firefox makes one of its own
  const event = new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true });
  document.dispatchEvent(event);
  return [event.clipboardData.getData("text/plain"), event.defaultPrevented];
}"""


def one_line(text):
    return " ".join(text.split())


def test_a_selected_formula_is_copied_as_its_tex(opened, address):
    opened.open(f"{address}/en/{PAGE}")
    found, done = opened.call(COPY, f"#equation-{NAME} math mi", f"#equation-{NAME} math mrow:last-of-type")
    assert done
    assert one_line(found) == one_line(TEX)


def test_words_around_a_formula_stay_and_words_alone_are_left_to_the_browser(opened, address):
    opened.open(f"{address}/en/{PAGE}")
    found, done = opened.call(COPY, "#drill-37-d1 summary", "#drill-37-d1 > p:last-of-type")
    assert done
    assert r"$\lambda w$" in found
    assert "How does the gradient of the L1 penalty differ from that of L2?" in found
    assert opened.call(COPY, "h1", "h1")[1] is False


@BOTH
def test_a_link_opens_the_citation_of_its_formula(opened, address, language):
    opened.open(f"{address}/{language}/{PAGE}")
    there = opened.call(
        "(name) => document.querySelector(`#equation-${name}`).closest('.formula')"
        ".querySelector('.formula-uses a[href*=\"cite.html\"]').href",
        NAME,
    )
    assert there.endswith(f"cite.html#cite-{NAME}")
    opened.open(there)
    deadline = time.monotonic() + 10
    while not opened.call("(name) => document.getElementById(name).open", f"cite-{NAME}"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    blocks = opened.call(
        "(name) => [...document.getElementById(name).querySelectorAll('pre')].map(each => each.textContent)",
        f"cite-{NAME}",
    )
    number = site_labels(language)("formula.numbered", number="37.3").partition("(")[0]
    assert len(blocks) == 3
    assert all(number in block for block in blocks)
    assert opened.call("() => document.querySelectorAll('details.cite-formula[open]').length") == 1


@BOTH
def test_buttons_copy_the_tex_and_the_address(visit, address, language):
    text = site_labels(language)
    page = visit(permissions=["clipboard-read", "clipboard-write"]).open(f"{language}/{PAGE}?x=1#q37-why")
    box = page.locator(f".formula:has(> #equation-{NAME})")
    number = box.locator(".eqno").first.text_content()
    for words, wanted in (("tex", TEX), ("link", f"{address}/{language}/{PAGE}#equation-{NAME}")):
        box.get_by_role("button", name=f"{text(f'formula.{words}')} {number}", exact=True).click()
        page.locator("button", has_text=text("formula.copied")).first.wait_for()
        assert one_line(page.evaluate("navigator.clipboard.readText()")) == one_line(wanted)
        page.wait_for_timeout(1600)


@BOTH
def test_without_scripts_there_are_no_buttons_that_do_nothing(visit, language):
    page = visit(java_script_enabled=False).open(f"{language}/{PAGE}")
    assert page.locator("button[data-copies]").count() > 10
    assert page.locator("button[data-copies]:visible").count() == 0


BOX = f"document.querySelector('#equation-{NAME}').closest('.formula')"


@BOTH
def test_mark_and_evidence_are_behind_one_button(opened, address, language):
    opened.open(f"{address}/{language}/{PAGE}")
    text = site_labels(language)
    summary, before, after, said = opened.call(f"""() => {{
      const box = {BOX}.querySelector("details.evidence"), inside = box.querySelector(".formula-footer");
      const before = inside.checkVisibility();
      box.querySelector("summary").click();
      return [box.querySelector("summary").textContent, before, inside.checkVisibility(), inside.textContent];
    }}""")
    assert (summary, before, after) == (text("formula.evidence"), False, True)
    assert said.startswith(text("mark.derived"))
    assert text("formula.source") in said
    assert text("formula.checks", tests="?", laws="?", generic="?").partition("?")[0] in said


@BOTH
def test_the_row_has_a_button_to_play(opened, address, language):
    opened.open(f"{address}/{language}/{PAGE}")
    opened.call(f"() => {BOX}.querySelector('.formula-tools > details.play > summary').click()")
    deadline = time.monotonic() + 20
    while not opened.call(f"() => {BOX}.querySelector('details.play output') !== null"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_equation_is_large_and_its_symbols_stand_once_in_two_columns(opened, address):
    opened.open(f"{address}/en/{PAGE}")
    size, text, columns, terms, repeated = opened.call(f"""() => {{
      const size = (element) => parseFloat(getComputedStyle(element).fontSize);
      const box = {BOX}, list = box.querySelector("dl.symbols"), terms = [...list.querySelectorAll("dt")];
      const left = new Set(terms.map((term) => Math.round(term.getBoundingClientRect().left)));
      const symbol = (math) => math.querySelector("annotation").textContent.trim();
      const repeated = terms.filter((term) => [...term.nextElementSibling.querySelectorAll("math")].map(symbol)
        .includes(symbol(term.querySelector("math"))));
      return [size(box.querySelector("math")), size(document.body), left.size, terms.length, repeated.length];
    }}""")
    assert size >= 1.3 * text
    assert (columns, repeated) == (2, 0)
    assert terms >= 3
