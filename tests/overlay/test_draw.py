"""The overlay, checked by geometry."""

import math

import numpy as np
import pytest
from PIL import ImageFont

from fer_live.core.labels import FERPLUS, UNSURE
from fer_live.core.types import Face
from fer_live.overlay import text as text_module
from fer_live.overlay.draw import (
    AMBER,
    OverlayOptions,
    Screen,
    draw_overlay,
    label_texts,
    rate_text,
    text_size_px,
)
from fer_live.overlay.placement import Placement
from fer_live.overlay.text import text_mask

LABELS = FERPLUS.labels
EVEN = np.full(8, 1 / 8, np.float32)


def face(box, **values) -> Face:
    return Face(**{"track_id": 7, "box_xyxy": box, "label": "happy", "confidence": 0.87, **values})


def grey(height=720, width=1280, level=90):
    return np.full((height, width, 3), level, np.uint8)


def changed(before, after):
    rows, cols = np.nonzero((before != after).any(axis=2))
    return cols.min(), rows.min(), cols.max(), rows.max()


def test_nothing_to_draw_gives_an_equal_copy():
    image = grey()
    image.setflags(write=False)
    drawn = draw_overlay(image, (), LABELS)
    assert drawn is not image
    assert np.array_equal(drawn, image)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_box_stands_out_on_any_background(level):
    image = grey(level=level)
    drawn = draw_overlay(image, [face((500, 300, 700, 500))], LABELS)
    edge = drawn[400, 490:510].astype(int)
    assert np.abs(edge - level).max() > 90
    assert np.array_equal(drawn[310:490, 510:690], image[310:490, 510:690])


@pytest.mark.parametrize("size", [(120, 160), (480, 640), (2160, 3840)])
@pytest.mark.parametrize("where", ["inside", "left-top", "right-bottom", "larger"])
def test_every_size_and_place_keeps_the_label_inside(size, where):
    height, width = size
    side = height // 3
    box = {
        "inside": (side, side, 2 * side, 2 * side),
        "left-top": (-side // 2, -side // 2, side // 2, side // 2),
        "right-bottom": (width - side, height - side // 2, width + side, height + side),
        "larger": (-9, -9, width + 9, height + 9),
    }[where]
    image = grey(height, width)
    drawn = draw_overlay(
        image, [face(box, probabilities=EVEN)], LABELS, OverlayOptions(show_bars=True), 30.0
    )
    assert drawn.shape == image.shape
    left, top, right, bottom = changed(image, drawn)
    assert left >= 0
    assert bottom < height
    assert right - left > text_size_px(image)
    assert top <= bottom


def test_bars_grow_with_the_probability():
    image = grey()
    low = face((100, 300, 200, 400), probabilities=EVEN)
    peak = np.zeros(8, np.float32)
    peak[1] = 1
    high = face((100, 300, 200, 400), probabilities=peak)
    options = OverlayOptions(show_bars=True)
    count = [
        int((draw_overlay(image, [f], LABELS, options)[300:, 210:] == (66, 228, 240)).all(2).sum())
        for f in (low, high)
    ]
    assert count[1] > 4 * count[0] > 0


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, "happy 87%  #7"),
        ({"label": UNSURE, "confidence": 0.2}, "unsure  #7"),
        ({"label": None}, "…  #7"),
        ({"label": "sad", "confidence": math.nan}, "sad  #7"),
    ],
)
def test_label_text(values, text):
    assert label_texts(face((0, 0, 9, 9), **values), OverlayOptions())[0] == text
    plain = OverlayOptions(show_ids=False)
    assert label_texts(face((0, 0, 9, 9), **values), plain)[0] == text.split("  #")[0]


@pytest.mark.parametrize("size", [11, 20, 60])
def test_no_letter_is_cut_off(size):
    font = ImageFont.truetype(str(text_module.TYPEFACE), size)
    for text in (*LABELS, UNSURE, "0123456789 %  #", "Ünsal Ödön", "fröhlich 99\u00a0%"):
        left, top, right, bottom = font.getbbox(text)
        mask = text_mask(text, size)
        assert mask.shape[0] >= bottom - top
        assert mask.shape[1] == pytest.approx(right - left, abs=1)
        # The same typeface and size for every text: letters take the same room.
        assert int((mask > 0).sum()) >= np.count_nonzero(font.getmask(text))


