"""Copied into a site as ``sitecustomize.py``: makes Python refuse what a broken machine would refuse.

``FAULT`` is ``kind:folder``; kernels and forked readers inherit it.
"""

import errno
import os
import sys

KIND, _, FOLDER = os.environ.get("FAULT", "").partition(":")
REFUSED = {"full": errno.ENOSPC, "read-only": errno.EROFS, "missing": errno.ENOENT}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir"}
LOCAL = ("127.0.0.1", "::1", "localhost")


def refuse(event, arguments):
    """Raise what the operating system would raise."""
    if KIND == "network":
        address = arguments[1] if event == "socket.connect" else arguments[0] if event == "socket.getaddrinfo" else None
        host = address[0] if isinstance(address, tuple) else address if isinstance(address, str) else None
        if host is not None and host not in LOCAL and event.startswith("socket."):
            raise OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH), str(host))
    elif event == "open" or event in CHANGES:
        name, code = arguments[0], REFUSED[KIND]
        if isinstance(name, str | bytes | os.PathLike) and os.fsdecode(name).startswith(FOLDER):
            changes = event in CHANGES or bool((arguments[2] or 0) & WRITES)
            if changes or KIND == "missing":
                raise OSError(code, os.strerror(code), os.fsdecode(name))


if KIND:
    sys.addaudithook(refuse)
