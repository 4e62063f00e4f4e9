"""The common style sheet, script and font: nothing that pages use is lost, what stays inline is allowed by name."""

import io
import re
import shutil
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from optnotes.site.lean.css import Sheet, names_of_page, names_of_script
from optnotes.site.lean.mathfont import characters, covered, subset
from tests.site.minisite import MiniSite

DOCS = Path(__file__).parents[2] / "docs"
FONT = DOCS / "_static" / "fonts" / "STIXTwoMath.woff2"
SETTINGS = """
extensions += ["sphinx_copybutton", "optnotes.site.lean.slim"]
templates_path = ["docs/_templates"]
html_static_path = ["docs/_static"]
html_css_files = ["math.css", "text.css", "icons.css", "optnotes.css", "look.css"]
html_js_files = [("language.js", {"defer": "defer"})]
html_theme = "pydata_sphinx_theme"
html_sidebars = {"**": ["course-nav"]}
html_theme_options = {
    "back_to_top_button": False, "disable_search": True, "footer_end": [],
    "footer_start": ["copyright"], "navbar_center": [],
    "navbar_end": ["language-switch", "theme-switcher"], "navbar_persistent": ["search-link"],
    "secondary_sidebar_items": ["page-toc"],
}
"""
HOME = "# Home\n\n$\\frac{a}{b}$\n\n```{toctree}\nquestions/37-page\n```\n"


def reduced(css: str, *names: str) -> str:
    sheet = Sheet({"p", "html", "[data-theme", *names})
    sheet.add(css)
    return str(sheet).replace("\n", "")


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("p { color: red }", "p{color:red}"),
        ("p.a, p.b { color: red }", "p.a{color:red}"),
        ("p:not(.b):hover { color: red }", "p:not(.b):hover{color:red}"),
        ("em { color: red }", ""),
        ("p[title] { color: red }", ""),
        ("#top p { color: red }", ""),
        ("@media print { p { color: red } em { color: red } }", "@media print{p{color:red}}"),
        ("@media print { @supports (a: b) { p { a: b } } } p { c: d }", "@media print{@supports (a: b){p{a:b}}}p{c:d}"),
        ("html { --a: var(--b); --b: 1px; --c: var(--d); --d: 1px } p { width: var(--a) }",
         "html{--a:var(--b);--b:1px}p{width:var(--a)}"),
        ("@keyframes one { from { top: 0 } } @keyframes two { from { top: 0 } } p { animation: one 1s }",
         "@keyframes one{from { top: 0 }}p{animation:one 1s}"),
        ("@font-face { font-family: One; src: url(one.woff2) } p { color: red }", "p{color:red}"),
        ("@font-face { font-family: One; src: url(one.woff2) } p { font-family: One }",
         "@font-face{font-family:One;src:url(one.woff2)}p{font-family:One}"),
        ("@charset 'utf-8'; @import 'x.css'; p { color: red !important }", "p{color:red!important}"),
        (r'p { quotes: "·\a0" }', 'p{quotes:"·\N{NO-BREAK SPACE}"}'),
    ],
)  # fmt: skip
def test_only_what_a_page_can_use_is_kept(css, expected):
    assert reduced(css, ".a") == expected


@pytest.mark.parametrize(
    ("theme", "system"), [("dark", "(prefers-color-scheme:dark)"), ("light", "not all and (prefers-color-scheme:dark)")]
)
def test_without_scripts_the_colours_follow_the_system(theme, system):
    css = reduced(f'html[data-theme="{theme}"] p {{ color: red }} html:not([data-theme]) p {{ color: blue }}')
    rule = f'html[data-theme="{theme}"] p{{color:red}}'
    assert css == f"{rule}@media {system}{{html:not([data-theme]) p{{color:red}}}}"


def test_addresses_follow_the_sheet_that_they_come_from():
    sheet = Sheet({"p"})
    sheet.add("p { a: url('../x.png'); b: url(\"data:image/png;base64,\"); c: url(#d) }", "styles")
    assert str(sheet) == 'p{a:url(x.png);b:url("data:image/png;base64,");c:url(#d)}\n'


