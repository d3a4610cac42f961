"""Interlaced, mirrored, trimmed and damaged videos give what FFmpeg's own programs show."""

import gc
import re
import shutil
import struct
import subprocess
import typing
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from skimage import data

import fer_live
from fer_live.capture.container.frame_converter import VideoReformatter
from fer_live.capture.opencv_capture import open_cv2
from fer_live.capture.video_file import VideoFileSource
from fer_live.core.errors import SourceError
from tests.capture.conftest import HEIGHT, WIDTH, picture, write_video

TOLERANCE = 2.0
"""Mean difference to the right image, grey levels of 255."""

needs_ffmpeg = pytest.mark.skipif(not shutil.which("ffmpeg"), reason="FFmpeg is not installed")


def play(path, **options):
    source = VideoFileSource(path, **options)
    info = source.open()
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    return info, frames, source.early_end


def difference(a, b):
    return float(np.abs(a.astype(np.int16) - b).mean())


def ffmpeg(*arguments, cwd=None):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments]
    return subprocess.run(command, check=True, capture_output=True, cwd=cwd, timeout=60).stdout


def by_ffmpeg(path, info, *filters):
    chosen = ("-vf", ",".join(filters)) if filters else ()
    raw = ffmpeg(
        "-i", str(path), *chosen, "-vsync", "0", "-f", "rawvideo", "-pix_fmt", "bgr24", "-"
    )
    return np.frombuffer(raw, np.uint8).reshape(-1, info.height, info.width, 3)


SCENE = "testsrc2=s=176x144:r=50:d=0.4,scroll=h=0.04"
"""A scene that moves far between two fields, 50 fields a second."""
SD = "scale=720:576:interl=1"
INTERLACED = {
    "mpeg2.mpg": ("", "-c:v mpeg2video -flags +ilme+ildct -b:v 4M"),
    "mpeg2.vob": ("", "-c:v mpeg2video -flags +ilme+ildct -b:v 4M"),
    "mpeg2.ts": ("", "-c:v mpeg2video -flags +ilme+ildct -b:v 4M"),
    "avchd.mts": ("", "-c:v libx264 -pix_fmt yuv420p -flags +ilme+ildct -f mpegts"),
    "h264.mp4": ("", "-c:v libx264 -pix_fmt yuv420p -flags +ilme+ildct"),
    "h264-422.mkv": ("", "-c:v libx264 -pix_fmt yuv422p -flags +ilme+ildct"),
    "mpeg4.avi": ("", "-c:v mpeg4 -b:v 4M -flags +ilme+ildct"),
    "ffv1.mkv": ("", "-c:v ffv1 -pix_fmt yuv420p -flags +ilme+ildct"),
    "prores.mov": ("", "-c:v prores_ks -pix_fmt yuv422p10 -flags +ilme+ildct"),
    "raw.y4m": ("", "-pix_fmt yuv420p"),
    "bottom-first.mpg": ("interlace=scan=bff", "-c:v mpeg2video -flags +ilme+ildct -b:v 4M"),
    "camcorder.dv": (f"interlace=scan=bff,{SD}", "-c:v dvvideo -pix_fmt yuv420p"),
}


@needs_ffmpeg
@pytest.mark.parametrize("name", INTERLACED)
def test_interlaced_videos_are_deinterlaced_as_by_ffmpeg(name, tmp_path):
    filters, codec = INTERLACED[name]
    path = tmp_path / name
    filters = filters or "interlace=scan=tff"
    ffmpeg("-f", "lavfi", "-i", SCENE, "-vf", filters, *codec.split(), str(path))
    info, frames, early_end = play(path)
    right = by_ffmpeg(path, info, "bwdif=mode=send_frame:deint=interlaced")
    stored = by_ffmpeg(path, info)
    assert len(frames) == len(right) == 10
    assert early_end is None
    images = [frame.image_bgr for frame in frames]
    assert max(map(difference, images, right)) <= TOLERANCE
    # The scene tells the two apart: with its lines as stored, it is far off.
    assert np.mean(list(map(difference, stored, right))) > 2 * TOLERANCE
    assert [f.position_s for f in frames] == pytest.approx([n / 25 for n in range(10)], abs=2e-3)


def scene(n):
    """The astronaut, moved sideways by 6 pixels for each field."""
    face = cv2.resize(np.ascontiguousarray(data.astronaut()[..., ::-1]), (160, 160))
    return np.roll(cv2.GaussianBlur(face, (5, 5), 0), 6 * n, 1)


