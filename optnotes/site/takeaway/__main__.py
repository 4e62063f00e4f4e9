"""Make books and cards of every language, and what Binder reads: ``python -m optnotes.site.takeaway build/html``."""

import sys
from pathlib import Path

from optnotes.site.takeaway.binder import write_environment
from optnotes.site.takeaway.book import read_book
from optnotes.site.takeaway.cards import write_deck
from optnotes.site.takeaway.epub import write_epub
from optnotes.site.takeaway.pdf import write_pdf
from optnotes.site.text import LANGUAGES


def main(html: Path) -> None:
    """Write the files beside the pages they were made from."""
    for language in LANGUAGES:
        book = read_book(html, language)
        folder = html / language / "_downloads"
        folder.mkdir(exist_ok=True)
        for suffix, write in (("epub", write_epub), ("pdf", write_pdf), ("apkg", write_deck)):
            path = folder / f"optnotes-{language}.{suffix}"
            write(book, path)
            print(f"{path}: {path.stat().st_size / 1024:.0f} KB")
    write_environment(html)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
