"""``python -m tests.contracts``: the worst error of each formula in float64, written for the page for builders."""

import yaml

from optnotes.site.records.records import WORST
from tests.contracts.arguments import FORMULAS
from tests.contracts.test_numerics import BOUND
from tests.contracts.test_precision import MEANS, worst

STEPS = (1, 2, 4, BOUND)
RESERVE = 1.5  # another processor adds in another order


def step(name: str) -> float:
    """The first step that holds with reserve, or else the bound of all."""
    return next((limit for limit in STEPS if worst(name, limit / RESERVE)[0] <= limit / RESERVE), BOUND)


found = {name: MEANS.get(name) or step(name) for name in sorted(FORMULAS)}
WORST.write_text(yaml.safe_dump(found), encoding="utf-8")