def rects(image, options=None, fps=None, faces=(), screen=None):
    """What is drawn besides the boxes, as rectangles, taken from the placement itself."""
    placed = []

    class Noting(Placement):
        def place(self, candidates, **options):
            rect = super().place(candidates, **options)
            if rect is not None:
                placed.append(rect)
            return rect

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fer_live.overlay.draw.Placement", Noting)
        drawn = draw_overlay(image, faces, LABELS, options, fps, screen=screen)
    return placed, drawn


def common(one, other):
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0) * max(height, 0)


def crowd(count, seed):
    """Faces of different sizes that do not overlap in a picture of 1280x720."""
    rng = np.random.default_rng(seed)
    boxes = []
    while len(boxes) < count:
        side = int(rng.integers(50, 170))
        left, top = int(rng.integers(0, 1280 - side)), int(rng.integers(0, 720 - side))
        box = (left, top, left + side, top + side)
        if not any(common(box, other) for other in boxes):
            boxes.append(box)
    return [face(box, probabilities=EVEN) for box in boxes]


@pytest.mark.parametrize("bars", [False, True])
@pytest.mark.parametrize(("count", "seed"), [(1, 0), (2, 1), (4, 2), (4, 3), (6, 4), (8, 5)])
def test_labels_bars_and_rate_cover_no_face_and_no_other_label(count, seed, bars):
    faces = crowd(count, seed)
    image = np.full((720, 1280, 3), 90, np.uint8)
    placed, _ = rects(image, OverlayOptions(show_bars=bars), 30.0, faces)
    assert len(placed) >= 1 + count
    for number, rect in enumerate(placed):
        assert 0 <= rect[0] < rect[2] <= 1280
        assert 0 <= rect[1] < rect[3] <= 720
        for one in faces:
            assert common(rect, [round(v) for v in one.box_xyxy]) == 0
        for other in placed[:number]:
            assert common(rect, other) == 0


def test_neighbours_that_leave_no_room_get_compact_bars_or_none():
    boxes = [(100 + 150 * n, 300, 240 + 150 * n, 440) for n in range(7)]
    faces = [face(box, probabilities=EVEN) for box in boxes]
    image = np.full((720, 1280, 3), 90, np.uint8)
    placed, drawn = rects(image, OverlayOptions(show_bars=True), 30.0, faces)
    assert len(placed) > 8
    for one in faces:
        left, top, right, bottom = (round(v) for v in one.box_xyxy)
        inner = drawn[top + 4 : bottom - 4, left + 4 : right - 4]
        assert (inner == 90).all()


@pytest.mark.parametrize(
    ("fps", "analysed", "text"),
    [(30, None, "30 fps"), (30, 29, "30 fps"), (30, 5.2, "30 fps · 5 analysed"), (30, 0, None)],
)
def test_both_rates_are_shown_when_they_differ(fps, analysed, text):
    assert rate_text(fps, analysed) == (text or "30 fps · 0 analysed")


def test_the_advice_stands_beside_the_face_and_covers_no_other():
    image = grey()
    box, other = (400.0, 200.0, 600.0, 400.0), (400.0, 410.0, 600.0, 610.0)
    plain = draw_overlay(image, [face(box), face(other)], LABELS)
    drawn = draw_overlay(image, [face(box, quality=("dark", "turn_unknown")), face(other)], LABELS)
    rows, columns = np.nonzero((plain != drawn).any(2))
    assert len(rows) > 200
    assert np.abs(drawn.astype(int) - AMBER).max(2)[rows, columns].min() < 30
    for left, top, right, bottom in (box, other):
        inside = (rows > top) & (rows < bottom) & (columns > left) & (columns < right)
        assert not inside.any()


