"""The table: how often the planted cause comes first, or among the first three, and how often a healthy run alarms."""

import os
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import torch

from tests.checkup.runs import load, report

SEEDS = {"tuning": range(5), "reported": range(300, 305)}


def place(fault, half, seed):
    """Return the place of the planted cause among the findings, or None, and the findings."""
    causes = [finding.cause for finding in report(fault.plans[half], seed).findings]
    places = [causes.index(cause) + 1 for cause in fault.causes if cause in causes]
    return (min(places) if places else None), causes


def fault_row(fault, half):
    """Run a fault over all seeds, and say what was named first in its place."""
    found = [place(fault, half, seed) for seed in SEEDS[half]]
    row = {
        "about": fault.about,
        "unseen": int(fault.unseen),
        "runs": len(found),
        "first": sum(rank == 1 for rank, _ in found),
        "third": sum(rank is not None and rank <= 3 for rank, _ in found),
    }
    return row, Counter(str(causes[:4]) for rank, causes in found if rank != 1)


def healthy_row(plan, half):
    """Run a healthy plan over all seeds, and say what was found in it."""
    found = [[finding.cause for finding in report(plan, seed).findings] for seed in SEEDS[half]]
    return {"runs": len(found), "alarms": sum(bool(each) for each in found)}, Counter(
        str(each) for each in found if each
    )


def quiet():
    """Set up a worker."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", message="Using a target size")


def measure(half):
    """Run every fault and every healthy plan over all seeds, on all cores, and print each when it is done."""
    faults, healthy = load()
    work = [("faults", fault.id, fault_row, fault) for fault in faults if half in fault.plans]
    work += [("healthy", name, healthy_row, plan) for name, plan in healthy[half].items()]
    rows = {"faults": {}, "healthy": {}}
    with ProcessPoolExecutor(os.cpu_count(), initializer=quiet) as pool:
        done = [(part, name, pool.submit(act, each, half)) for part, name, act, each in work]
        for part, name, future in done:
            rows[part][name], other = future.result()
            print(name, *(f"{key}: {count}" for key, count in rows[part][name].items()), dict(other) or "", flush=True)
    return rows


def shares(rows):
    """Return the shares of the table in all."""
    faults, healthy = rows["faults"].values(), rows["healthy"].values()
    runs = sum(row["runs"] for row in faults)
    return {
        "first": sum(row["first"] for row in faults) / runs,
        "third": sum(row["third"] for row in faults) / runs,
        "alarms": sum(row["alarms"] for row in healthy) / sum(row["runs"] for row in healthy),
    }


def written(rows):
    """Return the shares as text."""
    return "\n".join(f"{name}: {share:.1%}" for name, share in shares(rows).items())
