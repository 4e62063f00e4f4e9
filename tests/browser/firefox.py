"""Debian's Firefox by WebDriver BiDi, the W3C protocol that it speaks itself: no driver, no patched browser."""

import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any

from websockets.sync.client import ClientConnection, connect

FIREFOX = which("firefox-esr") or which("firefox") or "firefox"
PATIENCE = 120  # seconds
# No page may ask anybody else, and neither may the browser in its own name.
QUIET = {
    "app.normandy.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


class Firefox:
    """A session; every command waits for its answer."""

    def __init__(self, socket: ClientConnection):
        self.socket, self.number = socket, 0
        self.send("session.new", capabilities={})

    def send(self, method: str, **parameters: Any) -> Any:
        """Send a command and return its result; events are dropped."""
        self.number += 1
        self.socket.send(json.dumps({"id": self.number, "method": method, "params": parameters}))
        while (answer := json.loads(self.socket.recv())).get("id") != self.number:
            pass
        assert answer["type"] == "success", f"{method}: {answer['error']}: {answer['message']}"
        return answer["result"]

    def call(self, context: str, function: str, *arguments: Any) -> Any:
        """Call a function of JSON values in a page, or in the browser's own window, and return its JSON value."""
        wrapped = f"async (given) => JSON.stringify(await ({function})(...JSON.parse(given))) ?? 'null'"
        answer = self.send(
            "script.callFunction",
            functionDeclaration=wrapped,
            awaitPromise=True,
            target={"context": context},
            arguments=[{"type": "string", "value": json.dumps(arguments)}],
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return json.loads(answer["result"]["value"])


def _address(profile: Path, running: subprocess.Popen[bytes]) -> str:
    """Where a Firefox that has just started listens; it says so in its profile."""
    said, deadline = profile / "WebDriverBiDiServer.json", time.monotonic() + PATIENCE
    while not (said.exists() and (text := said.read_text(encoding="utf-8"))):
        assert running.poll() is None, f"{FIREFOX} ended with {running.returncode}"
        assert time.monotonic() < deadline, f"{FIREFOX} does not listen"
        time.sleep(0.1)
    found = json.loads(text)
    return f"ws://{found['ws_host']}:{found['ws_port']}"


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Run Firefox with an empty profile while the block runs."""
    with tempfile.TemporaryDirectory() as profile:
        preferences = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in QUIET.items())
        (Path(profile) / "user.js").write_text(preferences, encoding="utf-8")
        # The last option opens the browser's own window to the protocol: there it says which fonts it took.
        options = ("--headless", "--no-remote", "--remote-debugging-port", "0", "--remote-allow-system-access")
        running = subprocess.Popen(
            (FIREFOX, *options, "--profile", profile), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            with connect(f"{_address(Path(profile), running)}/session", max_size=None) as socket:
                yield Firefox(socket)
        finally:
            running.terminate()
            running.wait()
