"""Themes, icons and elided texts."""

import pytest
from PySide6.QtGui import QColor

from fer_live.core.labels import colour_rgb
from fer_live.gui.widgets import icons, theme
from fer_live.gui.widgets.elide import elide_middle
from tests.gui.fakes import LABELS


@pytest.mark.parametrize("look", [theme.LIGHT, theme.DARK], ids=lambda look: look.name)
def test_text_can_be_read_in_both_themes(look):
    def rgb(name):
        return theme.rgb_of(QColor(getattr(look, name)))

    for ground in ("window", "surface", "raised", "stage"):
        assert theme.contrast(rgb("text"), rgb(ground)) >= 7
        assert theme.contrast(rgb("muted"), rgb(ground)) >= 4.5
    assert theme.contrast(rgb("on_accent"), rgb("accent")) >= 4.5
    assert theme.contrast(rgb("on_danger"), rgb("danger")) >= 4.5
    for label in LABELS:
        seen = theme.readable(colour_rgb(label), rgb("surface"))
        assert theme.contrast(seen, rgb("surface")) >= theme.GRAPHIC_CONTRAST


@pytest.mark.parametrize("name", icons.NAMES)
def test_every_icon_draws_something(app, name):
    image = icons.pixmap(name, "#ff0000", 20, 2.0).toImage()
    assert image.width() == 40
    assert any(QColor(image.pixelColor(x, y)).alpha() for x in range(40) for y in range(40))


def test_eliding_in_the_middle_keeps_both_ends():
    assert elide_middle("short", 10) == "short"
    assert elide_middle("abcdefghij.mp4", 9) == "abcd….mp4"
