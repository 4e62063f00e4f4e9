"""A build killed at any moment leaves a state from which the next build gives the right bytes."""

import os
import random
import shutil
import signal
import time
from itertools import islice

from tests.faults.faultsite import VALUES, differing

POINTS, SEED, PAUSE = 20, 7, 0.4


def killed(process, lines, pause):
    """Kill a build and all its children once it has said so many lines, and a moment later; return its last one."""
    said = list(islice(process.stdout, lines))
    time.sleep(pause)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return said[-1].strip()


def test_the_build_after_a_kill_gives_the_right_bytes(built, right):
    """Every second pair of kills hits builds from nothing, the others builds that follow a change of every number."""
    moments = random.Random(SEED)
    built.use("after")
    status, said = built.build_cli()
    assert status == 0, said
    first, last = (said[: said.index(word)].count("\n") for word in ("optnotes: executing", "build succeeded"))
    for point in range(POINTS):
        version = list(VALUES)[point % 2]
        built.use(version)
        if point % 4 > 1:
            built.forget()
            shutil.rmtree(built.cache, ignore_errors=True)
        process = built.start(env={"PYTHONUNBUFFERED": "1"})
        reached = killed(process, moments.randint(first, last), moments.uniform(0, PAUSE))
        print(process.returncode, reached)
        status, said = built.build_cli()
        assert status == 0, said
        assert differing(built.site(), right[version]) == [], (point, reached)
