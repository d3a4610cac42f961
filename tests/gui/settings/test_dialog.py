"""The settings dialog."""

import pytest

from fer_live.capture.camera_check import CameraFormat
from fer_live.core.settings import Settings
from fer_live.gui.language import install_language
from fer_live.gui.settings.dialog import SettingsDialog
from tests.gui.waiting import settle


def test_settings_go_through_the_dialog_unchanged(app, tmp_path):
    settings = Settings(
        source="2", ca_file="lab.pem",
        device="cpu", model=str(tmp_path / "m.safetensors"), mirror=False, width=800,
        height=600, fps=25.0,
        pixel_format="YUYV", prior="ferplus", smoothing_s=0.4, unsure_below=0.45,
        show_bars=True, show_fps=False, show_ids=False, show_heat=True, show_advice=False,
        output_dir=tmp_path,
        theme="light", clean_snapshot=True,
        first_start_done=True, window_geometry="abc", record_pictures="both",
        record_quality="small", record_encoder="software", record_name="lab {date}",
        split_minutes=2.5, split_mb=700.0, privacy="pixelate", privacy_on_screen=True,
        replay=True, replay_s=45.0, log_format="jsonl", marker_texts=("", "smile"),
        log_layout="openface", derived_figures=True, json_output=True, websocket=True,
        websocket_address="0.0.0.0:81", websocket_token="secret", osc=True,
        osc_address="box.lan:7000", lsl=True, lsl_name="lab", virtual_camera=True,
    )  # fmt: skip
    dialog = SettingsDialog(settings)
    assert dialog.values() == settings
    heard = []
    dialog.applied.connect(heard.append)
    dialog.unsure.setValue(50)
    dialog.theme.setCurrentIndex(0)
    dialog._accept()
    assert heard[0].unsure_below == 0.5
    assert heard[0].theme == "system"
    assert heard[0].source == "2"


def test_a_name_that_cannot_be_used_keeps_the_settings_open_and_says_why(app):
    dialog, heard = SettingsDialog(Settings()), []
    dialog.applied.connect(heard.append)
    dialog.recording.name.setText("a/b")
    dialog._accept()
    assert heard == []
    assert "not every system" in dialog.problem.text()
    assert dialog.pages.currentWidget().isAncestorOf(dialog.recording)
    dialog.recording.name.setText("")
    dialog._accept()
    assert heard[0].record_name == ""


@pytest.mark.parametrize(
    ("wrong", "right", "field", "words"),
    [
        ({"websocket_address": "nowhere"}, {"websocket_address": "8765"}, "websocket_address",
         "'nowhere' is not an address"),
        ({"osc_address": "9000"}, {"osc_address": "box:9000"}, "osc_address", "HOST:PORT"),
        ({"lsl_name": " "}, {"lsl_name": "lab"}, "lsl_name", "need a name"),
    ],
)  # fmt: skip
def test_an_output_that_cannot_be_opened_keeps_the_settings_open(app, wrong, right, field, words):
    on = dict.fromkeys(("websocket", "osc", "lsl"), True)
    dialog, heard = SettingsDialog(Settings(**on, **wrong)), []
    dialog.applied.connect(heard.append)
    dialog._accept()
    assert heard == []
    assert words in dialog.problem.text()
    assert dialog.pages.currentWidget().isAncestorOf(dialog.outputs)
    assert dialog.outputs.problem_field is getattr(dialog.outputs, field)
    getattr(dialog.outputs, field).setText(next(iter(right.values())))
    dialog._accept()
    assert getattr(heard[0], field) == next(iter(right.values()))


def test_the_address_of_an_output_that_is_off_is_not_looked_at(app):
    page = SettingsDialog(Settings(websocket_address="nowhere", lsl_name="")).outputs
    assert page.problem() == ""
    assert not page.websocket_address.isEnabled()
    page.websocket.setChecked(True)
    assert page.websocket_address.isEnabled()
    assert page.problem() != ""


def test_numbers_only_needs_no_video_settings_and_parquet_its_library(app, monkeypatch):
    page = SettingsDialog(Settings(record_pictures="none")).recording
    assert not page.quality.isEnabled()
    assert not page.replay.isEnabled()
    assert page.format.model().item(2).isEnabled()
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    page = SettingsDialog(Settings()).recording
    assert page.quality.isEnabled()
    assert not page.format.model().item(2).isEnabled()
    assert "not installed" in page.format.itemText(2)


