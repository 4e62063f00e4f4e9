"""Faults planted on purpose in TeX, code, words and drawings, and the share of them that a check notices."""
