"""A page on paper, as Chromium and Firefox print it: answers and citation, no code of ours, whole boxes, full pages."""

import base64
import io
import re
from collections import Counter
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from optnotes.site.records.questions import load_question, question_path
from optnotes.site.words.text import LANGUAGES, ROOT, site_labels
from tests.browser.sheets import read
from tests.browser.tabs import BROWSERS, tab

PAGES = sorted((path.stem[:2], path.stem) for path in (ROOT / "docs" / "en" / "questions").glob("*.md"))
BOXES = "div.formula, details.drill, div.claim, figure.bundle, tr, ol.steps > li"
# Words at the first and at the last place of each box, small enough to move nothing. A derivation may be longer than a
# sheet: of its formula the equation keeps together, of itself every step.
MARK = """(boxes) => {
  const whole = (each) => each.matches("ol.steps > li") || !each.closest("details:is(.derivation, .play)");
  const found = [...document.querySelectorAll(boxes)].filter(whole);
  const say = (place, words, end) => {
    const said = document.createElement("span");
    said.textContent = words;
    said.style = "font-size: 1px; line-height: 0";
    place[end](said);
  };
  found.forEach((box, number) => {
    const [first, last] = box.matches("tr") ? [box.firstElementChild, box.lastElementChild]
      : box.querySelector(".derivation") ? Array(2).fill(box.querySelector(":scope > .math-block, summary"))
      : ["summary", "figcaption"].map((tag) => box.querySelector(`:scope > ${tag}`) ?? box);
    say(first, `<a${number}>`, "prepend");
    say(last, `<z${number}>`, "append");
  });
  return found.length;
}"""


@pytest.fixture(scope="module", params=BROWSERS)
def browser(request):
    """A tab that prints."""
    with tab(request.param) as found:
        yield found


@pytest.fixture(scope="module", params=[(page, language) for page in PAGES for language in LANGUAGES], ids=str)
def printed(request, browser, address):
    """The browser's print of one page: words of each sheet, how far down they reach, and how many boxes there were."""
    (number, page), language = request.param
    browser.open(f"{address}/{language}/questions/{page}.html")
    boxes = browser.call(MARK, BOXES)
    if browser.browser == "chromium":
        pdf = browser.page.pdf(prefer_css_page_size=True, width="210mm", height="297mm")
    else:
        size = {"width": 21.0, "height": 29.7}
        margin = {"top": 1.6, "bottom": 1.8, "left": 1.5, "right": 1.5}
        pdf = base64.b64decode(
            browser.session.send("browsingContext.print", context=browser.page, page=size, margin=margin)["data"]
        )
    sheets, letters = [], Counter()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        text, heights, sizes = read(page)
        letters += sizes
        sheets.append((text, 1 - min(heights, default=0) / float(page.mediabox.height)))
    return number, language, boxes, letters, sheets


def words(text):
    return re.sub(r"<[az]\d+>|\s", "", normalize("NFKC", text)).replace("’", "'")


def test_answers_are_on_paper(printed):
    number, language, *_, sheets = printed
    paper = words("".join(text for text, _ in sheets))
    for item in load_question(question_path(number)).drill:
        plain = re.split(r"\$[^$]*\$|`[^`]*`|\{[^}]*\}|\[|\]|\*|\(", item.answer[language])
        longest = max(plain, key=len)
        assert words(longest)[:40] in paper, item.id


def test_the_citation_is_on_paper_and_no_code_of_ours(printed):
    _, language, *_, sheets = printed
    paper = words("".join(text for text, _ in sheets))
    assert "@misc{" in paper
    assert words("ГОСТ Р 7.0.5–2008") in paper
    text = site_labels(language)
    for never in ("show(", "fromexamplesimport", "defcompute(", *(text(f"formula.{key}") for key in ("tex", "link"))):
        assert words(never) not in paper, never
    assert words(text("figure.code")) not in paper
    assert "PNG" not in paper


def test_no_box_is_split(printed):
    *_, boxes, _, sheets = printed
    assert boxes > 40
    places = {mark: number for number, (text, _) in enumerate(sheets) for mark in re.findall(r"<([az]\d+)>", text)}
    assert len(places) >= 1.9 * boxes  # a reader of the file may miss a mark in a cell
    split = [n for n in range(boxes) if f"a{n}" in places and f"z{n}" in places and places[f"a{n}"] != places[f"z{n}"]]
    assert split == []


def test_no_sheet_but_the_last_is_half_empty(printed):
    *_, sheets = printed
    assert 10 < len(sheets) < 52  # derivations are printed: those of page 39 fill a dozen
    assert min(reached for _, reached in sheets[:-1]) > 0.5


def test_letters_have_the_size_that_the_style_gives_them(printed):
    """A browser shrinks the whole print when one thing is wider than the sheet."""
    *_, letters, _ = printed
    small = sum(count for size, count in letters.items() if size < 7.5)
    assert small < 0.1 * letters.total(), letters.most_common(8)
    assert letters.most_common(1)[0][0] > 10
