"""The model behind the web service: one image at a time, a limited number of requests."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Self

import numpy as np

from fer_live import __version__
from fer_live.batch.images import predict_image
from fer_live.capture.decode import decode_image
from fer_live.classification.runtime.base import FaceClassifier
from fer_live.core.labels import LabelSet
from fer_live.core.settings import DetectorChoice
from fer_live.detection.detector import Detector
from fer_live.detection.still_detector import still_detector
from fer_live.web.limits import MAX_MEGAPIXELS, MAX_REQUESTS

_WARM_UP = np.zeros((64, 64, 3), np.uint8)


class BusyError(Exception):
    """The maximum number of requests is already waiting, or the service is ending."""


class PredictionService:
    """Detects and classifies the faces in images. Any thread may call it; a context manager.

    One thread of its own decodes and analyses, one image at a time: a cascade does not support two
    threads, one model uses the whole device, and the C library keeps freed memory for each thread
    that ever decoded a large image.

    Args:
        classifier: Classifies the expressions.
        detector: Finds the faces.
        max_requests: Most requests in progress or waiting at once, 1 or more.
        max_megapixels: Most pixels of one image, millions.

    Raises:
        FerLiveError: The model or the detector fails on a first, black image.
    """

    def __init__(
        self,
        classifier: FaceClassifier,
        detector: Detector,
        *,
        max_requests: int = MAX_REQUESTS,
        max_megapixels: float = MAX_MEGAPIXELS,
    ) -> None:
        self._classifier = classifier
        self._detector = detector
        self.max_requests = max_requests
        self.max_pixels = round(max_megapixels * 1e6)
        self._places = threading.BoundedSemaphore(max_requests)
        self._worker = ThreadPoolExecutor(1, "fer-live-predict")
        self._turn = threading.Lock()  # held while an image is analysed
        try:
            # The first batch is slow; it runs before the first request.
            self._worker.submit(predict_image, _WARM_UP, None, classifier).result()
            self._worker.submit(predict_image, _WARM_UP, detector, classifier).result()
        except BaseException:
            self.close()
            raise
        self.ready = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self, timeout_s: float = -1) -> bool:
        """Waits for the image in progress; those that wait get BusyError. Idempotent.

        Args:
            timeout_s: Longest wait, seconds; -1 waits for the end.

        Returns:
            False if an image is still in progress.
        """
        self.ready = False
        self._worker.shutdown(wait=False, cancel_futures=True)
        if not self._turn.acquire(timeout=timeout_s):
            return False
        self._turn.release()
        self._worker.shutdown()
        return True

    @classmethod
    def load(
        cls,
        model: str | Sequence[str] | None = None,
        device: str = "auto",
        detector: DetectorChoice = "auto",
        prior: str = "",
        **limits: Any,
    ) -> "PredictionService":
        """Loads a model by name or path, or several to average; `limits` as for the class.

        With a `prior`, the probabilities hold for its class shares; see `priors.shares_of`.

        Raises:
            FerLiveError: The model, the device or the detector is not available.
        """
        from fer_live.classification.runtime.ensemble import load_models

        return cls(load_models(model, device, prior=prior), still_detector(detector), **limits)

    @property
    def labels(self) -> LabelSet:
        """The model's classes."""
        return self._classifier.labels

    def about(self) -> dict[str, Any]:
        """Model, device and version."""
        return {
            "model": self._classifier.model_name,
            "device": self._classifier.device_name,
            "version": __version__,
        }

    @contextmanager
    def place(self) -> Iterator[None]:
        """Admits one request. Raises BusyError at once if `max_requests` are in progress."""
        if not self._places.acquire(blocking=False):
            raise BusyError
        try:
            yield
        finally:
            self._places.release()

    def analyse(self, data: bytes) -> dict[str, Any]:
        """The result for one image file: its size, whether it is animated, and its faces.

        Raises:
            NotAnImageError, TooManyPixelsError, DamagedImageError: See `decode_image`.
            FerLiveError: The detector or the model failed.
            BusyError: The service is closed.
        """
        try:
            return self._worker.submit(self._analyse, data).result()
        except CancelledError as error:
            raise BusyError from error
        except RuntimeError as error:
            if self.ready:
                raise
            raise BusyError from error  # a closed executor takes nothing

    def _analyse(self, data: bytes) -> dict[str, Any]:
        with self._turn:
            picture = decode_image(data, self.max_pixels, reduce=False)
            faces = predict_image(picture.image_bgr, self._detector, self._classifier)
        height, width = picture.image_bgr.shape[:2]
        return {"width": width, "height": height, "animated": picture.animated, "faces": faces}
