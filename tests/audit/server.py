"""A server that answers like a production host (gzip, keep-alive, ``_headers``), and the browser that visits it."""

import gzip
import http.server
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from functools import cache
from http import HTTPStatus
from pathlib import Path
from shutil import which
from urllib.parse import unquote, urlsplit

from playwright.sync_api import Browser, Playwright, sync_playwright

COMPRESSED = {".css", ".html", ".js", ".json", ".svg", ".txt", ".xml"}
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome") or "chromium"
TYPES = {".js": "text/javascript", ".woff2": "font/woff2"}


def read_headers(path: Path) -> list[tuple[str, str, str]]:
    """Read a ``_headers`` file: a pattern, then indented headers; return (pattern, name, value)."""
    rules, pattern = [], ""
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        if line[:1].isspace():
            name, _, value = line.strip().partition(": ")
            rules.append((pattern, name, value))
        elif not line.startswith("#"):
            pattern = line
    return rules


@cache
def content(path: Path, compress: bool) -> bytes:
    """Bytes of a file as they travel."""
    data = path.read_bytes()
    return gzip.compress(data, 6, mtime=0) if compress else data


@contextmanager
def serving(root: Path) -> Iterator[str]:
    """Serve a folder while the block runs; the value is its address."""
    rules = read_headers(root / "_headers")

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            address = unquote(urlsplit(self.path).path)
            path = root / address.lstrip("/")
            if path.is_dir():
                path /= "index.html"
            found = path.is_file() and path.resolve().is_relative_to(root.resolve())
            compress = found and path.suffix in COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", "")
            body = content(path, compress) if found else b"not found"
            self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
            kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            text = kind.startswith("text/")
            self.send_header("Content-Type", f"{kind}; charset=utf-8" if text else kind)
            self.send_header("Content-Length", str(len(body)))
            if compress:
                self.send_header("Content-Encoding", "gzip")
            for pattern, name, value in rules:
                if fnmatch(address, pattern):
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


# One of its event loops at a time: whoever comes while it runs shares it, the last one stops it.
_playwrights: list[Playwright] = []


@contextmanager
def browsing() -> Iterator[Browser]:
    """Run the system's Chromium while the block runs; nothing is downloaded."""
    _playwrights.append(_playwrights[0] if _playwrights else sync_playwright().start())
    try:
        browser = _playwrights[0].chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()
    finally:
        last = _playwrights.pop()
        if not _playwrights:
            last.stop()
