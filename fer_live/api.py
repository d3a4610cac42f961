"""The Python interface: faces of images, videos and cameras in a few lines."""

import math
import os
import threading
import weakref
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Self, TypeAlias, TypedDict, Unpack

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fer_live.batch.images import find_faces, images_in, predict_file
from fer_live.batch.predictions import ImageResult, Predictions
from fer_live.capture.decode import (
    Color,
    NotAnImageError,
    decode_image,
    image_from_array,
    image_from_pillow,
    swap_channels,
)
from fer_live.capture.factory import mirrored, source_for
from fer_live.capture.image_folder import ImageFolderSource
from fer_live.capture.source import Source
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.errors import ConfigError, FerLiveError, SourceError, SourceNotFoundError
from fer_live.core.formats import is_video
from fer_live.core.paths import find_models, is_folder, user_path
from fer_live.core.settings import DetectorChoice, Precision, Privacy, Settings
from fer_live.core.types import Face, FrameResult, ImageBgr
from fer_live.detection.still_detector import still_detector
from fer_live.live.assembly import load_classifier, processor_for
from fer_live.live.classify import SharedClassifier
from fer_live.live.stream import Stream
from fer_live.overlay.draw import OverlayOptions, draw_overlay
from fer_live.overlay.privacy import hide_faces

StrPath: TypeAlias = str | os.PathLike[str]

ImageInput: TypeAlias = StrPath | bytes | Image.Image | NDArray[np.uint8]
"""An image file's path or content, a Pillow image, or an array: (H, W, 3), (H, W, 4) or grey
(H, W), uint8."""

ModelInput: TypeAlias = StrPath | Sequence[StrPath] | None
"""Name or path of a model, None for the default one, or several whose results are averaged."""


class StreamOptions(TypedDict, total=False):
    """Options of `Analyzer.stream`, where they are explained."""

    every_frame: bool
    duration: float | None
    mirror: bool
    width: int
    height: int
    fps: float
    smoothing_s: float
    unsure_below: float
    heat_maps: bool


def annotate(
    image: ImageInput,
    result: FrameResult | ImageResult | Sequence[Face],
    *,
    color: Color = "bgr",
    show_bars: bool = False,
    show_heat: bool = True,
    show_ids: bool | None = None,
    privacy: Privacy = "none",
    max_megapixels: float = Settings.max_megapixels,
) -> NDArray[np.uint8]:
    """Draws boxes and labels on a copy of an image: the same drawing as in the window.

    Args:
        image: As for `predict`; of a stream's result, ``result.frame.image_bgr``.
        result: What was found in it.
        color: Order of the channels of an array, and of the returned one.
        show_bars: A bar for every class beside each face.
        show_heat: The heat map of each face that has one.
        show_ids: The face's number after the label; None shows it for results of a stream.
        privacy: ``blur`` or ``pixelate`` hides the faces.
        max_megapixels: As for `Analyzer`.

    Returns:
        (H, W, 3) uint8, a new array.

    Raises:
        SourceError: The image cannot be read.
        ConfigError: An option cannot be used.
    """
    limit = _max_pixels(_checked(privacy=privacy, max_megapixels=max_megapixels))
    # The results of image files are in pixels of the image as it was read.
    image_bgr = _image_bgr(image, color, limit, reduce=isinstance(result, ImageResult))
    streamed = isinstance(result, FrameResult)
    faces = result.faces if isinstance(result, FrameResult | ImageResult) else tuple(result)
    found = result.found if isinstance(result, FrameResult) else ()
    labels = faces[0].labels if faces else ()
    options = OverlayOptions(
        show_bars=show_bars,
        show_ids=streamed if show_ids is None else show_ids,
        show_heat=show_heat,
    )
    drawn = draw_overlay(hide_faces(image_bgr, faces, privacy, found), faces, labels, options)
    return drawn if color == "bgr" else swap_channels(drawn)


