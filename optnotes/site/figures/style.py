"""House style of figures, and the bundle that holds one figure in two languages and two colour modes."""

import atexit
import io
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

import matplotlib as mpl
from cycler import cycler
from fontTools.ttLib import TTFont
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.ticker import Formatter, LogFormatterMathtext, NullLocator, ScalarFormatter

from optnotes.site.words.languages import TONGUES
from optnotes.site.words.text import LANGUAGES, ROOT, SUPERSCRIPTS, Label, Language

Mode = Literal["light", "dark"]
MODES: tuple[Mode, ...] = get_args(Mode)

# Okabe and Ito's palette, told apart without colour vision; line styles differ as well.
# Dark mode needs lighter blue and no black.
PALETTES: dict[Mode, dict[str, str]] = {
    "light": {
        "ink": "#1b1f24",
        "muted": "#59636e",
        "grid": "#d1d9e0",
        "paper": "#ffffff",
        "blue": "#0064a8",
        "orange": "#b45f06",
        "green": "#00795a",
        "red": "#b3261e",
        "violet": "#8a3f7a",
    },
    "dark": {
        "ink": "#e6edf3",
        "muted": "#9aa4af",
        "grid": "#3d444d",
        "paper": "#14181e",
        "blue": "#6cb6ff",
        "orange": "#f0a04b",
        "green": "#4cc9a0",
        "red": "#ff8a80",
        "violet": "#d39bd0",
    },
}
CYCLE = ("blue", "orange", "green", "violet", "red")
COLOUR = re.compile(r"#[0-9a-f]{6}\b")
TEX = re.compile(r"\$\\mathdefault\{(.*)\}\$")
PLACES, LONG = re.compile(r'(?<= (?:d|x|y)=")[^"]+'), re.compile(r"-?\d+\.\d{3,}")  # hundredths of a point do
FACES = ROOT / "docs" / "_static" / "fonts"
UNITS = 880  # of an em that has 1000: sizes of words then mean what they mean for the faces of screens
STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


@dataclass(frozen=True)
class Theme:
    """Colours of one mode, by name: ``theme.blue``."""

    mode: Mode

    def __getattr__(self, name: str) -> str:
        try:
            return PALETTES[self.mode][name]
        except KeyError:
            raise AttributeError(name) from None


