"""Binder's own program reads the folder that the branch holds; links to it lead to notebooks in that folder."""

import re

import pytest

from optnotes.site.words.text import LANGUAGES
from tests.downloads import HTML, site

LINK = re.compile(r'href="https://mybinder\.org/v2/gh/[^/"]+/[^/"]+/gh-pages\?urlpath=lab/tree/([^"]+)"')
COLAB = re.compile(r'href="https://colab\.research\.google\.com/github/[^/"]+/[^/"]+/blob/gh-pages/([^"]+)"')


@pytest.mark.filterwarnings("ignore:pythonjsonlogger.jsonlogger has been moved:DeprecationWarning")
def test_binder_finds_python_and_the_wheel(monkeypatch):
    from repo2docker.buildpacks import PythonBuildPack  # its first import of an old name is no news

    monkeypatch.chdir(HTML)
    pack = PythonBuildPack("base")
    assert pack.detect()
    assert pack.binder_dir == "binder"
    assert tuple(map(int, pack.python_version.split("."))) >= (3, 11)
    # The wheel lies on the branch, so pip must run after all its files have come.
    assert any(
        'pip install --no-cache-dir -r "binder/requirements.txt"' in line for _, line in pack.get_assemble_scripts()
    )
    assert not any("requirements.txt" in line for _, line in pack.get_preassemble_scripts())


def test_every_link_to_a_notebook_leads_into_the_branch():
    for pattern in (LINK, COLAB):
        for language in LANGUAGES:
            pages = [path.read_text("utf-8") for path in (site(language) / "questions").glob("*.html")]
            found = [pattern.findall(page) for page in pages]
            assert {len(links) for links in found} == {1}
            assert all((HTML / path).is_file() for links in found for path in links)
