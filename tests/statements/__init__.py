"""Every sentence that generalises stands in ``docs/data/statements.yaml``, and every practice row has its run."""
