"""What a command costs with all its children: wall-clock and processor seconds, and the largest of their memories."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

# A process starts with the peak memory of the one that started it: a small one stands between.
LEAN = """
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
os.write(int(sys.argv[1]), f"{used.ru_utime + used.ru_stime} {used.ru_maxrss}".encode())
sys.exit(code)
"""


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
    with TemporaryFile() as output, TemporaryFile() as usage:
        settings = {**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", **environment}
        process = subprocess.run(
            [sys.executable, "-S", "-c", LEAN, str(usage.fileno()), *command],
            cwd=folder,
            env=settings,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[usage.fileno()],
            check=False,
        )
        wall = time.perf_counter() - start
        output.seek(0)
        said = output.read().decode(errors="replace")
        usage.seek(0)
        cpu, memory = map(float, usage.read().split() or (0, 0))
    if process.returncode:
        sys.exit(f"{' '.join(command)}\n{said[-4000:]}")
    return Cost(wall, cpu, memory / 1024, said)


def sphinx(source: Path, language: str, *options: str) -> Cost:
    """Build one language of a site as the session ``docs`` does."""
    command = [sys.executable, "-m", "sphinx", "-nW", "--keep-going", "-j", "auto", "-c", ".", "-t", language]
    folders = ["-d", f"build/doctrees/{language}", f"docs/{language}", f"build/html/{language}"]
    return cost([*command, *folders, *options], source)
