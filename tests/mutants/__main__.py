"""
Plants faults and prints the share that a check notices: python -m tests.mutants, which nox -s mutants calls.

``python -m tests.mutants tex`` plants one part, ``tex 2/4`` the second quarter of it, ``code "optnotes.penalties.*"``
one family. The exit status says whether each part reaches its bar and each survivor has its reason.
"""

import importlib
import sys
import time

from tests.mutants.report import report

PARTS = ("tex", "code", "words", "drawing")


def main(arguments: list[str]) -> bool:
    part, *rest = arguments or [""]
    if part and part not in PARTS:
        raise SystemExit(f"no part {part!r}: there are {', '.join(PARTS)}")
    good = True
    for name in (part,) if part else PARTS:
        module, begin = importlib.import_module(f"tests.mutants.{name}"), time.perf_counter()
        lines, well = report(module.plant(*rest), module.reasons(), module.BAR, module.FAULTLESS)
        print(f"== {name}, at least {module.BAR:.0%}", *lines, sep="\n")
        print(f"{'good' if well else 'BAD'}, after {time.perf_counter() - begin:.0f} s", flush=True)
        good &= well
    return good


if __name__ == "__main__":
    sys.exit(not main(sys.argv[1:]))
