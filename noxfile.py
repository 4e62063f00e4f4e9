"""The menu of the repository: ``nox -l`` lists it; every session installs the locked versions it needs."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import nox

nox.needs_version = ">=2025.2.9"
# pip's own settings decide where torch comes from; uv would not read them.
nox.options.default_venv_backend = "virtualenv"
nox.options.sessions = ["docs", "tests", "lint"]

ROOT = Path(__file__).parent
HTML = "build/html"
RELEASE = "build/release"
LANGUAGES = sorted((path.parent.name for path in ROOT.glob("docs/*/index.md")), reverse=True)
PROJECT = nox.project.load_toml("pyproject.toml")
TOOLS = ("security", "sbom", "workflows")
# Pages offer the files to take away only where these will stand beside them.
BOOKS = ("-D", "optnotes_books=1")
# Where `downloads` rehearses the publication: like a project's page, below the top of its host.
REHEARSAL = {"OPTNOTES_BASEURL": "http://localhost:8731/optnotes/", "OPTNOTES_REPOSITORY": "an-owner/optnotes"}
QTI_SDK = "https://github.com/oat-sa/qti-sdk.git"
QTI_COMMIT = "634a9b89f3c58e37722be0906898d3da2459a2df"
# What a file makes for its tests is made once: a file stays with one process.
SIDE_BY_SIDE = ("-n", "auto", "--dist", "loadfile")
# One page with formulas, a figure and a menu, as both browsers draw it.
DRAWN = ("-o", "python_files=check_*.py", "tests/browser/check_drawn.py", "--drawn", "questions/36*")
# torch needs these itself; they are locked with the rest.
TORCH_NEEDS = ("filelock", "fsspec", "jinja2", "networkx", "typing-extensions")


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


def folder_of(session: nox.Session) -> str:
    """Where sites are built: those of a release stand apart, each in the folder of its version."""
    return f"{RELEASE}/site" if session.env.get("OPTNOTES_SLOT") else HTML


def place(session: nox.Session, language: str) -> str:
    """Folder of one language below that."""
    return f"{language}/{session.env.get('OPTNOTES_SLOT') or ''}".rstrip("/")


def build(session: nox.Session, language: str, *options: str, under: tuple[str, ...] = ()) -> None:
    """Build one language, or some of its pages; any warning fails the build."""
    site = place(session, language)
    session.run(
        *(*under, "sphinx-build", "-nW", "--keep-going", "-j", "auto", "-c", ".", "-t", language),
        *("-d", f"build/doctrees/{site}", f"docs/{language}", f"{folder_of(session)}/{site}"),
        *options,
        external=bool(under),
    )


def take_away(session: nox.Session, *options: str, under: tuple[str, ...] = ()) -> None:
    """Put book, cards and wheel beside the pages of both sites, which offer them."""
    html = folder_of(session)
    session.run(*under, "python", "-m", "optnotes.site.takeaway", html, external=bool(under))
    for language in LANGUAGES:
        wheel = ("hatchling", "build", "-t", "wheel", "-d", f"{html}/{place(session, language)}/_downloads")
        session.run(*under, *wheel, external=bool(under))
        # Now that sizes are known.
        build(session, language, f"docs/{language}/downloads.md", *BOOKS, *options, under=under)


def build_sites(session: nox.Session, *options: str) -> None:
    """Build both languages and what stands beside them."""
    for language in LANGUAGES:
        build(session, language, *options)
    session.run("python", "-m", "optnotes.site.chrome.root", folder_of(session))


def publish(session: nox.Session) -> None:
    """Build what a host shows, and find a file for everything that it promises."""
    build_sites(session, *BOOKS)
    take_away(session)
    session.run("python", "-m", "tests.published", folder_of(session))


def make_release(session: nox.Session) -> None:
    """Build the sites for the folder of their version, and lay out what is made of them for readers to take."""
    shutil.rmtree(ROOT / RELEASE, ignore_errors=True)
    ask = "import optnotes; from optnotes.site.chrome.released import slot_of; print(slot_of(optnotes.__version__))"
    session.env["OPTNOTES_SLOT"] = str(session.run("python", "-c", ask, silent=True)).strip()
    publish(session)
    bill_of_materials(session)
    session.run("python", "-m", "optnotes.site.takeaway.release", f"{RELEASE}/site", "build/sbom.json", RELEASE)


def bill_of_materials(session: nox.Session) -> None:
    """List the locked versions: the same bytes each time."""
    session.run(
        *("cyclonedx-py", "requirements", "--pyproject", "pyproject.toml", "--mc-type", "library"),
        *("--output-reproducible", "-o", "build/sbom.json", "constraints.txt"),
    )


def fetch_schemas(session: nox.Session) -> None:
    """Fetch the official schemas of QTI 2.2, whose licence does not let us keep them here."""
    folder = ROOT / "build" / "qti-sdk"
    if not folder.is_dir():
        folder.mkdir(parents=True)
        with session.chdir(folder):
            session.run("git", "init", "--quiet", external=True)
            session.run("git", "fetch", "--quiet", "--depth", "1", QTI_SDK, QTI_COMMIT, external=True)
            session.run("git", "checkout", "--quiet", "FETCH_HEAD", "--", "src/qtism/data/storage", external=True)


def copy_sources(session: nox.Session, name: str) -> Path:
    """Copy everything that git knows, or would add, into a folder of ``build`` that holds nothing else."""
    folder = ROOT / "build" / name
    shutil.rmtree(folder, ignore_errors=True)
    listed = session.run("git", "ls-files", "-co", "--exclude-standard", "-z", external=True, silent=True, log=False)
    for path in filter(None, str(listed).split("\0")):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, folder / path)
    return folder


@nox.session
def docs(session: nox.Session) -> None:
    """Build both sites into build/html."""
    install(session, "docs")
    build_sites(session, *session.posargs)
    session.log(f"Open {(ROOT / HTML / 'index.html').as_uri()}")


@nox.session(default=False)
def site(session: nox.Session) -> None:
    """Build both sites as hosts publish them, with PDF, EPUB, Anki deck and wheel; -- the archives of old releases."""
    install(session, "site")
    publish(session)
    session.run("python", "-m", "optnotes.site.chrome.released", HTML, "build/published", *session.posargs)


@nox.session(default=False)
def release(session: nox.Session) -> None:
    """Make a release in build/release: sites, books, decks, slides, banks, wheel, data, sums; needs Chromium."""
    install(session, "release")
    make_release(session)


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests and doctests, on all cores; or some of them: nox -s tests -- tests/penalties."""
    install(session, "tests")
    session.run("pytest", *(session.posargs or SIDE_BY_SIDE))


