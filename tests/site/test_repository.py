"""The repository keeps its own promises: commands, locked versions, what the wheel holds, paired terms."""

import ast
import json
import re
import sys
import tomllib
import zipfile
from importlib import metadata

import pytest
import yaml
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement

import optnotes
from optnotes.site.words.text import LANGUAGES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKED = {
    re.split(r"[=; ]", line)[0].lower().replace("_", "-"): line
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
}
COMMANDS = ("python -m pip install nox && python -m nox -s docs", "python -m pip install nox && python -m nox -s tests")


@pytest.mark.parametrize("name", ["README.md", "README.ru.md"])
@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_gives_both_commands(name, command):
    assert command in (ROOT / name).read_text("utf-8")


def test_continuous_integration_runs_the_readmes_test_command():
    assert COMMANDS[1] in (ROOT / ".ci" / "run").read_text("utf-8")


HOSTS = {".readthedocs.yaml": "site", ".github/workflows/pages.yml": "site", ".github/workflows/release.yml": "release"}


@pytest.mark.parametrize(("host", "session"), HOSTS.items())
def test_every_host_runs_the_command_that_publishes_and_checks(host, session):
    text = (ROOT / host).read_text("utf-8")
    assert re.findall(r"python -m nox -s (\w+)", text) == [session]
    assert "OPTNOTES_BASEURL" in text


def test_a_tag_makes_the_whole_release_and_signs_it():
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")
    workflow = yaml.safe_load(text)
    assert workflow[True] == {"push": {"tags": ["v*"]}}, "YAML 1.1 reads 'on' as true"
    steps = workflow["jobs"]["files"]["steps"]
    done = [str(step.get("run", step.get("uses", ""))) for step in steps]
    (made,) = (index for index, each in enumerate(done) if each.startswith("python -m nox -s release"))
    (signed,) = (index for index, each in enumerate(done) if each.startswith("actions/attest-build-provenance@"))
    (given,) = (index for index, each in enumerate(done) if "gh release create" in each)
    assert made < signed < given
    assert steps[signed]["with"] == {"subject-checksums": "build/release/SHA256SUMS"}
    assert {"attestations", "id-token"} <= {
        name for name, right in workflow["jobs"]["files"]["permissions"].items() if right == "write"
    }
    assert "sha256sum --check" in "".join(done[made:signed])
    for path in (ROOT / ".github" / "workflows").glob("*.yml"):
        for action in re.findall(r"uses: (\S+)", path.read_text("utf-8")):
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action), f"{path.name}: {action}"


def test_citation_archive_package_and_changelogs_agree():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    archived = json.loads((ROOT / ".zenodo.json").read_text("utf-8"))
    date = str(cited["date-released"])
    assert (archived["title"], archived["version"]) == (cited["title"], cited["version"])
    assert cited["version"] == optnotes.__version__
    assert archived["publication_date"] == date
    assert archived["description"] == " ".join(cited["abstract"].split())
    assert archived["keywords"] == cited["keywords"]
    assert archived["upload_type"] == cited["type"]
    assert [each["name"] for each in archived["creators"]] == [each["name"] for each in cited["authors"]]
    assert [each["name"] for each in PROJECT["project"]["authors"]] == [each["name"] for each in cited["authors"]]
    assert archived["license"] in [each.lower() for each in cited["license"]]
    assert all(
        each.rpartition("-")[0].replace("-", " ") in archived["notes"] or each in archived["notes"]
        for each in cited["license"]
    )
    assert set(PROJECT["project"]["license"].split(" AND ")) == set(cited["license"])
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"\n## [{cited['version']}] - {date}\n" in changelog
    for language in LANGUAGES:
        page = (ROOT / "docs" / language / "changes.md").read_text("utf-8")
        told = re.findall(r"^## \w+ (\d+\.\d+\.\d+), (\d{4}-\d\d-\d\d)$", page, re.MULTILINE)
        assert told == re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\S+)$", changelog, re.MULTILINE)


