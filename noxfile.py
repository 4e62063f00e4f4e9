"""The menu of the repository: ``nox -l`` lists it; every session installs the locked versions it needs."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
# pip's own settings decide where torch comes from; uv would not read them.
nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["docs", "tests", "lint"]

ROOT = Path(__file__).parent
HTML = ROOT / "build" / "html"
LANGUAGES = ("ru", "en")
PROJECT = nox.project.load_toml("pyproject.toml")
# torch needs these itself; they are locked with the rest.
TORCH_NEEDS = ("filelock", "fsspec", "jinja2", "networkx", "sympy", "typing-extensions")


def install(session: nox.Session, group: str) -> None:
    """Install optnotes and one dependency group at the locked versions."""
    session.install("-c", "constraints.txt", *nox.project.dependency_groups(PROJECT, group), "-e", ".")


def install_tool(session: nox.Session, group: str) -> None:
    """Install a tool that never meets our own code."""
    session.install("-c", "constraints.txt", *nox.project.dependency_groups(PROJECT, group))


def compile_versions(session: nox.Session, wanted: Sequence[str], *options: str) -> Path:
    """Resolve requirements to exact versions with uv and return the file that holds them."""
    session.install("uv")
    inputs = Path(session.create_tmp()) / "requirements.in"
    inputs.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    compiled = inputs.with_suffix(".txt")
    session.run(
        "uv", "pip", "compile", str(inputs), "--no-annotate", "--no-header", "--quiet", *options, "-o", str(compiled)
    )
    return compiled


def build(session: nox.Session, language: str) -> None:
    """Build one language; any warning fails the build."""
    session.run(
        *("sphinx-build", "-nW", "--keep-going", "-j", "auto", "-c", ".", "-t", language),
        *("-d", f"build/doctrees/{language}", f"docs/{language}", str(HTML / language)),
        *session.posargs,
    )


@nox.session
def docs(session: nox.Session) -> None:
    """Build both sites into build/html."""
    install(session, "docs")
    for language in LANGUAGES:
        build(session, language)
    shutil.copytree(ROOT / "docs" / "_root", HTML, dirs_exist_ok=True)
    session.log(f"Open {(HTML / 'index.html').as_uri()}")


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests and doctests."""
    install(session, "tests")
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Thousands of absurd arguments for every formula, directive and file; other ones at every run."""
    install(session, "tests")
    files = ("tests/test_fuzz.py", "tests/site/test_bad_files.py", "tests/site/test_bad_directives.py")
    session.run("pytest", "--hypothesis-profile=long", *(session.posargs or files))


@nox.session(default=False)
def links(session: nox.Session) -> None:
    """Follow every link and anchor of the built sites; -- external adds the outside ones."""
    install_tool(session, "links")
    outside = ("--check-extern",) if "external" in session.posargs else ()
    session.run(
        *("linkchecker", "-f", "tests/links.ini", "--no-status", "--no-robots", *outside),
        *((HTML / language / "index.html").as_uri() for language in LANGUAGES),
    )


@nox.session(default=False, python=["3.11", "3.12", "3.13"])
def compat(session: nox.Session) -> None:
    """Run the tests with the oldest or the newest versions that pyproject.toml allows: nox -s compat -- oldest."""
    end, *arguments = session.posargs or ["oldest"]
    resolution = {"oldest": "lowest-direct", "newest": "highest"}[end]
    wanted = nox.project.dependency_groups(PROJECT, "tests")
    limits = compile_versions(session, wanted, "--resolution", resolution)
    session.install("-c", str(limits), *wanted, "-e", ".")
    session.run("pytest", *arguments)


@nox.session(default=False)
def security(session: nox.Session) -> None:
    """Ask the advisory service about every locked version; needs the network, and fails without an answer."""
    install_tool(session, "security")
    session.run("pip-audit", "--strict", "--disable-pip", "--no-deps", "-r", "constraints.txt")


@nox.session(default=False)
def sbom(session: nox.Session) -> None:
    """Write the bill of materials of the locked versions to build/sbom.json: the same bytes each time."""
    install_tool(session, "sbom")
    (ROOT / "build").mkdir(exist_ok=True)
    session.run(
        *("cyclonedx-py", "requirements", "--pyproject", "pyproject.toml", "--mc-type", "library"),
        *("--output-reproducible", "-o", "build/sbom.json", "constraints.txt"),
    )


@nox.session(default=False)
def workflows(session: nox.Session) -> None:
    """Hold the workflows to pinned actions and least rights, without the network."""
    install_tool(session, "workflows")
    session.run("zizmor", "--offline", ".github")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, prose and types."""
    install(session, "lint")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run(
        "sphinx-lint", "--enable", "all", "--disable", "line-too-long,default-role", "docs", "README.md", "README.ru.md"
    )
    session.run("mypy")


@nox.session(default=False)
def live(session: nox.Session) -> None:
    """Serve one language and rebuild on save: nox -s live -- en."""
    install(session, "live")
    language = session.posargs[0] if session.posargs else "ru"
    watched = [
        argument for folder in ("optnotes", "examples", "docs/data", "docs/locale") for argument in ("--watch", folder)
    ]
    session.run(
        *("sphinx-autobuild", "-n", "-j", "auto", "-c", ".", "-t", language, "-d", f"build/doctrees/{language}"),
        *("--ignore", "*/api/*", *watched, f"docs/{language}", str(HTML / language)),
    )


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Break the formulas on purpose and count what the tests notice: nox -s mutants -- "optnotes.lasso*"."""
    install(session, "mutants")
    session.run("mutmut", "run", *session.posargs, env={"OMP_NUM_THREADS": "1"})
    session.run("mutmut", "export-cicd-stats")
    counts = json.loads((ROOT / "mutants" / "mutmut-cicd-stats.json").read_text(encoding="utf-8"))
    noticed = counts["killed"] + counts["timeout"]
    total = noticed + counts["survived"] + counts["suspicious"]
    session.log(f"{noticed} of {total} mutants noticed")
    session.run("mutmut", "results")
    if noticed < 0.95 * total:
        session.error("fewer than 95 % of the mutants were noticed")


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Write constraints.txt anew; torch stands without hashes, because its CPU and CUDA builds differ."""
    wanted = sorted(
        {
            name
            for group in ("tests", "lint", "live", "mutants", "links", "security", "sbom", "workflows")
            for name in nox.project.dependency_groups(PROJECT, group)
        }
    )
    needed = [*wanted, *TORCH_NEEDS, "hatchling", "setuptools"]
    compiled = compile_versions(session, needed, "--universal", "--python-version", "3.11")
    path = ROOT / "constraints.txt"
    path.write_text(compiled.read_text(encoding="utf-8") + "torch==2.13.0\n", encoding="utf-8")
