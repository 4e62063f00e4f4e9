"""What differs between the languages beyond their words."""

from tests.site.minisite import MiniSite

TEXT = "# Title\n\nОдно — другое — третье, **сила** — не `a — b`.\n\n```text\nc — d\n```\n"


def test_no_line_begins_with_a_source_mark(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Title\n\nAs is known {footcite:p}`Boyd2004` well.\n\n```{footbibliography}\n```\n")
    assert "As is known\xa0<a" in site.build().page("index")


def test_a_place_in_a_source_is_written_in_the_language_of_the_page(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", "# Title\n\nWell known {place}`Theorem 2.1`, {place}`torch.nn.LSTM`, {place}`Kap. 2`.\n")
    build = site.build("ru")
    assert '<span class="place">(теорема\xa02.1)</span>, <span class="place">(torch.nn.LSTM)</span>' in build.page(
        "index"
    )
    assert "place: expected a place, such as 'Section 5.5.3' or 'torch.nn.LSTM', got 'Kap. 2'" in build.warnings


def test_no_russian_line_begins_with_a_dash(tmp_path):
    site = MiniSite(tmp_path)
    site.page("index", TEXT)
    russian, english = (site.build(language).page("index") for language in ("ru", "en"))
    assert "Одно\xa0— другое\xa0— третье, <strong>сила</strong>\xa0— не" in russian
    assert '<span class="pre">a</span> <span class="pre">—</span>' in russian
    assert "c — d" in russian
    assert "\xa0—" not in english
