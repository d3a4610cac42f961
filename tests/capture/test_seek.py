"""Seeking gives the frame that reading from the beginning gives, in every kind of file."""

import random
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.source import SeekableSource
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import SourceError
from tests.capture.conftest import FPS, picture, write_video
from tests.capture.test_video_decoder import (
    INTERLACED,
    MATRICES,
    ffmpeg,
    with_matrix,
    write_interlaced,
)
from tests.capture.test_video_file import read_all

needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="FFmpeg is not installed")

PROGRESSIVE = "testsrc2=s=176x144:r=25:d=2,scroll=h=0.04"
FIELDS = "testsrc2=s=176x144:r=50:d=1.2,scroll=h=0.04"
X264 = "-c:v libx264 -pix_fmt yuv420p"
FILES = {
    "one key frame.mp4": (PROGRESSIVE, "null", f"{X264} -g 250"),
    "open groups.mp4": (PROGRESSIVE, "null", f"{X264} -x264-params open-gop=1:keyint=20"),
    "open groups.ts": (PROGRESSIVE, "null", f"{X264} -x264-params open-gop=1:keyint=20"),
    "no key frames.mp4": (PROGRESSIVE, "null", f"{X264} -x264-params intra-refresh=1:keyint=20"),
    "matroska.mkv": (PROGRESSIVE, "null", f"{X264} -g 30"),
    "no index.ts": (PROGRESSIVE, "null", f"{X264} -g 30"),
    "wrong times.avi": (PROGRESSIVE, "null", f"{X264} -g 30"),
    "no times.h264": (PROGRESSIVE, "null", f"{X264} -g 30"),
    "b frames.avi": (PROGRESSIVE, "null", "-c:v mpeg4 -bf 2 -g 30"),
    "animation.gif": (PROGRESSIVE, "null", "-r 10"),
    "varying.mp4": (PROGRESSIVE, "select='not(mod(floor(n/13)\\,3))'", f"{X264} -vsync vfr"),
    "hole.mp4": (PROGRESSIVE, "setpts='PTS+if(gt(N\\,30)\\,7/TB\\,0)'", f"{X264} -vsync vfr"),
    **{f"interlaced {n}": (FIELDS, f or "interlace", c) for n, (f, c) in INTERLACED.items()},
}


def matches(frame, right):
    return frame.position_s == right.position_s and np.array_equal(frame.image_bgr, right.image_bgr)


def check(source, tries=8):
    """Compares frames after a seek, and the ones after them, with those of the whole file."""
    source.open()
    assert isinstance(source, SeekableSource)
    whole = read_all(source)
    positions = [frame.position_s for frame in whole]
    chance = random.Random(7)
    last = len(whole) - 1
    places = [(n, before) for n in (0, 1, last) for before in (False, True)]
    places += [(chance.randrange(last), chance.random() < 0.4) for _ in range(tries)]
    for n, before in places:
        source.seek(positions[n], before=before)
        at = max(n - before, 0)
        assert matches(source.read(), whole[at]), (n, before)
        following = source.read()
        assert following is None if at == last else matches(following, whole[at + 1])
    for n in range(0, last, 8):
        source.seek((2 * positions[n] + positions[n + 1]) / 3)
        assert matches(source.read(), whole[n])
    source.seek(positions[-1] + 100)
    assert matches(source.read(), whole[-1])
    assert source.read() is None
    source.seek(-1.0)
    again = read_all(source)
    assert len(again) == len(whole)
    assert all(map(matches, again, whole))
    source.close()


@needs_ffmpeg
@pytest.mark.parametrize("name", FILES)
def test_a_sought_frame_is_the_one_that_reading_gives(name, tmp_path):
    scene, filters, codec = FILES[name]
    path = tmp_path / name
    ffmpeg("-f", "lavfi", "-i", scene, "-vf", filters, *codec.split(), str(path))
    check(VideoFileSource(path))


