import logging

import cv2
import numpy as np
import pytest
from PIL import Image

from fer_live.capture.image_folder import ImageFolderSource, list_images, load_image
from fer_live.core.errors import ConfigError, SourceError, SourceNotFoundError
from tests.capture.conftest import picture
from tests.capture.test_video_file import read_all


def test_pictures_come_in_natural_order_with_their_own_sizes(folder):
    source = ImageFolderSource(folder, fps=2)
    info = source.open()
    frames = read_all(source)
    source.close()
    assert (info.kind, info.name, info.fps, info.live) == ("images", folder.name, 2, False)
    assert (info.width, info.height, info.details) == (100, 96, "3 pictures")
    assert [f.width for f in frames] == [100, 64, 80]  # 1, 2, 10
    assert [f.position_s for f in frames] == [0, 0.5, 1]
    assert np.array_equal(frames[1].image_bgr, picture(2, 64))


def test_only_pictures_are_listed(folder):
    assert [p.name for p in list_images(folder)] == ["face 1.png", "face 2.png", "face 10.png"]


def test_what_a_folder_holds_besides_is_named_and_counted(tmp_path, caplog):
    for name in ("a.psd", "b.PSD", "c.mp4", ".hidden"):
        (tmp_path / name).touch()
    source = ImageFolderSource(tmp_path)
    with pytest.raises(SourceNotFoundError, match=r"\(\.mp4: 1, \.psd: 2\)"):
        source.open()
    cv2.imwrite(str(tmp_path / "c.png"), picture(1))
    with caplog.at_level(logging.WARNING):
        source.open()
    source.close()
    assert "left out (.mp4: 1, .psd: 2)" in caplog.text


def test_what_cannot_be_read_is_skipped_and_named(tmp_path, caplog):
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "b.jpg").write_text("words")
    cv2.imwrite(str(tmp_path / "c.png"), picture(1))
    (tmp_path / "d.png").write_bytes((tmp_path / "c.png").read_bytes()[:40])
    source = ImageFolderSource(tmp_path)
    with caplog.at_level(logging.WARNING):
        info = source.open()
        frames = read_all(source)
    assert info.details == "4 pictures; cannot be read: a.png, b.jpg"
    assert list(source.skipped) == ["a.png", "b.jpg", "d.png"]
    for name, reason in source.skipped.items():
        assert reason
        assert f"{name} is skipped: {reason}" in caplog.text
    assert f"3 of 4 pictures in {tmp_path} were skipped" in caplog.text
    assert [f.position_s for f in frames] == [0]
    source.close()


def test_a_picture_with_too_many_pixels_is_skipped_and_says_so(tmp_path, caplog):
    cv2.imwrite(str(tmp_path / "a.png"), picture(1))
    Image.new("L", (400, 300)).save(tmp_path / "b.png")
    source = ImageFolderSource(tmp_path, max_pixels=100_000)
    source.open()
    with caplog.at_level(logging.WARNING):
        assert len(read_all(source)) == 1
    source.close()
    assert "pixels" in source.skipped["b.png"]


def test_a_single_picture_is_a_source(folder):
    source = ImageFolderSource(folder / "face 2.png")
    info = source.open()
    frames = read_all(source)
    source.close()
    assert (info.name, info.details, len(frames)) == ("face 2.png", "1 picture", 1)


@pytest.mark.parametrize(("orientation", "corner"), [(1, (0, 0)), (3, (-1, -1)), (6, (0, -1))])
def test_exif_rotation_is_honoured(tmp_path, orientation, corner):
    image = Image.new("RGB", (64, 32), "black")
    image.paste("white", (0, 0, 16, 16))
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    image.save(path, exif=exif)
    upright = load_image(path)
    assert upright.shape == ((64, 32, 3) if orientation == 6 else (32, 64, 3))
    y, x = corner
    assert upright[y, x].min() > 200
    assert upright[-1 - y, x].max() < 60


def test_a_name_with_other_letters(tmp_path):
    path = tmp_path / "Gesicht-ü-顔.png"
    path.write_bytes(cv2.imencode(".png", picture(3))[1].tobytes())
    assert np.array_equal(load_image(path), picture(3))


def test_clear_errors(tmp_path):
    with pytest.raises(SourceNotFoundError, match="no picture in the folder"):
        ImageFolderSource(tmp_path).open()
    with pytest.raises(SourceNotFoundError, match="no file"):
        ImageFolderSource(tmp_path / "none").open()
    bad = tmp_path / "bad.png"
    bad.write_text("words")
    with pytest.raises(SourceError, match=r"No picture in .* can be read .1 tried"):
        ImageFolderSource(tmp_path).open()
    with pytest.raises(SourceError, match=r"bad.png is not a picture"):
        ImageFolderSource(bad).open()
    with pytest.raises(ConfigError):
        ImageFolderSource(tmp_path, fps=0)
