"""The right bytes: each content of the small site, built once without any fault."""

import pytest

from tests.faults.faultsite import VALUES, FaultSite


@pytest.fixture(scope="session")
def right(tmp_path_factory):
    site = FaultSite(tmp_path_factory.mktemp("right"))
    found = {}
    for version in VALUES:
        site.use(version)
        site.forget()
        status, said = site.build_cli()
        assert status == 0, said
        found[version] = site.site()
    assert found["before"] != found["after"]
    return found


@pytest.fixture
def site(tmp_path):
    return FaultSite(tmp_path / "site")


@pytest.fixture
def built(site):
    """A site that was built once, from the first content."""
    status, said = site.build_cli()
    assert status == 0, said
    return site
