"""What the environment says: where the site stands, and what every kernel gets whatever the reader's settings."""

import os
from pathlib import Path

from optnotes.site.text import ROOT

# One thread, since a sum depends on how it is split.
THREADS = {"MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def base_address() -> str:
    """Address of the folder that holds both sites, with a slash at its end; empty where it is not known."""
    address = os.environ.get("OPTNOTES_BASEURL", "")
    return f"{address.rstrip('/')}/" if address else ""


def kernel_environment(root: Path) -> dict[str, str]:
    """No arithmetic of one processor, unless ``OPTNOTES_UNPINNED`` is set; no window, our modules, no user's files."""
    settings = str(ROOT / "build" / "settings")
    return {
        **({} if os.environ.get("OPTNOTES_UNPINNED") else THREADS),
        "IPYTHONDIR": settings,
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": settings,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(map(str, dict.fromkeys((root, ROOT)))),
    }
