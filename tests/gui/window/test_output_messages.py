"""Texts about recordings and logs."""

from fer_live.gui.window.output_messages import record_button_text, size_text


def test_sizes_are_in_decimal_units(app):
    sizes = (0, 999, 1000, 12_400_000, 1_240_000_000, 85_200_000_000, 3e15)
    said = ["0 B", "999 B", "1.0 kB", "12 MB", "1.2 GB", "85 GB", "3,000 TB"]
    assert [size_text(size) for size in sizes] == said


def test_record_button_text(app):
    assert record_button_text(0, 0) == "0:00"
    assert record_button_text(3725.9, 0) == "1:02:05"
    assert record_button_text(61, 3) == "1:01 · 3\u00a0dropped"
