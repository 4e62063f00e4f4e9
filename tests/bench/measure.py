"""What a command costs with all its children: wall-clock and processor seconds, and the largest of their memories."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile


@dataclass(frozen=True)
class Cost:
    """Processor seconds are what a loaded machine does not change much."""

    wall: float
    cpu: float
    memory_mb: float
    said: str

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.wall + other.wall,
            self.cpu + other.cpu,
            max(self.memory_mb, other.memory_mb),
            self.said + other.said,
        )

    def row(self) -> dict[str, float]:
        """Return the numbers for a table."""
        return {"wall": round(self.wall, 2), "cpu": round(self.cpu, 2), "memory_mb": round(self.memory_mb)}


def cost(command: Sequence[str], folder: Path, **environment: str) -> Cost:
    """Run a command to its end; a failure ends the measurement."""
    start = time.perf_counter()
    with TemporaryFile() as output:
        settings = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", **environment}
        process = subprocess.Popen(command, cwd=folder, env=settings, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode(errors="replace")
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{said[-4000:]}")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said)


def sphinx(source: Path, language: str, *options: str) -> Cost:
    """Build one language of a site as the session ``docs`` does."""
    command = [sys.executable, "-m", "sphinx", "-nW", "--keep-going", "-j", "auto", "-c", ".", "-t", language]
    folders = ["-d", f"build/doctrees/{language}", f"docs/{language}", f"build/html/{language}"]
    return cost([*command, *folders, *options], source)
