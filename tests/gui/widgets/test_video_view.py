"""The video view and its messages."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton

from fer_live.gui.widgets.theme import DARK, LIGHT, apply_theme
from fer_live.gui.widgets.video_view import PANE_WIDTH_PX, Message, VideoView, fitted
from tests.gui.fakes import result
from tests.gui.waiting import settle


@pytest.mark.parametrize(
    ("frame", "view", "expected"),
    [
        ((1280, 720), (1280, 720), (0, 0, 1280, 720)),
        ((1280, 720), (1000, 1000), (0, 219, 1000, 562)),
        ((640, 480), (1280, 480), (320, 0, 640, 480)),
        ((480, 640), (100, 100), (12, 0, 75, 100)),
        ((4000, 10), (100, 100), (0, 49, 100, 1)),
    ],
)
def test_a_frame_is_fitted_and_centred(frame, view, expected):
    assert fitted(frame, view) == expected


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_bars_beside_a_video_are_dark_in_both_themes(app, theme):
    apply_theme(app, theme)
    view = VideoView()
    view.resize(400, 100)
    view.show_result(result(size=(100, 100)), np.full((100, 100, 3), 255, np.uint8))
    image = view.grab().toImage()
    assert QColor(image.pixel(5, 50)).lightness() < 40
    assert QColor(image.pixel(200, 50)).lightness() > 240


class Dense(VideoView):
    """A view on a screen with this many device pixels per logical pixel."""

    ratio = 1.0

    def devicePixelRatioF(self) -> float:  # noqa: N802
        return self.ratio


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_the_picture_keeps_its_aspect_and_uses_every_device_pixel(app, ratio):
    view = Dense()
    view.ratio = ratio
    view.resize(400, 400)
    shown = result(size=(160, 90))
    picture = np.full((90, 160, 3), 255, np.uint8)
    view.show_result(shown, picture)
    place = view.image_rect_px()
    assert place == (
        0,
        (round(400 * ratio) - round(225 * ratio)) // 2,
        round(400 * ratio),
        round(225 * ratio),
    )
    side = round(400 * ratio)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    view.render(image, QPoint(0, 0))
    rows = [QColor(image.pixel(side // 2, y)).lightness() > 200 for y in range(side)]
    assert sum(rows) == pytest.approx(place[3], abs=1)
    assert rows.index(True) == pytest.approx(place[1], abs=1)


def test_the_picture_is_shown_in_its_own_colours(app):
    view = VideoView()
    view.resize(320, 240)
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[:] = (200, 100, 50)
    view.show_result(result(size=(320, 240)), picture)
    colour = QColor(view.grab().toImage().pixel(160, 120))
    assert (colour.red(), colour.green(), colour.blue()) == (50, 100, 200)


def test_the_latency_is_reported_once_per_picture(app):
    view, seen = VideoView(), []
    view.painted.connect(seen.append)
    view.show_result(result(), np.zeros((120, 160, 3), np.uint8))
    view.grab()
    view.grab()
    assert len(seen) == 1
    assert seen[0] >= 0


def test_a_result_drawn_again_does_not_count_in_the_latency(app):
    view, seen = VideoView(), []
    view.painted.connect(seen.append)
    old, picture = result(), np.zeros((120, 160, 3), np.uint8)
    for shown in (old, old, result()):
        view.show_result(shown, picture)
        view.grab()
    assert len(seen) == 2


def test_a_message_hides_the_picture_unless_it_keeps_it(app):
    view = VideoView()
    view.show_result(result(), np.zeros((120, 160, 3), np.uint8))
    view.show_message(Message("Lost", keep_frame=True))
    assert view.result is not None
    view.show_message(Message("Gone"))
    assert view.result is None
    assert view.image_rect_px() is None
    view.grab()


def test_a_short_message_at_the_edge_stays_on_one_line(app):
    view = VideoView()
    view.resize(900, 500)
    button = QPushButton("Start")
    view.set_message_buttons((("again", button),))
    view.show()
    view.show_message(Message("Finished", "", ("again",), aside=True))
    settle()
    title = view.pane.title
    assert title.width() >= title.fontMetrics().horizontalAdvance("Finished")
    view.close()


@pytest.mark.parametrize("names", ["a", "ab", "abcd"])
def test_the_buttons_of_a_message_are_in_the_middle(app, names):
    view = VideoView()
    view.set_message_buttons([(name, QPushButton(name * 4)) for name in "abcd"])
    view.resize(900, 500)
    view.show()
    view.show_message(Message("Title", "Words", tuple(names)))
    settle()
    shown = [b for b in view.pane.findChildren(QPushButton) if b.isVisible()]
    assert len(shown) == len(names)
    left = min(b.geometry().left() for b in shown)
    right = view.pane.width() - 1 - max(b.geometry().right() for b in shown)
    assert abs(left - right) <= 2
    view.close()


@pytest.mark.parametrize(("letters", "rows"), [(8, 2), (18, 3)])
def test_a_message_fits_the_view_when_that_changes(app, letters, rows):
    view = VideoView()
    view.set_message_buttons([(name, QPushButton(name * letters)) for name in "abc"])
    view.resize(900, 500)
    view.show_message(Message("Title", "Words", ("a", "b", "c")))
    view.grab()
    assert view.pane.width() == PANE_WIDTH_PX
    buttons = view.pane.findChildren(QPushButton)
    assert len({b.y() for b in buttons}) == 1
    view.resize(320, 400)
    view.grab()
    assert view.pane.width() <= 320
    assert len({b.y() for b in buttons}) == rows
    assert max(b.geometry().right() for b in buttons) < view.pane.width()