def write_interlaced(path, count, first=0):
    """H.264 whose frames from `first` on hold two fields each, at 50 a second, lower first."""
    with av.open(str(path), "w") as out:
        parameters = {"x264-params": "bff=1", "crf": "8"}
        stream = out.add_stream("libx264", rate=25, options=parameters)
        stream.width = stream.height = 160
        stream.pix_fmt = "yuv420p"
        for n in range(count):
            image = scene(2 * n)
            if n >= first:
                image[::2] = scene(2 * n + 1)[::2]
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def test_an_interlaced_frame_shows_the_moment_of_its_first_field(tmp_path):
    _, frames, _ = play(write_interlaced(tmp_path / "fields.mp4", 8))
    assert len(frames) == 8
    for n, frame in enumerate(frames):
        assert difference(frame.image_bgr, scene(2 * n)) < 8
        assert difference(frame.image_bgr, scene(2 * n + 1)) > 10


def test_a_stream_that_becomes_interlaced_goes_on(tmp_path):
    whole = tmp_path / "whole.ts"
    write_video(tmp_path / "a.ts", list(range(5)))
    write_interlaced(tmp_path / "b.ts", 5)
    whole.write_bytes((tmp_path / "a.ts").read_bytes() + (tmp_path / "b.ts").read_bytes())
    _, frames, _ = play(whole)
    assert [f.image_bgr.shape[:2] for f in frames] == [(HEIGHT, WIDTH)] * 5 + [(160, 160)] * 5
    assert difference(frames[-1].image_bgr, scene(8)) < 8
    assert all(a.position_s < b.position_s for a, b in pairwise(frames))


MATRICES = {
    "upright": ((1, 0, 0, 1), lambda image: image),
    "mirrored": ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    "upside down": ((1, 0, 0, -1), lambda image: image[::-1]),
    "half turn": ((-1, 0, 0, -1), lambda image: image[::-1, ::-1]),
    "clockwise": ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    "anticlockwise": ((0, -1, 1, 0), lambda image: np.rot90(image)),
    "transposed": ((0, 1, 1, 0), lambda image: image.transpose(1, 0, 2)),
    "other diagonal": ((0, -1, -1, 0), lambda image: image[::-1, ::-1].transpose(1, 0, 2)),
}


def with_matrix(path, out, a, b, c, d):
    """A copy of an MP4 file with another display matrix in its track header."""
    content = bytearray(path.read_bytes())
    at = content.index(b"tkhd") + 4 + 40
    one = 1 << 16
    content[at : at + 36] = struct.pack(
        ">9i", a * one, b * one, 0, c * one, d * one, 0, 0, 0, 1 << 30
    )
    out.write_bytes(content)
    return out


@pytest.mark.parametrize("name", MATRICES)
def test_every_display_matrix_is_applied_whole(name, tmp_path):
    matrix, expected = MATRICES[name]
    plain = tmp_path / "plain.mp4"
    with av.open(str(plain), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "8"})
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for n in range(3):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(scene(n)[:96]), format="bgr24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    turned = with_matrix(plain, tmp_path / "turned.mp4", *matrix)
    info, frames, _ = play(turned)
    right = [expected(frame.image_bgr) for frame in play(plain)[1]]
    assert len(frames) == 3
    assert (info.height, info.width) == right[0].shape[:2]
    for frame, image in zip(frames, right, strict=True):
        assert np.array_equal(frame.image_bgr, image)
    if shutil.which("ffmpeg"):
        shown = by_ffmpeg(turned, info)
        assert max(difference(f.image_bgr, s) for f, s in zip(frames, shown, strict=True)) <= 2


@needs_ffmpeg
@pytest.mark.parametrize("container", ["mp4", "mov", "mkv"])
def test_a_trimmed_file_is_whole(container, tmp_path, video_path):
    path = tmp_path / f"trimmed.{container}"
    # The cut is inside a group of pictures: the frames before it are stored and not shown.
    ffmpeg("-ss", "0.52", "-i", str(video_path), "-t", "0.4", "-c", "copy", str(path))
    info, frames, early_end = play(path)
    shown = by_ffmpeg(path, info)
    assert early_end is None
    assert frames[0].position_s == 0
    assert len(frames) == len(shown)
    assert max(difference(f.image_bgr, s) for f, s in zip(frames, shown, strict=True)) <= 2


@needs_ffmpeg
@pytest.mark.parametrize("matrix", ["bt709", "smpte170m"])
@pytest.mark.parametrize("levels", ["tv", "pc"])
@pytest.mark.parametrize("pixels", ["yuv420p", "yuv444p10"])
def test_colours_are_those_that_were_stored(matrix, levels, pixels, tmp_path):
    path = tmp_path / "colours.mkv"
    convert = f"scale=out_color_matrix={matrix}:out_range={levels},format={pixels}"
    said = f"-colorspace {matrix} -color_range {levels} -c:v ffv1"
    scene = "color=0xC8321E:s=64x48:r=25:d=0.2,format=gbrp"
    ffmpeg("-f", "lavfi", "-i", scene, "-vf", convert, *said.split(), str(path))
    _, frames, _ = play(path)
    assert difference(frames[0].image_bgr, np.uint8([0x1E, 0x32, 0xC8])) <= TOLERANCE