class Analyzer:
    """Finds faces and their expressions, with a model that is loaded once.

    Any thread may use it. The user's settings file and the ``FER_LIVE_…`` variables, which the
    window and the command line read, are not read.

    Args:
        model: Name or path of a model, None for the default one, or several whose results are
            averaged.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        detector: What finds the faces: ``auto`` (the network YuNet and the Haar cascade), ``haar``
            or ``yunet``.
        min_face: Smallest face to report in an image, pixels; None for the detector's own limit.
        prior: How often each expression is expected: ``uniform``, ``balanced``, ``ferplus`` or a
            JSON file of shares by label; empty for the model's own shares.
        max_megapixels: Most pixels of an image file, millions; decoding takes up to 10 bytes each.
            Pillow's own limit, ``PIL.Image.MAX_IMAGE_PIXELS``, holds besides for TIFF and WebP.
        precision: Arithmetic: ``float32``, which gives the same figures on every computer,
            ``int8``, or ``auto``: eight bits where they are faster, half precision on a GPU.

    Raises:
        ConfigError: An option cannot be used.
        ModelError: There is no such model, or it is damaged.
        DeviceError: The device is not there.
        DetectorError: The face detector's files are missing.

    Example:
        >>> from skimage import data
        >>> with Analyzer() as analyzer:
        ...     faces = analyzer.predict(data.astronaut(), color="rgb")
        >>> len(faces), faces[0].label
        (1, 'happy')
    """

    def __init__(
        self,
        model: ModelInput = None,
        device: str = "auto",
        detector: DetectorChoice = "auto",
        min_face: float | None = None,
        prior: str = "",
        max_megapixels: float = Settings.max_megapixels,
        precision: Precision = "float32",
    ) -> None:
        self._max_pixels = _max_pixels(
            _checked(
                device=device,
                detector=detector,
                max_megapixels=max_megapixels,
                precision=precision,
            )
        )
        if min_face is not None and not 0 <= min_face < math.inf:
            raise ConfigError(f"A smallest face of {min_face} px cannot be.", "Use 0 px or more.")
        self._detector_choice = detector
        self._classifier: FaceClassifier | None = load_classifier(
            find_models(model), device, prior=prior, precision=precision
        )
        self._detector = still_detector(detector, min_face)
        self._labels = self._classifier.labels.labels
        self._model_name = self._classifier.model_name
        self._device_name = self._classifier.device_name
        self._turn = threading.Lock()
        self._streams: weakref.WeakSet[Stream] = weakref.WeakSet()

    @property
    def labels(self) -> tuple[str, ...]:
        """Class names, in the order of every face's probabilities."""
        return self._labels

    @property
    def model_name(self) -> str:
        """Name of the model."""
        return self._model_name

    @property
    def device_name(self) -> str:
        """The device that really computes."""
        return self._device_name

    def predict(
        self, image: ImageInput, *, color: Color = "bgr", detect: bool = True
    ) -> list[Face]:
        """The faces of one image, from left to right, numbered from 1.

        Args:
            image: A file's path or content, a Pillow image, or an array: (H, W, 3), (H, W, 4) or
                grey (H, W), uint8. It is not changed.
            color: Order of the channels of an array.
            detect: False takes the whole image as one face.

        Returns:
            One `Face` each, with ``label``, ``confidence``, ``probabilities``, ``box_xyxy``; none
            if there is no face.

        Raises:
            SourceError: The image cannot be read; `SourceNotFoundError` if there is no such file.
            FerLiveError: The analysis failed, or the analyzer is closed.
        """
        image_bgr = _image_bgr(image, color, self._max_pixels)
        classifier = self._open()
        with self._turn:
            return list(find_faces(image_bgr, self._detector if detect else None, classifier))

    def predict_many(
        self, paths: StrPath | Iterable[StrPath], *, detect: bool = True
    ) -> Predictions:
        """The faces of many image files; folders stand for the images in them.

        An image that cannot be read has an ``error``, and the next one follows. A JPEG with more
        than ``max_megapixels`` is read at reduced size; width, height and boxes are of that size.

        Args:
            paths: Files and folders; also a single one.
            detect: False takes every whole image as one face.

        Returns:
            An iterator over `ImageResult`, with ``to_dicts()`` and ``to_pandas()``.

        Raises:
            FerLiveError: The analyzer is closed.
        """
        self._open()
        if isinstance(paths, str | os.PathLike):
            paths = [paths]
        return Predictions(self._results([user_path(path) for path in paths], detect))

    def stream(
        self,
        source: int | StrPath | Source = 0,
        *,
        every_frame: bool = False,
        duration: float | None = None,
        mirror: bool = False,
        width: int = Settings.width,
        height: int = Settings.height,
        fps: float = Settings.fps,
        smoothing_s: float = Settings.smoothing_s,
        unsure_below: float = Settings.unsure_below,
        heat_maps: bool = False,
    ) -> Stream:
        """Analyses a camera, video or network stream while it runs.

        A live source and a video at its own speed: the newest frame is analysed, frames that come
        while the program is busy are skipped. A live source that is lost is opened again when it
        returns.

        Args:
            source: Camera index or name; path of a video, an image or a folder of images; URL;
                ``demo``; or an object that gives frames, see `Source`.
            every_frame: Analyse every frame of a file, as fast as the program takes the results.
                Images and folders are always read so.
            duration: Stop so many seconds after the first result; None has no limit.
            mirror: Flip the pictures of a camera left to right.
            width: Width asked of a camera, pixels.
            height: Height asked of a camera, pixels.
            fps: Rate asked of a camera, frames per second.
            smoothing_s: Time constant of the smoothing of the probabilities, seconds.
            unsure_below: Smoothed probability, 0-1, under which the label is ``unsure``.
            heat_maps: Also give faces ``heat``: which areas of the face support the label.

        Returns:
            An iterator over `FrameResult`, which is also a context manager.

        Raises:
            SourceNotFoundError: There is no such file, address or camera.
            ConfigError: An option is out of range, or every frame of a live source is wanted.
            FerLiveError: The analyzer is closed. Errors that come later are raised by the
                iterator.
        """
        settings = _checked(
            detector=self._detector_choice,
            mirror=mirror,
            width=width,
            height=height,
            fps=fps,
            smoothing_s=smoothing_s,
            unsure_below=unsure_below,
        )
        if duration is not None and not duration > 0:
            raise ConfigError(f"A duration of {duration} s is too short.", "Use more than 0.")
        classifier = SharedClassifier(self._open(), self._turn)
        opened = _source(source, settings)
        if every_frame and opened.live:
            raise ConfigError(
                "A live source does not wait, so that not every frame can be analysed.",
                "Leave every_frame out, or name a file.",
            )
        made = Stream(
            opened,
            lambda: processor_for(settings, opened, classifier),
            every_frame=every_frame or isinstance(opened, ImageFolderSource),
            mirror=mirrored(settings, opened),
            heat_maps=heat_maps,
            duration_s=duration,
        )
        self._streams.add(made)
        return made

    annotate = staticmethod(annotate)

    def close(self) -> None:
        """Closes the streams and lets go of the model; may be called again."""
        for made in list(self._streams):
            made.close()
        self._classifier = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> FaceClassifier:
        if self._classifier is None:
            raise FerLiveError("The analyzer is closed.", "Make another one.")
        return self._classifier

    def _results(self, paths: Sequence[Path], detect: bool) -> Iterator[ImageResult]:
        for path, problem in images_in(paths):
            classifier = self._open()
            with self._turn:
                result, _ = predict_file(
                    *(path, problem, self._detector if detect else None, classifier),
                    max_pixels=self._max_pixels,
                )
            yield result