def test_broken_style_sheets_are_refused():
    with pytest.raises(ValueError, match="line 1"):
        Sheet(set()).add("p { color: red } }")


def test_names_come_from_pages_and_from_scripts():
    page = '<p class="a b" id="c" hidden>text class="d"</p>'
    assert names_of_page(page) == {"p", "[class", ".a", ".b", "[id", "#c", "[hidden"}
    assert {".active", "#active", "active", "[active"} <= names_of_script('el.classList.add("active")')


def test_the_font_has_what_formulas_show():
    formulas = (
        "<math><mi>x</mi><mi mathvariant='normal'>d</mi><mi>lim</mi><mo>&lt;</mo>"
        "<annotation encoding='application/x-tex'>Q</annotation></math><p>Z</p>"
    )
    assert characters(formulas) == set("𝑥dlim<")
    data = subset(FONT, set("𝑥(′"))
    with TTFont(io.BytesIO(data)) as font:
        assert set("𝑥(′") <= set(map(chr, font.getBestCmap()))
        stretched = font["MATH"].table.MathVariants.VertGlyphConstruction
        assert len(stretched[0].MathGlyphVariantRecord) > 3
        assert len(data) < FONT.stat().st_size / 10
    assert data == subset(FONT, set("′(𝑥"))


def test_the_font_has_what_the_layout_of_a_formula_draws():
    for tag in ("msqrt", "mroot"):
        formula = f'<math><{tag} class="root"><mi>x</mi><mn>3</mn></{tag}></math>'
        assert characters(formula) == set("𝑥3√")
    with TTFont(io.BytesIO(subset(FONT, set("𝑥√")))) as font:
        radical = font["MATH"].table.MathVariants
        assert len(radical.VertGlyphConstruction[0].MathGlyphVariantRecord) > 3  # sizes
        assert radical.VertGlyphConstruction[0].GlyphAssembly.PartRecords  # and the pieces of larger ones


def test_every_letter_that_browsers_slant_exists_in_the_font():
    alphabets = (range(0x41, 0x5B), range(0x61, 0x7B), range(0x391, 0x3A9), range(0x3B1, 0x3CA))
    letters = [chr(code) for alphabet in alphabets for code in alphabet]
    drawn = set().union(*(characters(f"<math><mi>{letter}</mi></math>") for letter in letters))
    assert drawn.isdisjoint(letters)
    assert drawn <= covered(FONT)


@pytest.fixture
def site(tmp_path):
    """A tiny site with the real theme and templates."""
    site = MiniSite(tmp_path)
    site.settings = SETTINGS
    for folder in ("_templates", "_static", "_root"):
        shutil.copytree(DOCS / folder, tmp_path / "docs" / folder)
    site.page("index", HOME)
    site.page("questions/37-page", "# 37. Page\n\nText.\n\n```python\nx = 1\n```\n")
    return site


def pages(built) -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(built.out.rglob("*.html"))}