@needs_ffmpeg
def test_a_bottom_up_bitmap_video_is_upright_and_in_memory_of_its_own(tmp_path):
    path = tmp_path / "rows.avi"
    ffmpeg("-f", "lavfi", "-i", f"{SCENE}", "-c:v", "rawvideo", "-pix_fmt", "bgr24", str(path))
    info, frames, _ = play(path)
    shown = by_ffmpeg(path, info)
    assert all(np.array_equal(f.image_bgr, s) for f, s in zip(frames, shown, strict=True))


def damaged(path, seed):
    """An MP4 file, a part of whose coded frames is noise."""
    content = bytearray(path.read_bytes())
    begin = content.index(b"mdat") + 4
    rng = np.random.default_rng(seed)
    for at in rng.integers(begin + 800, len(content) - 40, 12):
        content[at : at + 40] = rng.bytes(40)
    out = path.with_name(f"damaged {seed}.mp4")
    out.write_bytes(content)
    return out


def images(path):
    try:
        return [frame.image_bgr.tobytes() for frame in play(path, threads=1)[1]]
    except SourceError:
        return []


def test_a_damaged_file_never_shows_an_earlier_one(tmp_path):
    """What it shows depends on nothing but itself, whatever the memory held before."""
    options = {"movflags": "faststart"}
    film = write_video(tmp_path / "film.mp4", list(range(40)), options=options)
    cases = [damaged(film, seed) for seed in range(12)]
    cases.append(write_interlaced(tmp_path / "fields.mp4", 8))
    earlier = write_interlaced(tmp_path / "earlier.mp4", 12, first=12)
    alone = [images(path) for path in cases]
    assert sum(map(len, alone)) > 100
    for path, right in zip(cases, alone, strict=True):
        kept = play(earlier)[1]
        junk = np.full((32, 1 << 18), 0xA5, np.uint8)
        del kept, junk
        assert images(path) == right


def test_a_frame_that_cannot_be_converted_is_left_out(video_path, monkeypatch):
    class Failing:
        def __init__(self):
            self.real = VideoReformatter()
            self.calls = 0

        def reformat(self, frame, **options):
            self.calls += 1
            if 3 <= frame.pts / 512 < 6:
                raise av.ArgumentError(22, "Invalid argument")
            return self.real.reformat(frame, **options)

    whole = play(video_path)[1]
    monkeypatch.setattr("fer_live.capture.container.frame_converter.VideoReformatter", Failing)
    _, frames, _ = play(video_path)
    left = [frame for n, frame in enumerate(whole) if not 3 <= n < 6]
    assert len(frames) == len(left) == 37
    for frame, right in zip(frames, left, strict=True):
        assert frame.position_s == right.position_s
        assert np.array_equal(frame.image_bgr, right.image_bgr)


def test_opencv_reads_cameras_only():
    """Its FFmpeg back-end hands out memory that it did not write, and calls it a success."""
    assert typing.get_type_hints(open_cv2)["index"] is int
    package = Path(fer_live.__file__).parent
    users = [
        path.name
        for path in package.rglob("*.py")
        if re.search(r"\bVideoCapture\(|\bCAP_FFMPEG\b", path.read_text(encoding="utf-8"))
    ]
    assert users == ["opencv_capture.py"]


def test_frames_are_freed_without_the_garbage_collector(video_path):
    source = VideoFileSource(video_path)
    source.open()
    gc.collect()
    gc.disable()
    try:
        while source.read() is not None:
            pass
        assert gc.collect() < 20
    finally:
        gc.enable()
        source.close()


def test_every_image_has_memory_of_its_own(video_path):
    _, frames, _ = play(video_path)
    assert not any(
        np.shares_memory(a.image_bgr, b.image_bgr)
        for n, a in enumerate(frames)
        for b in frames[n + 1 :]
    )
    assert difference(frames[3].image_bgr, picture(3)) <= TOLERANCE + 1


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "song.mkv"
    with av.open(str(path), "w") as out:
        sound = out.add_stream("aac", rate=48000, layout="mono")
        tone = np.zeros((1, 48000), np.float32)
        frame = av.AudioFrame.from_ndarray(tone, format="fltp", layout="mono")
        frame.sample_rate = 48000
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    with pytest.raises(SourceError, match=r"song.mkv is not a video"):
        VideoFileSource(path).open()