@nox.session(default=False)
def peers(session: nox.Session) -> None:
    """Hold what the pages say of Keras, flax, JAX and optax against these libraries themselves."""
    install(session, "peers")
    session.run("pytest", "-o", "python_files=check_*.py", "tests/peers", *session.posargs)


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Thousands of absurd arguments for every formula, directive and file; other ones at every run."""
    install(session, "tests")
    files = ("tests/contracts/test_fuzz.py", "tests/site/test_bad_files.py", "tests/site/test_bad_directives.py")
    session.run("pytest", "--hypothesis-profile=long", *(session.posargs or files))


@nox.session(default=False)
def checkup(session: nox.Session) -> None:
    """Print how often the check-up names a planted cause, half an hour; -- write keeps it for the page."""
    install(session, "tests")
    session.run("python", "-m", "tests.checkup", *session.posargs)


@nox.session(default=False)
def links(session: nox.Session) -> None:
    """Follow every link and anchor of the built sites; -- external asks for the outside ones as well."""
    install(session, "links")
    session.run("pytest", "-o", "python_files=check_*.py", "tests/links")
    if "external" in session.posargs:
        outside = ROOT / "build" / "outside.txt"
        outside.write_text(str(session.run("python", "-m", "tests.links", silent=True)), encoding="utf-8")
        session.run(*("linkchecker", "-f", "tests/links/linkchecker.ini", "--no-status", "--no-robots"), str(outside))


@nox.session(default=False, python=["3.11", "3.12", "3.13"])
def compat(session: nox.Session) -> None:
    """Run the tests with the oldest or the newest versions allowed: nox -s compat -- newest builds and draws, too."""
    end, *arguments = session.posargs or ["oldest"]
    group, resolution = {"oldest": ("tests", "lowest-direct"), "newest": ("browser", "highest")}[end]
    wanted = nox.project.dependency_groups(PROJECT, group)
    limits = compile_versions(session, wanted, "--resolution", resolution)
    session.install("-c", str(limits), *wanted, "-e", ".")
    session.run("pytest", *(arguments or SIDE_BY_SIDE))
    if end == "newest" and not arguments:
        # In a copy: what other versions have read and run is no state for the next build.
        with session.chdir(copy_sources(session, "compat")):
            build_sites(session)
            session.run("pytest", *DRAWN)


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
    bill_of_materials(session)


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
def downloads(session: nox.Session) -> None:
    """Rehearse a release and open all its files; needs Chromium, Firefox, git, ImageMagick, Java and Node."""
    install(session, "downloads")
    session.env.update(REHEARSAL)
    make_release(session)
    fetch_schemas(session)
    session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--prefix", "tests/downloads", external=True)
    session.run("pytest", "-o", "python_files=check_*.py", "tests/downloads", env={"OMP_NUM_THREADS": "1"})


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
        *("--ignore", "*/api/*", *watched, f"docs/{language}", f"{HTML}/{language}"),
    )


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Check the built sites in real browsers; needs nox -s docs, Chromium, Firefox: -- tests/browser/check_drawn.py."""
    install(session, "browser")
    paths = [argument for argument in session.posargs if (ROOT / argument.partition("::")[0]).exists()]
    folder = () if paths else ("tests/browser",)
    session.run("pytest", "-o", "python_files=check_*.py", *folder, *session.posargs)


