"""What a page's cell calls: shows an example's figure and hands its numbers to the prose."""

from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

from optnotes.site.explore import explorer_bundle
from optnotes.site.figures import bundle
from optnotes.site.text import catalogue_path, labels

MIME = "application/vnd.optnotes.result+json"


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
    data = {MIME: published, "text/plain": "\n".join(f"{name} = {value:.6g}" for name, value in numbers.items())}
    words = partial(labels, catalogue_path(slug))
    if hasattr(example, "figure"):
        published["figure"] = bundle(lambda text, theme: example.figure(result, text, theme), words, numbers)
        data["image/svg+xml"] = published["figure"]["en"]["svg"]["light"]
    if hasattr(example, "explore"):
        published["explorer"] = explorer_bundle(example.explore(result), words)
    return Published(data)
