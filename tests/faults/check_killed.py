"""A build killed at any moment leaves a state from which the next build gives the right bytes."""

import os
import random
import shutil
import signal
import subprocess
import time

from tests.faults.faultsite import VALUES, differing

POINTS, SEED = 20, 7


def test_the_build_after_a_kill_gives_the_right_bytes(built, right):
    """Every second kill hits a build from nothing, the others one that follows a change of every number."""
    moments = random.Random(SEED)
    start = time.monotonic()
    built.use("after")
    assert built.build_cli()[0] == 0
    longest = time.monotonic() - start
    reached = []
    for point in range(POINTS):
        version = list(VALUES)[point % 2]
        built.use(version)
        if point % 4 > 1:
            built.forget()
            shutil.rmtree(built.cache, ignore_errors=True)
        process = built.start()
        try:
            said, _ = process.communicate(timeout=moments.uniform(0.1, 1) * longest)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            said, _ = process.communicate()
        reached.append((process.returncode, said.splitlines()[-1:]))
        status, said = built.build_cli()
        assert status == 0, said
        assert differing(built.site(), right[version]) == [], (point, reached[-1])
    print(*reached, sep="\n")
    assert sum(status == -signal.SIGKILL for status, _ in reached) > POINTS / 2