@nox.session(default=False)
def audit(session: nox.Session) -> None:
    """Measure both sites against tests/audit/budget.yaml with Chromium, Node and Java: nox -s audit -- -k 37."""
    install(session, "audit")
    build_sites(session)
    session.run("npm", "ci", "--ignore-scripts", "--no-audit", "--prefix", "tests/audit", external=True)
    session.run("pytest", "-o", "python_files=check_*.py", "tests/audit", *session.posargs)


@nox.session(default=False)
def attack(session: nox.Session) -> None:
    """Search for counter-examples for an hour and print the nearest misses: nox -s attack -- SECONDS."""
    install(session, "tests")
    session.run("python", "-m", "tests.attack", *(session.posargs or ("3600",)), env={"OMP_NUM_THREADS": "1"})


@nox.session(default=False)
def mutants(session: nox.Session) -> None:
    """Plant faults and print the share noticed: nox -s mutants -- tex, words, code 1/9 or drawing 1/3."""
    install(session, "mutants")
    session.run("python", "-m", "tests.mutants", *session.posargs, env={"OMP_NUM_THREADS": "1"})


@nox.session(default=False)
def reproduce(session: nox.Session) -> None:
    """Build everything twice from nothing, elsewhere and on another day, and compare every byte; needs Chromium."""
    install(session, "downloads")
    another_day = ("faketime", "-f", "+400d") if shutil.which("faketime") else ()
    if not another_day:
        session.warn("faketime is not installed: both builds run on the same day, in time zones a day apart")
    runs = (("one", "auto", "Pacific/Kiritimati", ()), ("второй раз", "1", "Etc/GMT+12", another_day))
    for seed, (name, jobs, zone, under) in enumerate(runs):
        session.env.update({"PYTHONHASHSEED": str(seed), "SOURCE_DATE_EPOCH": "1700000000", "TZ": zone})
        with session.chdir(copy_sources(session, f"reproduce/{name}")):
            for language in LANGUAGES:
                build(session, language, "-j", jobs, *BOOKS, under=under)
            take_away(session, "-j", jobs, under=under)
    session.run("python", "tests/reproduce/compare.py", *(f"build/reproduce/{name}/build" for name, *_ in runs))


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure pages, builds, formulas and growth: nox -s bench -- pages formulas builds imports scale."""
    install(session, "tests")
    folder = copy_sources(session, "bench")
    session.run("python", "-m", "tests.bench", str(folder), *session.posargs)


@nox.session(default=False)
def machines(session: nox.Session) -> None:
    """Run tests and build both sites as on other processors: nox -s machines -- short, or -- none oldest."""
    install(session, "tests")
    session.run("python", "-m", "tests.machines", str(copy_sources(session, "machines/sources")), *session.posargs)


@nox.session(default=False)
def faults(session: nox.Session) -> None:
    """Kill builds, damage their caches, break the machine: each gives the right site or a clear error."""
    install(session, "tests")
    session.run("pytest", "-o", "python_files=check_*.py", "tests/faults", *session.posargs)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Write constraints.txt anew; torch stands without hashes, because its CPU and CUDA builds differ."""
    wanted = sorted(
        {
            name
            for group in (
                "tests",
                "lint",
                "live",
                "mutants",
                "audit",
                "browser",
                "downloads",
                "links",
                "peers",
                "site",
                *TOOLS,
            )
            for name in nox.project.dependency_groups(PROJECT, group)
        }
    )
    needed = [*wanted, *TORCH_NEEDS, "hatchling", "setuptools"]
    compiled = compile_versions(session, needed, "--universal", "--python-version", "3.11")
    path = ROOT / "constraints.txt"
    path.write_text(compiled.read_text(encoding="utf-8") + "torch==2.13.0\n", encoding="utf-8")
