"""Short videos with a real, moving face, made with PyAV at test time."""

import csv
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from skimage import data

RATE = 1000
"""Ticks per second in the videos: their times are whole milliseconds."""
VARYING_MS = tuple(np.cumsum([0, *[33] * 8, *[120] * 5, 7, 8, *[50] * 8]).tolist())
"""Times of a video whose rate jumps between 8 and 140 per second."""


def steady_ms(count: int, step: int = 40) -> tuple[int, ...]:
    """Times of a video with a fixed rate."""
    return tuple(range(0, count * step, step))


def portrait(time_ms: int, size: tuple[int, int]) -> np.ndarray:
    """The astronaut, moving left and right before a plain wall."""
    width, height = size
    side = min(size) - 2
    face = cv2.resize(np.ascontiguousarray(data.astronaut()[..., ::-1]), (side, side))
    image = np.full((height, width, 3), (90, 110, 70), np.uint8)
    left = round((width - side) * (0.5 + 0.5 * np.sin(time_ms / 700)))
    image[height - side :, left : left + side] = face
    return image


def write_video(
    path: Path,
    times_ms: Sequence[int],
    *,
    size: tuple[int, int] = (320, 240),
    sound: str | None = "aac",
    sound_rate: int = 48_000,
    tracks: int = 1,
    face: bool = True,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    aspect: Fraction | None = None,
    faststart: bool = False,
) -> Path:
    """A video with B-frames where the codec has them, and tones as sound, from time 0."""
    options = {"movflags": "faststart"} if faststart else {}
    with av.open(str(path), "w", options=options) as out:
        pictures = out.add_stream(codec, rate=30, options={"g": "10"})
        pictures.width, pictures.height, pictures.pix_fmt = *size, pixels
        pictures.time_base = pictures.codec_context.time_base = Fraction(1, RATE)
        if aspect is not None:
            pictures.codec_context.sample_aspect_ratio = aspect
        tones = [
            out.add_stream(
                sound, rate=sound_rate, layout="stereo" if sound == "libopus" else "mono"
            )
            for _ in range(tracks if sound else 0)
        ]
        for number, time_ms in enumerate(times_ms):
            plain = np.full((size[1], size[0], 3), 90 + number % 40, np.uint8)
            image = portrait(time_ms, size) if face else plain
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = time_ms, Fraction(1, RATE)
            out.mux(pictures.encode(frame))
        out.mux(pictures.encode(None))
        for number, stream in enumerate(tones):
            seconds = max(times_ms) / RATE + 0.1
            phase = np.arange(round(seconds * sound_rate)) / sound_rate * 2 * np.pi
            wave = (0.3 * np.sin(phase * 330 * (number + 1))).astype(np.float32)
            frame = av.AudioFrame.from_ndarray(wave[None], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = sound_rate, 0, Fraction(1, sound_rate)
            out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return path


def times_s(path: Path) -> list[float]:
    """Time stamps of a video's frames, from the video's beginning, seconds."""
    with av.open(str(path)) as video:
        begins_s = (video.start_time or 0) / av.time_base
        return [frame.time - begins_s for frame in video.decode(video=0)]


def heard(path: Path, track: int = 0) -> tuple[np.ndarray, float]:
    """Decoded samples of the first channel, and when they begin in the video, seconds."""
    with av.open(str(path)) as video:
        begins_s = (video.start_time or 0) / av.time_base
        frames = list(video.decode(audio=track))
    first = frames[0].time - begins_s
    step = 1 if frames[0].format.is_planar else frames[0].layout.nb_channels
    return np.concatenate([frame.to_ndarray()[0][::step] for frame in frames]), first


def packets(path: Path, track: int = 0) -> list[bytes]:
    """The packets of a sound track as they are stored."""
    with av.open(str(path)) as video:
        return [bytes(p) for p in video.demux(video.streams.audio[track]) if p.size]


LARGE = (480, 360)
"""Large enough for the detector to find the face."""


def write_queue(folder: Path, last: str, frames: int) -> list[Path]:
    """Three videos of a real face, the third with a name and a length, and words named a video."""
    videos = [
        write_video(folder / "varying.mp4", VARYING_MS, size=LARGE, sound=None),
        write_video(folder / "steady.mp4", steady_ms(12), size=LARGE, sound=None),
        write_video(folder / last, steady_ms(frames), size=LARGE, sound=None),
    ]
    words = folder / "words.mp4"
    words.write_text("These are words, not images. " * 40, "utf-8")
    return [*videos, words]


def figures(record: dict[str, object]) -> list[dict[str, str]]:
    """The rows of a log without the wall times, which differ from run to run."""
    with Path(str(record["log"])).open(encoding="utf-8", newline="") as file:
        return [{**row, "wall_time": ""} for row in csv.DictReader(file)]