def predict(
    image: ImageInput,
    *,
    model: ModelInput = None,
    device: str = "auto",
    detector: DetectorChoice = "auto",
    min_face: float | None = None,
    prior: str = "",
    color: Color = "bgr",
    detect: bool = True,
) -> list[Face]:
    """The faces of one image, with their expressions.

    The model used last stays loaded, so that a second call is quick.

    Args:
        image: A file's path or content, a Pillow image, or an array: (H, W, 3), (H, W, 4) or grey
            (H, W), uint8. It is not changed.
        model: Name or path of a model, None for the default one, or several to be averaged.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        detector: What finds the faces, see `Analyzer`.
        min_face: Smallest face to report, pixels; None for the detector's own limit.
        prior: How often each expression is expected, see `Analyzer`.
        color: Order of the channels of an array.
        detect: False takes the whole image as one face.

    Returns:
        One `Face` each, from left to right; none if there is no face.

    Raises:
        SourceError: The image cannot be read; `SourceNotFoundError` if there is no such file.
        FerLiveError: The model or the device is not there, or the analysis failed.

    Example:
        >>> import fer_live
        >>> from skimage import data
        >>> for face in fer_live.predict(data.astronaut(), color="rgb"):
        ...     print(face.label, f"{face.confidence:.1f}")
        happy 1.0
    """
    analyzer = _analyzer(model, device, detector, min_face, prior)
    return analyzer.predict(image, color=color, detect=detect)


