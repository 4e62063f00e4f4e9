"""Checks of the built sites in a real browser; ``nox -s browser`` runs them."""
