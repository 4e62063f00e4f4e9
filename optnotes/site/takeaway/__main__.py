"""Make what readers take away, and what Binder reads: ``python -m optnotes.site.takeaway build/html``."""

import sys
from collections.abc import Callable
from pathlib import Path

from optnotes.site.settings import place
from optnotes.site.takeaway.binder import write_environment
from optnotes.site.takeaway.book import Book, read_book
from optnotes.site.takeaway.cards import write_deck
from optnotes.site.takeaway.downloads import BOOKS
from optnotes.site.takeaway.epub import write_epub
from optnotes.site.takeaway.exercises import write_exercises
from optnotes.site.takeaway.lecture import write_slides
from optnotes.site.takeaway.moodle import write_moodle
from optnotes.site.takeaway.pdf import write_pdf
from optnotes.site.takeaway.qti import write_qti
from optnotes.site.words.text import LANGUAGES

WRITERS: dict[str, Callable[[Book, Path], object]] = {
    "epub": write_epub,
    "pdf": write_pdf,
    "apkg": write_deck,
    "moodle": write_moodle,
    "qti": write_qti,
    "exercises": write_exercises,
    "slides": write_slides,
}


def main(html: Path) -> None:
    """Write the files beside the pages they were made from."""
    for language in LANGUAGES:
        book = read_book(html, language)
        folder = html / place(language) / "_downloads"
        folder.mkdir(exist_ok=True)
        for key, write in WRITERS.items():
            path = folder / BOOKS[key].format(language=language)
            write(book, path)
            print(f"{path}: {path.stat().st_size / 1024:.0f} KB")
    write_environment(html)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
