"""One test per claim of the source note: it proves the verdict, and that nothing stronger is true."""
