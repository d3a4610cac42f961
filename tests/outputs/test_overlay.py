"""The overlay page in a real Chromium, as OBS shows it."""

import contextlib
import http.server
import io
import shutil
import threading

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as DriverService

from fer_live.core.labels import colour_rgb
from fer_live.outputs.websocket import WebSocketSender
from tests.web.browser import ARGUMENTS, Page, requests

from .support import SIZE, face, outputs_of, result, wait_until

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed"
)

LEFT = face(3, "happy", 0.9, (20.0, 60.0, 120.0, 180.0))
LARGE = face(8, "sad", 0.6, (300.0, 100.0, 540.0, 340.0))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    folder = tmp_path_factory.mktemp("chromium")
    own = (
        f"--user-data-dir={folder}",
        # A name whose owner has pointed it at this computer.
        "--host-resolver-rules=MAP evil.example 127.0.0.1",
    )
    for argument in (*ARGUMENTS, *own):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=DriverService(DRIVER))
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": False},
    )
    # A browser source in OBS has no background of its own.
    clear = {"color": {"r": 0, "g": 0, "b": 0, "a": 0}}
    driver.execute_cdp_cmd("Emulation.setDefaultBackgroundColorOverride", clear)
    yield driver
    driver.quit()


@pytest.fixture
def served():
    with outputs_of(WebSocketSender("127.0.0.1", 0)) as (live, output):
        yield live, output


def http_place(output):
    return output.place.replace("ws://", "http://")


@pytest.fixture
def shown(browser, served):
    """Opens the page with a query and shows it frames."""
    live, output = served

    def show(query, *faces, **more):
        requests(browser)
        browser.get(f"{http_place(output)}/overlay?{query}")
        wait_until(lambda: output.clients == 1)
        live.submit(result(0, faces, **more))
        page = Page(browser)
        if faces:
            page.wait(lambda: page.all(".face"))
        return page

    yield show
    browser.get("about:blank")
    wait_until(lambda: output.clients == 0)
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def ids(page):
    return [element.get_attribute("data-id") for element in page.all(".face")]


def pixels(browser):
    """(H, W, 4) of the page as a program that puts it over a video sees it."""
    picture = Image.open(io.BytesIO(browser.get_screenshot_as_png()))
    return np.asarray(picture.convert("RGBA"))


def test_it_shows_the_label_of_the_largest_face(shown, browser):
    page = shown("", LEFT, LARGE)
    assert ids(page) == ["8"]
    assert page.text(".label") == "sad 60%"
    assert not page.all(".bars")
    asked = requests(browser)
    assert len(asked) == 4
    assert {address.split("/")[2].split(":")[0] for address in asked} == {"127.0.0.1"}


def test_it_is_transparent_but_for_what_it_says(shown, browser):
    shown("show=label&scale=2", LARGE)
    seen = pixels(browser)
    opaque = seen[..., 3] > 0
    assert 0.002 < opaque.mean() < 0.1
    assert not opaque[360:].any()
    chip = seen[np.all(seen[..., :3] == colour_rgb("sad"), axis=-1)]
    assert len(chip) > 1000


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("face=largest", ["8"]),
        ("face=first", ["3"]),
        ("face=all", ["3", "8"]),
        ("face=3", ["3"]),
        ("face=99", []),
    ],
)
def test_the_face_is_chosen_by_the_query(shown, served, query, expected):
    page = shown(query, *([LEFT, LARGE] if expected else []))
    if not expected:
        served[0].submit(result(1, [LEFT, LARGE]))
        wait_until(lambda: served[1].sent == 2)
    assert ids(page) == expected


def test_bars_are_as_long_as_the_probabilities(shown):
    page = shown("show=bars", LARGE)
    assert not page.all(".label")
    names = [element.text for element in page.all(".name")]
    assert names == ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    script = (
        "return [...document.querySelectorAll('.bar')].map(b => b.getBoundingClientRect().width)"
    )
    lengths = page.browser.execute_script(script)
    assert lengths[4] / lengths[3] == pytest.approx(0.6 / (0.4 / 6), rel=0.02)
    assert page.all(".bar")[4].value_of_css_property("background-color") == "rgba(86, 180, 233, 1)"


