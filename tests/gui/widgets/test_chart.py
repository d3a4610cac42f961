"""The chart and its data."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QImage, QPainter

from fer_live.core.labels import colour_rgb
from fer_live.gui.widgets import theme
from fer_live.gui.widgets.chart import AXIS_GAP_PX, Chart, shares, times
from fer_live.gui.widgets.probability_history import STEP_S, WINDOW_S, ProbabilityHistory
from tests.gui.fakes import LABELS, face, result
from tests.gui.waiting import settle


def test_history_is_thinned_bounded_and_has_gaps():
    history = ProbabilityHistory()
    times, values = history.curves(1, 0.0)
    assert times.shape == (0,)
    taken = [history.add(result(faces=[face(1)], at_s=n / 100)) for n in range(100)]
    assert sum(taken) == pytest.approx(1 / STEP_S, abs=1)
    history.add(result(faces=[face(1)], at_s=5.0))
    times, values = history.curves(1, 5.0)
    assert values.shape == (len(times), len(LABELS))
    assert np.isnan(values).any(axis=1).sum() == 1
    assert times[-1] == 0
    history.add(result(faces=[face(2)], at_s=5.0 + WINDOW_S))
    assert len(history.curves(1, 5.0 + WINDOW_S)[0]) == 1


@pytest.mark.parametrize(("between", "gaps"), [([1], 0), ([], 1)])
def test_slow_results_are_joined_and_a_face_missing_from_one_leaves_a_gap(between, gaps):
    """An analysis of one frame a second still draws lines."""
    history = ProbabilityHistory()
    for second, faces in enumerate(([1], between, [1])):
        history.add(result(faces=[face(number) for number in faces], at_s=float(second)))
    _, values = history.curves(1, 2.0)
    assert np.isnan(values).any(axis=1).sum() == gaps


def test_the_chart_has_a_curve_per_class_in_its_colour(app):
    theme.apply_theme(app, theme.DARK)
    chart, history = Chart(), ProbabilityHistory()
    chart.show_face(history, None, (), 0.0)
    for n in range(5):
        history.add(result(faces=[face(1)], at_s=float(n)))
    chart.show_face(history, 1, LABELS, 4.0)
    assert tuple(chart.curves) == LABELS
    xs, ys = chart.curves["happy"].getData()
    assert xs[-1] == 0
    assert ys[-1] == pytest.approx(0.7)
    shown = chart.curves["happy"].opts["pen"].color()
    assert (shown.red(), shown.green(), shown.blue()) == colour_rgb("happy")
    chart.show_face(history, None, LABELS, 4.0)
    assert (
        len(
            chart.curves["happy"].getData()[0]
            if chart.curves["happy"].getData()[0] is not None
            else ()
        )
        == 0
    )


def test_the_chart_is_drawn_four_times_a_second_and_at_once_for_another_face(app):
    chart, history = Chart(), ProbabilityHistory()

    def samples():
        return len(chart.curves["happy"].getData()[0])

    drawn = []
    for n in range(4):
        history.add(result(faces=[face(1), face(2)], at_s=n * 0.125))
        chart.show_face(history, 1, LABELS, n * 0.125)
        drawn.append(samples())
    assert drawn == [1, 1, 3, 3]
    chart.show_face(history, 2, LABELS, 0.375)
    assert samples() == 4


@pytest.mark.parametrize("points", [9, 15, 22])
@pytest.mark.parametrize("width", [232, 320])
def test_every_axis_label_is_drawn_and_not_cut_in_a_large_font(app, points, width):
    chart = Chart()
    font = chart.font()
    font.setPointSizeF(points)
    chart.setFont(font)
    chart.resize(width, 400)
    chart.show()
    settle()
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    wanted = {"left": [text for _, text in shares()], "bottom": [text for _, text in times()]}
    for side, texts in wanted.items():
        axis = chart._plot.getAxis(side)
        painter = QPainter(image)
        painter.setFont(font)
        _, _, specs = axis.generateDrawSpecs(painter)
        painter.end()
        drawn = {text: axis.mapRectToScene(rect) for rect, _, text in specs}
        # Where there is no room for all, the times in the middle and at the begin are left out.
        fit = [texts] if side == "left" or points == 9 else [texts, texts[::2], texts[-1:]]
        assert sorted(drawn) in map(sorted, fit)
        scene = chart._plot.sceneRect()
        for text, rect in drawn.items():
            assert rect.left() >= scene.left() - 1, text
            assert rect.right() <= scene.right() + 1, text
            assert rect.bottom() <= scene.bottom() + 1, text
        places = sorted(drawn.values(), key=lambda rect: (rect.left(), rect.top()))
        for first, second in pairwise(places):
            assert not first.intersects(second)
    chart.close()
    chart.deleteLater()


@pytest.mark.parametrize("points", [9, 15])
def test_the_labels_of_both_axes_are_painted_at_any_font_size(app, points):
    before = app.font()
    font = QFont(before)
    font.setPointSizeF(points)
    app.setFont(font)
    try:
        chart = Chart()
        chart.resize(310, 330)
        chart.show()
        settle()
        plot = chart._plot
        image = plot.grab().toImage()
        ground = theme.rgb_of(image.pixelColor(1, 1))

        def inked(left, top, right, bottom):
            return any(
                theme.contrast(theme.rgb_of(image.pixelColor(x, y)), ground) > 2
                for x in range(max(left, 0), min(right, image.width()))
                for y in range(max(top, 0), min(bottom, image.height()))
            )

        box = plot.getViewBox()
        origin = plot.getAxis("left").sceneBoundingRect()
        width = round(plot.getAxis("left").width()) - AXIS_GAP_PX // 2
        height = plot.fontMetrics().height()
        for share in (0.0, 0.5, 1.0):
            y = round(box.mapViewToScene(QPointF(-30, share)).y())
            left = round(origin.left())
            assert inked(left, y - height // 2, left + width, y + height // 2), share
        bottom = plot.getAxis("bottom").sceneBoundingRect()
        assert bottom.height() >= height
        for seconds in (-60, -30, 0):
            x = round(box.mapViewToScene(QPointF(seconds, 0.5)).x())
            top = round(bottom.top()) + 3
            assert inked(x - 12, top, x + 12, round(bottom.bottom())), seconds
        chart.close()
    finally:
        app.setFont(before)
