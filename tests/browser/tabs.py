"""One way to open, size, ask and picture a page, in Chromium and in Firefox."""

import io
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
from PIL import Image

from tests.audit.server import browsing
from tests.browser.firefox import FIREFOX, PATIENCE, Firefox, firefox

BROWSERS = ("chromium", "firefox")
# Names of keys as WebDriver knows them.
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "ArrowRight": "\ue014"}

Picture = np.ndarray[Any, np.dtype[np.uint8]]


class Tab(Protocol):
    """A page of one browser."""

    browser: str

    def open(self, address: str) -> None:
        """Go to an address and wait until everything is loaded."""

    def resize(self, width: int, height: int, scale: float) -> None:
        """Give the window a size in pixels of CSS, each drawn by scale × scale dots."""

    def call(self, function: str, *arguments: Any) -> Any:
        """Call a function of JSON values in the page and return its JSON value."""

    def press(self, key: str) -> None:
        """Press a key, by its name or its character."""

    def picture(self, box: tuple[int, int, int, int]) -> Picture:
        """Picture a box of the document: left, top, width and height in pixels of CSS."""

    def fonts(self, selector: str) -> list[list[str]]:
        """Addresses or names of the fonts that draw each element that a selector finds; shipped ones are addresses."""


# Scrolls down to a place and waits until it is drawn.
GO = """(y) => {
  scrollTo({ top: y, behavior: "instant" });
  return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def decoded(data: str) -> Picture:
    """Dots of a picture as rows of red, green and blue."""
    return np.asarray(Image.open(io.BytesIO(b64decode(data))).convert("RGB"))


class ChromiumTab:
    """A page of Chromium, by its own protocol where Playwright is slow."""

    browser = "chromium"

    def __init__(self, browser: Any):
        self.context = browser.new_context()
        self.page = self.context.new_page()
        self.session = self.context.new_cdp_session(self.page)

    def open(self, address: str) -> None:
        self.page.goto(address, wait_until="load")
        self.page.evaluate("document.fonts.ready.then(() => 0)")

    def resize(self, width: int, height: int, scale: float) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self.session.send("Emulation.setDeviceMetricsOverride", size)

    def call(self, function: str, *arguments: Any) -> Any:
        return self.page.evaluate(f"(given) => ({function})(...given)", list(arguments))

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def picture(self, box: tuple[int, int, int, int]) -> Picture:
        clip = dict(zip(("x", "y", "width", "height"), box, strict=True)) | {"scale": 1}
        # A picture beyond the window costs a layout of the whole page; one of the same frame may show old tiles.
        self.page.evaluate(GO, box[1])
        options = {"clip": clip, "optimizeForSpeed": True}
        return decoded(self.session.send("Page.captureScreenshot", options)["data"])

    def fonts(self, selector: str) -> list[list[str]]:
        for domain in ("DOM", "CSS"):
            self.session.send(f"{domain}.enable")
        root = self.session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        found = self.session.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]
        answers = (self.session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"] for node in found)
        return [
            [font["familyName"] if font["isCustomFont"] else f"!{font['familyName']}" for font in fonts]
            for fonts in answers
        ]


USED_FONTS = """(selector) => new Promise((done) => {
  const messages = gBrowser.selectedBrowser.messageManager;
  const heard = ({ data }) => { messages.removeMessageListener("drawn:fonts", heard); done(data); };
  messages.addMessageListener("drawn:fonts", heard);
  const script = `{
    const used = (element) => {
      const range = content.document.createRange();
      range.selectNodeContents(element);
      const name = (face) => (face.URI ? "" : "!") + (face.CSSFamilyName || face.name);
      return InspectorUtils.getUsedFontFaces(range, 9).map(name);
    };
    sendAsyncMessage("drawn:fonts", [...content.document.querySelectorAll(${JSON.stringify(selector)})].map(used));
  }`;
  messages.loadFrameScript("data:," + encodeURIComponent(script), false);
})"""


# Marks the page that is left, unless the address is a place within it.
LEAVE = """(address) => {
  const [here, there] = [location.href, new URL(address).href].map((each) => each.split("#")[0]);
  document.left = here !== there || !address.includes("#");
}"""
ARRIVED = """(address) => !document.left && document.readyState === "complete"
  && (location.href === "about:blank") === (address === "about:blank")"""


class FirefoxTab:
    """A page of Firefox."""

    browser = "firefox"

    def __init__(self, session: Firefox):
        self.session = session
        self.page = session.send("browsingContext.getTree")["contexts"][0]["context"]
        trees = session.send("browsingContext.getTree", **{"moz:scope": "chrome"})["contexts"]
        windows = [tree["context"] for tree in trees if tree["url"].startswith("chrome:")]
        assert windows, f"{FIREFOX} is too old to open its own window to WebDriver BiDi; version 153 does"
        self.window = windows[0]

    def open(self, address: str) -> None:
        self.call(LEAVE, address)
        self.session.send("browsingContext.navigate", context=self.page, url=address, wait="complete")
        # Firefox answers too early if the page that is left writes into its address meanwhile.
        deadline = time.monotonic() + PATIENCE
        while not self._arrived(address):
            assert time.monotonic() < deadline, f"{address} did not load"
            time.sleep(0.02)
        self.call("() => document.fonts.ready.then(() => 0)")

    def _arrived(self, address: str) -> bool:
        try:
            return bool(self.call(ARRIVED, address))
        except AssertionError:  # the page was exchanged during the call
            return False

    def resize(self, width: int, height: int, scale: float) -> None:
        size = {"width": width, "height": height}
        self.session.send("browsingContext.setViewport", context=self.page, viewport=size, devicePixelRatio=scale)

    def call(self, function: str, *arguments: Any) -> Any:
        return self.session.call(self.page, function, *arguments)

    def press(self, key: str) -> None:
        value = KEYS.get(key, key)
        actions = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
        keys = {"type": "key", "id": "keyboard", "actions": actions}
        self.session.send("input.performActions", context=self.page, actions=[keys])

    def picture(self, box: tuple[int, int, int, int]) -> Picture:
        clip = dict(zip(("x", "y", "width", "height"), box, strict=True)) | {"type": "box"}
        shot = self.session.send("browsingContext.captureScreenshot", context=self.page, origin="document", clip=clip)
        return decoded(shot["data"])

    def fonts(self, selector: str) -> list[list[str]]:
        found: list[list[str]] = self.session.call(self.window, USED_FONTS, selector)
        return found


@contextmanager
def tab(name: str) -> Iterator[Tab]:
    """Run a browser while the block runs, with one page of it."""
    if name == "chromium":
        with browsing() as browser:
            yield ChromiumTab(browser)
    else:
        with firefox() as session:
            yield FirefoxTab(session)
