"""The table: how often the planted cause comes first, or among the first three, and how often a healthy run alarms."""

from collections import Counter

from tests.checkup.runs import load, report

SEEDS = {"tuning": range(5), "reported": range(200, 205)}


def place(fault, half, seed):
    """Return the place of the planted cause among the findings, or None, and the findings."""
    causes = [finding.cause for finding in report(fault.plans[half], seed).findings]
    places = [causes.index(cause) + 1 for cause in fault.causes if cause in causes]
    return (min(places) if places else None), causes


def measure(half, progress=False):
    """Run every fault and every healthy plan over all seeds."""
    faults, healthy = load()
    faults = [fault for fault in faults if half in fault.plans]
    rows = {"faults": {}, "healthy": {}}
    for fault in faults:
        found = [place(fault, half, seed) for seed in SEEDS[half]]
        rows["faults"][fault.id] = {
            "about": fault.about,
            "unseen": int(fault.unseen),
            "runs": len(found),
            "first": sum(rank == 1 for rank, _ in found),
            "third": sum(rank is not None and rank <= 3 for rank, _ in found),
        }
        if progress and rows["faults"][fault.id]["first"] < len(found):
            print(fault.id, Counter(str(causes[:4]) for rank, causes in found if rank != 1), flush=True)
    for name, plan in healthy[half].items():
        found = [[finding.cause for finding in report(plan, seed).findings] for seed in SEEDS[half]]
        rows["healthy"][name] = {"runs": len(found), "alarms": sum(bool(each) for each in found)}
        if progress and any(found):
            print(name, Counter(str(each) for each in found if each), flush=True)
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
    """Return the table as text."""
    lines = [
        f"{name:24} {row['first']}/{row['runs']} {row['third']}/{row['runs']}" for name, row in rows["faults"].items()
    ]
    lines += [f"{name:24} {row['alarms']} of {row['runs']}" for name, row in rows["healthy"].items()]
    return "\n".join([*lines, *(f"{name}: {share:.1%}" for name, share in shares(rows).items())])