def test_no_advice_when_it_is_off_or_nothing_is_said_of_the_flag():
    box = (400.0, 200.0, 600.0, 400.0)
    plain = draw_overlay(grey(), [face(box)], LABELS)
    off = OverlayOptions(show_advice=False)
    for quality, options in ((("turn_unknown",), None), (("dark",), off)):
        drawn = draw_overlay(grey(), [face(box, quality=quality)], LABELS, options)
        np.testing.assert_array_equal(drawn, plain)


@pytest.mark.parametrize("size", [11, 20, 60])
def test_letters_with_accents_are_drawn_as_themselves(size):
    masks = [text_mask(letter, size) for letter in ("ö", "ü", "Ä", "ß", "é", "\uffff", "o")]
    assert len({mask.shape[0] for mask in masks}) == 1
    assert len({(mask.shape, mask.tobytes()) for mask in masks}) == len(masks)
    # None is cut at the edge of its line.
    whole = text_mask("ÄÖÜ", size)
    assert whole.max() > 200
    assert not whole[-1].any()


def test_letters_that_no_typeface_has_are_boxes(monkeypatch):
    monkeypatch.setattr(text_module, "SYSTEM_FONTS", ("no such file.ttf",))
    text_module.text_mask.cache_clear()
    try:
        assert np.array_equal(text_mask("Zo\u304c", 20), text_mask("Zo\uffff", 20))
    finally:
        monkeypatch.undo()
        text_module.text_mask.cache_clear()


def test_shorter_labels_keep_the_name_that_the_user_gave():
    shown = face((0, 0, 9, 9))
    assert label_texts(shown, OverlayOptions()) == ("happy 87%  #7", "happy 87%", "happy")
    named = face((0, 0, 9, 9), name="Anna")
    assert label_texts(named, OverlayOptions()) == ("happy 87%  Anna", "happy  Anna", "happy")
    assert label_texts(face((0, 0, 9, 9), label=None), OverlayOptions()) == ("…  #7", "…")


def test_neighbours_get_shorter_labels_instead_of_covering_each_other():
    """Five rows of faces, closer to each other than the long text of a label is wide."""
    boxes = [(20 + 70 * n, 30 + 80 * row, 80 + 70 * n, 90 + 80 * row)
             for row in range(5) for n in range(9)]  # fmt: skip
    faces = [face(box, track_id=number) for number, box in enumerate(boxes, 1)]
    options = OverlayOptions(show_fps=False)
    placed, _ = rects(grey(440, 660), options, None, faces, Screen(660, 440))
    assert len(placed) == len(faces)
    for number, rect in enumerate(placed):
        for other in (*placed[:number], *boxes):
            assert common(rect, other) == 0


@pytest.mark.parametrize(
    ("screen", "least", "most"),
    [
        (Screen(433, 244), 12, 12),
        (Screen(1280, 720), 20, 20),
        (Screen(3840, 2160), 24, 24),
        (Screen(866, 488, 2.0), 24, 24),
        (Screen(3840, 2160, 2.0), 48, 48),
    ],
)
def test_text_is_readable_on_every_screen_and_boxes_are_where_the_faces_are(screen, least, most):
    image = grey()
    drawn = draw_overlay(image, [face((320, 180, 640, 540))], LABELS, screen=screen)
    assert drawn.shape == (screen.height, screen.width, 3)
    assert least <= text_size_px(drawn, screen) <= most
    left, _, right, bottom = changed(np.full_like(drawn, 90), drawn)
    assert left == pytest.approx(screen.width / 4, abs=6)
    assert right == pytest.approx(screen.width / 2, abs=6)
    assert bottom == pytest.approx(screen.height * 3 / 4, abs=6)


def test_words_are_drawn_in_the_language_of_the_window():
    german = {"happy": "fröhlich", "analysed": "analysiert"}.get
    shown = face((0, 0, 9, 9))
    options = OverlayOptions(word=lambda w: german(w, w), percent=lambda s: f"{s * 100:.0f}\u00a0%")
    assert label_texts(shown, options)[0] == "fröhlich 87\u00a0%  #7"
    assert rate_text(30, 5, lambda w: german(w, w)) == "30 fps · 5 analysiert"
