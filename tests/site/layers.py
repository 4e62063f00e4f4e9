"""What may import what: read from the syntax tree, so that nothing is executed."""

import ast
from collections.abc import Iterator
from pathlib import Path

# Rooms of the site, each with those below it that it may ask; what a page goes through is in extension.py.
ROOMS: dict[str, tuple[str, ...]] = {
    "__init__.py": (),
    "renderer.py": (),
    "tex/": (),
    "words/": (),
    "settings.py": ("words",),
    "records/": ("words",),
    "figures/": ("words", "renderer"),
    "lean/": ("words",),
    "run/": ("words", "settings"),
    "formulas/": ("words", "records", "tex"),
    "pages/": ("words", "records", "formulas", "figures", "lean", "renderer"),
    "promises/": ("words", "records", "formulas", "pages"),
    "takeaway/": ("words", "records", "formulas", "pages", "settings"),
    "chrome/": ("words", "records", "figures", "lean", "pages", "takeaway", "settings"),
    "extension.py": ("run", "lean", "pages", "promises", "takeaway", "chrome"),
}
SPHINX = ("sphinx", "docutils", "myst_nb", "IPython")
WITH_SPHINX = ("run/", "lean/", "pages/", "promises/", "chrome/", "extension.py")


def below(room: str) -> frozenset[str]:
    """What a room may import of ours: the package's lists of formulas, itself, and the rooms below."""
    rooms = (room.strip("/").removesuffix(".py"), *ROOMS[room])
    lists = ("optnotes._typelines", "optnotes.formulas", "optnotes.families", "optnotes.__version__")
    return frozenset({*lists, *(f"optnotes.site.{each}" for each in rooms)})


# Layer (path prefix) -> first parts of what it may import, besides its own siblings.
LAYERS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    # files                  allowed outside              allowed of ours
    **{f"optnotes/site/{room}": (frozenset({"*"}), below(room)) for room in ROOMS},
    "optnotes/__init__.py": (
        frozenset({"collections", "importlib", "inspect", "pkgutil", "re", "types", "typing"}),
        frozenset(),
    ),
    "optnotes/_typelines.py": (frozenset({"collections", "dataclasses", "inspect", "re"}), frozenset()),
    "optnotes/": (
        frozenset({"torch", "math", "collections", "contextlib", "functools", "typing"}),
        frozenset({"optnotes"}),
    ),
    "optnotes/checkup/": (
        frozenset(
            {
                "torch",
                "math",
                "statistics",
                "random",
                "re",
                "sys",
                "copy",
                "dataclasses",
                "collections",
                "contextlib",
                "functools",
                "importlib",
                "inspect",
                "itertools",
                "tomllib",
                "typing",
                "matplotlib",  # for a figure that is asked for
            }
        ),
        frozenset({"optnotes"}),
    ),
    "examples/": (
        frozenset(
            {
                "torch",
                "numpy",
                "sklearn",
                "scipy",
                "matplotlib",
                "math",
                "dataclasses",
                "typing",
                "collections",
                "functools",
                "inspect",
                "itertools",
                "warnings",
            }
        ),
        frozenset({"optnotes"}),
    ),
}
FORBIDDEN: dict[str, tuple[str, ...]] = {
    **{f"optnotes/site/{room}": ("examples", "matplotlib") for room in WITH_SPHINX},
    **{f"optnotes/site/{room}": ("examples", *SPHINX) for room in ROOMS if room not in WITH_SPHINX},
    "optnotes/site/takeaway/": ("examples", "IPython"),
    "optnotes/": ("optnotes.site", "examples", "matplotlib", "sphinx", "os"),
    "optnotes/checkup/": ("optnotes.site", "examples", "matplotlib.pyplot", "sphinx", "os"),
    "examples/": ("examples", *SPHINX, "matplotlib.pyplot"),
}


def layer_of(path: str) -> str:
    """The most specific layer that holds a file."""
    return max((prefix for prefix in LAYERS if path.startswith(prefix)), key=len)


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of every import, deferred ones included."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def within(name: str, prefix: str) -> bool:
    """Whether ``name`` is ``prefix`` or lies below it."""
    return name == prefix or name.startswith(f"{prefix}.")


def violations(path: str, source: str) -> list[str]:
    """Every import of a file that its layer does not allow."""
    layer = layer_of(path)
    outside, ours = LAYERS[layer]
    found = []
    for line, name in imported(source):
        if any(within(name, prefix) for prefix in FORBIDDEN.get(layer, ())):
            found.append(f"{path}:{line}: {layer} must not import {name}")
        elif name.partition(".")[0] in ("optnotes", "examples"):
            if name != "optnotes" and not any(within(name, prefix) for prefix in ours):
                found.append(f"{path}:{line}: {layer} must not import {name}")
        elif "*" not in outside and name.partition(".")[0] not in outside:
            found.append(f"{path}:{line}: {layer} may import only {', '.join(sorted(outside))}, not {name}")
    found += dirty_memory(path, source)
    return found + list(hidden_state(path, source) if layer == "optnotes/" else ())


def dirty_memory(path: str, source: str) -> Iterator[str]:
    """Yield every call of lstsq that leaves the driver to torch: the default, gelsy, reads memory that nobody wrote."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(ast.Attribute(attr="lstsq"), _, words) if "driver" not in {word.arg for word in words}:
                yield f"{path}:{node.lineno}: lstsq must name its driver, since results of the default differ by run"


def hidden_state(path: str, source: str) -> Iterator[str]:
    """Yield every use of global randomness in a formula module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in ("manual_seed", "rand", "randn", "randint", "bernoulli"):
            yield f"{path}:{node.lineno}: a formula takes its randomness as an argument, not from {node.attr}"


def cell_violations(path: str, first_line: int, cell: str) -> list[str]:
    """Everything a page's cell must not hold: definitions, plotting calls, words for humans."""
    found = []
    for offset, line in enumerate(cell.splitlines()):
        if not line.isascii():
            found.append(f"{path}:{first_line + offset}: a cell holds ASCII only")
        if "plt." in line:
            found.append(f"{path}:{first_line + offset}: a cell must not plot; the example does")
    for node in ast.walk(ast.parse(cell)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda):
            found.append(f"{path}:{first_line + node.lineno - 1}: a cell must not define anything")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            found.append(f"{path}:{first_line + node.lineno - 1}: a cell must not hold words for humans")
    for line, name in imported(cell):
        if name.partition(".")[0] not in ("optnotes", "examples"):
            found.append(f"{path}:{first_line + line - 1}: a cell imports optnotes and examples only, not {name}")
    return found


def sources(root: Path) -> list[Path]:
    """All files that the layers rule."""
    return sorted([*root.glob("optnotes/**/*.py"), *root.glob("examples/*.py")])
