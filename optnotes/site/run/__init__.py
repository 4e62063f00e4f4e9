"""Runs the cells of pages before any is read, and trusts no build that did not end well."""
