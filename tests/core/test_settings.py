"""Settings: where they come from, and what is done about bad ones."""

import json
import stat
import sys
from dataclasses import replace

import pytest

from fer_live.core.errors import ConfigError
from fer_live.core.settings import Settings, load_settings, save_settings, settings_path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new" / "settings.json"


def test_without_a_file_there_are_defaults(path):
    assert load_settings(path, {}) == (Settings(), ())


def test_what_is_saved_is_loaded(path, tmp_path):
    settings = Settings(
        source="rtsp://u:p@cam/1", fps=15.0, output_dir=tmp_path, theme="dark",
        marker_texts=("", "smile"), record_pictures="none", split_minutes=0.5,
    )  # fmt: skip
    save_settings(settings, path)
    assert load_settings(path, {}) == (settings, ())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_nobody_else_reads_an_address_with_a_password(path):
    save_settings(Settings(source="rtsp://u:p@cam/1"), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_environment_wins_over_the_file_and_bad_values_are_told(path):
    save_settings(Settings(fps=15.0, width=640), path)
    settings, problems = load_settings(
        path, {"FER_LIVE_FPS": "60", "FER_LIVE_MIRROR": "maybe", "FER_LIVE_OTHER": "x"}
    )
    assert (settings.fps, settings.width, settings.mirror) == (60.0, 640, True)
    assert len(problems) == 1
    assert "mirror" in problems[0]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"version": 99}', "\x00", "[" * 99_999])
def test_a_bad_file_never_blocks_the_start_and_is_kept(path, text):
    path.parent.mkdir()
    path.write_text(text)
    settings, problems = load_settings(path, {})
    assert settings == Settings(privacy="blur", privacy_on_screen=True)
    assert len(problems) == 3
    assert "kept as settings.json.bad" in problems[1]
    save_settings(Settings(fps=20.0), path)
    assert load_settings(path, {}) == (Settings(fps=20.0), ())
    assert path.with_name("settings.json.bad").read_text() == text
    path.write_text(text)
    assert "kept as settings.json.bad-2" in load_settings(path, {})[1][1]
    save_settings(Settings(fps=20.0), path)
    assert path.with_name("settings.json.bad").read_text() == text
    assert path.with_name("settings.json.bad-2").read_text() == text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nothing", 1),
        ("width", "wide"),
        ("width", 1e999),
        ("width", 9),
        ("fps", True),
        ("device", "tpu"),
        ("source", 3),
        ("unsure_below", 1.5),
        ("privacy", "hat"),
        ("split_mb", -1),
        ("marker_texts", 3),
        ("marker_texts", ["smile", 4]),
        ("marker_texts", ["x"] * 10),
    ],
)
def test_one_bad_value_costs_only_itself(path, name, value):
    path.parent.mkdir()
    path.write_text(json.dumps({name: value, "height": 480}))
    settings, problems = load_settings(path, {})
    assert settings.height == 480
    assert len(problems) == (3 if name == "privacy" else 2)
    save_settings(settings, path)
    assert json.loads(path.with_name("settings.json.bad").read_text())["height"] == 480
    assert load_settings(path, {})[1] == ()
    with pytest.raises(ConfigError) as caught:
        Settings().with_values({name: value})
    assert caught.value.hint


def test_texts_come_from_the_environment_too(path):
    settings, problems = load_settings(path, {"FER_LIVE_MARKER_TEXTS": "begin||end"})
    assert settings.marker_texts == ("begin", "", "end")
    assert problems == ()


def test_what_is_hidden_on_screen_is_hidden_in_what_is_kept():
    assert Settings(privacy_on_screen=True).hiding == "blur"
    assert Settings(privacy_on_screen=True, privacy="pixelate").hiding == "pixelate"
    assert Settings(privacy="pixelate").hiding == "pixelate"
    assert Settings().hiding == "none"


