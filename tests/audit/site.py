"""The built sites, the budget, and the programs that measure."""

import json
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.audit.server import CHROMIUM

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
HTML = ROOT / "build" / "html"
MODULES = HERE / "node_modules"
BUDGET: dict[str, Any] = yaml.safe_load((HERE / "budget.yaml").read_text(encoding="utf-8"))

PAGES = sorted(
    path.relative_to(HTML).as_posix() for path in HTML.rglob("*.html") if "_static" not in path.relative_to(HTML).parts
)


def sampled() -> list[str]:
    """Pages for Lighthouse: all, but only the first and the largest of folders that a program fills."""
    folders: dict[str, list[str]] = {}
    for page in PAGES:
        folders.setdefault(page.rpartition("/")[0].partition("/")[2], []).append(page)
    chosen = set(PAGES)
    for name in BUDGET["sampled"]:
        for language in ("ru", "en"):
            pages = [page for page in folders.get(name, []) if page.startswith(f"{language}/")]
            chosen -= set(pages[1:])
            chosen |= set(sorted(pages, key=lambda page: (HTML / page).stat().st_size)[-1:])
    return sorted(chosen)


def lighthouse(address: str, slowdown: float) -> dict[str, Any]:
    """Report of one Lighthouse run on a phone that is ``slowdown`` times slower than this machine."""
    run = subprocess.run(
        [
            *("node", str(MODULES / "lighthouse" / "cli" / "index.js"), address, "--quiet", "--output=json"),
            *(f"--throttling.cpuSlowdownMultiplier={slowdown:.2f}", f"--only-categories={','.join(BUDGET['scores'])}"),
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        ],
        env={**os.environ, "CHROME_PATH": CHROMIUM},
        stdout=subprocess.PIPE,
        check=True,
        timeout=300,
    )
    report: dict[str, Any] = json.loads(run.stdout)
    return report


@cache
def slowdown(address: str) -> float:
    """How much slower the phone is than this machine, as it is loaded now."""
    index = lighthouse(address, 1)["environment"]["benchmarkIndex"]
    return float(min(4.0, max(1.0, index / BUDGET["phone"])))
