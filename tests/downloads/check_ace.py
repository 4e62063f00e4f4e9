"""DAISY's Ace, which libraries and shops ask before they take an EPUB: no failure of any weight."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from optnotes.site.takeaway.pdf import chromium
from optnotes.site.words.text import LANGUAGES
from tests.downloads import site

ACE = Path(__file__).parent / "node_modules" / "@daisy" / "ace-cli" / "bin" / "ace.js"


def failures(report):
    """Yield rule, weight and place of all that failed, however deep in the report."""
    for each in report.get("assertions", []):
        yield from failures(each)
        if "assertions" not in each and each["earl:result"]["earl:outcome"] == "fail":
            test = each["earl:test"]
            yield test["dct:title"], test.get("earl:impact"), each["earl:result"].get("html", "")[:200]


def ace(book, folder):
    """Report on one book; the browser that Ace would fetch is the one that prints the PDF."""
    # A busy machine may need a minute for a page that an idle one reads in a second.
    environment = {"PUPPETEER_EXECUTABLE_PATH": chromium(), "ACE_TIMEOUT_INITIAL": "120000"}
    options = ("--silent", "--doNotReportMedia", "--force", "--timeout", "1200000", "--outdir", str(folder))
    subprocess.run(("node", str(ACE), *options, str(book)), env=os.environ | environment, check=True, timeout=3600)
    return json.loads((folder / "report.json").read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_ace_finds_nothing(language, tmp_path):
    report = ace(site(language) / "_downloads" / f"optnotes-{language}.epub", tmp_path)
    assert len(report["assertions"]) > 10, "every file is looked at"
    assert list(failures(report)) == []
    assert report["earl:result"]["earl:outcome"] == "pass"
    certifier = {"a11y:certifierCredential", "a11y:certifierReport"}  # nobody was asked to certify
    assert set(report["a11y-metadata"]["missing"]) <= certifier
    assert report["a11y-metadata"]["empty"] == []