def stream(
    source: int | StrPath | Source = 0,
    *,
    model: ModelInput = None,
    device: str = "auto",
    detector: DetectorChoice = "auto",
    prior: str = "",
    **options: Unpack[StreamOptions],
) -> Stream:
    """Analyses a camera, video or network stream while it runs.

    Args:
        source: Camera index or name; path of a video, an image or a folder of images; URL;
            ``demo``; or an object that gives frames, see `Source`.
        model: Name or path of a model, None for the default one, or several to be averaged.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``.
        detector: What finds the faces, see `Analyzer`.
        prior: How often each expression is expected, see `Analyzer`.
        **options: As for `Analyzer.stream`: ``every_frame``, ``duration``, ``mirror``, …

    Returns:
        An iterator over `FrameResult`, which is also a context manager.

    Raises:
        SourceNotFoundError: There is no such file, address or camera.
        FerLiveError: The model or the device is not there, or an option cannot be used. Errors
            that come later are raised by the iterator.

    Example:
        >>> import fer_live
        >>> for result in fer_live.stream("demo?faces=1"):
        ...     if result.faces and result.faces[0].label:
        ...         print(result.faces[0].track_id, result.faces[0].label)
        ...         break
        1 happy
    """
    return _analyzer(model, device, detector, None, prior).stream(source, **options)


@lru_cache(maxsize=1)
def _cached_analyzer(
    models: tuple[Path, ...],
    device: str,
    detector: DetectorChoice,
    min_face: float | None,
    prior: str,
) -> Analyzer:
    return Analyzer(models, device, detector, min_face, prior)


def _analyzer(
    model: ModelInput, device: str, detector: DetectorChoice, min_face: float | None, prior: str
) -> Analyzer:
    _checked(device=device, detector=detector)
    return _cached_analyzer(find_models(model), device, detector, min_face, prior)


def _checked(**values: Any) -> Settings:
    """Settings with these values. Raises ConfigError for one that is out of range."""
    return Settings().with_values(values)


def _source(source: int | StrPath | Source, settings: Settings) -> Source:
    if isinstance(source, int):
        return source_for(settings, str(source))
    if isinstance(source, str):
        return source_for(settings, source)
    if isinstance(source, os.PathLike):
        # Absolute, so that a file named "demo" or "0" is a file.
        return source_for(settings, str(user_path(source).absolute()))
    return source


def _max_pixels(settings: Settings) -> int:
    return round(settings.max_megapixels * 1e6)


def _image_bgr(
    image: ImageInput, color: Color, max_pixels: int, *, reduce: bool = False
) -> ImageBgr:
    if color not in ("bgr", "rgb"):
        raise ConfigError(f"The colour order cannot be {color!r}.", "Choose bgr or rgb.")
    if isinstance(image, np.ndarray):
        return image_from_array(image, color)
    if isinstance(image, Image.Image):
        return image_from_pillow(image)
    if isinstance(image, bytes | bytearray | memoryview):
        return decode_image(bytes(image), max_pixels, reduce=reduce).image_bgr
    if isinstance(image, str | os.PathLike):
        return _read(user_path(image), max_pixels, reduce=reduce)
    raise SourceError(
        f"{type(image).__name__} is no image.",
        "Give a path, the bytes of a file, a Pillow image or a NumPy array.",
    )


def _read(path: Path, max_pixels: int, *, reduce: bool) -> ImageBgr:
    if is_folder(path):
        raise SourceError(f"{path} is a folder.", "Use predict_many for several images.")
    try:
        data = path.read_bytes()
    except (FileNotFoundError, ValueError) as error:  # ValueError: a NUL in the name
        raise SourceNotFoundError(f"There is no file {path}.", "Check the path.") from error
    except OSError as error:
        raise SourceError(
            f"{path} cannot be read: {error.strerror or error}.", "Check its permissions."
        ) from error
    try:
        return decode_image(data, max_pixels, reduce=reduce).image_bgr
    except NotAnImageError as error:
        if is_video(path):
            raise SourceError(f"{path} is a video.", "Use stream for its frames.") from error
        raise
