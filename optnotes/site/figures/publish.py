"""What cells call: shows an example's figure; on a page it also hands the numbers to the prose."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from matplotlib.figure import Figure

from optnotes.site.figures.explore import explorer_bundle
from optnotes.site.figures.style import Theme, bundle, drawn
from optnotes.site.renderer import MIME
from optnotes.site.words.text import Label, Language, catalogue_path, labels, spoken


@dataclass(frozen=True)
class Published:
    """One cell output: numbers, the figure in all renderings, and plain fallbacks for other notebook readers."""

    data: dict[str, Any]

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return self.data


def show(example: ModuleType, result: Any) -> Published:
    """Publish an example's numbers and, where it has them, its figure and its explorer."""
    slug = example.__name__.rpartition(".")[2]
    numbers = example.numbers(result)
    published: dict[str, Any] = {"slug": slug, "numbers": numbers}
    data = {MIME: published, "text/plain": listing(numbers)}
    words = partial(labels, catalogue_path(slug))
    if hasattr(example, "figure"):
        published["figure"] = bundle(lambda text, theme: example.figure(result, text, theme), words, numbers)
        data["image/svg+xml"] = published["figure"]["en"]["svg"]["light"]
    if hasattr(example, "explore"):
        published["explorer"] = explorer_bundle(example.explore(result), words)
    return Published(data)


def present(
    language: Language,
    numbers: Mapping[str, float],
    draw: Callable[[Label, Theme], Figure] | None = None,
    words: Mapping[str, str] | None = None,
) -> Published:
    """Show numbers and figure in a notebook away from the site, which brings the words of the figure itself."""
    data: dict[str, Any] = {"text/plain": listing(numbers)}
    if draw is not None:
        data["image/svg+xml"] = drawn(draw, spoken(words or {}, language), language, "light")
    return Published(data)


def listing(numbers: Mapping[str, float]) -> str:
    """One number a line."""
    return "\n".join(f"{name} = {value:.6g}" for name, value in numbers.items())
