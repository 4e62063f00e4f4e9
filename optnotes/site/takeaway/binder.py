"""What Binder reads on the branch that holds the built sites: the version of Python, and the wheel beside the pages."""

from pathlib import Path

from optnotes.site.settings import place
from optnotes.site.takeaway.book import released
from optnotes.site.words.text import LANGUAGES

# Paths start where Binder runs pip, at the top of the branch. Torch without CUDA is enough, and a tenth of the size.
REQUIREMENTS = """--extra-index-url https://download.pytorch.org/whl/cpu
./{place}/_downloads/optnotes-{version}-py3-none-any.whl[notebooks]
"""
PYTHON = "python-3.13"


def write_environment(html: Path) -> None:
    """Write the folder ``binder``."""
    folder = html / "binder"
    folder.mkdir(exist_ok=True)
    requirements = REQUIREMENTS.format(place=place(LANGUAGES[0]), version=released()["version"])
    (folder / "requirements.txt").write_text(requirements, encoding="utf-8")
    (folder / "runtime.txt").write_text(f"{PYTHON}\n", encoding="utf-8")
