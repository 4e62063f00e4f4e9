"""A site of a few pages with cells, equations, quoted numbers and a figure, built by the real command."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.site.minisite import CONF, NOTEBOOK, MiniSite

PRINT = NOTEBOOK + "# Страница {name}\n\n```{{code-cell}}\nfrom examples import {name}\nprint({name}.VALUE)\n```\n"
SHOW = """# Рисунок

$\\lambda = 1$

```{code-cell}
from examples import lasso_path
from optnotes.site.figures.publish import show

show(lasso_path, lasso_path.compute())
```
"""
# It has the name of an example of the real site, so it has words to draw with.
FIGURE = """from optnotes.site.figures.style import new_figure
from examples import shared

def compute():
    return shared.VALUE

def numbers(result):
    return {"value": result, "entry_bp": result, "entry_s3": result, "kept_at_tenth": 3}

def figure(result, text, theme):
    drawn, axes = new_figure()
    axes.plot([0, result])
    axes.set(title=text("weight"), xlabel=text("strength"), ylabel="ёж")
    return drawn
"""
HOME = "# Ёж\n\nЧисло {num}`lasso_path.value:.2f`.\n\n```{toctree}\none\ntwo\nfigure\n```\n"
VALUES = {"before": 11.5, "after": 23.25}


class FaultSite(MiniSite):
    """Pages in Russian, in which a slip of an encoding shows."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.html, self.doctrees, self.cache = root / "html", root / "doctrees", root / "cache"
        self.write("conf.py", CONF.format(root=root, language="ru", guards=False) + 'nb_output_stderr = "error"\n')
        shutil.copy(Path(__file__).with_name("injected.py"), root / "sitecustomize.py")
        self.page("index", HOME, "ru")
        self.page("figure", NOTEBOOK + SHOW, "ru")
        self.write("examples/lasso_path.py", FIGURE)
        for offset, name in enumerate(("one", "two")):
            self.page(name, PRINT.format(name=name), "ru")
            self.write(f"examples/{name}.py", f"from examples import shared\nVALUE = shared.VALUE + {offset}\n")
        self.use("before")

    def use(self, version: str) -> None:
        """Put one of two contents in place: every number and every figure differs between them."""
        self.write("examples/shared.py", f"VALUE = {VALUES[version]}\n")

    def start(self, fault: str = "", **options: Any) -> subprocess.Popen[str]:
        """Start a build in a process group of its own."""
        environment = {**os.environ, **options.pop("env", {}), "FAULT": fault}
        environment["PYTHONPATH"] = os.pathsep.join([str(self.root), environment.get("PYTHONPATH", "")])
        command = [sys.executable, "-m", "sphinx", "-nW", "--keep-going", "-j", "2", "-c", str(self.root)]
        folders = [str(self.doctrees), str(self.root / "docs" / "ru"), str(self.html)]
        return subprocess.Popen(
            [*command, "-d", *folders],
            env=environment,
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            **options,
        )

    def build_cli(self, fault: str = "", **options: Any) -> tuple[int, str]:
        """Build to the end; exit status and everything that was said."""
        process = self.start(fault, **options)
        said, _ = process.communicate(timeout=900)
        return process.returncode, said

    def forget(self) -> None:
        """Remove everything that was built, but not the cache of executed pages."""
        for folder in (self.html, self.doctrees, self.root / "jupyter_execute"):
            shutil.rmtree(folder, ignore_errors=True)

    def site(self) -> dict[str, bytes]:
        """Every file of the site and of its figures."""
        folders = (self.html, self.root / "jupyter_execute")
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


def differing(site: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Names of the files that differ, so that a failure stays short."""
    return sorted(name for name in site.keys() | expected.keys() if site.get(name) != expected.get(name))
