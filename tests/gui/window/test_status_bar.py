"""The status bar."""

from fer_live.gui.window.status_bar import Latency
from tests.gui.driver import streaming
from tests.gui.waiting import settle, wait_for


def test_the_latency_is_the_median_of_the_last_second():
    latency = Latency()
    assert latency.median_ms(0.0) is None
    for at, value in ((0.0, 500.0), (1.5, 10.0), (1.8, 30.0), (2.0, 20.0)):
        latency.add(value, at)
    assert latency.median_ms(2.0) == 20.0
    assert latency.median_ms(9.0) is None


def test_the_status_bar_leaves_out_what_does_not_fit(open_window, services):
    window = open_window()
    streaming(window, services)
    window.commands["panel"].trigger()
    strip = window.status
    fields = (
        strip.capture,
        strip.analysis,
        strip.delay,
        strip.not_analysed,
        strip.device,
        strip.model,
    )
    window.resize(1280, 700)
    wait_for(lambda: strip.model.text() and all(f.isVisible() for f in fields), "all figures")
    window.resize(560, 500)
    wait_for(lambda: window.width() <= 600, "the size")
    settle()
    assert strip.analysis.isVisible()
    assert not strip.device.isVisible()
    shown = sum(field.width() for field in fields if field.isVisible())
    assert shown <= strip.width()
