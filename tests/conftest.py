"""Settings shared by all tests."""

import torch
from hypothesis import settings

# The tensors are small: more threads only wait for each other.
torch.set_num_threads(1)

# No deadline: the first call of a torch function is slow for reasons that are not the formula's.
# Derandomised: the same commit gives the same verdict on every machine.
settings.register_profile("optnotes", deadline=None, derandomize=True)
# Other examples at every run, and many more of them: nox -s fuzz.
settings.register_profile("long", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("optnotes")
