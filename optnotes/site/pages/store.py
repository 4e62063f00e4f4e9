"""What the pages declare while they are read: formulas shown, numbers computed and quoted, claims judged."""

from collections.abc import Iterable, Set
from typing import Any, ClassVar, cast

from sphinx.application import Sphinx
from sphinx.domains import Domain
from sphinx.environment import BuildEnvironment

# Groups of the menu with their pages and titles, and the listed page that each page stands below.
Course = tuple[list[tuple[str, list[tuple[str, str]]]], dict[str, str]]
KINDS = ("formulas", "derivations", "numbers", "quotes", "claims", "indexes", "explorers", "figures", "anchors")


class Store(Domain):
    """Declarations by kind and page, kept with the environment and merged after a parallel read."""

    name = "optnotes"
    label = "optnotes"
    data_version = 4
    initial_data: ClassVar[dict[str, Any]] = {kind: {} for kind in KINDS}
    course: Course = ([], {})

    def note(self, kind: str, key: str, value: Any) -> None:
        """Declare ``key`` on the page being read."""
        self.data[kind].setdefault(self.env.current_document.docname, []).append((key, value))

    def on(self, kind: str) -> dict[str, list[tuple[str, Any]]]:
        """All declarations of one kind, by page."""
        return cast(dict[str, list[tuple[str, Any]]], self.data[kind])

    def pages_with(self, index: str) -> list[str]:
        """Pages that declare an index of this kind."""
        return [docname for docname, found in self.on("indexes").items() if any(key == index for key, _ in found)]

    def numbers(self) -> dict[str, float]:
        """Every published number under ``example.name``."""
        return {key: value for declared in self.on("numbers").values() for key, value in declared}

    def clear_doc(self, docname: str) -> None:
        """Forget a page that will be read again."""
        for kind in KINDS:
            self.data[kind].pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what a parallel reader declared."""
        for kind in KINDS:
            self.data[kind].update({doc: found for doc, found in otherdata[kind].items() if doc in docnames})


def store_of(env: BuildEnvironment) -> Store:
    """Return the store of this build."""
    return cast(Store, env.domains["optnotes"])


def pages_with_changed_numbers(_: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    """Write again the pages that quote a number which another page has just recomputed."""
    store = store_of(env)
    now = store.numbers()
    before = getattr(env, "optnotes_numbers", {})
    env.optnotes_numbers = now  # type: ignore[attr-defined]
    return [
        doc for doc, quotes in store.on("quotes").items() if any(now.get(key) != before.get(key) for key, _ in quotes)
    ]
