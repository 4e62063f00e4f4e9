"""What a run of mutmut found: python -m tests.mutants, which nox -s mutants calls after it."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml

NOTICED = ("killed", "timeout")
REASONS = Path(__file__).with_name("mutants.yaml")


def mutmut(*arguments: str) -> str:
    return subprocess.run(["mutmut", *arguments], check=True, capture_output=True, text=True).stdout


def results() -> dict[str, str]:
    """Name of every mutant that was tried, and its status."""
    lines = (line.strip().rpartition(": ") for line in mutmut("results", "--all", "true").splitlines())
    return {name: status for name, _, status in lines if name and status != "not checked"}


def function(name: str) -> str:
    """``optnotes.penalties.lasso.lambda_max`` of ``optnotes.penalties.lasso.x_lambda_max__mutmut_3``."""
    module, _, mangled = name.rpartition("__mutmut_")[0].rpartition(".")
    return f"{module}.{mangled.removeprefix('x_')}"


def change(diff: str) -> tuple[str, str]:
    """The lines that a mutant takes out and puts in: its number depends on the code around, they do not."""
    lines = [line for line in diff.splitlines() if not line.startswith(("---", "+++"))]
    out, into = ([line[1:].strip() for line in lines if line.startswith(sign)] for sign in "-+")
    return "\n".join(out), "\n".join(into)


def report(statuses: dict[str, str], diffs: dict[str, str], reasons: list[dict[str, str]]) -> tuple[list[str], bool]:
    """Lines to print, and whether enough mutants are noticed and every other one has its reason."""
    counts = Counter(statuses.values())
    noticed, total = sum(counts[status] for status in NOTICED), len(statuses)
    lines = [f"{total} mutants: {counts['killed']} killed, {counts['timeout']} timed out, {total - noticed} survived"]
    known = {(entry["function"], entry["out"], entry["in"]): entry["reason"] for entry in reasons}
    found = {name: (function(name), *change(diff)) for name, diff in diffs.items()}
    lines += [f"{name}: {known.get(key, 'NO REASON GIVEN')}\n{diffs[name]}" for name, key in found.items()]
    tried = {function(name) for name in statuses}
    stale = [key for key in known if key[0] in tried and key not in found.values()]
    lines += [f"{REASONS.name} lists what does not survive: {' | '.join(key)}" for key in stale]
    good = total > 0 and noticed >= 0.95 * total and not stale and set(found.values()) <= set(known)
    return lines, good


if __name__ == "__main__":
    statuses = results()
    diffs = {name: mutmut("show", name) for name, status in statuses.items() if status not in NOTICED}
    lines, good = report(statuses, diffs, yaml.safe_load(REASONS.read_text(encoding="utf-8")) or [])
    print("\n".join(lines))
    sys.exit(not good)
