"""The machinery of the pages; no formula imports it."""
