"""Chromium, and the page as a user sees it."""

import base64
import json

import numpy as np
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

WAIT_S = 30
"""Longest wait for an answer on the page; only a failing test waits so long."""

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--window-size=1200,900",
)

PUT_FILES = """
const [kind, named] = arguments;
const carried = new DataTransfer();
for (const [name, type, coded] of named) {
  const bytes = Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
  carried.items.add(new File([bytes], name, { type }));
}
const target = document.getElementById("drop");
const shared = { bubbles: true, cancelable: true };
if (kind === "paste") {
  target.dispatchEvent(new ClipboardEvent("paste", { ...shared, clipboardData: carried }));
} else {
  for (const step of ["dragenter", "dragover", "drop"])
    target.dispatchEvent(new DragEvent(step, { ...shared, dataTransfer: carried }));
}
"""


def requests(browser):
    """Every address that the browser asked for since the last call."""
    found = []
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
        elif message["method"] == "Network.webSocketCreated":
            found.append(message["params"]["url"])
    return found


class Page:
    """What a user does on the page and sees there."""

    def __init__(self, browser):
        self.browser = browser
        self.expected_failures = ()

    def all(self, selector):
        return self.browser.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector):
        return self.one(selector).text

    def wait(self, condition):
        # The page may replace an element between finding and reading it.
        replaced = [StaleElementReferenceException]
        wait = WebDriverWait(self.browser, WAIT_S, poll_frequency=0.05, ignored_exceptions=replaced)
        return wait.until(lambda _: condition())

    def choose(self, *paths):
        self.one("#files").send_keys("\n".join(map(str, paths)))

    def put(self, kind, *files):
        coded = [(name, mime, base64.b64encode(content).decode()) for name, mime, content in files]
        self.browser.execute_script(PUT_FILES, kind, coded)

    def rectangle(self, selector):
        """Left, top, width, height, pixels of the page."""
        script = (
            "const r = document.querySelector(arguments[0]).getBoundingClientRect();"
            "return [r.left, r.top, r.width, r.height]"
        )
        return np.array(self.browser.execute_script(script, selector))

    def colour(self, selector, name):
        script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        return self.browser.execute_script(script, selector, name)
