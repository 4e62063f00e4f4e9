"""Processors that one machine can imitate, by the settings that make its libraries compute as they would there."""

OLD = {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "ONEDNN_MAX_CPU_ISA": "SSE41", "ATEN_CPU_CAPABILITY": "default"}
AVX2 = {"MKL_ENABLE_INSTRUCTIONS": "AVX2", "ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}

VARIANTS: dict[str, dict[str, str]] = {
    "none": {},
    "threads": {"OMP_NUM_THREADS": "2", "MKL_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"},
    "laptop": {**AVX2, "OPENBLAS_CORETYPE": "Haswell"},
    "oldest": {**OLD, "OPENBLAS_CORETYPE": "Nehalem"},
    "compatible": {"MKL_CBWR": "COMPATIBLE"},
    "plain": {"MKL_CBWR": "COMPATIBLE", "ATEN_CPU_CAPABILITY": "default"},
    "mixed": {"MKL_ENABLE_INSTRUCTIONS": "SSE4_2", "OPENBLAS_CORETYPE": "Haswell"},
    # No switch imitates AVX-512 or ARM: see rounding.py.
    "rounding-1": {"OPTNOTES_ROUNDING": "1"},
    "rounding-2": {"OPTNOTES_ROUNDING": "2"},
}
# These two differ most: other instructions in every library, and another rounding of every operation.
SHORT = ("oldest", "rounding-1")


def settings(name: str) -> dict[str, str]:
    """Environment of one variant; nothing in it is pinned, and one thread computes unless it says otherwise."""
    single = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    return {"OPTNOTES_UNPINNED": "1", **single, **VARIANTS[name]}
