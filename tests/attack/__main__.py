"""
``python -m tests.attack 3600``: search for that many seconds, with other seeds, and print the nearest misses.

``python -m tests.attack list``: print every statement with its domain and the module that searches it.
"""

import importlib
import sys
import time
from pathlib import Path

from tests.attack.search import Miss, Statement, order


def statements() -> dict[str, Statement]:
    """All statements of the test modules, by module and name."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.attack.{path.stem}")
        found |= {f"{path.stem}.{name}": each for name, each in vars(module).items() if isinstance(each, Statement)}
    return found


def main(seconds: float) -> int:
    """Search until the time is over, at least once; the exit status counts the refuted statements."""
    worst: dict[str, Miss] = {}
    end, seed, known = time.monotonic() + seconds, 0, statements()
    while not worst or time.monotonic() < end:
        seed += 1
        for name, statement in known.items():
            misses = (statement.nearest_miss(seed), worst.get(name))
            worst[name] = min((miss for miss in misses if miss), key=order)
    for name, miss in sorted(worst.items(), key=lambda pair: pair[1].margin):
        print(f"{miss.margin:10.3g}  {name}: {known[name].words}\n            {miss.setting}")
    return sum(miss.margin <= 0 for miss in worst.values())


def describe() -> None:
    """Statement by statement: words, domain, module."""
    for name, statement in statements().items():
        print(f"{name}: {statement.words}")
        for part, values in statement.domain.items():
            print(f"    {part}: {values.describe()}")


if __name__ == "__main__":
    if sys.argv[1] == "list":
        describe()
    else:
        sys.exit(main(float(sys.argv[1])))
