"""Figures as things to use, in Chromium and Firefox: files in both modes, a slide, the code, the citation."""

import pytest

from optnotes.site.words.text import LANGUAGES, site_labels

BOTH = pytest.mark.parametrize("language", LANGUAGES)
PAGE = "questions/36-l2.html"
FIGURE = "fig-ridge-spectrum"
ROW = f"document.getElementById('{FIGURE}').nextElementSibling"
# The file behind a link of the row, as text, and the name under which it is kept.
FILE = f"""async (number) => {{
  const link = {ROW}.querySelectorAll("a[download]")[number];
  return [await (await fetch(link.href)).text(), link.href.replace(/.*\\//, ""), link.textContent];
}}"""
# What the button for a mode keeps: the name, the size, the corner, and how many dots are not paper.
SLIDE = f"""async (mode) => {{
  let kept;
  const made = new Promise((done) => {{
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {{ kept = blob; return make.call(URL, blob); }};
    HTMLAnchorElement.prototype.click = function () {{ done(this.download); }};
  }});
  {ROW}.querySelector(`button[data-picture=${{mode}}]`).click();
  const name = await made;
  const image = await createImageBitmap(kept);
  const canvas = Object.assign(document.createElement("canvas"), {{ width: image.width, height: image.height }});
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const dots = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const corner = [...context.getImageData(0, 0, 1, 1).data];
  return [name, kept.type, image.width, image.height, corner, dots.filter((dot) => dot !== dots[0]).length];
}}"""


@BOTH
def test_the_files_hold_words_and_lines(opened, address, language):
    opened.open(f"{address}/{language}/{PAGE}")
    light, pdf, dark = (opened.call(FILE, number) for number in range(3))
    name = f"{FIGURE.removeprefix('fig-').replace('-', '_')}-{language}"
    assert [file[1:] for file in (light, pdf, dark)] == [
        [f"{name}-light.svg", "SVG"],
        [f"{name}-light.pdf", "PDF"],
        [f"{name}-dark.svg", "SVG"],
    ]
    label = {"ru": "штраф", "en": "penalty"}[language]
    for svg, paper in ((light[0], "#ffffff"), (dark[0], "#14181e")):
        assert label in svg.partition("<text")[2]
        assert f"fill: {paper}" in svg
    assert pdf[0].startswith("%PDF-")


@pytest.mark.parametrize(("mode", "paper"), [("light", [255, 255, 255, 255]), ("dark", [20, 24, 30, 255])])
def test_a_button_draws_a_slide(opened, address, mode, paper):
    opened.open(f"{address}/ru/{PAGE}")
    name, kind, width, height, corner, inked = opened.call(SLIDE, mode)
    assert (name, kind, width, height) == (f"ridge_spectrum-ru-{mode}.png", "image/png", 1920, 1080)
    assert corner == paper
    assert 10_000 < inked < width * height / 2


@BOTH
def test_the_row_leads_to_code_licence_and_citation(opened, address, language):
    opened.open(f"{address}/{language}/{PAGE}")
    code = opened.call(
        f"async () => {{ const page = await (await fetch({ROW}.querySelector('a.source').href)).text();"
        " return new DOMParser().parseFromString(page, 'text/html').querySelector('.bd-article pre').textContent; }"
    )
    assert "def figure(" in code
    line, deed, shown = opened.call(f"""() => {{
      const box = {ROW}.querySelector("details.figure-cite");
      const found = [box.querySelector(".citation-line").textContent, box.querySelector("a[href^=http]").href];
      box.querySelector("summary").click();
      return [...found, box.querySelector(".citation-line").checkVisibility()];
    }}""")
    number = opened.call(f"() => document.querySelector('#{FIGURE} .caption-number').textContent.trim()")
    assert number.startswith({"ru": "Рис. 36.", "en": "Fig. 36."}[language])
    assert number in line
    assert line.endswith("CC BY 4.0.")
    assert deed == "https://creativecommons.org/licenses/by/4.0/"
    assert shown


@BOTH
def test_the_citation_is_copied_in_one_line(visit, language):
    text = site_labels(language)
    page = visit(permissions=["clipboard-read", "clipboard-write"]).open(f"{language}/{PAGE}")
    box = page.locator(f"#{FIGURE} + .figure-tools details.figure-cite")
    box.locator("summary").click()
    number = page.locator(f"#{FIGURE} .caption-number").text_content()
    box.get_by_role("button", name=f"{text('figure.copy')} {number}".strip(), exact=True).click()
    page.locator("button", has_text=text("formula.copied")).first.wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == box.locator(".citation-line").inner_text()


@BOTH
def test_every_figure_has_a_row_that_fits_a_phone(visit, language):
    page = visit(viewport={"width": 390, "height": 800}).open(f"{language}/{PAGE}")
    figures = page.locator("figure.bundle:not(.teaser)").count()
    assert figures == page.locator("figure.bundle + .figure-tools").count() >= 5
    for row in page.locator(".figure-tools").all():
        assert row.evaluate("row => row.scrollWidth <= row.clientWidth")


def test_without_scripts_the_files_are_there_and_no_button_does_nothing(visit):
    page = visit(java_script_enabled=False).open(f"en/{PAGE}")
    row = page.locator(f"#{FIGURE} + .figure-tools")
    assert row.locator("a[download]:visible").count() == 3
    assert row.locator("button:visible").count() == 0
