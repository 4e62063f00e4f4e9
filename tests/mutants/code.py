"""Formulas broken by mutmut; ``python -m tests.mutants.code`` is mutmut itself, let into decorated formulas."""

import fnmatch
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.mutants import report
from tests.mutants.report import Planted, slice_of

BAR = 0.99
FAULTLESS = True  # its reasons show that the value stays the same
NOTICED = ("killed", "timeout")
ROOT = Path(__file__).parents[2]


def modules() -> list[str]:
    """Modules of formulas, by name; the site has broken twins, and `checkup` a table of its own of planted faults."""
    paths = (path.relative_to(ROOT).with_suffix("") for path in (ROOT / "optnotes").rglob("*.py"))
    names = (path.parts for path in paths if path.parts[1] not in ("site", "checkup") and path.name != "__init__")
    return sorted(".".join(parts) for parts in names)


def plant(which: str = "") -> Iterator[Planted]:
    """Mutants of all modules, of a part ``k/n`` of them, or of those whose names fit a pattern."""
    chosen = slice_of(modules(), which) if "/" in which or not which else [which]
    subprocess.run([sys.executable, "-m", "tests.mutants.code", "run", *(f"{name}*" for name in chosen)], check=True)
    for name, status in results().items():
        if any(fnmatch.fnmatch(name, f"{each}*") for each in chosen):
            noticed = status in NOTICED
            shown = "" if noticed else f"{status}\n{mutmut('show', name)}"
            key = (function(name),) if noticed else (function(name), *change(shown))
            yield Planted(name.partition(".x")[0], key, noticed, shown)


def reasons() -> dict[tuple[str, ...], str]:
    return report.reasons("code", "function", "out", "in")


def mutmut(*arguments: str) -> str:
    command = [sys.executable, "-m", "tests.mutants.code", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


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


def enter_formulas() -> None:
    """Let mutmut change what ``@formula`` decorates: it leaves every other decorator alone, and so do we."""
    import libcst as cst
    from mutmut.mutation import file_mutation

    def decorated(node: cst.CSTNode) -> bool:
        return isinstance(node, cst.FunctionDef) and [
            isinstance(each.decorator, cst.Name) and each.decorator.value == "formula" for each in node.decorators
        ] == [True]

    visitor = file_mutation.MutationVisitor
    skip, arrange = visitor._skip_node_and_children, file_mutation.function_trampoline_arrangement

    def entered(self, node):
        return skip(self, node.with_changes(decorators=[]) if decorated(node) else node)

    def arranged(of, mutants, class_name):
        # The face keeps the decorator, which checks arguments and result; the bodies behind it are bare.
        declared, nodes, assigned, names = arrange(of, mutants, class_name)
        if decorated(of):
            nodes = [nodes[0], *(node.with_changes(decorators=[]) for node in nodes[1:])]
        return declared, nodes, assigned, names

    visitor._skip_node_and_children = entered
    file_mutation.function_trampoline_arrangement = arranged


if __name__ == "__main__":
    from mutmut.__main__ import cli

    enter_formulas()
    cli()
