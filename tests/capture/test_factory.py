import errno
import shutil
from pathlib import Path

import pytest

from fer_live.capture import factory
from fer_live.capture.camera import CameraSettings, CameraSource
from fer_live.capture.demo import DemoSource
from fer_live.capture.devices import CameraDevice
from fer_live.capture.factory import make_source
from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.network_stream import UrlSource
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import ConfigError, SourceError, SourceNotFoundError

BRIO = CameraDevice(2, "Logitech BRIO", "DSHOW")


@pytest.fixture(autouse=True)
def _one_camera(monkeypatch):
    monkeypatch.setattr(factory, "list_cameras", lambda: (BRIO,))


@pytest.mark.parametrize("text", [3, "3", " 3 "])
def test_a_number_is_a_camera(text):
    settings = CameraSettings(640, 480)
    source = make_source(text, settings)
    assert isinstance(source, CameraSource)
    assert (source.index, source.name, source.settings) == (3, None, settings)


def test_a_name_is_a_camera_with_its_back_end():
    source = make_source("brio", CameraSettings(640, 480))
    assert isinstance(source, CameraSource)
    assert (source.index, source.name) == (2, "Logitech BRIO")
    assert source.settings == CameraSettings(640, 480, 30, "DSHOW")


def test_files_folders_and_pictures(video_path, folder):
    assert isinstance(make_source(str(video_path)), VideoFileSource)
    assert isinstance(make_source(str(folder)), ImageFolderSource)
    assert isinstance(make_source(str(folder / "face 1.png")), ImageFolderSource)


def test_a_path_in_the_home_folder(video_path, tmp_path, monkeypatch):
    shutil.copy(video_path, tmp_path / "film.mp4")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    source = make_source("~/film.mp4")
    assert source.open().name == "film.mp4"
    source.close()


@pytest.mark.parametrize("url", ["http://h/x", "https://h/x", "rtsp://u:p@h:554/x"])
def test_addresses(url):
    assert isinstance(make_source(url), UrlSource)


def test_the_demo_and_its_options():
    assert isinstance(make_source("demo"), DemoSource)
    source = make_source("demo?faces=4&width=640&height=360&fps=15.5")
    info = source.open()
    source.close()
    assert (info.width, info.height, info.fps) == (640, 360, 15.5)


@pytest.mark.parametrize("text", ["demo?faces=many", "demo?size=3", "demo?faces=99", "demo?faces="])
def test_options_the_demo_does_not_have(text):
    with pytest.raises(ConfigError) as caught:
        make_source(text)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["nothing", "", "x" * 5000, "a\0b", "-1"])
def test_what_is_none_of_these_names_the_possibilities(text):
    with pytest.raises(SourceNotFoundError) as caught:
        make_source(text)
    for word in ("camera", "video file", "folder", "URL", "demo", "Logitech BRIO"):
        assert word in caught.value.hint


def test_an_address_of_another_kind_hides_its_password():
    with pytest.raises(SourceNotFoundError, match="http://") as caught:
        make_source("ftp://u:s3cret@h/x.mp4")
    assert "s3cret" not in str(caught.value)


def test_a_name_that_fits_several_cameras(monkeypatch):
    monkeypatch.setattr(
        factory, "list_cameras", lambda: (BRIO, CameraDevice(0, "Logitech C920", "V4L2"))
    )
    with pytest.raises(SourceNotFoundError, match="Several"):
        make_source("logitech")


@pytest.mark.parametrize("name", ["HD Webcam (USB 2.0/3.0)", "Cam v1.20", "a\\b"])
def test_a_camera_whose_name_looks_like_a_path(monkeypatch, name):
    monkeypatch.setattr(factory, "list_cameras", lambda: (BRIO, CameraDevice(4, name, "V4L2")))
    source = make_source(name.upper())
    assert isinstance(source, CameraSource)
    assert (source.index, source.name) == (4, name)


@pytest.mark.parametrize("kind", [VideoFileSource, ImageFolderSource, make_source])
def test_a_name_with_a_tilde_that_is_nobodys_home(tmp_path, monkeypatch, video_path, kind):
    monkeypatch.chdir(tmp_path)
    shutil.copy(video_path, "~nobody-here.mp4")
    assert kind("~nobody-here.mp4").path.is_file()
    with pytest.raises(SourceNotFoundError, match="no file or folder"):
        make_source("~nobody-else.mp4")


@pytest.mark.parametrize("kind", [VideoFileSource, ImageFolderSource])
def test_a_name_too_long_is_a_clear_error(kind):
    with pytest.raises(SourceError, match=r"cannot be read|no file"):
        kind("x" * 300 + ".png").open()


@pytest.mark.parametrize("name", ["film.mp4", "face.png", "folder"])
def test_what_lies_in_a_closed_folder_is_not_called_missing(monkeypatch, name):
    stat = Path.stat

    def refuse(self, **options):
        if self.parent.name == "closed":
            raise PermissionError(errno.EACCES, "Permission denied")
        return stat(self, **options)

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(SourceError, match="cannot be read: Permission denied"):
        make_source(f"/closed/{name}").open()


@pytest.mark.parametrize(
    "text", ["/nowhere/clip.mp4", "clip.mkv", "no/such/folder", "x" * 300 + "/clip.mp4"]
)
def test_a_missing_file_is_named_as_one(text):
    with pytest.raises(SourceNotFoundError, match="no file or folder"):
        make_source(text)
