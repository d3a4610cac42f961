"""Each stage of the live path by itself, on the pictures of one clip."""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from fer_live.bench.meter import Meter, Timing, repeat
from fer_live.capture.source import Source
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.settings import DetectorChoice
from fer_live.core.types import Boxes, Detections, Frame, FrameResult, ImageBgr
from fer_live.detection.appearance import describe_faces
from fer_live.detection.combined import RESCUE_CROP
from fer_live.detection.crop import crop_faces
from fer_live.detection.haar import HaarDetector
from fer_live.detection.picture_search import COARSE_SIDE_PX
from fer_live.detection.yunet import YuNetDetector
from fer_live.overlay.draw import draw_overlay
from fer_live.overlay.screen import fit_to_screen
from fer_live.recording.recorder import VideoRecorder
from fer_live.tracking.tracker import Tracker

BATCHES = (1, 4, 16, 64)
"""Faces per call of the classifier."""

SCREEN_PX = (960, 540)
"""Size that a picture is brought to for the window."""

STAGE_S = 1.0
"""Time given to each measurement, seconds."""

REST_S = 0.05
"""Time in which the decoder's threads finish what they have begun."""


def read_frames(source: Source, most: int, meter: Meter) -> list[Frame]:
    """Up to so many frames of an open source; what taking each cost goes into the meter.

    Decoders work ahead, in threads of their own. They are waited for, and their CPU time is shared
    out evenly over the frames.
    """
    frames: list[Frame] = []
    walls_s: list[float] = []
    cpu_s = time.process_time()
    while len(frames) < most:
        begun_s = time.perf_counter()
        frame = source.read()
        if frame is None:
            break
        walls_s.append(time.perf_counter() - begun_s)
        frames.append(frame)
    time.sleep(REST_S)
    cpu_s = time.process_time() - cpu_s
    for wall_s in walls_s:
        meter.add(wall_s, cpu_s / len(frames))
    return frames


def measure_stages(
    results: Sequence[FrameResult],
    busiest: FrameResult,
    classifier: FaceClassifier,
    folder: Path,
    detector: DetectorChoice = "auto",
) -> Iterator[tuple[str, Timing]]:
    """Names and times, one after the other, milliseconds per call.

    Args:
        results: Analysed frames, one or more, to encode.
        busiest: The one that all other stages work on.
        classifier: Loaded and warm.
        folder: Where a recording may be written.
        detector: Whose stages are measured; `auto` has those of both detectors.
    """
    image_bgr = busiest.frame.image_bgr
    boxes = np.array([face.box_xyxy for face in busiest.faces], np.float32).reshape(-1, 4)
    yield from _detect(image_bgr, boxes, detector)
    if len(boxes):
        spec = classifier.input
        yield (
            f"crop {len(boxes)}",
            repeat(
                lambda: crop_faces(image_bgr, boxes, spec.size, spec.color, spec.crop_margin),
                STAGE_S,
            ),
        )
    for batch in BATCHES:
        yield f"classify {batch}", _classify(classifier, batch)
    yield f"track {len(boxes)}", _track(busiest.frame, boxes)
    yield (
        "overlay",
        repeat(lambda: draw_overlay(image_bgr, busiest.faces, busiest.labels, fps=30.0), STAGE_S),
    )
    yield "display", repeat(lambda: fit_to_screen(image_bgr, *SCREEN_PX), STAGE_S)
    yield "encode H.264", _encode(results, folder)


def _detect(
    image_bgr: ImageBgr, boxes: Boxes, choice: DetectorChoice
) -> Iterator[tuple[str, Timing]]:
    near = f"near {len(boxes)}"
    if choice != "haar":
        network = YuNetDetector(long_side=COARSE_SIDE_PX)
        yield "YuNet, whole frame", repeat(lambda: network.detect(image_bgr), STAGE_S)
        if len(boxes):
            look = partial(network.look_at, image_bgr, boxes, *RESCUE_CROP)
            yield f"YuNet, {near}", repeat(look, STAGE_S)
    if choice != "yunet":
        cascade = HaarDetector()
        if choice == "haar":
            yield "Haar, whole frame", repeat(lambda: cascade.detect(image_bgr), STAGE_S)
        if len(boxes):
            yield f"Haar, {near}", repeat(lambda: cascade.detect_near(image_bgr, boxes), STAGE_S)


def _classify(classifier: FaceClassifier, batch: int) -> Timing:
    spec = classifier.input
    channels = () if spec.color == "gray" else (3,)
    shape = (batch, spec.size, spec.size, *channels)
    crops = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    return repeat(lambda: classifier.classify(crops), STAGE_S)


def _track(frame: Frame, boxes: Boxes) -> Timing:
    tracker = Tracker()
    found = Detections(boxes, np.full(len(boxes), 20, np.float32))
    now_s = 0.0

    def track() -> None:
        nonlocal now_s
        now_s += 1 / 30
        looks = describe_faces(frame.image_bgr, boxes)
        tracker.update(found, now_s, looks, (frame.width, frame.height))

    return repeat(track, STAGE_S)


def _encode(results: Sequence[FrameResult], folder: Path) -> Timing:
    """Per frame, overlay included, as the recording thread works; wall time is the mean."""
    recorder = VideoRecorder(folder / "encoded.mp4", wait=True)
    recorder.start()
    meter = Meter()
    with meter:
        for result in results:
            recorder.submit(result)
        summary = recorder.stop()
    if summary.error is not None:
        raise summary.error
    count = max(summary.frames_written, 1)
    whole, shared = meter.timing, Meter()
    shared.add(whole.wall_p50 / count / 1e3, whole.cpu_mean / count / 1e3)
    return shared.timing