def test_the_branch_of_the_notebooks_is_the_one_that_pages_link_to():
    branch = re.search(r'"OPTNOTES_BRANCH", "([^"]+)"', (ROOT / "conf.py").read_text("utf-8"))[1]
    pages = (ROOT / ".github" / "workflows" / "pages.yml").read_text("utf-8")
    assert f"--initial-branch {branch}\n" in pages
    assert f'.git" {branch}\n' in pages
    assert "OPTNOTES_REPOSITORY: ${{ github.repository }}" in pages


def test_every_dependency_is_locked():
    groups = PROJECT["dependency-groups"].values()
    wanted = {Requirement(entry).name for group in groups for entry in group if isinstance(entry, str)}
    assert wanted - set(LOCKED) == set()
    assert LOCKED["torch"] == "torch==2.13.0"


def installed_with(group):
    """What can be imported where one dependency group alone is installed, with all that it needs."""
    needed, asked = set(), [f"{{{group}}}", *PROJECT["project"]["dependencies"]]
    while asked:
        wanted = asked.pop()
        if wanted.startswith("{"):
            entries = PROJECT["dependency-groups"][wanted.strip("{}")]
            asked += [each if isinstance(each, str) else f"{{{each['include-group']}}}" for each in entries]
            continue
        requirement = Requirement(wanted)
        name = requirement.name.lower().replace("_", "-")
        if (name, *requirement.extras) in needed:
            continue
        needed.add((name, *requirement.extras))
        for entry in metadata.requires(name) or ():
            marker = Requirement(entry).marker
            if not marker or any(marker.evaluate({"extra": extra}) for extra in ("", *requirement.extras)):
                asked.append(entry)
    names = {name for name, *_ in needed}
    homes = metadata.packages_distributions().items()
    return {each for each, owners in homes if names & {owner.lower().replace("_", "-") for owner in owners}}


def foreign(source, known):
    """Packages that a module imports as soon as it is read, but for those known and those of Python."""
    read = ast.parse(source).body
    named = [alias.name for each in read if isinstance(each, ast.Import) for alias in each.names]
    named += [each.module for each in read if isinstance(each, ast.ImportFrom)]
    return (
        {name.partition(".")[0] for name in named} - known - sys.stdlib_module_names - {"optnotes", "tests", "examples"}
    )


def test_what_pytest_collects_needs_the_tests_group_alone():
    options = PROJECT["tool"]["pytest"]["ini_options"]
    aside = [ROOT / each.partition("=")[2].removesuffix("/*") for each in options["addopts"] if "--ignore" in each]
    collected = [
        path
        for folder in options["testpaths"]
        for path in (ROOT / folder).rglob("*.py")
        if not any(path.is_relative_to(each) for each in aside)
    ]
    known = installed_with("tests")
    assert len(collected) > 300
    assert {str(path): found for path in collected if (found := foreign(path.read_text("utf-8"), known))} == {}


def test_a_package_of_another_group_is_named():
    source = "import json\nimport yaml, pypdf\nfrom playwright.sync_api import Page\nfrom tests.laws import normal\n"
    assert foreign(source, installed_with("tests")) == {"pypdf", "playwright"}


def test_the_wheel_is_typed_and_needs_only_torch(tmp_path):
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith("METADATA"))).decode()
    assert "optnotes/py.typed" in names
    assert "optnotes/penalties/lasso.py" in names
    assert {"optnotes/checkup/findings.toml", "optnotes/checkup/words.toml"} <= set(names)
    assert not any(name.startswith(("docs/", "tests/", "examples/")) for name in names)
    required = [line for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    assert [line for line in required if "extra ==" not in line] == ["Requires-Dist: torch>=2.13"]


def terms(language):
    """Glossary terms with the counterpart each names."""
    text = (ROOT / "docs" / language / "glossary.md").read_text("utf-8")
    block = text[text.index("```{glossary}") :]
    found, current = [], []
    for line in block.splitlines()[1:]:
        if line.startswith("```"):
            break
        if line and not line.startswith((" ", ":")):
            current.append(line.strip())
        if counterpart := re.search(r"\{other\}`([^`]+)`", line):
            found.append((current[0], counterpart[1]))
            current = []
    return found


def test_glossary_terms_name_each_other():
    russian, english = (terms(language) for language in LANGUAGES)
    assert len(russian) > 40
    assert russian == [(counterpart, term) for term, counterpart in english]
