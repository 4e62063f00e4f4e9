"""What stands on a printed sheet, and how high."""

import pypdf


def read(page: pypdf.PageObject) -> tuple[str, list[float]]:
    """Return the words of a sheet, and how high above its foot each piece of them stands, in points."""
    heights: list[float] = []

    def note(text: str, matrix: list[float], place: list[float], *_: object) -> None:
        if text.strip():
            heights.append(matrix[1] * place[4] + matrix[3] * place[5] + matrix[5])

    return page.extract_text(visitor_text=note), heights
