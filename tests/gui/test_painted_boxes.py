"""Where the analysis is slow, every box that reaches the screen lies on its face."""

import threading
from itertools import chain

import numpy as np
import pytest
from PySide6.QtGui import QImage

from fer_live.core.settings import Settings
from fer_live.detection.still_detector import still_detector
from fer_live.gui.main_window import MainWindow
from fer_live.live.assembly import assemble
from tests.gui.driver import close_and_delete
from tests.gui.waiting import wait_for
from tests.live.fakes import FakeClassifier
from tests.live.test_preview import overlap

BOXES = 8
"""Painted boxes that are looked at in each run."""


class SlowProcessor:
    """The real detector and tracker, at so many frames a second at most."""

    def __init__(self, fps, stopped):
        self._real = assemble(FakeClassifier())
        self._pause_s, self._stopped = 1 / fps, stopped

    def __getattr__(self, name):
        return getattr(self._real, name)

    def process(self, frame):
        self._stopped.wait(self._pause_s)
        return self._real.process(frame)


def painted(view):
    """What the view paints: its picture alone, (h, w, 3) uint8 RGB."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    pixels = rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    left, top, width, height = view.image_rect_px()
    assert width >= view.result.frame.width
    return pixels[top : top + height, left : left + width].copy()


def box_in(pixels, size):
    """The box drawn in a picture, in pixels of a frame of this size; None if there is none.

    It is yellow, as the one class that `FakeClassifier` names. Its sides are the columns that
    yellow covers for longest: the label is lower than a box, and narrower.
    """
    red, green, blue = pixels.astype(int).transpose(2, 0, 1)
    # Yellow, also where scaling has mixed a thin line with what is beside it; skin is redder.
    drawn = (red - blue > 70) & (green - blue > 70)
    heights = drawn.sum(0)
    if heights.max() < 60:
        return None
    sides = np.flatnonzero(heights > 0.5 * heights.max())
    rows = np.flatnonzero(drawn[:, sides[-1]])
    scale = size[0] / pixels.shape[1]
    return tuple(float(v) * scale for v in (sides[0], rows[0], sides[-1], rows[-1]))


@pytest.fixture
def slow_window(app, real, monkeypatch, tmp_path, request):
    stopped = threading.Event()
    monkeypatch.setattr(
        "fer_live.live.assembly.processor_for", lambda *_: SlowProcessor(request.param, stopped)
    )
    window = MainWindow(
        Settings(
            source="demo?faces=1&width=960&height=540",
            first_start_done=True,
            show_ids=False,
            show_advice=False,
            show_fps=False,
            output_dir=tmp_path,
        ),
        real,
    )
    # Large enough for every pixel of the picture.
    window.resize(1440, 800)
    window.show()
    yield window
    stopped.set()
    close_and_delete(window)


@pytest.mark.parametrize("slow_window", [5, 2], indirect=True)
def test_every_painted_box_lies_on_its_face(slow_window):
    window = slow_window
    window.begin()
    # Two detectors that look at that very picture: each errs now and then.
    truth = [still_detector(name) for name in ("haar", "yunet")]
    seen, overlaps = [], []

    def look():
        result = window.view.result
        if result is None or window.view.message is not None or result.frame.index in seen:
            return False
        seen.append(result.frame.index)
        size = result.frame.width, result.frame.height
        box = box_in(painted(window.view), size)
        if box is not None:
            found = chain.from_iterable(
                one.detect(result.frame.image_bgr).boxes_xyxy.tolist() for one in truth
            )
            overlaps.append(max((overlap(box, true) for true in found), default=0.0))
        return len(overlaps) >= BOXES

    wait_for(look, "painted boxes", 60.0)
    assert min(overlaps) >= 0.5
