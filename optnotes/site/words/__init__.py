"""Words for readers: languages, catalogues, docstrings and their translations, formulas in one line."""