@needs_ffmpeg
def test_seeking_in_a_trimmed_file(tmp_path, video_path):
    path = tmp_path / "trimmed.mp4"
    ffmpeg("-ss", "0.52", "-i", str(video_path), "-t", "0.8", "-c", "copy", str(path))
    check(VideoFileSource(path))


def test_seeking_in_a_turned_file(tmp_path, video_path):
    check(VideoFileSource(with_matrix(video_path, tmp_path / "t.mp4", *MATRICES["clockwise"][0])))


def test_seeking_where_the_rate_varies(tmp_path):
    times = [0, 1, 5, 6, 7, 30, 31, 80, 81, 200]
    check(VideoFileSource(write_video(tmp_path / "vfr.mp4", times)))


def test_seeking_where_a_file_becomes_interlaced(tmp_path):
    check(VideoFileSource(write_interlaced(tmp_path / "mixed.mp4", 16, first=7)))


def test_seeking_where_times_begin_again(tmp_path):
    path = tmp_path / "joined.ts"
    parts = [write_video(tmp_path / f"{n}.ts", list(range(12))) for n in range(2)]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    check(VideoFileSource(path))


def test_a_seek_is_exact_before_anything_was_read(video_path):
    source = VideoFileSource(video_path)
    info = source.open()
    assert info.length_s == pytest.approx(40 / FPS)
    source.seek(31 / FPS)
    assert source.read().position_s == pytest.approx(31 / FPS)
    source.close()


def test_frame_numbers_rise_across_seeks(video_path):
    source = VideoFileSource(video_path)
    source.open()
    numbers = []
    for position_s in (1.0, 0.2, 0.8):
        source.seek(position_s)
        numbers += [source.read().index, source.read().index]
    assert numbers == list(range(6))
    source.close()


def test_a_seek_needs_an_open_source(video_path, folder):
    for source in (VideoFileSource(video_path), ImageFolderSource(folder)):
        with pytest.raises(SourceError, match="not open"):
            source.seek(1.0)


def test_a_cut_file_is_still_told_after_a_seek(tmp_path, caplog):
    whole = write_video(tmp_path / "whole.mp4", list(range(200)), options={"movflags": "faststart"})
    content = whole.read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(content[: len(content) * 6 // 10])
    source = VideoFileSource(path)
    source.open()
    source.seek(0.5)
    read_all(source)
    assert source.early_end is not None
    assert "of 8.0 s" in source.early_end
    source.close()
    source = VideoFileSource(whole)
    source.open()
    source.seek(7.0)
    read_all(source)
    assert source.early_end is None
    source.close()


def test_pictures_are_found_by_position_and_named(folder):
    source = ImageFolderSource(folder, fps=3)
    assert source.open().length_s == 1
    names = []
    for position_s, before in ((1 / 3, False), (2 / 3, True), (0.9, False), (0, True), (9, False)):
        source.seek(position_s, before=before)
        names.append(source.read().file)
    assert names == ["face 2.png", "face 2.png", "face 10.png", "face 1.png", "face 10.png"]
    assert source.read() is None
    source.seek(0)
    assert [frame.file for frame in read_all(source)] == ["face 1.png", "face 2.png", "face 10.png"]
    source.close()


def test_unreadable_pictures_are_passed_over_in_both_directions(tmp_path: Path):
    for n in (1, 3):
        cv2.imwrite(str(tmp_path / f"{n}.png"), picture(n))
    for n in (0, 2, 4):
        (tmp_path / f"{n}.png").write_bytes(b"no picture")
    source = ImageFolderSource(tmp_path)
    source.open()
    first, second = source.read(), source.read()
    assert (first.file, second.file) == ("1.png", "3.png")
    source.seek(second.position_s, before=True)
    assert source.read().file == "1.png"
    source.seek(100)
    assert source.read().file == "3.png"
    source.close()


def test_video_files_have_no_picture_name(video_path):
    source = VideoFileSource(video_path)
    source.open()
    assert source.read().file == ""
    source.close()
