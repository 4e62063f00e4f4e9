"""What stands on a printed sheet, how high, and in what size."""

from collections import Counter

import pypdf


def read(page: pypdf.PageObject) -> tuple[str, list[float], Counter[float]]:
    """Return the words of a sheet, how high above its foot each piece stands, and letters by size, in points."""
    heights: list[float] = []
    sizes: Counter[float] = Counter()

    def note(text: str, matrix: list[float], place: list[float], _: object, size: float) -> None:
        if text.strip():
            heights.append(matrix[1] * place[4] + matrix[3] * place[5] + matrix[5])
            sizes[abs(size * place[3] * matrix[3])] += len(text)

    return page.extract_text(visitor_text=note), heights, sizes