def test_pages_load_one_style_sheet_and_nothing_inline(site):
    built = site.build()
    assert built.warnings == ""
    for name, html in pages(built).items():
        assert re.findall(r"<style| style=\"| on\w+=\"|<!--", html) == [], name
        (inline,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
        assert f"'sha256-{b64encode(sha256(inline.encode()).digest()).decode()}'" in html
        assert len(re.findall(r'rel="stylesheet"', html)) == 1
        scripts = [Path(src).name.partition("?")[0] for src in re.findall(r'<script[^>]* src="([^"]*)"', html)]
        assert scripts == ["site.js", *(["search.js"] if name == "search.html" else [])]
        assert "default-src 'none'" in html
        assert "frame-ancestors" not in html
        for file in re.findall(r'(?:href|src)="(?:\.\./)?(_static/[^"?]*)', html):
            assert (built.out / file).is_file(), file
    css = (built.out / "_static" / "site.css").read_text("utf-8")
    assert '<pre tabindex="0">' in built.page("questions/37-page")
    assert '"pre",' not in (built.out / "_static" / "site.js").read_text("utf-8")
    assert 'html[data-theme="dark"] .highlight .mi' in css
    assert "html:not([data-theme]) .highlight .mi" in css
    assert "carousel" not in css
    for address in re.findall(r"url\((?![\"']?data:)([^)]*)\)", css):
        assert (built.out / "_static" / address.strip("\"'")).is_file(), address
    assert list(built.out.rglob("*.map")) == []


def test_the_script_makes_no_code_from_strings(site):
    built = site.build("ru")
    script = (built.out / "_static" / "site.js").read_text("utf-8")
    assert "new Function" not in script
    assert "eval(" not in script
    assert "PLURAL_EXPR=(n)=>((n%10==1" in script.replace(" ", "")


def test_the_copyright_is_said_once(site):
    site.settings += 'copyright = "авторы optnotes, 2026"\n'
    assert "© авторы optnotes, 2026." in site.build("ru").page("index")


def test_a_change_of_one_file_reaches_the_links_of_every_page(site):
    before = pages(site.build())
    assert pages(site.build()) == before
    css = site.root / "docs" / "_static" / "optnotes.css"
    css.write_text(css.read_text("utf-8") + ".bd-article { --x: 1; width: var(--x) }\n", "utf-8")
    site.page("questions/37-page", "# 37. Page\n\nOther text: $Q$.\n")
    after = pages(site.build())
    link = re.compile(r"_static/(?:site\.css\?v=|math-)\w{8}")
    assert {html: len(set(link.findall(html))) for html in after.values()} == dict.fromkeys(after.values(), 2)
    assert len({tuple(sorted(set(link.findall(html)))) for html in after.values()}) == 1
    assert not set(link.findall(before["index.html"])) & set(link.findall(after["index.html"]))
    shutil.rmtree(site.root / "html")
    shutil.rmtree(site.root / "doctrees")
    assert pages(site.build()) == after


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$\\text{ა}$", "the math font has no glyph for ა (U+10D0)"),
        ('<i class="fa-solid fa-rocket"></i>', "docs/_static/icons.css has no drawing for '.fa-rocket'"),
    ],
)
def test_what_cannot_be_drawn_is_named(site, text, expected):
    site.page("questions/37-page", f"# 37. Page\n\n{text}\n")
    assert expected in site.build().warnings


def test_words_have_a_face_that_the_site_ships(site):
    built = site.build()
    static = built.out / "_static"
    css = (static / "site.css").read_text("utf-8")
    shipped = sorted(path.name for path in static.glob("*.woff2"))
    assert [name.partition("-")[0] for name in shipped] == ["italic", "math", "regular", "semibold"]
    for name in shipped:
        assert f"url({name})" in css
    preloaded = re.findall(r'rel="preload" href="_static/([^"]*)"', built.page("index"))
    assert sorted(preloaded) == [name for name in shipped if not name.startswith("italic")]
    assert list(static.rglob("*.ttf")) == []


def test_the_menu_has_the_groups_of_the_home_page_and_no_page_of_builders(site):
    site.page(
        "index",
        "# Home\n\n$a$\n\n```{toctree}\n:caption: questions\n\nquestions/37-page\n```\n\n```{toctree}\n\nstatus\n```\n",
    )
    site.page("status", "# For builders\n")
    for language, caption in (("en", "Questions"), ("ru", "Вопросы")):
        page = site.build(language).page("index")
        menu = page[page.index('<nav class="course-nav') :].partition("</nav>")[0]
        assert re.findall(r'<p class="caption"[^>]*>([^<]*)<', menu) == [caption]
        assert re.findall(r'href="([^"]*)"', menu) == ["questions/37-page.html"]
        assert 'href="status.html"' in page[page.index('class="copyright"') :]


def test_the_head_of_a_column_has_words(site):
    site.page("questions/37-page", "# 37. Page\n\n| $\\mu$ | $x_1 < 2$ | word |\n|---|---|---|\n| 1 | 2 | 3 |\n")
    page = site.build().page("questions/37-page")
    assert re.findall(r'<th[^>]*><p><math role="img" aria-label="([^"]*)"', page) == ["μ", "x_1 &lt; 2"]
