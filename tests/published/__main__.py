"""Fails and names each promise that a built folder does not keep: ``python -m tests.published build/html``."""

import sys
from pathlib import Path

from tests.published.promises import broken

if found := sorted(set(broken(Path(sys.argv[1])))):
    sys.exit("\n".join(["the built folder promises what it does not hold:", *found]))
