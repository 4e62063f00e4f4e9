"""Settings shared by all tests."""

import os

import torch
from hypothesis import HealthCheck, settings

# The tensors are small: more threads only wait for each other. Other numbers of them are tried by nox -s machines.
torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))

# No deadline, and no check of the time that arguments take: a busy machine is slow for reasons that are not ours.
UNTIMED = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
# Derandomised: the same commit gives the same verdict on every machine.
settings.register_profile("optnotes", derandomize=True, **UNTIMED)
# Other examples at every run, and many more of them: nox -s fuzz.
settings.register_profile("long", max_examples=2000, print_blob=True, **UNTIMED)
settings.load_profile("optnotes")
