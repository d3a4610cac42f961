"""Small pictures of key frames."""

import av
import numpy as np
import pytest

from fer_live.capture.container.thumbnails import PLACES, SIZE_PX, Thumbnails
from fer_live.core.errors import SourceError
from tests.capture.conftest import FPS, write_video

FRAMES = 30


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """1.2 s with a key frame every fifth frame."""
    return write_video(tmp_path_factory.mktemp("clip") / "clip.mp4", list(range(FRAMES)))


def shows(image_bgr, number):
    """Whether an image is `picture(number)`, after compression."""
    blue = float(np.median(image_bgr[image_bgr.shape[0] // 2 :, :, 0]))
    return abs(blue - 8 * number % 256) < 8


@pytest.mark.parametrize("asked", [0, 4, 5, 17, 29])
def test_the_picture_is_the_key_frame_before_the_time(clip, asked):
    thumbnails = Thumbnails(clip)
    thumbnails.seek((asked + 0.5) / FPS)
    frame = thumbnails.read()
    assert frame is not None
    assert shows(frame.image_bgr, asked // 5 * 5)
    assert frame.position_s == pytest.approx(asked // 5 * 5 / FPS, abs=1e-3)
    assert thumbnails.read() is None
    thumbnails.close()


def test_what_was_decoded_is_kept_and_bounded(clip):
    thumbnails = Thumbnails(clip)
    seen = []
    for ms in range(0, 1300, 5):
        thumbnails.seek(ms / 1e3)
        seen.append(thumbnails.read())
    assert thumbnails.kept == PLACES
    thumbnails.seek(0.0)
    assert thumbnails.read() is seen[0]
    thumbnails.close()
    assert thumbnails.kept == 0


@pytest.mark.parametrize("size", [(960, 240), (240, 480)])
def test_large_frames_are_reduced_and_keep_their_shape(tmp_path, size):
    path = tmp_path / "large.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for _ in range(3):
            shade = np.full((size[1], size[0], 3), (30, 90, 200), np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(shade, format="bgr24")))
        out.mux(stream.encode(None))
    thumbnails = Thumbnails(path)
    thumbnails.seek(0.0)
    frame = thumbnails.read()
    assert frame.width <= SIZE_PX[0]
    assert frame.height <= SIZE_PX[1]
    assert frame.width / frame.height == pytest.approx(size[0] / size[1], rel=0.02)
    assert np.abs(frame.image_bgr.mean((0, 1)) - (30, 90, 200)).max() < 6
    thumbnails.close()


def test_a_file_without_pictures_is_refused_in_a_sentence(tmp_path):
    text = tmp_path / "notes.mp4"
    text.write_text("no video")
    with pytest.raises(SourceError, match=r"notes\.mp4 has no pictures"):
        Thumbnails(text)
    with pytest.raises(SourceError, match=r"gone\.mp4"):
        Thumbnails(tmp_path / "gone.mp4")
