"""The Nu validator over every page of both sites."""

import json
import subprocess

from tests.audit.site import HTML, MODULES


def test_html_is_valid():
    run = subprocess.run(
        [
            *("java", "-Xss8m", "-jar", str(MODULES / "vnu-jar" / "build" / "dist" / "vnu.jar")),
            *("--errors-only", "--skip-non-html", "--format", "json", str(HTML)),
        ],
        stderr=subprocess.PIPE,
        check=False,
    )
    messages = json.loads(run.stderr)["messages"]
    assert [
        f"{message['url'].partition('build/html/')[2]}:{message.get('lastLine')}: {message['message']}"
        for message in messages
    ] == []
