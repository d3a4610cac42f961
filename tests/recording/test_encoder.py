"""The encoder: hardware only after a successful trial, else software that is fast enough."""

import sys

import av
import numpy as np
import pytest

from fer_live.recording import encoder as encoders
from fer_live.recording.encoder import (
    CRF,
    PRESETS,
    SOFTWARE,
    Encoder,
    choose_encoder,
    find_hardware,
    hardware,
    software,
    to_yuv,
)
from fer_live.recording.options import RecordingOptions
from tests.recording.test_recording import recording, run
from tests.recording.videos import read_video


@pytest.fixture(autouse=True)
def _nothing_is_remembered():
    find_hardware.cache_clear()
    encoders._preset.cache_clear()
    yield
    find_hardware.cache_clear()
    encoders._preset.cache_clear()


def candidates(monkeypatch, *names: str) -> None:
    monkeypatch.setattr(encoders, "HARDWARE", {sys.platform: names})


def test_what_this_machine_has_works_or_is_skipped(tmp_path):
    """Most test machines have no hardware encoder; one that exists must work."""
    with recording(tmp_path / "x.mp4", RecordingOptions(encoder="auto"), wait=False) as recorder:
        run(recorder, 0, 10, size=(640, 480))
        summary = recorder.stop()
    assert summary.error is None
    found = find_hardware("balanced")
    name = SOFTWARE if found is None else found.name
    assert read_video(tmp_path / "x.mp4").tags["video_encoder"].startswith(name)


def test_an_encoder_that_is_listed_but_does_not_open_is_skipped(monkeypatch):
    candidates(monkeypatch, "h264_no_such_thing", "prores_ks")  # opens, but is not H.264
    assert find_hardware("balanced") is None


def test_an_encoder_that_loses_times_is_skipped(monkeypatch):
    candidates(monkeypatch, "libx264rgb")
    monkeypatch.setattr(encoders, "_decoded_times", lambda *_: [0, 0, 0, 0, 0, 0])
    assert find_hardware("balanced") is None


@pytest.mark.parametrize(("delay", "works"), [("0", True), ("30", False)])
def test_an_encoder_that_holds_back_frames_is_skipped(monkeypatch, delay, works):
    """Its times are right after a flush, but frames held back are lost if the program is killed."""
    kept = Encoder(SOFTWARE, {"preset": "veryfast", "bf": "0", "rc-lookahead": delay})
    monkeypatch.setattr("os.cpu_count", lambda: 1)  # each thread of x264 keeps a frame
    candidates(monkeypatch, SOFTWARE)
    monkeypatch.setattr(encoders, "hardware", lambda *_: kept)
    assert (find_hardware("balanced") == kept) is works


def test_the_first_that_works_is_taken_and_asked_once(monkeypatch):
    tried = []

    def build(name, quality):
        tried.append(name)
        if name == "h264_broken":
            raise AssertionError("an encoder that PyAV lacks is not tried")
        return software(quality) if name == "libx264" else Encoder(name)

    candidates(monkeypatch, "h264_broken", "prores_ks", "libx264", "libx264rgb")
    monkeypatch.setattr(encoders, "hardware", build)
    assert find_hardware("high") == software("high")
    assert find_hardware("high") == software("high")
    assert tried == ["prores_ks", "libx264"]
    assert choose_encoder("auto", "high", 64, 48, 1, live=True) == software("high")


def test_software_when_asked_for(monkeypatch):
    monkeypatch.setattr(encoders, "find_hardware", lambda _: pytest.fail("not asked for"))
    chosen = choose_encoder("software", "small", 320, 240, 1, live=False)
    assert chosen == software("small", PRESETS[0])
    assert chosen.options["crf"] == str(CRF["small"])


@pytest.mark.parametrize(
    ("seconds", "files", "preset"),
    [
        ({"veryfast": 0.005}, 1, "veryfast"),
        ({"veryfast": 0.02, "superfast": 0.01}, 1, "superfast"),
        ({"veryfast": 0.009, "superfast": 0.008}, 2, "superfast"),
        ({"veryfast": 0.03, "superfast": 0.02}, 1, "ultrafast"),
        ({"veryfast": 0.2}, 1, "ultrafast"),
    ],
)
def test_the_preset_that_keeps_up(monkeypatch, seconds, files, preset):
    monkeypatch.setattr(encoders, "_trial_s", lambda chosen, _: seconds[chosen.options["preset"]])
    chosen = choose_encoder("software", "balanced", 1280, 720, files, live=True)
    assert chosen.options["preset"] == preset


def test_every_preset_encodes(tmp_path):
    yuv = to_yuv(np.zeros((49, 65, 3), np.uint8))
    assert yuv.shape == (72, 64)
    for preset in PRESETS:
        expected = [encoders._trial_ticks(n) for n in range(encoders.TRIAL_FRAMES)]
        assert encoders._decoded_times(software("small", preset), yuv) == expected


@pytest.mark.parametrize(
    "name", ["h264_nvenc", "h264_qsv", "h264_amf", "h264_videotoolbox", "h264_mf"]
)
def test_hardware_is_only_asked_for_what_it_knows(name):
    if name not in av.codecs_available:
        pytest.skip(f"this PyAV has no {name}")
    context = av.CodecContext.create(name, "w")
    known = {option.name for option in context.supported_options.private}
    generic = {option.name for option in context.supported_options.generic}
    assert set(hardware(name, "balanced").options) <= known | generic


def test_quality_is_worth_its_bytes(tmp_path):
    rng = np.random.default_rng(0)
    picture = np.repeat(np.repeat(rng.integers(0, 256, (60, 80, 3), np.uint8), 4, 0), 4, 1)
    sizes = []
    for quality in ("small", "balanced", "high"):
        context = av.CodecContext.create(SOFTWARE, "w")
        chosen = software(quality)
        chosen.configure(context, 320, 240)
        size = 0
        for number in range(10):
            moved = to_yuv(np.roll(picture, number, axis=1))
            size += sum(p.size for p in context.encode(chosen.frame(moved, 3000 * number, False)))
        sizes.append(size)
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[1] < sizes[2]


def test_colours_survive(tmp_path):
    """The file states its colour matrix, so that red stays red."""
    from fer_live.core.types import Frame
    from tests.recording.test_recording import FrameResult

    colours = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (128, 128, 128)]
    image = np.zeros((720, 1280, 3), np.uint8)
    for place, colour in enumerate(colours):
        image[:, place * 320 : (place + 1) * 320] = colour
    options = RecordingOptions(pictures="clean", quality="high")
    with recording(tmp_path / "x.mp4", options) as recorder:
        recorder.submit(FrameResult(Frame(image, 0, 0.0), (), ("happy",), {}, 0.0))
    with av.open(str(tmp_path / "x.mp4")) as video:
        shown = next(video.decode(video=0)).to_ndarray(format="bgr24")
    for place, colour in enumerate(colours):
        assert np.abs(shown[360, place * 320 + 160].astype(int) - colour).max() < 12
