"""What a character of a formula means, as the TeX that a writer would type for it."""

import re
import unicodedata


class MathError(ValueError):
    """MathML without one meaning."""


SIGNS = {
    "=": "=", "<": "<", ">": ">", "≤": "\\le", "≥": "\\ge", "≠": "\\ne", "≈": "\\approx", "→": "\\to", "∼": "\\sim",
    "∈": "\\in", "+": "+", "−": "-", "±": "\\pm", "⋅": "\\cdot", "·": "\\cdot", "×": "\\times", "⊙": "\\odot",
    "/": "/", "∇": "\\nabla", "∂": "\\partial", "∑": "\\sum", "∏": "\\prod", "∫": "\\int", "∞": "\\infty", "⊤": "\\top",
    "∗": "*", "*": "*", "…": "\\ldots", "⋯": "\\cdots", "ℓ": "\\ell", "%": "\\%", "!": "!", ",": ",", ".": ".",
    "≫": "\\gg", "≪": "\\ll", ";": ";", ":": ":", "(": "(", ")": ")", "[": "[", "]": "]", "{": "\\{", "}": "\\}",
    "∓": "\\mp",
}  # fmt: skip
BARS = {"|": ("\\lvert", "\\rvert"), "∣": ("\\lvert", "\\rvert"), "‖": ("\\lVert", "\\rVert")}
BARS["∥"] = BARS["‖"]
PRIMES = {"′": 1, "″": 2, "‴": 3, "'": 1}
ACCENTS = {
    **dict.fromkeys("^ˆ\u0302", "\\hat"),
    **dict.fromkeys("~˜∼\u0303", "\\tilde"),
    **dict.fromkeys("¯‾ˉ―_\u0304\u0305", "\\bar"),
    **dict.fromkeys("˙\u0307", "\\dot"),
    **dict.fromkeys("→⃗\u20d7", "\\vec"),
}
SILENT = re.compile(r"[\s\u2061-\u2064\u200b\u00a0\u202f\u2009\u2060\ufe00\ufe01]")
WORDS = {"exp", "log", "ln", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "lim", "sup", "inf", "det"}
ALPHABETS = {"DOUBLE-STRUCK": "\\mathbb", "SCRIPT": "\\mathcal", "BOLD": "\\mathbf", "ITALIC": "", "": ""}
LETTER = re.compile(
    r"(?:MATHEMATICAL )?(?P<alphabet>DOUBLE-STRUCK|SCRIPT|BOLD|ITALIC|)\s?(?P<greek>GREEK |)(?:LATIN )?"
    r"(?P<size>CAPITAL|SMALL|DIGIT|LUNATE|)\s?(?:LETTER )?(?P<name>[A-Z]+)(?P<variant> SYMBOL|)"
)
GREEK = {"alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi"}
GREEK |= {"rho", "sigma", "tau", "upsilon", "chi", "psi", "omega"}
# Unicode's plain letter is TeX's variant of these, and the other way round.
TURNED = {"epsilon", "phi"}
DIGITS = ("ZERO", "ONE", "TWO", "THREE", "FOUR", "FIVE", "SIX", "SEVEN", "EIGHT", "NINE")


def letter(character: str) -> str:
    """A letter or digit of any alphabet; the slant of a letter has no meaning here."""
    found = LETTER.fullmatch(unicodedata.name(character, "").replace("LAMDA", "LAMBDA"))
    if not found:
        raise MathError(f"no meaning is known for {character!r} (U+{ord(character):04X})")
    name, size = found["name"], found["size"]
    if name in DIGITS and size in ("DIGIT", ""):
        plain = str(DIGITS.index(name))
    elif len(name) == 1:
        plain = name if size == "CAPITAL" else name.lower()
    else:
        plain = greek(name.lower(), size, bool(found["variant"]))
    command = ALPHABETS[found["alphabet"]]
    return f"{command}{{{plain}}}" if command else plain


def greek(name: str, size: str, variant: bool) -> str:
    """A Greek letter as TeX calls it."""
    if name not in GREEK | TURNED:
        raise MathError(f"'{name}' is no Greek letter")
    if size == "CAPITAL":
        return f"\\{name.capitalize()}"
    return f"\\var{name}" if variant != (name in TURNED) else f"\\{name}"


def spoken(text: str) -> str:
    """What stands in a token, without the characters that nobody sees."""
    return SILENT.sub("", text)


def word(text: str) -> str:
    """Several letters: a function by its name."""
    if not re.fullmatch(r"[A-Za-z]+", text):
        raise MathError(f"{text!r} is no name of a function")
    return f"\\{text}" if text in WORDS else f"\\operatorname{{{text}}}"


def number(text: str) -> str:
    """Digits, with a point or a comma within."""
    if not re.fullmatch(r"\d+([.,]\d+)?", text, re.ASCII):
        raise MathError(f"{text!r} is no number")
    return text.replace(",", "{,}")
