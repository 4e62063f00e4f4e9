"""Measurements of `nox -s bench`."""