def test_models_that_are_averaged_stay_chosen(app, tmp_path):
    both = f"{tmp_path / 'mine.safetensors'} + default"
    dialog = SettingsDialog(Settings(model=both))
    assert dialog.model.currentText() == "mine.safetensors + default"
    assert dialog.values().model == both


def test_settings_open_although_models_cannot_be_listed(app, monkeypatch):
    def fail():
        raise PermissionError(13, "no")

    monkeypatch.setattr("fer_live.gui.settings.dialog.model_names", fail)
    assert SettingsDialog(Settings()).model.count() == 1


def test_size_rate_and_format_are_those_that_the_camera_offers(app):
    offered = (
        CameraFormat(640, 480, 30.0, "YUYV"),
        CameraFormat(640, 480, 60.0, "MJPG"),
        CameraFormat(1280, 720, 10.0, "YUYV"),
        CameraFormat(1280, 720, 30.0, "MJPG"),
    )
    dialog = SettingsDialog(Settings(), offered=offered)

    def choices(box):
        return [box.itemData(i) for i in range(box.count())]

    assert choices(dialog.size_box) == [(640, 480), (1280, 720)]
    assert choices(dialog.format_box) == ["", "MJPG", "YUYV"]
    assert choices(dialog.rate_box) == [10.0, 30.0]
    dialog.format_box.setCurrentText("YUYV")
    assert choices(dialog.rate_box) == [10.0]
    dialog.size_box.setCurrentIndex(0)
    dialog.format_box.setCurrentText("MJPG")
    values = dialog.values()
    assert (values.width, values.height, values.fps) == (640, 480, 60.0)
    assert values.pixel_format == "MJPG"
    dialog.deleteLater()


def test_a_camera_that_is_not_known_gets_the_usual_values_and_keeps_its_own(app):
    own = Settings(width=1000, height=700, fps=17.0, pixel_format="NV12")
    dialog = SettingsDialog(own)
    assert dialog.values() == own
    sizes = [dialog.size_box.itemData(place) for place in range(dialog.size_box.count())]
    assert {(1000, 700), (1920, 1080)} <= set(sizes)
    dialog.deleteLater()


@pytest.mark.parametrize("width", [560, 784, 1100])
def test_no_page_of_the_settings_scrolls_sideways(app, width):
    dialog = SettingsDialog(Settings())
    dialog.resize(width, 500)
    dialog.show()
    for number, area in enumerate(dialog._areas):
        dialog.pages.setCurrentIndex(number)
        settle()
        assert area.horizontalScrollBar().maximum() == 0, dialog.pages.tabText(number)
    dialog.close()


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_settings_open_as_high_as_their_texts_are(app, language):
    """On a screen that has room for them, no page scrolls."""
    install_language(app, language)
    try:
        dialog = SettingsDialog(Settings())
        dialog.resize(dialog.sizeHint())
        dialog.show()
        for number, area in enumerate(dialog._areas):
            dialog.pages.setCurrentIndex(number)
            settle()
            assert area.verticalScrollBar().maximum() == 0, dialog.pages.tabText(number)
        dialog.close()
    finally:
        install_language(app, "en")


def test_all_choices_of_a_page_are_equally_high(app):
    dialog = SettingsDialog(Settings())
    dialog.show()
    settle()
    assert len({box.height() for box in (dialog.device, dialog.precision, dialog.model)}) == 1
    dialog.close()


def test_certificates_are_chosen_and_taken_away(app, tmp_path):
    dialog = SettingsDialog(Settings())
    assert dialog.values().ca_file == ""
    dialog.ca_file.setText(f" {tmp_path / 'lab.pem'} ")
    assert dialog.values().ca_file == str(tmp_path / "lab.pem")
    dialog.ca_file.clear()
    assert dialog.values().ca_file == ""
    dialog.deleteLater()


def test_accepting_keeps_what_was_changed_outside_the_dialog_meanwhile(open_window):
    window = open_window(begin=False)
    window.open_settings()
    (dialog,) = window.findChildren(SettingsDialog)
    window.choose_source("demo?faces=2")  # as the list of sessions does
    dialog.bars.setChecked(not dialog.bars.isChecked())
    dialog._accept()
    assert window.settings.source == "demo?faces=2"
    assert window.settings.recent_sources == ("demo?faces=2",)
    assert window.settings.show_bars == dialog.bars.isChecked()
