"""Print the table of planted faults and healthy runs: ``python -m tests.checkup [tuning|reported]``."""

import sys
import warnings

import torch

from tests.checkup.table import measure, written

if __name__ == "__main__":
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message="Using a target size")
    half = sys.argv[1] if len(sys.argv) > 1 else "reported"
    print(written(measure(half, progress=True)))
