"""Serves build/html as a careful host would, and opens it in Chromium."""

import pytest

from optnotes.site.words.text import LANGUAGES, ROOT
from tests.audit.server import browsing, serving
from tests.browser.tabs import BROWSERS, tab

HTML = ROOT / "build" / "html"
SUMMARY = pytest.StashKey[list[str]]()


def pytest_addoption(parser):
    parser.addoption("--drawn", default="*", help="pages whose drawn formulas are checked, such as 'questions/37*'")


def pytest_configure(config):
    config.stash[SUMMARY] = []


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash[SUMMARY]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def address():
    """Where the built sites are served."""
    for language in LANGUAGES:
        assert (HTML / language / "index.html").is_file(), "build the sites first: nox -s docs"
    assert (HTML / "_headers").is_file(), "the policy under test is that of _headers"
    with serving(HTML) as found:
        yield found


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium."""
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module", params=BROWSERS)
def opened(request):
    """A tab of each browser, as wide as a small laptop."""
    with tab(request.param) as found:
        found.resize(1280, 800, 1)
        yield found


class Visit:
    """One page in a fresh browser context, with what it said and asked for."""

    def __init__(self, chromium, address, **options):
        self.address, self.errors, self.requests = address, [], []
        self.context = chromium.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        self.page = self.context.new_page()
        self.page.on("console", lambda said: said.type == "error" and self.errors.append(said.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path):
        """Go to a path of the site and return the page."""
        self.page.goto(f"{self.address}/{path}", wait_until="load")
        return self.page

    def close(self):
        """Nothing that was opened may have complained, or have asked anybody else."""
        self.context.close()
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith(self.address)] == []


@pytest.fixture
def visit(chromium, address):
    """Open pages; the options are those of a browser context."""
    opened = []

    def start(**options):
        opened.append(Visit(chromium, address, **options))
        return opened[-1]

    yield start
    for each in opened:
        each.close()
