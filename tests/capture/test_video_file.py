import logging
import os
import struct
import sys
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import SourceError, SourceNotFoundError
from fer_live.core.formats import is_video
from tests.capture.conftest import FPS, HEIGHT, WIDTH, picture, write_video


def read_all(source):
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    return frames


def play(path):
    source = VideoFileSource(path)
    info = source.open()
    frames = read_all(source)
    source.close()
    return info, frames


def test_all_frames_come_once_in_order_with_their_times(video_path):
    info, frames = play(video_path)
    assert (info.kind, info.name) == ("file", video_path.name)
    assert (info.width, info.height, info.fps, info.live) == (WIDTH, HEIGHT, 25, False)
    assert info.details == "40 frames"
    assert len(frames) == 40
    assert [f.position_s for f in frames] == pytest.approx([n / 25 for n in range(40)])
    blue = [float(f.image_bgr[HEIGHT // 2 :, :, 0].mean()) for f in frames[:25]]
    assert blue == pytest.approx([8 * n for n in range(25)], abs=6)


def test_positions_are_the_containers_where_the_rate_varies(tmp_path):
    times = [0, 100, 150, 900, 1000, 2500]
    path = write_video(tmp_path / "uneven.mkv", times, rate=1000)
    _, frames = play(path)
    assert [f.position_s for f in frames] == pytest.approx([t / 1e3 for t in times], abs=1e-3)


@pytest.mark.parametrize(
    ("suffix", "codec", "encoder"), [(".h264", "h264", "libx264"), (".hevc", "hevc", "libx265")]
)
def test_a_raw_stream_of_a_camera_is_read(tmp_path, suffix, codec, encoder):
    path = tmp_path / f"raw{suffix}"
    with av.open(str(path), "w", format=codec) as container:
        stream = container.add_stream(encoder, rate=25)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for level in range(0, 200, 20):
            grey = np.full((HEIGHT, WIDTH, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        container.mux(stream.encode())
    assert is_video(path)
    _, frames = play(path)
    assert [float(f.image_bgr.mean()) for f in frames] == pytest.approx(range(0, 200, 20), abs=4)
    assert [f.position_s for f in frames] == pytest.approx([n / 25 for n in range(10)], abs=1e-3)


def test_a_reopening_starts_at_the_beginning(video_path):
    source = VideoFileSource(video_path)
    source.open()
    source.read()
    source.read()
    source.close()
    source.open()
    assert source.read().position_s == 0
    source.close()


def test_a_turned_video_is_given_upright(tmp_path):
    path = write_video(tmp_path / "plain.mp4", list(range(5)))
    data = bytearray(path.read_bytes())
    # The display matrix of the track header: turn by 90 degrees clockwise.
    at = data.index(b"tkhd") + 4 + 40
    turn = struct.pack(">9i", 0, 1 << 16, 0, -(1 << 16), 0, 0, HEIGHT << 16, 0, 1 << 30)
    assert struct.unpack(">9i", data[at : at + 36])[0] == 1 << 16
    data[at : at + 36] = turn
    turned = tmp_path / "turned.mp4"
    turned.write_bytes(data)
    info, frames = play(turned)
    assert (info.width, info.height) == (HEIGHT, WIDTH)
    red = frames[0].image_bgr[:, :, 2]
    assert red[:, -8:].mean() > 200  # the bar at the top is now on the right
    assert red[:, :8].mean() < 100


def test_a_file_that_ends_too_early_ends_with_a_warning(tmp_path, video_path, caplog):
    data = video_path.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(data[: len(data) * 6 // 10])
    with caplog.at_level(logging.WARNING):
        _, frames = play(cut)
    assert 0 < len(frames) < 36
    assert "cut.mp4 ended early" in caplog.text
    assert "of 40 frames" in caplog.text


def test_a_whole_file_ends_without_a_warning(video_path, caplog):
    with caplog.at_level(logging.WARNING):
        play(video_path)
    assert not caplog.records


def test_times_rise_in_a_file_that_stores_none(tmp_path):
    path = tmp_path / "bare.h264"
    with av.open(str(path), "w", format="h264") as out:
        stream = out.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for n in range(8):
            out.mux(stream.encode(av.VideoFrame.from_ndarray(picture(n), format="bgr24")))
        out.mux(stream.encode(None))
    info, frames = play(path)
    positions = [f.position_s for f in frames]
    assert info.details == "length unknown"
    assert len(positions) == 8
    assert positions[0] == 0
    assert all(a < b for a, b in pairwise(positions))


def damaged(tmp_path, video_path):
    data = bytearray(video_path.read_bytes())
    at = data.index(b"mdat") + 4
    noise = np.random.default_rng(0).integers(0, 256, len(data) - at, np.uint8)
    data[at:] = noise.tobytes()
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    return path


def test_what_is_not_a_video_is_told_clearly(tmp_path, video_path):
    text = tmp_path / "text.mp4"
    text.write_text("These are words, not pictures. " * 40)
    half = tmp_path / "half.mp4"
    half.write_bytes(video_path.read_bytes()[:60])
    for path in (text, half):
        with pytest.raises(SourceError, match=f"{path.name} is not a video, or it is damaged"):
            VideoFileSource(path).open()


def test_a_file_without_a_readable_picture_is_told_clearly(tmp_path, video_path):
    path = damaged(tmp_path, video_path)
    with pytest.raises(SourceError, match=r"damaged.mp4 holds no picture") as caught:
        VideoFileSource(path).open()
    assert caught.value.hint


def test_a_file_with_sound_only_is_told_clearly(tmp_path):
    import wave

    path = tmp_path / "sound.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(bytes(8000))
    with pytest.raises(SourceError, match=r"sound.wav (is not a video|holds no picture)"):
        VideoFileSource(path).open()


@pytest.mark.skipif(sys.platform != "linux", reason="names are bytes on Linux only")
def test_a_name_that_is_no_text_is_told_and_does_not_crash(tmp_path, video_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.mp4"))
    path.write_bytes(video_path.read_bytes())
    with pytest.raises(SourceError, match="cannot be read") as caught:
        VideoFileSource(path).open()
    str(caught.value).encode("utf-8")


def test_missing_empty_folder_and_forbidden_files(tmp_path, monkeypatch):
    with pytest.raises(SourceNotFoundError, match="no file"):
        VideoFileSource(tmp_path / "none.mp4").open()
    empty = tmp_path / "empty.mp4"
    empty.touch()
    with pytest.raises(SourceError, match=r"empty.mp4 is empty"):
        VideoFileSource(empty).open()
    with pytest.raises(SourceError, match="is not a file"):
        VideoFileSource(tmp_path).open()

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(empty), "open", refuse)
    with pytest.raises(SourceError, match="Permission denied"):
        VideoFileSource(empty).open()
