"""Both languages have the same pages with the same skeleton, and the check notices when they part."""

import pytest

from optnotes.site.words.text import DATA, ROOT
from tests.site.pages import ROLE, differences, pages

GOOD = """---
file_format: mystnb
---

(q)=
# Title

Words {eq}`eq-x` and {footcite:p}`Key`.

```{formula} optnotes.penalties.lambda_max
```

```{code-cell}
from examples import x
show(x, x.compute())
```

| Name | Value |
|---|---|
| one | {num}`x.one:.1f` of {num}`x.all` |
| two | {num}`x.two` |
"""


def names(language):
    return [path.relative_to(ROOT / "docs" / language).as_posix() for path in pages(language)]


def test_both_languages_have_the_same_pages():
    assert names("ru") == names("en")
    assert "questions/37-l1-elastic-net.md" in names("ru")


@pytest.mark.parametrize("name", names("ru"))
def test_twins_have_the_same_skeleton(name):
    ru, en = (f"docs/{language}/{name}" for language in ("ru", "en"))
    assert differences((ru, (ROOT / ru).read_text("utf-8")), (en, (ROOT / en).read_text("utf-8"))) == []


@pytest.mark.parametrize("path", [*pages(), *sorted(DATA.rglob("*.yaml"))], ids=lambda path: path.stem)
def test_no_link_has_tex_for_its_words(path):
    """A role shows its words as they are typed, dollar signs and all."""
    roles = ROLE.findall(path.read_text("utf-8"))
    assert [words for _, words in roles if "$" in words] == []


def test_good_twins_pass():
    russian = GOOD.replace("Title", "Заголовок").replace(
        "Words {eq}`eq-x` and {footcite:p}`Key`.", "Слова {footcite:p}`Key`, потом {eq}`eq-x`."
    )
    russian = russian.replace("{num}`x.one:.1f` of {num}`x.all`", "из {num}`x.all` {num}`x.one:.1f`")
    assert differences(("ru.md", russian), ("en.md", GOOD)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("x.compute())", "x.compute() )", "ru.md:15 has 'content show(x, x.compute() )', en.md:15 has"),
        (
            "lambda_max",
            "kkt_violation",
            "ru.md:10 has 'directive {formula} optnotes.penalties.kkt_violation', en.md:10 has",
        ),
        ("(q)=", "(r)=", "ru.md:5 has 'label (r)=', en.md:5 has 'label (q)='"),
        ("# Title", "## Title", "ru.md:6 has 'heading of level 2', en.md:6 has 'heading of level 1'"),
        (
            "{footcite:p}`Key`",
            "",
            "section at ru.md:6 and en.md:6: only in Russian nothing; only in English {footcite:p}",
        ),
        ("mystnb", "other", "ru.md:1 and en.md:1: front matter differs"),
        (
            "```{code-cell}\nfrom examples import x\nshow(x, x.compute())\n```\n",
            "",
            "ru.md:14 has 'row of 2 cells:  | ', en.md:13 has 'directive {code-cell}'",
        ),
        ("| two | {num}`x.two` |\n", "", "en.md:21 has 'row of 2 cells:  | {num}`x.two`', ru.md ends at line 20"),
        ("| two | {num}`x.two` |", "| two {num}`x.two` |", "ru.md:21 has 'row of 1 cells: {num}`x.two`', en.md:21"),
        ("| two | {num}`x.two` |", "| {num}`x.two` | two |", "ru.md:21 has 'row of 2 cells: {num}`x.two` | ', en"),
        ("x.one:.1f", "x.one:.2f", "ru.md:20 has 'row of 2 cells:  | {num}`x.all` {num}`x.one:.2f`', en.md:20"),
        ("|---|---|\n", "", "ru.md:19 has 'row of 2 cells:  | {num}"),
    ],
)
def test_broken_twins_are_named_with_both_lines(old, new, expected):
    (message,) = differences(("ru.md", GOOD.replace(old, new)), ("en.md", GOOD))
    assert message.startswith(expected)
