"""Measures this machine on a clip: each stage, and all of it from picture to label."""

import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fer_live import __version__
from fer_live.batch.headless import run_headless
from fer_live.bench.advice import recommend
from fer_live.bench.machine import describe_machine
from fer_live.bench.meter import Meter, Timing, memory
from fer_live.bench.stages import measure_stages, read_frames
from fer_live.capture.demo import DEFAULT_FPS, render_demo
from fer_live.capture.factory import source_for
from fer_live.capture.source import Source, SourceInfo
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import ConfigError, SourceError
from fer_live.core.paths import find_models
from fer_live.core.settings import Settings
from fer_live.core.types import Frame, FrameResult
from fer_live.live.assembly import load_classifier, precision_for, processor_for
from fer_live.live.engine import Engine
from fer_live.live.processor import FrameProcessor
from fer_live.live.states import EngineOptions
from fer_live.recording.recorder import VideoRecorder

CLIP_S = 10.0
"""Length of the built-in clip: one face that moves, and a second one that joins it."""

CHUNK_FRAMES = 15
"""So many frames are decoded before they are analysed: the decoder's threads rest meanwhile, and
42 MB hold them at 1280x720."""

KEPT = 30
"""Frames kept for measuring the encoder."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Whole:
    """What was measured from picture to label.

    Args:
        reading: Taking each frame from the source.
        kept: The first frames.
        busiest: The first of those with most faces.
        values: Plain JSON values.
    """

    reading: Timing
    kept: list[FrameResult]
    busiest: FrameResult
    values: dict[str, Any]


def measure(
    settings: Settings, source: str | None, seconds: float, say: Progress = lambda _: None
) -> dict[str, Any]:
    """Measures everything; takes about half a minute.

    Args:
        settings: Model, device and the rest as for a run.
        source: As for a run; None is the built-in clip.
        seconds: Length of clip analysed, and again of the live run.
        say: Told what is being measured.

    Returns:
        Plain JSON values; times in milliseconds, memory in MiB.

    Raises:
        FerLiveError: Source, model or device cannot be had, no frame came, or the length is none.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise ConfigError(f"{seconds:g} seconds cannot be measured.", "Choose 10, for example.")
    with tempfile.TemporaryDirectory(prefix="fer-live-") as name:
        folder = Path(name)
        say("loading the model")
        begun_s = time.perf_counter()
        classifier = load_classifier(
            find_models(settings.model or None),
            settings.device,
            prior=settings.prior,
            precision=precision_for(settings),
        )
        loaded_s = time.perf_counter() - begun_s
        if source is None:
            say("drawing the built-in clip")
            source = str(built_in_clip(folder, min(seconds, CLIP_S)))
        # First of all: what comes later holds more pictures than a live run does.
        say("running live, at the clip's own rate")
        live = measure_live(settings, source, classifier, seconds)
        say("analysing, frame by frame")
        opened = source_for(settings, source)
        processor = processor_for(settings, opened, classifier)
        with _open(opened) as info:
            whole = measure_end_to_end(opened, info, processor, seconds)
        stages = {"capture and decode": whole.reading}
        for stage, timing in measure_stages(
            whole.kept, whole.busiest, classifier, folder, settings.detector
        ):
            say(f"measured {stage}")
            stages[stage] = timing
    report: dict[str, Any] = {
        "version": __version__,
        "machine": describe_machine(),
        "device": classifier.device_name,
        "engine": classifier.engine_name,
        "model": classifier.model_name,
        "detector": processor.detector_name,
        "source": {"name": info.name, "width": info.width, "height": info.height, "fps": info.fps},
        "model_load_s": round(loaded_s, 3),
        "end_to_end": whole.values,
        "live": live,
        "stages": {name: timing.as_json() for name, timing in stages.items()},
        "memory_mb": memory(),
    }
    report["recommended"], report["advice"] = recommend(report)
    return report


def built_in_clip(folder: Path, seconds: float) -> Path:
    """Records the demo, drawn at its own rate, as a video file; returns its path."""
    path = folder / "demo.mp4"
    recorder = VideoRecorder(path, wait=True)
    recorder.start()
    for number in range(max(2, round(seconds * DEFAULT_FPS))):
        at_s = number / DEFAULT_FPS
        frame = Frame(render_demo(at_s), number, at_s, at_s)
        recorder.submit(FrameResult(frame, (), (), {}, at_s))
    summary = recorder.stop()
    if summary.error is not None:
        raise summary.error
    return path


def measure_end_to_end(
    source: Source, info: SourceInfo, processor: FrameProcessor, seconds: float
) -> Whole:
    """From a decoded frame to its smoothed, labelled faces; reading is measured apart.

    Args:
        source: Open.
        info: What it said of itself.
        processor: Fresh.
        seconds: Of the source's own time.

    Raises:
        SourceError: It gave no frame.
    """
    reading, analysing = Meter(), Meter()
    kept: list[FrameResult] = []
    busiest: FrameResult | None = None
    faces = labelled = 0
    left = round(seconds * (info.fps or DEFAULT_FPS))
    while left > 0:
        frames = read_frames(source, min(CHUNK_FRAMES, left), reading)
        if not frames:
            break
        left -= len(frames)
        for frame in frames:
            with analysing:
                result = processor.process(frame)
            faces += len(result.faces)
            labelled += sum(face.label is not None for face in result.faces)
            if len(kept) < KEPT:
                kept.append(result)
            if busiest is None or len(result.faces) > len(busiest.faces):
                busiest = result
    timing = analysing.timing
    if busiest is None:
        raise SourceError("The source gave no picture to measure with.", "Choose another source.")
    values = {
        "frames": timing.count,
        "faces_per_frame": round(faces / timing.count, 3),
        "labelled_share": round(labelled / faces, 4) if faces else None,
        "cpu_ms_per_frame": round(timing.cpu_mean, 3),
        **{key: value for key, value in timing.as_json().items() if key != "count"},
    }
    return Whole(reading.timing, kept, busiest, values)


def measure_live(
    settings: Settings, source: str, classifier: FaceClassifier, seconds: float
) -> dict[str, Any]:
    """The engine with its threads, at the source's own rate, decoding included.

    Raises:
        FerLiveError: As the engine does.
    """
    opened = source_for(settings, source)
    engine = Engine(
        opened,
        lambda: processor_for(settings, opened, classifier),
        options=EngineOptions(wait_for_processor=True),
    )
    begun_s, cpu_s = time.perf_counter(), time.process_time()
    report = run_headless(engine, seconds)
    wall_s, cpu_s = time.perf_counter() - begun_s, time.process_time() - cpu_s
    chosen = ("duration_s", "frames_captured", "frames_analysed", "frames_dropped", "fps_analysed")
    return {
        **{key: report[key] for key in chosen},
        **{key: report[key] for key in ("latency_ms", "stage_ms", "rss_mb")},
        "cpu_ms_per_frame": round(cpu_s * 1e3 / max(report["frames_captured"], 1), 3),
        "cores_used": round(cpu_s / wall_s, 3),
    }


@contextmanager
def _open(source: Source) -> Iterator[SourceInfo]:
    try:
        yield source.open()
    finally:
        source.close()
