"""Numbers equations and figures by question: (37.2) is the second equation of question 37."""

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

AFTER_SPHINX = 900
QUESTION = re.compile(r"questions/(\d+)-")


def number_by_question(_: Sphinx, env: BuildEnvironment) -> list[str]:
    """Prefix every number with the question's own."""
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


def setup(app: Sphinx) -> None:
    """Run after Sphinx has given its own numbers."""
    app.connect("env-get-updated", number_by_question, priority=AFTER_SPHINX)
