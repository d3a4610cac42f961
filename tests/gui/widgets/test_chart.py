"""The chart and its data."""

import numpy as np
import pytest

from fer_live.core.labels import colour_rgb
from fer_live.gui.widgets import theme
from fer_live.gui.widgets.chart import Chart
from fer_live.gui.widgets.probability_history import STEP_S, WINDOW_S, ProbabilityHistory
from tests.gui.fakes import LABELS, face, result


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
