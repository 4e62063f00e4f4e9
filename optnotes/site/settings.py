"""What the environment says: where the site stands, and what every kernel gets whatever the reader's settings."""

import os
from pathlib import Path

from optnotes.site.words.text import ROOT

# Instructions of 2013, which every x86 machine of a decade has, and one thread, since a sum depends on how it is split:
# two such machines print the same bytes. Other processors know none of these names.
PINS = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "MKL_CBWR": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "MKL_NUM_THREADS": "1",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OMP_NUM_THREADS": "1",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
    "OPENBLAS_NUM_THREADS": "1",
}


def base_address() -> str:
    """Address of the folder that holds both sites, with a slash at its end; empty where it is not known."""
    address = os.environ.get("OPTNOTES_BASEURL", "")
    return f"{address.rstrip('/')}/" if address else ""


def slot() -> str:
    """Folder of a released version within each language, such as 1.0; empty for the site that follows the sources."""
    return os.environ.get("OPTNOTES_SLOT", "")


def place(language: str) -> str:
    """Folder of the site of one language below the address."""
    return f"{language}/{slot()}".rstrip("/")


def kernel_environment(root: Path) -> dict[str, str]:
    """The arithmetic of one processor, unless ``OPTNOTES_UNPINNED`` is set; no window, our modules, no user's files."""
    settings = str(ROOT / "build" / "settings")
    return {
        **({} if os.environ.get("OPTNOTES_UNPINNED") else PINS),
        "IPYTHONDIR": settings,
        "MPLBACKEND": "agg",
        "MPLCONFIGDIR": settings,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(map(str, dict.fromkeys((root, ROOT)))),
    }
