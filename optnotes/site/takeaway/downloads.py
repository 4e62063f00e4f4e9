"""``{downloads}``: the files to take away, as far as this build has them, with their sizes."""

from collections.abc import Iterator
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.builders.html import StandaloneHTMLBuilder
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from optnotes.site.formulas.exercises import EXERCISES, load_exercises
from optnotes.site.pages.store import store_of
from optnotes.site.takeaway import notebook
from optnotes.site.words.text import SITE_CATALOGUE, Label, site_labels

FOLDER = "_downloads"
# Label of each kind, and the file under the site of one language.
BOOKS = {
    "pdf": "optnotes-{language}.pdf",
    "epub": "optnotes-{language}.epub",
    "apkg": "optnotes-{language}.apkg",
    "moodle": "optnotes-{language}-moodle.xml",
    "qti": "optnotes-{language}-qti.zip",
    "exercises": "optnotes-{language}-exercises.zip",
    "slides": "optnotes-{language}-slides.zip",
    "wheel": notebook.WHEEL,
}


class download_list(nodes.Element):  # noqa: N801 - docutils names nodes in lower case
    """Files to be listed once they are written."""


class DownloadsDirective(SphinxDirective):
    """List ``notebooks``, ``books``, the ``inventory``, or the ``exercises`` that an archive holds."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Leave a placeholder: sizes are known at the end of the build."""
        if self.arguments[0] not in ("notebooks", "books", "inventory", "exercises"):
            raise self.error(f"downloads: expected notebooks, books, inventory or exercises, got '{self.arguments[0]}'")
        self.env.note_dependency(SITE_CATALOGUE)
        if self.arguments == ["exercises"]:
            return [self._exercises()]
        store_of(self.env).note("indexes", "downloads", self.lineno)
        return [download_list(kind=self.arguments[0])]

    def _exercises(self) -> nodes.bullet_list:
        """Give each exercise its address."""
        self.env.note_dependency(EXERCISES)
        found = nodes.bullet_list()
        for exercise in load_exercises():
            name, language = f"exercise-{exercise.id}", self.config.language
            words = nodes.Text(f" {exercise.title[language]}")
            found += nodes.list_item("", nodes.paragraph("", "", nodes.literal("", exercise.id), words), ids=[name])
        return found


def size(path: Path, text: Label) -> str:
    """Size of a file in words."""
    kilobytes = path.stat().st_size / 1024
    return text("size.kilo", size=kilobytes) if kilobytes < 1000 else text("size.mega", size=kilobytes / 1024)


def books(app: Sphinx) -> dict[str, Path]:
    """File of each kind of book, present or not."""
    return {key: Path(app.outdir) / FOLDER / name.format(language=app.config.language) for key, name in BOOKS.items()}


def forget_books(app: Sphinx, env: BuildEnvironment, docnames: list[str]) -> None:
    """Remove the books of pages that have changed since; the page that lists them is no part of them."""
    if set(docnames) - set(store_of(env).pages_with("downloads")):
        for path in (Path(app.outdir) / FOLDER).glob("optnotes-*"):  # those of other versions, too
            path.unlink()


def wanted(app: Sphinx, kind: str) -> Iterator[tuple[str, Path]]:
    """Yield title and path of every file of one kind, present or not."""
    text = site_labels(app.config.language)
    site = Path(app.outdir)
    if kind == "inventory":
        yield "objects.inv", site / "objects.inv"
    elif kind == "books":
        for key, path in books(app).items():
            yield text(f"download.{key}"), path
    else:
        # Pages with cells; the questions come first.
        for docname in sorted(store_of(app.env).on("numbers"), key=lambda name: ("/" not in name, name)):
            yield app.env.titles[docname].astext(), notebook.file_of(app, docname)


def listing(app: Sphinx, docname: str, kind: str) -> nodes.Element:
    """Return the links to the files that exist."""
    text = site_labels(app.config.language)
    found = nodes.bullet_list(classes=["downloads"])
    up = "../" * docname.count("/")
    for title, path in wanted(app, kind):
        if path.is_file():
            address = up + path.relative_to(app.outdir).as_posix()
            link = nodes.reference("", title, refuri=address, internal=True)
            found += nodes.list_item("", nodes.paragraph("", "", link, nodes.Text(f", {size(path, text)}")))
    return found if len(found) else nodes.paragraph("", text("download.none"))


def fill(app: Sphinx, document: nodes.document, docname: str) -> None:
    """List the files; offer a page's notebook under its title."""
    for node in list(document.findall(download_list)):
        node.replace_self([listing(app, docname, node["kind"])] if app.builder.name == "html" else [])
    path = notebook.file_of(app, docname)
    if app.builder.name == "html" and notebook.runs_away_from_the_site(app.env, docname):
        text = site_labels(app.config.language)
        address = "../" * docname.count("/") + path.relative_to(app.outdir).as_posix()
        line = nodes.paragraph(classes=["take-away", "screen-only"])
        line += nodes.reference("", text("download.notebook"), refuri=address, internal=True)
        line += nodes.Text(f", {size(path, text)}")
        for page in store_of(app.env).pages_with("downloads") if app.config.optnotes_books else ():
            target = app.builder.get_relative_uri(docname, page)
            line += [nodes.Text(" · "), nodes.reference("", text("download.all"), refuri=target, internal=True)]
        title = next(iter(document.findall(nodes.title)))
        title.parent.insert(title.parent.index(title) + 1, line)


def list_again(app: Sphinx, error: Exception | None) -> None:
    """Write the lists anew: notebooks and inventory have come since."""
    builder = app.builder
    # A build that found nothing to do has prepared no writing, and nothing has changed.
    if error is None and isinstance(builder, StandaloneHTMLBuilder) and hasattr(builder, "globalcontext"):
        for docname in store_of(app.env).pages_with("downloads"):
            builder.write_doc(docname, app.env.get_and_resolve_doctree(docname, builder, tags=app.tags))
