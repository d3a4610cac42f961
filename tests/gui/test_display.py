"""The checks before Qt is imported."""

import sys

import pytest

from fer_live.gui.display import DisplayError, check_display, missing_libraries, restore_environment


def test_opencv_variables_are_dropped_and_others_kept():
    environment = {
        "QT_QPA_PLATFORM_PLUGIN_PATH": "/x/site-packages/cv2/qt/plugins",
        "QT_QPA_FONTDIR": "/usr/share/fonts",
    }
    restore_environment(environment)
    assert environment == {"QT_QPA_FONTDIR": "/usr/share/fonts"}


def test_what_would_make_qt_abort_is_found_before_qt_starts():
    assert missing_libraries({"libno-such-thing.so.9": "libno9"}) == ["libno9"]
    check_display({"QT_QPA_PLATFORM": "offscreen"}, "linux")
    check_display({}, "win32")
    with pytest.raises(DisplayError, match="no screen"):
        check_display({}, "linux")


@pytest.mark.skipif(sys.platform != "linux" or bool(missing_libraries()), reason="needs Qt's xcb")
def test_a_screen_that_does_not_answer_is_one_sentence(tmp_path):
    with pytest.raises(DisplayError, match=r"The screen :4711.*does not answer"):
        check_display({"DISPLAY": ":4711"}, "linux")
    stale = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    with pytest.raises(DisplayError, match="no screen"):
        check_display(stale, "linux")
    with pytest.raises(DisplayError, match="does not answer"):
        check_display({**stale, "DISPLAY": ":4711"}, "linux")
    (tmp_path / "wayland-0").touch()
    check_display(stale, "linux")
