"""One test per claim of the source note: it tries the verdict on instances, and where it can a stronger one."""
