"""A third language needs data and pages, and not one line of code: a copy of the sources builds a site in it."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import yaml
from babel.messages.pofile import read_po, write_po
from jsonschema import Draft202012Validator

from optnotes.site.words.text import ROOT

NEW = "eo"
SOURCES = (
    "optnotes",
    "docs/data",
    "docs/locale",
    "docs/_templates",
    "docs/_root",
    "tests",
    "constraints.txt",
    "CITATION.cff",
)
LANGUAGE = """eo:
  name: Esperanto
  territory: PL
  citation: APA
  counterpart: en
  twin: Ĉi tiu paĝo en Esperanto
  read: Legi en Esperanto
  lost: Ĉe tiu adreso estas nenio.
  contents: Enhavo
  search: serĉo
  number: 1'234·5
  power: 2∙10⁵
  share: 5 %
"""
PAGE = """---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
  language: python
---
# 37. Page

```{formula} optnotes.penalties.lambda_max
```

See {eq}`eq-lambda-max`, {other}`overfitting`, {num}`sample.x:,.1f`.

```{code-cell}
from examples import sample
from optnotes.site.figures.publish import show

show(sample, None)
```

```{footbibliography}
```
"""
EXAMPLE = """def numbers(result):
    return {"x": 12345.5}


def figure(result, text, theme):
    from matplotlib.figure import Figure

    drawn = Figure()
    drawn.subplots().plot([0.25, 0.75], [1, 2], label=text("line"))
    drawn.legend()
    return drawn
"""
SCRIPT = """
import json, sys
from pathlib import Path
from optnotes.site.chrome.root import write_root
from optnotes.site.words.text import LANGUAGES
from tests.site.minisite import MiniSite

folder, page, example = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
site = MiniSite(folder / "site")
site.page("index", "# Home\\n\\n```{toctree}\\nquestions/37-page\\n```\\n", *LANGUAGES)
site.page("questions/37-page", page, *LANGUAGES)
site.write("examples/sample.py", example)
site.write("_templates/language-switch.html", (folder / "docs/_templates/language-switch.html").read_text("utf-8"))
site.settings = 'html_sidebars = {"**": ["language-switch.html"]}\\n'
built = {language: site.build(language) for language in LANGUAGES}
write_root(folder / "site" / "html", "https://example.org/")
home = (folder / "site" / "html" / "index.html").read_text("utf-8")
said = {code: [each.warnings, each.page("questions/37-page")] for code, each in built.items()}
lists = [json.loads((built["eo"].out / name).read_text("utf-8")) for name in ("schema.json", "formulas.json")]
print(json.dumps([home, said, lists]))
"""


def with_new(value):
    """A catalogue in which all that is said in the known languages is also said in the new one."""
    if isinstance(value, dict):
        known = set(value) == {"ru", "en"}
        return {key: with_new(each) for key, each in value.items()} | ({NEW: marked(value["en"])} if known else {})
    return [with_new(each) for each in value] if isinstance(value, list) else value


def marked(value):
    """What stands for a translation."""
    if isinstance(value, dict):
        return {key: marked(each) for key, each in value.items()}
    return [marked(each) for each in value] if isinstance(value, list) else f"ŝ{value}"


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("third")
    for name in SOURCES:
        source = ROOT / name
        copy = shutil.copytree if source.is_dir() else shutil.copy
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        copy(source, folder / name)
    for path in (folder / "docs" / "data").rglob("*.yaml"):
        found = with_new(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader))
        path.write_text(yaml.dump(found, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), "utf-8")
    words = {key: {"ru": "а", "en": key, NEW: f"ŝ{key}"} for key in ("alt", "caption", "line")}
    (folder / "docs" / "data" / "text" / "sample.yaml").write_text(json.dumps(words, ensure_ascii=False), "utf-8")
    for path in sorted((folder / "docs" / "locale" / "ru").rglob("*.po")):
        catalogue = read_po(path.read_text("utf-8").splitlines())
        for message in filter(lambda message: message.id, catalogue):
            message.string = f"ŝ{message.id}"
        new = folder / "docs" / "locale" / NEW / path.relative_to(folder / "docs" / "locale" / "ru")
        new.parent.mkdir(parents=True, exist_ok=True)
        with new.open("wb") as file:
            write_po(file, catalogue)
    with (folder / "optnotes" / "site" / "words" / "languages.yaml").open("a", encoding="utf-8") as languages:
        languages.write(LANGUAGE)
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), PAGE, EXAMPLE],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_each_language_builds_without_a_warning(built):
    _, said, _ = built
    assert list(said) == ["ru", "en", NEW]
    assert {code: warnings for code, (warnings, _) in said.items()} == dict.fromkeys(said, "")


def test_words_and_numbers_are_those_of_the_new_language(built):
    _, said, _ = built
    page = said[NEW][1]
    assert f'<html lang="{NEW}"' in page
    assert "12'345·5" in page
    assert "ŝalt" in page
    assert "ŝcaption" in page
    assert "ŝConvention" in page
    assert '<span class="other-term" lang="en">overfitting</span>' in page


def test_its_list_for_programs_keeps_the_schema(built):
    *_, (schema, found) = built
    assert [error.message for error in Draft202012Validator(schema).iter_errors(found)] == []
    (formula,) = found["formulas"]
    assert (found["language"], formula["id"]) == (NEW, "eq-lambda-max")
    assert formula["summary"].startswith("ŝ")


@pytest.mark.parametrize(("language", "others"), [("ru", ("en", NEW)), ("en", ("ru", NEW)), (NEW, ("ru", "en"))])
def test_each_page_leads_to_the_others(built, language, others):
    _, said, _ = built
    for other in others:
        assert f'href="../../{other}/questions/37-page.html" lang="{other}"' in said[language][1]
        assert f'hreflang="{other}" href="https://example.org/{other}/questions/37-page.html"' in said[language][1]


def test_the_page_of_choice_offers_three(built):
    home, *_ = built
    for code in ("ru", "en", NEW):
        assert f'href="{code}/index.html" hreflang="{code}" lang="{code}"' in home
        assert f'hreflang="{code}" href="https://example.org/{code}/index.html"' in home
