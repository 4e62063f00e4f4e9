"""Print the table: ``python -m tests.checkup``; ``tuning`` prints the other half, ``write`` keeps it for the page."""

import sys

import yaml

from optnotes.site.records.records import TRIALS
from tests.checkup.table import measure, shares, written

HEAD = "# How often a check-up names the planted cause: written by `nox -s checkup -- write`, see tests/checkup.\n"

if __name__ == "__main__":
    rows = measure("tuning" if "tuning" in sys.argv else "reported")
    print(written(rows))
    if "write" in sys.argv:
        lists = {part: [{"id": name} | row for name, row in rows[part].items()] for part in rows}
        TRIALS.write_text(HEAD + yaml.safe_dump(lists, sort_keys=False, default_flow_style=None, width=120), "utf-8")
    found = shares(rows)
    sys.exit(not (found["first"] >= 0.9 and found["third"] >= 0.98 and found["alarms"] <= 0.05))