def test_boxes_lie_over_the_faces(shown):
    page = shown("show=box,label&face=all", LEFT, LARGE)
    scale = 1280 / SIZE[0]
    assert page.rectangle(".face[data-id='3']") == pytest.approx(
        np.array([20, 60, 100, 120]) * scale
    )
    assert page.rectangle(".face[data-id='8']") == pytest.approx(
        np.array([300, 100, 240, 240]) * scale
    )


def test_boxes_fit_a_picture_of_another_shape_and_a_mirror(shown):
    square = np.zeros((400, 400, 3), np.uint8)
    page = shown("show=box&mirror=1", LEFT, image_bgr=square)
    scale, edge = 720 / 400, (1280 - 720) / 2
    mirrored = [edge + (400 - 120) * scale, 60 * scale, 100 * scale, 120 * scale]
    assert page.rectangle(".face") == pytest.approx(np.array(mirrored))


def test_an_unsure_and_an_unclassified_face_claim_nothing(shown, served):
    from fer_live.core.types import Face

    page = shown("", Face(1, (0.0, 0.0, 50.0, 50.0), 1.0, "unsure", 0.3))
    assert page.text(".label") == "unsure"
    served[0].submit(result(1, [Face(1, (0.0, 0.0, 50.0, 50.0))]))
    page.wait(lambda: page.text(".label") == "…")


def test_it_shows_nothing_once_faces_or_frames_are_gone(shown, served):
    page = shown("", LARGE)
    served[0].submit(result(1))
    page.wait(lambda: not page.all(".face"))
    served[0].submit(result(2, [LARGE]))
    page.wait(lambda: page.all(".face"))
    page.wait(lambda: not page.all(".face"))  # no frame comes for two seconds


def test_it_comes_back_after_the_program_has_been_restarted(browser, served):
    live, output = served
    port = int(output.place.rpartition(":")[2])
    browser.get(f"{http_place(output)}/overlay")
    wait_until(lambda: output.clients == 1)
    live.stop()
    with outputs_of(WebSocketSender("127.0.0.1", port)) as (again, other):
        wait_until(lambda: other.clients == 1)
        again.submit(result(0, [LARGE]))
        page = Page(browser)
        page.wait(lambda: page.all(".face"))
        browser.get("about:blank")
    browser.get_log("browser")  # refused connections in between are what was tested


def test_a_token_in_its_address_opens_the_stream(browser):
    with outputs_of(WebSocketSender("127.0.0.1", 0, "secret")) as (_, output):
        browser.get(f"{http_place(output)}/overlay?token=secret")
        wait_until(lambda: output.clients == 1)
        browser.get("about:blank")


OPEN_SOCKET = """
const done = arguments[1];
const socket = new WebSocket(arguments[0]);
socket.onopen = () => done("open");
socket.onerror = () => done("refused");
"""


def test_a_foreign_name_for_this_computer_reads_nothing(browser, served):
    _, output = served
    port = output.place.rpartition(":")[2]
    browser.get(f"http://evil.example:{port}/overlay")
    assert "does not answer to that name" in browser.page_source
    answer = browser.execute_async_script(OPEN_SOCKET, f"ws://evil.example:{port}/")
    assert answer == "refused"
    assert output.clients == 0
    browser.get_log("browser")


def test_a_page_of_another_site_reads_nothing(browser, served):
    _, output = served

    class Quiet(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<!doctype html>")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as other:
        thread = threading.Thread(target=other.serve_forever, daemon=True)
        thread.start()
        try:
            for name in ("127.0.0.1", "localhost"):
                browser.get(f"http://{name}:{other.server_port}/")
                assert browser.execute_async_script(OPEN_SOCKET, output.place) == "refused"
            # The same from where it is allowed: the attempt as such is sound.
            browser.get(f"{http_place(output)}/overlay")
            assert browser.execute_async_script(OPEN_SOCKET, output.place) == "open"
        finally:
            other.shutdown()
            thread.join()
    browser.get("about:blank")
    with contextlib.suppress(Exception):
        browser.get_log("browser")