@pytest.mark.parametrize("stored", ['{"privacy": "blur"', '{"version": 99, "privacy": "blur"}'])
def test_faces_are_hidden_where_the_file_that_says_so_cannot_be_read(path, stored):
    path.parent.mkdir()
    path.write_text(stored)
    settings, problems = load_settings(path, {})
    assert (settings.hiding, settings.privacy_on_screen) == ("blur", True)
    assert "hidden" in problems[-1]
    chosen, _ = load_settings(
        path,
        {
            "FER_LIVE_PRIVACY": "none",
            "FER_LIVE_PRIVACY_ON_SCREEN": "0",
            "FER_LIVE_RECORD_PICTURES": "both",
        },
    )
    assert chosen.hiding == "none"


@pytest.mark.parametrize(
    ("name", "value", "on_screen"),
    [
        ("privacy", "blurr", False),
        ("privacy", "", False),
        ("privacy_on_screen", "yes", True),
        ("record_pictures", "numbers", False),
    ],
)
def test_a_bad_privacy_value_hides_faces_wherever_it_stands(path, name, value, on_screen):
    save_settings(Settings(), path)
    settings, problems = load_settings(path, {f"FER_LIVE_{name.upper()}": value})
    assert (settings.hiding, settings.privacy_on_screen) == ("blur", on_screen)
    assert len(problems) == 2
    path.write_text(json.dumps({name: value}))
    assert load_settings(path, {})[0].hiding == "blur"


def test_a_misspelt_privacy_setting_hides_faces(path):
    save_settings(Settings(), path)
    path.write_text(json.dumps({"privcy": "blur"}))
    assert load_settings(path, {})[0].hiding == "blur"
    path.write_text(json.dumps({"fpss": 30, "later": True}))
    assert load_settings(path, {})[0].hiding == "none"


def test_an_unknown_setting_is_told_in_one_short_sentence(path):
    save_settings(Settings(), path)
    path.write_text(json.dumps({"bars": True, "later": True}))
    _, problems = load_settings(path, {})
    assert problems[0].endswith("There is no setting 'bars'. Do you mean 'show_bars'?")
    assert problems[1].endswith("'later'. It is misspelt, or of another version.")
    assert all(len(problem) < 200 for problem in problems)


def test_a_bad_privacy_value_leaves_a_stronger_choice(path):
    save_settings(Settings(privacy="pixelate"), path)
    settings, _ = load_settings(path, {"FER_LIVE_PRIVACY": "blurr"})
    assert settings.privacy == "pixelate"


def test_a_folder_of_an_unknown_user_is_left_as_it_is():
    assert str(Settings().with_values({"output_dir": "~nobody9/x"}).output_dir) == "~nobody9/x"


def test_settings_that_cannot_be_saved_say_why(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match="could not be saved"):
        save_settings(Settings(), tmp_path / "file" / "settings.json")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a user without an entry")
def test_a_user_without_a_home_has_settings_all_the_same(tmp_path, monkeypatch):
    def unknown():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr("pathlib.Path.home", unknown)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("FER_LIVE_CONFIG_DIR", raising=False)
    monkeypatch.chdir(tmp_path)
    settings, problems = load_settings(environment={})
    assert (settings.output_dir, problems) == (tmp_path / "fer_live", ())
    assert settings_path().is_relative_to(tmp_path)
    monkeypatch.setenv("FER_LIVE_CONFIG_DIR", "~nobody9/x")
    assert settings_path().name == "settings.json"


def test_only_changed_values_are_written_over_those_in_the_file(tmp_path):
    path = tmp_path / "settings.json"
    changed = Settings(fps=20.0, width=800)
    save_settings(changed, path, changed=["fps"])  # No file: everything.
    assert load_settings(path, {})[0] == changed
    save_settings(Settings(fps=60.0, theme="light"), path, changed=["theme"])
    assert load_settings(path, {})[0] == replace(changed, theme="light")
    path.write_text("{", "utf-8")
    save_settings(Settings(fps=60.0), path, changed=["theme"])
    assert load_settings(path, {})[0] == Settings(fps=60.0)
