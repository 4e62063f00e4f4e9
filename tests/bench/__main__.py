"""``python -m tests.bench FOLDER [part …]``: measure in a copy of the repository, print, and write the results."""

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from optnotes.site.text import ROOT
from tests.bench.builds import builds
from tests.bench.formulas import formulas, imports
from tests.bench.pages import pages
from tests.bench.synthetic import SLOPE, scale

PARTS = {
    "pages": pages,
    "imports": imports,
    "formulas": lambda _: formulas(),
    "builds": builds,
    "scale": lambda root: scale(root / "build" / "scale"),
}
RESULTS, SHOWN = ROOT / "build" / "bench.json", ROOT / "docs" / "data" / "bench.yaml"
DIGITS = 3


def shown(rows: Any) -> None:
    """Print a table of equal rows, or a nested result line by line."""
    if isinstance(rows, list):
        print(" | ".join(rows[0]))
        for row in rows:
            print(" | ".join(f"{cell:.4g}" if isinstance(cell, float) else str(cell) for cell in row.values()))
    else:
        for name, value in rows.items():
            print(f"{name}: {value}")


def rounded(value: Any) -> Any:
    """Keep the digits that a second run would give again, more or less."""
    if isinstance(value, dict):
        return {key: rounded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def for_the_site(results: dict[str, Any]) -> dict[str, Any]:
    """Return what the status page shows; build/bench.json holds the rest."""
    machine = {"system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count()}
    kept: dict[str, Any] = {"machine": machine | results["versions"]}
    pages = [row for row in results.get("pages", []) if row["page"][:2].isdigit()]
    if pages:
        kept["pages"] = {f"questions/{row['page']}": row["wall"] for row in pages}
    if "imports" in results:
        torch, beyond = results["imports"]["torch"], results["imports"]["beyond_torch"]
        kept["imports"] = {"torch": torch, "optnotes": torch + beyond}
    return kept


def main(folder: Path, parts: list[str]) -> int:
    """Measure the parts asked for, all by default; the others keep their last results."""
    unknown = set(parts) - set(PARTS)
    if unknown:
        sys.exit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    for name in parts or PARTS:
        print(f"== {name}", flush=True)
        results[name] = rounded(PARTS[name](folder))
        shown(results[name])
        libraries = ("sphinx", "myst-nb", "torch", "numpy", "matplotlib")
        results["versions"] = {"python": platform.python_version(), **{name: version(name) for name in libraries}}
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1), "utf-8")
        SHOWN.write_text(yaml.safe_dump(for_the_site(results), sort_keys=False), "utf-8")
    steep = [f"{name}: {slope}" for name, slope in results.get("scale", {}).get("slopes", {}).items() if slope > SLOPE]
    if steep:
        print(f"steeper than {SLOPE} between the two largest sites:", *steep, sep="\n")
    return int(bool(steep))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
