"""
A second record of the sources: when and where they appeared, and which claims they are cited for.

``docs/references.bib`` is typed by hand, and so is the list of sources of a claim; ``sources.yaml`` holds both once
more, by source. An editor who mistypes a page or exchanges two keys would have to do so in both files.
``python -m tests.words`` writes it and prints what has changed.
"""

from pathlib import Path
from typing import Any

import yaml
from pybtex.database import parse_file

from optnotes.site.records.questions import load_question

RECORD = Path(__file__).with_name("sources.yaml")
FIELDS = ("year", "volume", "number", "pages", "doi", "eprint", "url")


def found(root: Path) -> dict[str, dict[str, Any]]:
    """What the bibliography and the claims of a copy of the repository say."""
    entries = parse_file(str(root / "docs" / "references.bib")).entries
    record: dict[str, dict[str, Any]] = {
        key: {field: entry.fields[field] for field in FIELDS if field in entry.fields} | {"claims": []}
        for key, entry in entries.items()
    }
    for path in sorted((root / "docs" / "data").glob("[0-9]*.yaml")):
        for claim in load_question(path).claims:
            for key in claim.sources:
                record.setdefault(key, {"claims": []})["claims"].append(claim.id)
    return record


def recorded() -> dict[str, dict[str, Any]]:
    """The second record."""
    return dict(yaml.load(RECORD.read_text("utf-8"), yaml.CBaseLoader))


def changed(now: dict[str, dict[str, Any]], then: dict[str, dict[str, Any]]) -> list[str]:
    """Sources of which the two records differ."""
    return sorted(key for key in now.keys() | then.keys() if now.get(key) != then.get(key))


def dated(key: str, fields: dict[str, Any]) -> bool:
    """Whether the year is that of the key, and no earlier than the arXiv number nor five years later."""
    year = int(fields["year"])
    told = "".join(letter for letter in key if letter.isdigit())
    number = fields.get("eprint", "")
    first = 2000 + int(number[:2]) if number[:4].isdigit() else year
    return told in ("", fields["year"]) and first <= year <= first + 5
