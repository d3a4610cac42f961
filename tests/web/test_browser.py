"""The page in a real Chromium, against the real service with the released model."""

import shutil
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service as DriverService
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from fer_live.classification.description import read_meta
from fer_live.core.labels import colour_rgb
from fer_live.core.paths import find_model

from .browser import ARGUMENTS, Page, requests
from .service import Service
from .support import encoded, portrait

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DRIVER = shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="Chromium and chromedriver are not installed"
)


def webcam_frame():
    """(480, 640, 3) RGB uint8: a face at the left, where a mirror shows it at the right."""
    frame = np.full((480, 640, 3), 90, np.uint8)
    frame[:300, :300] = portrait()
    return frame


@pytest.fixture(scope="module")
def service():
    service = Service("--max-mb", "3")
    yield service
    service.end()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    folder = tmp_path_factory.mktemp("chromium")
    (folder / "webcam.mjpeg").write_bytes(encoded(webcam_frame(), "JPEG") * 4)
    own = (
        f"--user-data-dir={folder / 'profile'}",
        f"--use-file-for-fake-video-capture={folder / 'webcam.mjpeg'}",
    )
    for argument in (*ARGUMENTS, *own):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=DriverService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, service):
    """The page, freshly loaded; afterwards: no request left for elsewhere, and no complaint."""
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(service.address)
    page = Page(browser)
    page.wait(lambda: "Model default" in page.text("#about"))
    yield page
    asked = requests(browser)
    own = urlsplit(service.address).netloc
    assert any(urlsplit(address).path == "/healthz" for address in asked)
    for address in asked:
        parts = urlsplit(address)
        assert parts.netloc == own or address.startswith(f"blob:{service.address}"), address
    complaints = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    told = page.expected_failures
    assert [
        line for line in complaints if not any(f"status of {c}" in line["message"] for c in told)
    ] == []


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Two people, one upright only by its EXIF, nobody, and a text."""
    folder = tmp_path_factory.mktemp("pictures")
    two = np.hstack([portrait(), portrait()[:, ::-1]])
    (folder / "two.png").write_bytes(encoded(two, "PNG"))
    (folder / "none.png").write_bytes(encoded(np.full((80, 120, 3), 90, np.uint8), "PNG"))
    (folder / "letter.jpg").write_bytes(b"Dear sir or madam")
    (folder / "scan.tiff").write_bytes(encoded(portrait(), "TIFF"))
    noise = np.random.default_rng(0).integers(0, 255, (1200, 1200, 3), np.uint8)
    cv2.imwrite(str(folder / "large.png"), noise)
    return folder


def test_an_uploaded_picture_is_answered_on_screen(page, pictures):
    page.choose(pictures / "two.png")
    page.wait(lambda: page.all(".card.answered"))
    assert "2 faces" in page.text("#results .summary")
    assert "600 \u00d7 300" in page.text("#results .summary")
    labels = read_meta(find_model()).labels.labels
    for face in page.all("#results .face"):
        assert [part.text for part in face.find_elements(By.CSS_SELECTOR, ".class")] == list(labels)
        values = [part.text for part in face.find_elements(By.CSS_SELECTOR, ".value")]
        assert sum(int(value.split()[0]) for value in values) == pytest.approx(100, abs=4)
    # NASA's portrait smiles.
    assert [part.text for part in page.all("#results .label")] == ["happy", "happy"]
    assert str(colour_rgb("happy"))[1:-1] in page.colour("#results .box", "borderTopColor")
    assert str(colour_rgb("happy"))[1:-1] in page.colour(
        "#results .bars .top .bar", "backgroundColor"
    )


@pytest.mark.parametrize("width", [1200, 390])
def test_boxes_are_drawn_to_scale(page, pictures, width):
    # The window itself cannot be made as narrow as a phone.
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    page.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    page.choose(pictures / "two.png")
    page.wait(lambda: page.all(".card.answered"))
    left, top, shown_width, shown_height = page.rectangle("#results .stage img")
    assert shown_width / shown_height == pytest.approx(2, abs=0.02)
    assert left >= 0
    assert left + shown_width <= width
    box = page.rectangle("#results .box:first-child")
    scale = 600 / shown_width
    centre = (box[:2] + box[2:] / 2 - (left, top)) * scale
    # The face in the middle of the portrait's left copy.
    assert np.abs(centre - (148, 118)).max() < 20
    assert 80 < box[2] * scale < 150
    assert page.browser.execute_script("return document.documentElement.scrollWidth") <= width
    page.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_several_files_are_answered_each(page, pictures):
    names = ["two.png", "none.png", "letter.jpg", "two.png"]
    page.expected_failures = (415,)
    page.choose(*(pictures / name for name in names))
    page.wait(lambda: len(page.all(".card.answered")) == 3 and page.all(".card.failed"))
    assert [part.text for part in page.all("#results .name")] == names[::-1]
    assert "not a picture" in page.text(".card.failed .problem")
    assert "No face found" in page.text(".card:nth-child(3) .summary")
    assert page.text("#status") == "4 pictures done"
    page.one("#clear").click()
    assert not page.all("#results .card")
    assert not page.one("#clear").is_displayed()


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_dropped_and_pasted_pictures_are_answered(page, kind):
    page.put(kind, ("me.png", "image/png", encoded(portrait(), "PNG")))
    page.wait(lambda: page.all(".card.answered"))
    assert page.text("#results .name") == "me.png"
    assert "1 face" in page.text("#results .summary")
    assert "over" not in page.one("#drop").get_attribute("class").split()


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_without_a_picture_it_says_what_to_do(page, kind):
    assert not page.one("#problem").is_displayed()
    page.put(kind)
    assert "then" in page.text("#problem-text")
    page.one("#problem-close").click()
    assert not page.one("#problem").is_displayed()


def test_errors_are_on_the_screen(page, pictures):
    page.expected_failures = (415,)
    page.choose(pictures / "letter.jpg", pictures / "large.png")
    page.wait(lambda: len(page.all(".card.failed")) == 2)
    large, letter = (part.text for part in page.all("#results .problem"))
    assert "not a picture" in letter
    assert "3.0 MB are allowed" in large
    for problem in page.all("#results .problem"):
        assert problem.is_displayed()
        assert problem.get_attribute("role") == "alert"


def test_a_kind_the_browser_cannot_show_is_answered_all_the_same(page, pictures):
    page.choose(pictures / "scan.tiff")
    page.wait(lambda: page.all(".card.answered"))
    assert "1 face" in page.text("#results .summary")
    _, _, width, height = page.rectangle("#results .stage")
    assert width == pytest.approx(height, rel=0.02)
    assert page.rectangle("#results .box")[2] > 20


def test_a_name_with_markup_is_shown_as_text(page):
    name = "<img src=x onerror=alert(1)>.png"
    page.put("drop", (name, "image/png", encoded(portrait(), "PNG")))
    page.wait(lambda: page.all(".card.answered"))
    assert page.text("#results .name") == name


def test_everything_can_be_done_by_keyboard(page, pictures):
    page.choose(pictures / "two.png")
    page.wait(lambda: page.all(".card.answered"))
    reached = []
    page.one("body").send_keys(Keys.HOME)
    for _ in range(9):
        page.browser.switch_to.active_element.send_keys(Keys.TAB)
        active = page.browser.switch_to.active_element
        reached.append(active.get_attribute("id") or active.get_attribute("class"))
        if reached[-1] == "face-head":
            assert page.all("#results .box.marked")
            break
    assert reached == ["skip", "choose", "camera", "clear", "remove", "face-head"]
    page.one("#results .remove").send_keys(Keys.ENTER)
    assert not page.all("#results .card")
    assert page.browser.switch_to.active_element.get_attribute("id") == "choose"


def test_every_control_has_a_name_and_the_page_one_heading(page, pictures):
    page.choose(pictures / "two.png")
    page.wait(lambda: page.all(".card.answered"))
    for control in page.all("button, input, img, video, section"):
        if control.is_displayed():
            name = control.accessible_name
            assert name or control.get_attribute("alt") == "", control.get_attribute("outerHTML")
    assert len(page.all("h1")) == 1
    assert page.one("html").get_attribute("lang") == "en"


def test_the_webcam_is_answered_and_stops_cleanly(page):
    page.one("#camera").click()
    page.wait(lambda: "answers a second" in page.text("#live-status"))
    assert page.one("#camera").get_attribute("aria-pressed") == "true"
    assert "1 face" in page.text("#live-status")
    assert page.text("#live .label") == "happy"
    left, top, width, height = page.rectangle("#video")
    box = page.rectangle("#live .box")
    centre = (box[:2] + box[2:] / 2 - (left, top)) / (width, height)
    assert np.abs(centre - (1 - 148 / 640, 118 / 480)).max() < 0.05
    live = "return document.getElementById('video').srcObject?.getTracks()[0].readyState ?? null"
    assert page.browser.execute_script(live) == "live"
    page.browser.execute_script("window.track = video.srcObject.getTracks()[0]")
    page.one("#live-stop").click()
    assert not page.one("#live").is_displayed()
    assert page.browser.execute_script("return window.track.readyState") == "ended"
    assert page.browser.execute_script(live) is None
    assert page.browser.switch_to.active_element.get_attribute("id") == "camera"
    assert not page.one("#problem").is_displayed()
    # Nothing more is asked once it has stopped.
    requests(page.browser)
    page.browser.execute_async_script("setTimeout(arguments[0], 400)")
    assert "/predict" not in str(requests(page.browser))
    page.browser.get(page.browser.current_url)
    page.one("#camera").click()
    page.wait(lambda: "answers a second" in page.text("#live-status"))
    page.one("#camera").click()
    assert not page.one("#live").is_displayed()


def test_a_webcam_that_is_refused_is_told(page):
    page.browser.execute_script(
        "navigator.mediaDevices.getUserMedia = () =>"
        " Promise.reject(new DOMException('no', 'NotAllowedError'))"
    )
    page.one("#camera").click()
    page.wait(lambda: page.one("#problem").is_displayed())
    assert "Allow it" in page.text("#problem-text")
    assert page.one("#camera").get_attribute("aria-pressed") == "false"


def test_a_service_that_is_gone_is_told(browser):
    service = Service()
    browser.get(service.address)
    page = Page(browser)
    page.wait(lambda: "Model default" in page.text("#about"))
    service.end()
    page.put("drop", ("me.png", "image/png", encoded(portrait(), "PNG")))
    page.wait(lambda: page.all(".card.failed"))
    assert "still running" in page.text("#results .problem")
