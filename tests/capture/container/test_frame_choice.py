"""Frames chosen by time: the first of each period, whatever the rate and the order of packets."""

import random
from dataclasses import dataclass

import av
import numpy as np
import pytest

from fer_live.capture.container.frame_choice import FrameChoice
from fer_live.capture.video_decoder import has_picture, key_frame_times
from fer_live.capture.video_file import VideoFileSource
from tests.batch.videos import VARYING_MS, steady_ms, write_video


def first_of_each(times_s, fps):
    taken = {}
    for time_s in times_s:
        taken.setdefault(int((time_s + 1e-6) * fps), time_s)
    return list(taken.values())


def read(path, **options):
    source = VideoFileSource(path, **options)
    source.open()
    frames = []
    while (frame := source.read()) is not None:
        frames.append(frame)
    source.close()
    assert source.early_end is None
    return frames


@pytest.fixture(scope="module")
def varying(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp("choice") / "varying.mp4", VARYING_MS, sound=None)


@pytest.mark.parametrize("fps", [2.0, 5.0, 12.5, 400.0])
def test_a_video_gives_the_first_frame_of_each_period_as_it_is_among_all(varying, fps):
    everything = {round(f.time_s, 3): f.image_bgr for f in read(varying)}
    chosen = read(varying, fps=fps)
    assert [f.time_s for f in chosen] == pytest.approx(first_of_each(sorted(everything), fps))
    for frame in chosen:
        # B-frames that no other needs were not decoded; these are the same for all that.
        np.testing.assert_array_equal(frame.image_bgr, everything[round(frame.time_s, 3)])


CODECS = {
    "B-frames": ("libx264", "mp4", {"bf": "3", "b-pyramid": "normal"}),
    "in a transport stream": ("libx264", "ts", {"bf": "3"}),
    "interlaced": ("libx264", "mp4", {"bf": "2", "flags": "+ildct+ilme", "x264-params": "tff=1"}),
    "MPEG-2": ("mpeg2video", "mpg", {"bf": "2"}),
    "no B-frames": ("mpeg4", "avi", {}),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("fps", [None, 12.0])
@pytest.mark.parametrize("kind", CODECS)
def test_frames_left_out_change_nothing_about_the_others(tmp_path, kind, fps, threads):
    codec, container, options = CODECS[kind]
    path = tmp_path / f"video.{container}"
    rng = np.random.default_rng(4)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=25, options={**options, "g": "25"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(80):
            image = np.full((64, 96, 3), 3 * number, np.uint8)
            image[8:24, number : number + 16] = rng.integers(0, 255, (16, 16, 3))
            out.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        out.mux(stream.encode())
    everything = read(path, fps=fps)
    frames = read(path, fps=fps, pictures_fps=8.0, threads=threads)
    assert [f.time_s for f in frames] == [f.time_s for f in everything]
    pictured = [n for n, f in enumerate(frames) if has_picture(f)]
    times = [f.time_s for f in frames]
    assert [times[n] for n in pictured] == first_of_each(times, 8.0)
    for number in pictured:
        np.testing.assert_array_equal(frames[number].image_bgr, everything[number].image_bgr)


def test_frames_that_are_not_wanted_have_their_place_and_no_picture(varying):
    frames = read(varying, pictures_fps=8.0)
    assert [f.time_s for f in frames] == pytest.approx([t / 1000 for t in VARYING_MS])
    assert {(f.width, f.height) for f in frames} == {(320, 240)}
    times = [f.time_s for f in frames if has_picture(f)]
    assert times == first_of_each([f.time_s for f in frames], 8.0)
    assert not any(f.image_bgr.any() for f in frames if not has_picture(f))


def test_the_choice_after_a_jump_is_the_one_from_the_beginning(tmp_path):
    path = write_video(tmp_path / "steady.mp4", steady_ms(250), sound=None, face=False)
    source = VideoFileSource(path, fps=3.0)
    source.open()
    source.seek(5.0)
    after = [f.time_s for f in iter(source.read, None) if f.time_s >= 5.0]
    source.close()
    assert after == [f.time_s for f in read(path, fps=3.0) if f.time_s >= 5.0]


@dataclass
class Sent:
    time_s: float | None


def test_packets_out_of_order_and_without_times_are_chosen_as_in_order():
    times = [n / 30 for n in range(200)]
    packets = [Sent(t) for t in times]
    rng = random.Random(1)
    for begin in range(0, 200, 16):  # as far as any codec reorders
        part = packets[begin : begin + 16]
        rng.shuffle(part)
        packets[begin : begin + 16] = part
    choice = FrameChoice(7.0)
    given = list(choice.known([*packets, Sent(None)], lambda packet: packet.time_s))
    assert len(given) == 201
    taken = sorted(p.time_s or 0.0 for p in given[:-1] if choice.takes(p.time_s or 0.0))
    assert taken == first_of_each(times, 7.0)


def test_key_frames_are_where_the_index_says(tmp_path):
    path = write_video(tmp_path / "steady.mp4", steady_ms(60), sound=None, face=False)
    with av.open(str(path)) as container:
        shown_s = [float(f.time) for f in container.decode(video=0) if f.key_frame]
    assert len(shown_s) > 4
    # The index has the times of decoding, which B-frames bring forward.
    assert key_frame_times(path) == pytest.approx(shown_s, abs=0.1)
    (tmp_path / "no.mp4").write_bytes(b"no video")
    assert key_frame_times(tmp_path / "no.mp4") == []
