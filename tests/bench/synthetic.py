"""Sites of any number of small pages, with the real configuration, theme and extension."""

import math
import shutil
from pathlib import Path
from typing import Any

from examples.build_costs import slope
from optnotes.site.records.records import BUILDS_OF_SCALE
from optnotes.site.words.text import ROOT
from tests.bench.measure import sphinx
from tests.site.minisite import NOTEBOOK

SIZES = (10, 100, 1000)
SLOPE = 1.05
CONF = """
import sys
from pathlib import Path
ROOT = Path({real!r})
sys.path.insert(0, str(ROOT))
import optnotes.site.records.questions
optnotes.site.records.questions.DATA = Path({here!r}) / "data"
__file__ = str(ROOT / "conf.py")
exec(Path(__file__).read_text("utf-8"))
nb_execution_cache_path = str(Path({here!r}) / "build" / "cache")
html_static_path, templates_path = [str(ROOT / "docs" / "_static")], [str(ROOT / "docs" / "_templates")]
bibtex_bibfiles = [str(ROOT / "docs" / "references.bib")]
optnotes_guards = False
html_theme_options["logo"] = {{"text": "bench"}}
"""
PAGE = """
(q{number})=
# Page {number}

(q{number}-answer)=
## Answer

With $\\lambda = {number}$ the weight $w_{{{number}}}$ shrinks by $s^2 / (s^2 + \\lambda)$, see {{eq}}`shrink-{number}`.
The run below gives {{num}}`one_{number}.value:.1f` {{footcite:p}}`Hoerl1970`.
The one before it gave {{num}}`one_{before}.value:.1f`.

```{{math}}
:label: shrink-{number}
w_{{{number}}} = \\frac{{s^2}}{{s^2 + \\lambda}} \\hat w_{{{number}}}
```

```{{code-cell}}
from examples import one_{number}
from optnotes.site.figures.publish import show

show(one_{number}, one_{number}.compute())
```

(q{number}-claims)=
## Claims

```{{claims}} {number}
```

```{{drill}} {number}
```

```{{footbibliography}}
```
"""
EXAMPLE = "def compute():\n    return {number}.5\n\n\ndef numbers(result):\n    return {{'value': result}}\n"
DATA = """claims:
- id: {number}-01
  claim: {{ru: Слова номер {number}., en: Words number {number}.}}
  verdict: imprecise
  correction: {{ru: Точнее так., en: More exactly so.}}
  sources: [Hoerl1970]
  test: tests/claims/test_37.py::test_37_01
drill:
- id: {number}-d1
  level: basic
  kind: recall
  question: {{ru: 'Сколько?', en: 'How much?'}}
  answer: {{ru: Столько., en: That much.}}
"""


def toctree(title: str, label: str, entries: list[str]) -> str:
    """Write a page that lists others."""
    return f"({label})=\n# {title}\n\n```{{toctree}}\n:maxdepth: 1\n\n" + "\n".join(entries) + "\n```\n"


def generate(root: Path, pages: int) -> None:
    """Write a site: parts of chapters of pages, none of which lists more than a few dozen others."""
    shutil.rmtree(root, ignore_errors=True)
    width = max(2, math.ceil(pages ** (1 / 3)))
    files = {"conf.py": CONF.format(real=str(ROOT), here=str(root)), "examples/__init__.py": ""}
    files["constraints.txt"] = (ROOT / "constraints.txt").read_text("utf-8")
    for name in ("docs/_root", "docs/_static"):
        shutil.copytree(ROOT / name, root / name)
    chapters: dict[str, list[str]] = {}
    for number in range(1, pages + 1):
        chapter = f"chapter{(number - 1) // width}"
        chapters.setdefault(chapter, []).append(f"/pages/{number}")
        page = PAGE.format(number=number, before=max(1, number - 1))
        files[f"docs/en/pages/{number}.md"] = NOTEBOOK + page
        files[f"examples/one_{number}.py"] = EXAMPLE.format(number=number)
        files[f"data/{number}.yaml"] = DATA.format(number=number)
    parts: dict[str, list[str]] = {}
    for index, (chapter, entries) in enumerate(chapters.items()):
        files[f"docs/en/{chapter}.md"] = toctree(chapter, chapter, entries)
        parts.setdefault(f"part{index // width}", []).append(f"/{chapter}")
    for part, entries in parts.items():
        files[f"docs/en/{part}.md"] = toctree(part, part, entries)
    files["docs/en/index.md"] = toctree("Home", "home", [f"/{part}" for part in parts] + ["/claims"])
    files["docs/en/claims.md"] = "(claims)=\n# Claims\n\n```{claims-index}\n```\n\n```{footbibliography}\n```\n"
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")


def scale(folder: Path) -> dict[str, Any]:
    """Build each site from nothing, again without a change, and after one word; slopes compare the two largest."""
    rows = []
    for pages in SIZES:
        root = folder / str(pages)
        generate(root, pages)
        costs = {"cold": sphinx(root, "en"), "unchanged": sphinx(root, "en")}
        word = root / "docs" / "en" / "pages" / "1.md"
        word.write_text(word.read_text("utf-8").replace("shrinks by", "soon shrinks by"), "utf-8")
        costs["word"] = sphinx(root, "en")
        rows.append({"pages": pages} | {build: cost.row() for build, cost in costs.items()})
        print(rows[-1], flush=True)
    slopes = {
        f"{build}_{what}": slope([{"pages": row["pages"], what: row[build][what]} for row in rows], what)
        for build in BUILDS_OF_SCALE
        for what in ("wall", "cpu", "memory_mb")
    }
    return {"rows": rows, "slopes": slopes, "limit": SLOPE}
