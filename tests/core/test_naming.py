"""Names by pattern; nothing is overwritten."""

from datetime import datetime

import pytest

from fer_live.core.errors import ConfigError
from fer_live.core.naming import check_pattern, expand
from fer_live.recording.options import RecordingOptions

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6000)


def test_fields_are_filled_in():
    assert expand("lab {date}_{time}.{ms}", MOMENT) == "lab 20260102_030405.006"


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("", "empty"),
        ("a/b", "not every system"),
        ("..\\x", "not every system"),
        ("what?", "not every system"),
        ("tab\t", "not every system"),
        ("{subject}", "not a placeholder"),
        ("{date!r}", "not a placeholder"),
        ("{time:>9}", "not a placeholder"),
        ("{}", "not a placeholder"),
        ("{date", "braces"),
        (" x", "space or dot"),
        ("x.", "space or dot"),
        ("CON", "device"),
        ("lpt1.a", "device"),
        ("x" * 121, "longer"),
    ],
)
def test_a_pattern_that_some_system_refuses_is_refused(pattern, why):
    with pytest.raises(ConfigError, match=why):
        check_pattern(pattern)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pictures": "some"},
        {"quality": "best"},
        {"encoder": "magic"},
        {"privacy": "hat"},
        {"split_s": 0.0},
        {"split_s": float("nan")},
        {"split_bytes": 10},
        {"name": "a/b"},
        {"reserve_bytes": -1},
    ],
)
def test_options_are_checked(wrong):
    with pytest.raises(ConfigError) as caught:
        RecordingOptions(**wrong)
    assert caught.value.message


def test_numbers_only_is_no_file():
    assert RecordingOptions(pictures="none").suffixes == ()
