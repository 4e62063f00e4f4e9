"""The menu of the repository: ``nox -l`` lists it; every session installs the locked versions it needs."""

import json
import shutil
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


def build(session: nox.Session, *options: str) -> None:
    """Build both sites; any warning fails the build."""
    for language in LANGUAGES:
        session.run(
            *("sphinx-build", "-nW", "--keep-going", "-j", "auto", "-c", ".", "-t", language),
            *("-d", f"build/doctrees/{language}", f"docs/{language}", str(HTML / language)),
            *options,
        )
    shutil.copytree(ROOT / "docs" / "_root", HTML, dirs_exist_ok=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build both sites into build/html."""
    install(session, "docs")
    build(session, *session.posargs)
    session.log(f"Open {(HTML / 'index.html').as_uri()}")


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests and doctests."""
    install(session, "tests")
    session.run("pytest", *session.posargs)


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
def audit(session: nox.Session) -> None:
    """Measure both sites against tests/audit/budget.yaml with Chromium, Node and Java: nox -s audit -- -k 37."""
    install(session, "audit")
    build(session)
    session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--prefix", "tests/audit", external=True)
    session.run("pytest", "-o", "python_files=check_*.py", "tests/audit", *session.posargs)


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
    session.install("uv")
    wanted = sorted(
        {
            name
            for group in ("audit", "tests", "lint", "live", "mutants")
            for name in nox.project.dependency_groups(PROJECT, group)
        }
    )
    inputs = Path(session.create_tmp()) / "requirements.in"
    inputs.write_text("\n".join([*wanted, *TORCH_NEEDS, "hatchling", "setuptools"]) + "\n", encoding="utf-8")
    compiled = ("--universal", "--python-version", "3.11", "--no-annotate", "--no-header", "--quiet")
    session.run("uv", "pip", "compile", str(inputs), *compiled, "-o", "constraints.txt")
    path = ROOT / "constraints.txt"
    path.write_text(path.read_text(encoding="utf-8") + "torch==2.13.0\n", encoding="utf-8")
