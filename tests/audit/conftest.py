"""The server, the browser, and the table that is printed at the end."""

import pytest

from tests.audit.server import browsing, serving
from tests.audit.site import HTML, PAGES

ROWS: dict[str, dict[str, object]] = {}
COLUMNS = ("performance", "accessibility", "best-practices", "seo", "FCP", "LCP", "TBT", "CLS")
COLUMNS += ("requests", "KiB before figures", "KiB with figures")


@pytest.fixture(scope="session")
def address():
    """Address of the sites."""
    assert PAGES, "build the sites first: nox -s docs"
    with serving(HTML) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium."""
    with browsing() as browser:
        yield browser


@pytest.fixture
def note():
    """Write measured values into the row of a page."""
    return lambda page, **values: ROWS.setdefault(page, {}).update(values)


def pytest_terminal_summary(terminalreporter):
    """Print one row for each page."""
    if ROWS:
        terminalreporter.section("measured")
        terminalreporter.write_line(" | ".join(("page", *COLUMNS)))
        for page, values in sorted(ROWS.items()):
            terminalreporter.write_line(" | ".join((page, *(str(values.get(name, "")) for name in COLUMNS))))
