"""Builds source and processor from the settings: detector, classifier, tracker, smoother."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from fer_live.capture.camera import CameraSource
from fer_live.capture.camera_check import (
    CameraCheck,
    CameraFormat,
    CheckOptions,
    check_camera,
)
from fer_live.capture.factory import source_for
from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.source import Source
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import ConfigError
from fer_live.core.paths import find_models
from fer_live.core.settings import DetectorChoice, Precision, Settings
from fer_live.detection import close_looks, combined
from fer_live.detection.appearance import describe_faces
from fer_live.detection.crop import crop_faces
from fer_live.detection.detector import Detector
from fer_live.detection.haar import HaarDetector
from fer_live.detection.live_detector import live_detector
from fer_live.detection.scheduler import FULL_SCAN_INTERVAL_S
from fer_live.detection.still_detector import still_detector
from fer_live.detection.yunet import YuNetDetector
from fer_live.live.processor import FrameProcessor, ProcessorOptions
from fer_live.tracking.face_quality import FaceQuality
from fer_live.tracking.head_turn import HeadTurn
from fer_live.tracking.smoothing import ExpressionSmoother, SmoothingOptions
from fer_live.tracking.tracker import Tracker, TrackerOptions

WARM_UP_BATCHES = (1, 2)
"""Batch sizes of the warm-up: the first pass of each size is slow, while kernels are chosen."""


CLASSIFY_INTERVAL_S = 1 / 10
"""A followed face is classified at 10 Hz: the smoothing is slower, so more would only cost."""

FACES_PER_FRAME = 2
"""Most faces classified in one frame: a crowd waits its turn, no frame waits for the crowd."""


HAAR_TRACKING = TrackerOptions(sure_score=HaarDetector.sure_score)

NETWORK_TRACKING = TrackerOptions(
    sure_score=close_looks.SURE_SCORE,
    least_score=combined.KEEP_SCORE,
    max_missed_s=0.05,
    max_missed_frames=1.5,
    memory_s=2.0,
)
"""The detector keeps a face of which there are traces, and finds a hidden one again at once: a box
of which nothing is left need not wait for longer than a frame. It shows no box that is no face, so
that what comes back where a face was is that face, also after a hand was before it for a second."""


@dataclass(frozen=True)
class BuildOptions:
    """Tuning of the real parts.

    Args:
        smoothing: How steady the shown expression is.
        tracking: When faces appear and disappear; None fits the detector.
        processing: How often faces are classified.
        full_scan_interval_s: For ``haar``: time in which the whole frame is searched once; known
            faces are looked for in every frame.
        detector: What finds the faces, see `live_detector`.
    """

    smoothing: SmoothingOptions = field(default_factory=SmoothingOptions)
    tracking: TrackerOptions | None = None
    processing: ProcessorOptions = field(default_factory=ProcessorOptions)
    full_scan_interval_s: float = FULL_SCAN_INTERVAL_S
    detector: DetectorChoice = "auto"


def build_processor(
    model: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    device: str = "auto",
    head: str | None = None,
    options: BuildOptions | None = None,
    classifier: FaceClassifier | None = None,
    prior: str = "",
    precision: Precision = "float32",
) -> FrameProcessor:
    """Loads detector and model; takes seconds, so it belongs on the inference thread.

    Args:
        model: Name or path of a checkpoint, None being the default model, or several whose
            answers are averaged; see `find_models`.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        head: The model's answer to show; None is its default.
        options: Tuning.
        classifier: Loaded before, by `load_classifier`; None loads the model.
        prior: Class shares that the probabilities hold for; see `priors.shares_of`.
        precision: Arithmetic; see `loading.load_classifier`.

    Raises:
        ModelError: Missing, damaged or unfit checkpoint.
        DeviceError: The device is not there.
        DetectorError: The cascade or the network is missing or damaged.
    """
    paths = () if classifier else find_models(model)
    options = options or BuildOptions()
    classifier = classifier or load_classifier(paths, device, head, prior, precision)
    return assemble(classifier, options)


def load_classifier(
    models: Sequence[Path],
    device: str = "auto",
    head: str | None = None,
    prior: str = "",
    precision: Precision = "float32",
) -> FaceClassifier:
    """One checkpoint's or an ensemble's classifier, warmed up. Raises as `load_models`."""
    # Its libraries take time to load; opening a window does not wait for them.
    from fer_live.classification.runtime.ensemble import load_models
    from fer_live.classification.runtime.loading import load_classifier as load

    classifier = load_models(models, device, head, partial(load, precision=precision), prior)
    for count in WARM_UP_BATCHES:
        classifier.classify(classifier.input.blank(count))
    return classifier


def assemble(classifier: FaceClassifier, options: BuildOptions | None = None) -> FrameProcessor:
    """A processor with a loaded classifier; loading the other parts takes a tenth of a second.

    Raises:
        DetectorError: The cascade or the network is missing or damaged.
    """
    options = options or BuildOptions()
    processor: FrameProcessor
    detector: Detector
    if options.processing.independent:
        detector = still_detector(options.detector)
    else:
        # The schedule goes by the frames' own time: a file gives the same result at any speed.
        detector = live_detector(
            options.detector, lambda: processor.now_s, options.full_scan_interval_s
        )
    by_cascade = options.detector == "haar"
    processor = FrameProcessor(
        detector,
        classifier,
        Tracker(options.tracking or (HAAR_TRACKING if by_cascade else NETWORK_TRACKING)),
        ExpressionSmoother(classifier.labels, options.smoothing),
        crop_faces,
        describe=describe_faces,
        quality=FaceQuality(HeadTurn(YuNetDetector())),
        options=options.processing,
    )
    return processor


def processor_for(
    settings: Settings, source: Source | None = None, classifier: FaceClassifier | None = None
) -> FrameProcessor:
    """`build_processor` with what the user chose, for the kind of source. Raises as it does."""
    options = _options_for(settings, source)
    model = settings.model or None
    return build_processor(
        model,
        settings.device,
        options=options,
        classifier=classifier,
        prior=settings.prior,
        precision=precision_for(settings),
    )


def precision_for(settings: Settings) -> Precision:
    """The arithmetic in a live run."""
    # With the cascade alone everything is as it was before there was another detector.
    plain = settings.detector == "haar" and settings.precision == "auto"
    return "float32" if plain else settings.precision


def _options_for(settings: Settings, source: Source | None) -> BuildOptions:
    smoothing = SmoothingOptions(settings.smoothing_s, settings.unsure_below)
    # With the cascade alone everything is as it was before there was another detector.
    turns = ProcessorOptions(CLASSIFY_INTERVAL_S, FACES_PER_FRAME, hold=settings.detector != "haar")
    options = BuildOptions(smoothing, processing=turns, detector=settings.detector)
    if isinstance(source, ImageFolderSource):
        # The images are unrelated: a box counts at once.
        options = replace(
            options,
            tracking=TrackerOptions(sure_score=0.1, least_score=0.0),
            processing=ProcessorOptions(independent=True),
        )
    return options


def check_settings_camera(
    settings: Settings, text: str | None = None, offered: Sequence[CameraFormat] = ()
) -> CameraCheck:
    """Measures a camera with the size, rate and model of the settings; see `check_camera`.

    Args:
        settings: What to ask the camera for, and the model.
        text: The camera's source string; None or empty as for `source_for`.
        offered: What the camera offers, for the advice.

    Raises:
        ConfigError: The source is no camera.
        SourceError: The camera cannot be opened.
        ModelError, DeviceError, DetectorError: As `build_processor`.
    """
    source = source_for(settings, text)
    if not isinstance(source, CameraSource):
        raise ConfigError(f"{text} is no camera.", "Name one that `fer-live cameras` lists.")
    processor = processor_for(settings, source)
    return check_camera(source, CheckOptions(offered=offered, analyse=processor.process))