@cache
def face() -> str:
    """Show matplotlib the face of the pages, with small letters as tall as those of a sans-serif; return its name."""
    if not FACES.is_dir():  # a notebook away from the site, which has the wheel and no fonts
        return "STIXGeneral"
    folder = Path(tempfile.mkdtemp(prefix="optnotes-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for weight, number in (("Regular", 400), ("Semibold", 700)):  # what asks for bold gets the latter
        with TTFont(FACES / f"STIXTwoText-{weight}.ttf") as font:
            font["head"].unitsPerEm, font["OS/2"].usWeightClass = UNITS, number
            font.save(folder / f"{weight}.ttf")
        fontManager.addfont(folder / f"{weight}.ttf")
    return "STIX Two Text"


@contextmanager
def house_style(mode: Mode) -> Iterator[Theme]:
    """Matplotlib settings of the site within the block."""
    theme = Theme(mode)
    cycle = cycler(color=[getattr(theme, name) for name in CYCLE]) + cycler(linestyle=STYLES)
    settings: dict[str, Any] = {
        "axes.edgecolor": theme.muted,
        "axes.facecolor": theme.paper,
        "axes.grid": True,
        "axes.labelcolor": theme.ink,
        "axes.prop_cycle": cycle,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlecolor": theme.ink,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "axes.unicode_minus": True,
        "figure.facecolor": theme.paper,
        "figure.figsize": (5.6, 3.8),
        "figure.constrained_layout.use": True,
        "font.family": [face(), "DejaVu Sans"],  # the latter has the signs that the former lacks
        "font.size": 10,
        "grid.color": theme.grid,
        "grid.linewidth": 0.6,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "mathtext.fontset": "stix",
        "svg.fonttype": "path",
        "svg.hashsalt": "optnotes",
        "text.color": theme.ink,
        "xtick.color": theme.muted,
        "ytick.color": theme.muted,
    }
    with mpl.rc_context(cast(Any, settings)):  # the stubs list every key as a literal
        yield theme


def new_figure(**options: Any) -> tuple[Figure, Any]:
    """Create a figure without pyplot, so that nothing global is kept."""
    figure = Figure(figsize=options.pop("figsize", None))
    return figure, figure.subplots(**options)


class Ticks(Formatter):
    """What matplotlib writes at the ticks, as a language writes numbers; mathtext would be slow and knows no comma."""

    def __init__(self, inner: Formatter, language: Language) -> None:
        self.inner, self.language = inner, language

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Label of one tick."""
        return self._plain(self.inner(x, pos))

    def format_ticks(self, values: list[float]) -> list[str]:
        """Labels of all ticks."""
        return [self._plain(label) for label in self.inner.format_ticks(values)]

    def get_offset(self) -> str:
        """Return the factor that all labels share."""
        return self._plain(self.inner.get_offset())

    def _plain(self, label: str) -> str:
        power = re.sub(r"\^\{(.*?)\}", lambda found: found.group(1).translate(SUPERSCRIPTS), TEX.sub(r"\1", label))
        tongue = TONGUES[self.language]
        return tongue.digits(power.replace(r"\times", tongue.signs["times"].strip()))


def write_ticks(axis: Axis, language: Language) -> None:
    """Label an axis in ``language``; a long logarithmic axis keeps only its labelled ticks."""
    low, high = axis.get_view_interval()
    if axis.get_scale() == "log" and high / low > 100:
        axis.set_minor_locator(NullLocator())  # dozens of ticks would take a third of the time of a drawing
    for ticker in (axis.major, axis.minor):  # panels that share an axis share these as well
        if isinstance(ticker.formatter, ScalarFormatter | LogFormatterMathtext):
            ticker.formatter = Ticks(ticker.formatter, language)


def to_svg(figure: Figure, language: Language) -> str:
    """Draw as SVG with fixed ids and no date."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            write_ticks(axis, language)
    stream = io.StringIO()
    # Not savefig: it draws once more for the layout.
    FigureCanvasSVG(figure).print_svg(stream, metadata={"Date": None})  # type: ignore[no-untyped-call]
    svg = re.sub(r"^.*?(?=<svg)", "", stream.getvalue(), count=1, flags=re.DOTALL)
    return PLACES.sub(lambda places: LONG.sub(lambda number: f"{float(number[0]):.2f}", places[0]), svg)


def drawn(draw: Callable[[Label, Theme], Figure], text: Label, language: Language, mode: Mode) -> str:
    """Draw a figure in one language and one mode."""
    with house_style(mode) as theme:
        return to_svg(draw(text, theme), language)


def recoloured(svg: str) -> str | None:
    """Return a light figure in the colours of dark mode, or None where a colour is not one of the theme's."""
    dark = {colour: PALETTES["dark"][name] for name, colour in PALETTES["light"].items()}
    if "<image" in svg or not set(COLOUR.findall(svg)) <= set(dark):
        return None
    return COLOUR.sub(lambda found: dark[found.group(0)], svg)


def bundle(
    draw: Callable[[Label, Theme], Figure],
    labels: Callable[[Language], Label],
    numbers: dict[str, Any],
) -> dict[str, Any]:
    """Draw a figure in every language and mode, with alternative text and caption in each language."""
    languages: dict[str, Any] = {}
    for language in LANGUAGES:
        text = labels(language)
        light = drawn(draw, text, language, "light")
        # Drawing takes most of a page's time: colour maps apart, the dark figure is the light one in other colours.
        modes = {"light": light, "dark": recoloured(light) or drawn(draw, text, language, "dark")}
        languages[language] = {
            "alt": text("alt", **numbers),
            "caption": text("caption", **numbers),
            "svg": modes,
        }
    return languages
