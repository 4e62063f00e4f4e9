"""Directives and roles, and what they declare and fill in."""
