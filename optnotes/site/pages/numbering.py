"""Numbers equations and figures by question: (37.2) is the second equation of question 37."""

import re
from copy import deepcopy
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

QUESTION = re.compile(r"questions/(\d+)-")


def give_back(_: Sphinx, env: BuildEnvironment) -> list[str]:
    """Let Sphinx find the numbers that it gave: it writes every page again whose numbers differ from its own."""
    env.toc_fignumbers = getattr(env, "optnotes_fignumbers", env.toc_fignumbers)
    return []


def number_by_question(_: Sphinx, env: BuildEnvironment) -> list[str]:
    """Prefix every number with the question's own."""
    env.optnotes_fignumbers = deepcopy(env.toc_fignumbers)  # type: ignore[attr-defined]
    for docname, kinds in env.toc_fignumbers.items():
        found = QUESTION.match(docname)
        if found:
            for numbers in kinds.values():
                restart(numbers, int(found.group(1)))
    return []


def restart(numbers: dict[str, Any], question: int) -> None:
    """Count from one within the page."""
    for index, node_id in enumerate(numbers, 1):
        numbers[node_id] = (question, index)
