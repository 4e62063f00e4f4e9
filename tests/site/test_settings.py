"""What every kernel gets, whatever the settings of the person who builds."""

import json
import os
import subprocess
import sys

import pytest

from optnotes.site.settings import PINS, kernel_environment
from optnotes.site.words.text import ROOT

ASK = """
import json, torch
from numpy._core._multiarray_umath import __cpu_features__ as numpy_uses
print(json.dumps([torch.backends.cpu.get_cpu_capability(), torch.get_num_threads(), numpy_uses["X86_V4"]]))
"""


def arithmetic(environment):
    """Instructions of torch, its threads, and whether NumPy uses AVX-512, in a process of its own."""
    unset = {name: value for name, value in os.environ.items() if name not in PINS}
    done = subprocess.run([sys.executable, "-c", ASK], env=unset | environment, check=True, capture_output=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("theirs", [{}, {"ATEN_CPU_CAPABILITY": "default", "OMP_NUM_THREADS": "2"}])
def test_kernels_compute_as_a_machine_of_2013_with_one_thread(theirs, monkeypatch):
    monkeypatch.delenv("OPTNOTES_UNPINNED", raising=False)
    here, _, _ = arithmetic({})
    expected = "AVX2" if here == "AVX512" else here
    assert arithmetic(theirs | kernel_environment(ROOT)) == [expected, 1, False]


def test_other_processors_can_be_imitated(monkeypatch):
    monkeypatch.setenv("OPTNOTES_UNPINNED", "1")
    assert not PINS.keys() & kernel_environment(ROOT).keys()
