"""Analyses single images: every face with its expression, as JSON values."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fer_live.batch.predictions import ImageResult
from fer_live.capture.decode import MAX_PIXELS
from fer_live.capture.image_folder import list_images, load_image
from fer_live.classification.runtime.base import CropSpec, FaceClassifier
from fer_live.core.errors import FerLiveError, SourceError
from fer_live.core.files import reserve_free_names
from fer_live.core.paths import is_folder
from fer_live.core.records import csv_line, face_record
from fer_live.core.settings import DetectorChoice, Privacy
from fer_live.core.types import Box, Detections, Face, ImageBgr
from fer_live.detection.crop import crop_faces
from fer_live.detection.detector import Detector
from fer_live.detection.still_detector import still_detector
from fer_live.live.classify import classify_boxes
from fer_live.live.control import unexpected
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.privacy import hide_faces
from fer_live.recording.png import write_png

_log = logging.getLogger(__name__)

CSV_FIELDS = (
    "path", "width", "height", "left", "top", "box_width", "box_height",
    "label", "confidence", "error",
)  # fmt: skip
"""Columns of `csv_rows`."""


def find_faces(
    image_bgr: ImageBgr, detector: Detector | None, classifier: FaceClassifier
) -> tuple[Face, ...]:
    """The faces of one image, numbered from 1, from left to right.

    Nothing is smoothed over time, and every detected box counts as a face.

    Args:
        image_bgr: (H, W, 3) uint8.
        detector: Finds the faces; None takes the whole image as one face. An image that is not
            square is padded by repeating its edges, not distorted.
        classifier: Classifies all faces in one batch.

    Raises:
        FerLiveError: The detector or the model failed.
    """
    if detector is None:
        height, width = image_bgr.shape[:2]
        box = (0.0, 0.0, float(width), float(height))
        framed = _WholeImage(classifier)
        side = max(width, height)
        square = np.array([_square_around(box, side)], np.float32)
        return _faces([box], Detections(square, np.ones(1, np.float32)), framed, image_bgr)
    found = detector.detect(image_bgr)
    order = np.argsort(found.boxes_xyxy[:, 0], kind="stable")
    found = Detections(found.boxes_xyxy[order], found.scores[order])
    boxes = [_as_box(row) for row in found.boxes_xyxy.tolist()]
    return _faces(boxes, found, classifier, image_bgr)


def predict_image(
    image_bgr: ImageBgr, detector: Detector | None, classifier: FaceClassifier
) -> list[dict[str, Any]]:
    """`find_faces` as JSON values, see `core.records.face_record`."""
    faces = find_faces(image_bgr, detector, classifier)
    return [face_record(face, classifier.labels.labels, tracked=False) for face in faces]


@dataclass(frozen=True)
class ImageOptions:
    """How image files are analysed.

    Args:
        model: Name or path of a model, None being the default, or several to be averaged.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        prior: Class shares that the probabilities hold for; see `priors.shares_of`.
        detect: False takes each whole image as one face.
        detector, min_face_px: What finds the faces, and the smallest to report, see
            `still_detector`.
        annotate_dir: Folder for each image with its overlay, under its own name; None writes none.
        privacy: How faces are hidden in these images.
        max_pixels: Most pixels of one image, see `load_image`.
    """

    model: str | Sequence[str] | None = None
    device: str = "auto"
    prior: str = ""
    detect: bool = True
    detector: DetectorChoice = "auto"
    min_face_px: float | None = None
    annotate_dir: Path | None = None
    privacy: Privacy = "none"
    max_pixels: int = MAX_PIXELS


class ImageAnalyser:
    """Analyses image files one by one.

    Args:
        options: How.

    Raises:
        FerLiveError: Model, device or detector is not available.
    """

    def __init__(self, options: ImageOptions) -> None:
        from fer_live.classification.runtime.ensemble import load_models

        self._options = options
        self._classifier = load_models(options.model, options.device, prior=options.prior)
        self._finder = (
            still_detector(options.detector, options.min_face_px) if options.detect else None
        )

    @property
    def model_name(self) -> str:
        return self._classifier.model_name

    def analyse(self, path: Path, problem: str | None = None) -> ImageResult:
        """The result of a file; also writes the annotated image if that is wanted.

        Args:
            path, problem: As `images_in` gives them.

        Raises:
            RecordingError: The annotated image cannot be written.
        """
        options = self._options
        result, image_bgr = predict_file(
            path, problem, self._finder, self._classifier, options.max_pixels
        )
        if options.annotate_dir is not None and image_bgr is not None:
            overlay = OverlayOptions(show_fps=False, show_ids=False)
            shown = hide_faces(image_bgr, result.faces, options.privacy)
            annotated = draw_overlay(shown, result.faces, result.labels, overlay)
            write_image(options.annotate_dir, path, annotated)
        return result


def predict_paths(paths: Sequence[Path], options: ImageOptions) -> Iterator[dict[str, Any]]:
    """One record per image, in the order given; a folder stands for the images in it.

    Args:
        paths: Images and folders of images.
        options: How they are analysed.

    Yields:
        What `ImageResult.to_dict` gives. An image that cannot be read or analysed has an error,
        and the next one is analysed.

    Raises:
        FerLiveError: Model, device or detector is not available, or an annotated image cannot be
            written.
    """
    analyser = ImageAnalyser(options)
    for path, problem in images_in(paths):
        yield analyser.analyse(path, problem).to_dict()


def csv_rows(record: dict[str, Any]) -> list[str]:
    """A record as CSV lines with the columns `CSV_FIELDS`: one per face, and at least one.

    The record of a video has no faces, so it is one line.
    """
    start = [record["path"], record["width"], record["height"]]
    rows = [
        [*start, *face["box_xywh"], face["label"], face["confidence"], record["error"]]
        for face in record.get("faces", ())
    ]
    return [csv_line(row) for row in rows or [[*start, *[None] * 6, record["error"]]]]


class _WholeImage:
    """A classifier that uses the whole image as the crop, without a margin."""

    def __init__(self, classifier: FaceClassifier) -> None:
        self._classifier = classifier
        self.labels = classifier.labels
        self.device_name = classifier.device_name
        self.engine_name = classifier.engine_name
        self.model_name = classifier.model_name
        # Members of an ensemble with other crop margins must not crop the image again.
        self.classify = getattr(classifier, "classify_whole", classifier.classify)

    @property
    def input(self) -> CropSpec:
        return _Unmargined(self._classifier.input)


class _Unmargined:
    def __init__(self, spec: CropSpec) -> None:
        self.size = spec.size
        self.color = spec.color
        self.crop_margin = 1.0


def _faces(
    boxes: Sequence[Box], found: Detections, classifier: FaceClassifier, image_bgr: ImageBgr
) -> tuple[Face, ...]:
    if not len(found):
        return ()
    names = classifier.labels.labels
    rows = classify_boxes(image_bgr, found.boxes_xyxy, classifier, crop_faces)
    return tuple(
        Face(
            number,
            box,
            float(score),
            names[int(row.argmax())],
            float(row.max()),
            row,
            row,
            labels=names,
        )
        for number, (box, score, row) in enumerate(zip(boxes, found.scores, rows, strict=True), 1)
    )


def _as_box(row: list[float]) -> Box:
    left, top, right, bottom = row
    return left, top, right, bottom


def _square_around(box: Box, side: float) -> Box:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return x - side / 2, y - side / 2, x + side / 2, y + side / 2


def images_in(paths: Sequence[Path]) -> Iterator[tuple[Path, str | None]]:
    """The path of every file and None, or of a folder and a sentence about what is wrong with it.

    Args:
        paths: Files, and folders of images.
    """
    for path in paths:
        if not is_folder(path):
            yield path, None
            continue
        try:
            inside = list_images(path)
        except FerLiveError as error:
            yield path, str(error)
            continue
        if not inside:
            yield path, "There is no image or video in this folder."
        yield from ((image, None) for image in inside)


def predict_file(
    path: Path,
    problem: str | None,
    detector: Detector | None,
    classifier: FaceClassifier,
    max_pixels: int = MAX_PIXELS,
) -> tuple[ImageResult, ImageBgr | None]:
    """The result of one image file.

    Args:
        path, problem: As `images_in` gives them.
        detector, classifier: As for `find_faces`.
        max_pixels: Most pixels, see `load_image`.

    Returns:
        The result, in pixels of the image as it was read, and the image if it could be analysed.
    """
    labels = classifier.labels.labels
    image_bgr = None
    try:
        image_bgr = None if problem else load_image(path, max_pixels)
    except SourceError as failure:
        problem = str(failure)
    if image_bgr is None:
        return ImageResult(path, None, None, (), labels, problem), None
    height, width = image_bgr.shape[:2]
    try:
        faces = find_faces(image_bgr, detector, classifier)
    except FerLiveError as failure:
        return ImageResult(path, width, height, (), labels, str(failure)), None
    except Exception as failure:
        # An image too large for the memory, for example, must not stop the others.
        _log.exception("%s could not be analysed", path)
        error = str(unexpected(failure, "in this image"))
        return ImageResult(path, width, height, (), labels, error), None
    return ImageResult(path, width, height, faces, labels), image_bgr


def write_image(folder: Path, path: Path, image_bgr: ImageBgr) -> Path:
    """Writes an image as PNG under its own name, with a number if the name is taken.

    Args:
        folder: Created if it is missing.
        path: Where the image came from.
        image_bgr: (H, W, 3) uint8.

    Returns:
        The file.

    Raises:
        RecordingError: It cannot be written.
    """
    target = reserve_free_names(folder, path.stem, (".png",))[0]
    write_png(target, image_bgr)
    return target
