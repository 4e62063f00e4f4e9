"""Records how far each passing comparison of a test was from failing; a plugin of pytest, without a word in the tests.

The values of a comparison are known to pytest when it explains an assertion, which it also does for those that pass
if asked to (``enable_assertion_pass_hook``). Of every comparison only the closest call in a session is kept.
"""

import json
import linecache
import math
import os
from pathlib import Path
from typing import Any

import torch
from _pytest.assertion import rewrite

ORDERS = ("<", "<=", ">", ">=")
# Relative and absolute tolerance of torch.testing by dtype.
TOLERANCES = {torch.float64: (1e-7, 1e-7), torch.float32: (1.3e-6, 1e-5)}

pending: list[tuple[float, float, float]] = []
closest: dict[str, tuple[float, float, float]] = {}


def number(thing: Any) -> float | None:
    """Return a scalar as a float, and None for anything else."""
    # A tensor that still has its gradient warns when it becomes a float, and warnings are errors here.
    thing = thing.detach() if isinstance(thing, torch.Tensor) else thing
    if isinstance(thing, torch.Tensor | complex) or hasattr(thing, "dtype"):
        return float(thing) if getattr(thing, "ndim", None) == 0 and not getattr(thing.dtype, "is_complex", 0) else None
    return float(thing) if isinstance(thing, int | float) and not isinstance(thing, bool) else None


def compared(left: Any, sign: str, right: Any) -> tuple[float, float, float] | None:
    """Distance to failing, value and limit of one comparison of numbers."""
    if sign == "==" and hasattr(right, "tolerance") and (value := number(left)) is not None:
        return right.tolerance - abs(value - right.expected), value, right.expected
    if sign not in ORDERS or (value := number(left)) is None or (limit := number(right)) is None:
        return None
    return abs(value - limit), value, limit


def keep(key: str, found: tuple[float, float, float]) -> None:
    """Keep the closest call; an infinite distance is none."""
    if math.isfinite(found[0]) and (key not in closest or found[0] < closest[key][0]):
        closest[key] = found


def watching(explain: Any) -> Any:
    """Explain a comparison as pytest does, and remember its numbers."""

    def explained(signs: Any, results: Any, explanations: Any, things: Any) -> Any:
        for left, sign, right in zip(things, signs, things[1:], strict=False):
            if (found := compared(left, sign, right)) is not None:
                pending.append(found)
        return explain(signs, results, explanations, things)

    return explained


def measuring(assert_close: Any) -> Any:
    """Compare as torch.testing does, and remember the share of the tolerance that is left."""

    def close(actual: Any, expected: Any, *, rtol: Any = None, atol: Any = None, **options: Any) -> None:
        assert_close(actual, expected, rtol=rtol, atol=atol, **options)
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" (")[0]
        if isinstance(actual, torch.Tensor) and actual.dtype in TOLERANCES and actual.numel():
            relative, absolute = (rtol, atol) if rtol is not None else TOLERANCES[actual.dtype]
            wanted = torch.as_tensor(expected, dtype=actual.dtype)
            used = (actual - wanted).abs() / (absolute + relative * wanted.abs()).clamp(min=1e-300)
            if math.isfinite(most := used.detach().max().item()):
                keep(f"{test} assert_close {tuple(actual.shape)}", (1 - most, most, 1.0))

    return close


def pytest_configure() -> None:
    """Watch from here on; importing this module alone changes nothing."""
    rewrite._call_reprcompare = watching(rewrite._call_reprcompare)
    torch.testing.assert_close = measuring(torch.testing.assert_close)


def pytest_runtest_setup() -> None:
    """Forget what an assertion that failed has left."""
    pending.clear()


def pytest_assertion_pass(item: Any, lineno: int, orig: str) -> None:
    """Keep the numbers of the assertion that has just passed, if it is the test's own and no library's."""
    if orig.partition("\n")[0] in linecache.getline(str(item.path), lineno):
        for place, found in enumerate(pending):
            keep(f"{item.nodeid}:{lineno}:{place} {orig}", found)
    pending.clear()


def pytest_sessionfinish() -> None:
    """Write what was kept."""
    Path(os.environ["OPTNOTES_MARGINS"]).write_text(json.dumps(closest), encoding="utf-8")
