"""Sound added to an annotated video, read back with an independent decoder."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from fer_live.capture.container.probe import probe_video
from fer_live.core.errors import RecordingError
from fer_live.recording.sound import OriginalVideo, add_sound
from tests.batch.videos import VARYING_MS, heard, packets, times_s, write_video

RATE = 48_000


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    path = tmp_path_factory.mktemp("silent") / "silent.mp4"
    return write_video(path, VARYING_MS, sound=None)


def original_of(path: Path, **values) -> OriginalVideo:
    info = probe_video(path)
    return OriginalVideo(path, info.begins_s, info.first_frame_s, **values)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("a.mp4", "aac"), ("a.mkv", "libopus"), ("a.mov", "alac"), ("a.mkv", "flac")],
)
def test_sound_that_mp4_can_hold_is_copied_packet_by_packet(tmp_path, silent, name, codec):
    video = write_video(tmp_path / name, VARYING_MS, sound=codec)
    assert add_sound(silent, original_of(video), tmp_path / "out.mp4") == ()
    assert packets(tmp_path / "out.mp4") == packets(video)
    (sound, first_s), (copied, copied_first_s) = heard(video), heard(tmp_path / "out.mp4")
    assert copied_first_s == pytest.approx(first_s, abs=1e-3)
    # Matroska counts milliseconds: what a player leaves out at the beginning may differ by one.
    length = len(sound) - RATE // 1000
    lags = [n for n in range(RATE // 1000) if np.array_equal(copied[:length], sound[n:][:length])]
    assert len(lags) == 1
    assert lags == [0] or name.endswith("mkv")
    assert times_s(tmp_path / "out.mp4") == pytest.approx(times_s(silent), abs=1e-3)


def test_sound_from_a_broadcast_is_copied_and_its_clock_restarts(tmp_path, silent):
    video = write_video(tmp_path / "a.ts", VARYING_MS)
    with av.open(str(video)) as stored:
        assert stored.start_time > 0
    assert add_sound(silent, original_of(video), tmp_path / "out.mp4") == ()
    np.testing.assert_array_equal(heard(tmp_path / "out.mp4")[0], heard(video)[0])
    assert times_s(tmp_path / "out.mp4") == pytest.approx(times_s(video), abs=1e-3)
    assert heard(tmp_path / "out.mp4")[1] == pytest.approx(heard(video)[1], abs=1e-3)


def test_other_sound_is_encoded_again_in_place(tmp_path, silent):
    video = write_video(tmp_path / "a.mov", VARYING_MS, sound="pcm_s16le", sound_rate=44_100)
    assert add_sound(silent, original_of(video), tmp_path / "out.mp4") == ()
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert out.streams.audio[0].codec_context.name == "aac"
        assert out.streams.audio[0].rate == 44_100
    before = heard(video)[0].astype(np.float64) / 32768
    after = heard(tmp_path / "out.mp4")[0][: len(before)].astype(np.float64)
    middle = slice(4410, -4410)
    assert np.corrcoef(before[middle], after[middle])[0, 1] > 0.99  # not shifted: the wave fits


def test_every_track_is_kept(tmp_path, silent):
    video = write_video(tmp_path / "a.mkv", VARYING_MS, tracks=2)
    add_sound(silent, original_of(video), tmp_path / "out.mp4")
    assert [packets(tmp_path / "out.mp4", n) for n in (0, 1)] == [packets(video, n) for n in (0, 1)]
    assert packets(video, 0) != packets(video, 1)


def test_images_that_begin_later_than_the_sound_stay_later(tmp_path, silent):
    video = write_video(tmp_path / "a.mkv", [t + 500 for t in VARYING_MS])
    assert float(probe_video(video).first_frame_s) == pytest.approx(0.5, abs=1e-3)
    add_sound(silent, original_of(video), tmp_path / "out.mp4")
    assert times_s(tmp_path / "out.mp4") == pytest.approx(times_s(video), abs=1e-3)
    assert heard(tmp_path / "out.mp4")[1] == pytest.approx(0, abs=1e-3)


def test_a_silent_video_stays_silent(tmp_path, silent):
    assert add_sound(silent, original_of(silent), tmp_path / "out.mp4") == ()
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert not out.streams.audio
        assert out.streams.video[0].frames == len(VARYING_MS)


def test_pixels_that_are_not_square_keep_their_shape(tmp_path, silent):
    aspect = Fraction(64, 45)
    video = write_video(tmp_path / "a.mp4", VARYING_MS, aspect=aspect)
    info = probe_video(video)
    assert info.pixel_aspect == aspect
    assert (info.upright_aspect((320, 240)), info.upright_aspect((240, 320))) == (
        aspect,
        1 / aspect,
    )
    add_sound(silent, original_of(video, pixel_aspect=aspect), tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert next(out.decode(video=0)).width == 320
        assert out.streams.video[0].sample_aspect_ratio == aspect


def test_a_video_whose_sound_cannot_be_read_keeps_its_images(tmp_path, silent):
    (tmp_path / "no.mp4").write_text("no video", "utf-8")
    (problem,) = add_sound(silent, OriginalVideo(tmp_path / "no.mp4"), tmp_path / "out.mp4")
    assert "left out" in problem
    assert len(times_s(tmp_path / "out.mp4")) == len(VARYING_MS)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_reported(tmp_path, silent):
    (tmp_path / "out.mp4").symlink_to("/dev/full")
    with pytest.raises(RecordingError, match="No space left"):
        add_sound(silent, original_of(silent), tmp_path / "out.mp4")


def test_a_place_that_cannot_be_written_is_reported(tmp_path, silent):
    with pytest.raises(RecordingError, match="cannot be written"):
        add_sound(silent, original_of(silent), tmp_path / "none" / "out.mp4")


def test_what_is_no_video_says_nothing(tmp_path):
    (tmp_path / "no.mp4").write_text("no video", "utf-8")
    for path in (tmp_path / "no.mp4", tmp_path / "missing.mp4"):
        assert probe_video(path).length_s is None
