"""Prints the addresses that the built sites link to, as a list that linkchecker reads."""

from optnotes.site.words.text import ROOT
from tests.links.built import outside

print("# LinkChecker URL list", *outside(ROOT / "build" / "html"), sep="\n")
