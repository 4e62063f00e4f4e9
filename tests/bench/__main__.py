"""``python -m tests.bench FOLDER [part …]``: measure in a copy of the repository, print, and write the results."""

import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

from optnotes.site.records.records import BENCH, BUILDS, BUILDS_OF_SCALE
from optnotes.site.words.text import ROOT
from tests.bench.builds import builds
from tests.bench.formulas import GOAL as TIMES
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
RESULTS = ROOT / "build" / "bench.json"
LIBRARIES = ("sphinx", "myst-nb", "torch", "numpy", "matplotlib")
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
    torch, beyond = results["imports"]["torch"], results["imports"]["beyond_torch"]
    costs = {name: results["builds"][name] for name in BUILDS}
    builds = [
        {"id": name, "seconds": row["wall"], "ratio": row["ratio"], "goal": row["goal"]}
        | ({"pages": row["pages_read"], "cells": row["cells"]} if "cells" in row else {})
        for name, row in costs.items()
    ]
    scale = [
        {"pages": row["pages"]}
        | {name: row[name]["wall"] for name in BUILDS_OF_SCALE}
        | {"mebibytes": max(row[name]["memory_mb"] for name in BUILDS_OF_SCALE)}
        for row in results["scale"]["rows"]
    ]
    return {
        "machine": results["machine"],
        "pages": {f"questions/{row['page']}": row["wall"] for row in results["pages"] if row["page"][:2].isdigit()},
        "builds": builds,
        "scale": scale,
        "imports": {"torch": torch, "optnotes": torch + beyond},
        "formulas": [{key: row[key] for key in ("formula", "against", "ratio")} for row in results["formulas"]],
    }


def too_dear(results: dict[str, Any]) -> list[str]:
    """Describe what is past its goal."""
    found = []
    for name, row in results.get("builds", {}).items():
        if name in BUILDS and row["ratio"] > row["goal"]:
            found.append(f"{name} takes {row['ratio']} times its measure, more than {row['goal']}")
    for row in results.get("formulas", []):
        if row["against"].startswith("torch.") and row["ratio"] > TIMES:
            found.append(f"{row['formula']} takes {row['ratio']} times as long as {row['against']}, more than {TIMES}")
    for name, slope in results.get("scale", {}).get("slopes", {}).items():
        if slope > SLOPE:
            found.append(f"{name} grows as the number of pages to the power {slope}, more than {SLOPE}")
    return found


def main(folder: Path, parts: list[str]) -> int:
    """Measure the parts asked for, all by default; the status page is written once all are there."""
    unknown = set(parts) - set(PARTS)
    if unknown:
        sys.exit(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    machine = {"system": f"{platform.system()} {platform.machine()}", "cores": os.cpu_count()}
    machine |= {"python": platform.python_version(), **{name: version(name) for name in LIBRARIES}}
    results: dict[str, Any] = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    if results.get("machine") != machine:
        results = {"machine": machine}
    for name in parts or PARTS:
        print(f"== {name}", flush=True)
        results[name] = rounded(PARTS[name](folder))
        shown(results[name])
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(results, indent=1), "utf-8")
    missing = [name for name in PARTS if name not in results]
    if missing:
        print(f"the status page keeps its numbers until these are measured too: {', '.join(missing)}")
    else:
        BENCH.write_text(yaml.safe_dump(for_the_site(results), sort_keys=False), "utf-8")
    found = too_dear(results)
    print(*found, sep="\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
